import Foundation
import RLTestSupport

/// An environment of `Tests/Plugins/fixtures/conformance.c` that breaks one rule.
struct ConformanceFixture: Sendable, CustomStringConvertible {
  /// Without `-v0`: a test's name, and perhaps a variant behind a point.
  var name: String

  var description: String { name }
  /// The test that has to find it.
  var test: String { String(name.split(separator: ".")[0]) }
  private var variant: String {
    name.split(separator: ".").dropFirst().first.map(String.init) ?? ""
  }

  /// How that test has to come out.
  var status: String {
    let crashes = ["guard-pages", "unseeded-first", "zero-lanes", "destroy-early"]
    let warns = ["time-limit", "episodes-end", "other-seed.high", "terminal-observation"]
    if variant == "hang" { return "timeout" }
    if ["crash", "exit", "abort"].contains(variant) || crashes.contains(name) { return "crash" }
    return warns.contains(name) || name == "time-limit.terminated" ? "warn" : "fail"
  }

  /// All of the source's environments but the one in order.
  static let all: [ConformanceFixture] = {
    let path = PluginBuild.root + "/" + source
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    let plain = text.matches(of: /\bE\("([^"]+)"\)/).map { String($0.1) }
    let limited = text.matches(of: /\bENV\("([^"]+)-v0"/).map { String($0.1) }
    return (plain + limited).filter { $0 != "Good" }.map { ConformanceFixture(name: $0) }
  }()

  static let source = "Tests/Plugins/fixtures/conformance.c"

  static func path() throws -> String {
    try PluginBuild.compile(source: source, name: "conformance")
  }

  /// The library with a fault of its own.
  static func library(_ fault: String) throws -> String {
    try PluginBuild.compile(
      source: source, name: "conformance-\(fault)",
      defines: ["LIBRARY_CASE=\"\(fault)\""] + (fault == "dependencies" ? ["NEEDS_MATH"] : []),
      libraries: fault == "dependencies" ? [] : ["-lm"])
  }
}
