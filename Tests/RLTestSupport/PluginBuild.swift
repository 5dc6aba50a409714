import Foundation
import Synchronization

/// Compiles plugins for tests, as the README says, once a process.
public enum PluginBuild {
  public struct Failure: Error, CustomStringConvertible {
    public var description: String
  }

  private static let built = Mutex<[String: String]>([:])

  /// The path of `plugins/NAME.so`, compiled from the repository's source into a temporary folder.
  public static func plugin(_ name: String) throws -> String {
    try compile(source: "plugins/\(name).c", name: name)
  }

  /// Compiles a C source of the repository, with macros defined, into a library of its own.
  ///
  /// - Parameters:
  ///   - source: its path from the repository's root.
  ///   - name: of the library; calls with equal names share one.
  ///   - defines: such as `CASE=3`.
  ///   - libraries: what to link.
  /// - Returns: the library's absolute path.
  /// - Throws: `Failure` with what the compiler said.
  public static func compile(
    source: String, name: String, defines: [String] = [], libraries: [String] = ["-lm"]
  ) throws -> String {
    try built.withLock { built in
      if let path = built[name] { return path }
      let target = folder.appending(path: "\(name).so").path
      try run(
        "cc",
        ["-shared", "-fPIC", "-O2", "-I\(root)/include"] + defines.map { "-D\($0)" }
          + ["\(root)/\(source)", "-o", target] + libraries)
      built[name] = target
      return target
    }
  }

  /// `plugins/lunar_lander.cpp` as a library; `nil` where there is no Box2D.
  ///
  /// - Throws: `Failure` with what the compiler said.
  public static func lunarLander() throws -> String? {
    guard FileManager.default.fileExists(atPath: "/usr/include/box2d/box2d.h") else { return nil }
    return try built.withLock { built in
      if let path = built["lunar_lander"] { return path }
      let target = folder.appending(path: "lunar_lander.so").path
      try run(
        "c++",
        ["-shared", "-fPIC", "-fvisibility=hidden", "-O2", "-I\(root)/include"]
          + ["\(root)/plugins/lunar_lander.cpp", "-o", target, "-lbox2d"])
      built["lunar_lander"] = target
      return target
    }
  }

  /// The template in another language, if there is a compiler for it.
  ///
  /// - Parameter suffix: `cpp` or `rs`.
  /// - Returns: the library's path; `nil` without a compiler.
  /// - Throws: `Failure` with what the compiler said.
  public static func template(_ suffix: String) throws -> String? {
    let target = folder.appending(path: "template-\(suffix).so").path
    let source = "\(root)/plugins/template.\(suffix)"
    let command =
      suffix == "rs"
      ? ["rustc", "--edition", "2021", "-O", "--crate-type", "cdylib", source, "-o", target]
      : ["c++", "-shared", "-fPIC", "-O2", "-I\(root)/include", source, "-o", target]
    let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
    let isThere = folders.contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(command[0])")
    }
    guard isThere else { return nil }
    try run(command[0], Array(command.dropFirst()))
    return target
  }

  /// The repository's root.
  public static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  private static let folder: URL = {
    let path = FileManager.default.temporaryDirectory.appending(path: "rl-host-tests-\(getpid())")
    try? FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
    return path
  }()

  private static func run(_ command: String, _ arguments: [String]) throws {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [command] + arguments
    process.standardError = output
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(description: String(decoding: text, as: UTF8.self))
    }
  }
}
