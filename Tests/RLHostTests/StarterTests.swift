import Foundation
import RLTestSupport
import Testing

/// `rl-host new`.
@Suite struct StarterTests {
  private func env(_ host: Host, _ arguments: [String]) throws -> Host.Answer {
    try host.start(arguments, command: "/usr/bin/env").wait()
  }

  /// Whether the program is there and runs.
  private func has(_ program: String, _ host: Host) throws -> Bool {
    try env(host, [program, "--version"]).status == 0
  }

  private func train(_ library: String, _ host: Host, name: String) throws {
    let answer = try host.run([
      "--env", library, "--algo", "dqn", "--steps", "300", "--name", name, "-o", "hidden=8", "-o",
      "learningStarts=100", "--eval-episodes", "2",
    ])
    #expect(answer.status == 0, "\(answer.talk)")
  }

  @Test(arguments: [
    ("c", "gcc", "c11"), ("c", "clang", "c99"), ("cpp", "g++", "c++11"),
    ("cpp", "clang++", "c++20"),
  ])
  func compilesWithoutAWarningAndTrains(
    _ language: String, _ compiler: String, _ standard: String
  ) throws {
    let host = try Host()
    guard try has(compiler, host) else {
      print("no \(compiler): its starter plugin is not compiled")
      return
    }
    let made = try host.run(["new", "my_env", "--lang", language])
    #expect(made.status == 0, "\(made.talk)")
    #expect(made.output.contains("MyEnv-v0") && made.output.contains("make -C my_env"))
    let built = try env(
      host,
      [
        compiler, "-std=\(standard)", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-pedantic",
        "-Werror", "my_env/my_env.\(language)", "-o", "my_env/my_env.so", "-lm",
      ])
    #expect(built.status == 0, "\(built.talk)")
    let list = try host.run(["list", "envs", "my_env/my_env.so"])
    #expect(list.output.contains("my_env/my_env.so:MyEnv-v0"), "\(list.output)\(list.talk)")
    try check("my_env/my_env.so", host)
    try train("my_env/my_env.so", host, name: "a")
  }

  /// It passes every test of the contract, and nothing is remarked.
  private func check(_ library: String, _ host: Host) throws {
    let answer = try host.run(["check", library, "--json", "--steps", "300"])
    #expect(answer.status == 0, "\(answer.output)\(answer.talk)")
    let counts = try #require(answer.json["counts"] as? [String: Int])
    #expect((counts["fail"] ?? 0, counts["warn"] ?? 0) == (0, 0), "\(answer.output)")
    #expect((counts["pass"] ?? 0) > 20)
  }

  @Test func rustCompilesWithoutAWarningAndTrains() throws {
    let host = try Host()
    guard try has("rustc", host) else {
      print("no rustc: the starter plugin in Rust is not compiled")
      return
    }
    #expect(try host.run(["new", "Env-v3", "--lang", "rust", "--into", "deep/er"]).status == 0)
    let built = try env(
      host,
      [
        "rustc", "--edition", "2021", "-D", "warnings", "-O", "--crate-type", "cdylib",
        "deep/er/env.rs", "-o", "deep/er/env.so",
      ])
    #expect(built.status == 0, "\(built.talk)")
    #expect(try host.run(["list", "envs", "deep/er/env.so"]).output.contains("Env-v3"))
    try check("deep/er/env.so", host)
    try train("deep/er/env.so", host, name: "a")
  }

  @Test func whatItPrintsCanBePasted() throws {
    let host = try Host()
    let json = try host.run(["new", "acme/Crane-v2", "--json"]).json
    #expect(json["schema"] as? String == "rl-host/new/1")
    #expect(json["environment"] as? String == "acme/Crane-v2")
    for command in try #require(json["next"] as? [String]) where command.hasPrefix("make ") {
      let answer = try env(host, ["sh", "-c", command])
      #expect(answer.status == 0, "\(answer.talk)")
      #expect(answer.talk.isEmpty, "\(answer.talk)")
    }
    let library = try #require(json["library"] as? String)
    #expect(try host.run(["list", "envs", library]).output.contains("acme/Crane-v2"))
    try FileManager.default.removeItem(atPath: host.path(library))
    let (folder, build) = (json["folder"] as? String ?? "", json["build"] as? String ?? "false")
    #expect(try env(host, ["sh", "-c", "cd \(folder) && \(build)"]).status == 0)
    #expect(host.exists(library))
  }

  @Test(arguments: [
    ("my env", "did you mean my_env?"), ("2d", "a letter"), ("", "a letter"), ("mine.c", "mine?"),
    ("a/b/c", "--into"), ("a/b", "a/b-v0"), ("é", "a letter"), ("--", "a letter"),
    ("_", "a letter"), ("x;rm", "x_rm"), ("../x-v0", "a letter"),
  ])
  func aBadNameIsRefused(_ name: String, _ word: String) throws {
    let host = try Host()
    let answer = try host.run(["new", "--", name])
    #expect(answer.status == 64, "\(answer.output)")
    #expect(answer.talk.hasPrefix("error: ") && answer.talk.contains(word), "\(answer.talk)")
    #expect(try visible(host).isEmpty)
  }

  private func visible(_ host: Host) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: host.folder).filter { !$0.hasPrefix(".") }
  }

  @Test func nothingIsOverwritten() throws {
    let host = try Host()
    #expect(try host.run(["new", "a"]).status == 0)
    try "mine".write(toFile: host.path("a/a.c"), atomically: true, encoding: .utf8)
    let again = try host.run(["new", "a"])
    #expect(again.status == 73)
    #expect(again.talk.contains("a/a.c") && again.talk.contains("never overwritten"))
    #expect(try host.text("a/a.c") == "mine")
    // another environment beside it shares the headers, unless they were changed
    #expect(try host.run(["new", "b", "--into", "a"]).status == 0)
    try "changed".write(toFile: host.path("a/rlenv.h"), atomically: true, encoding: .utf8)
    let beside = try host.run(["new", "c", "--into", "a/"])
    #expect(beside.status == 73 && beside.talk.contains("a/rlenv.h"), "\(beside.talk)")
    #expect(!host.exists("a/c.c"), "what is in the way is looked for first")
    try "a file".write(toFile: host.path("d"), atomically: true, encoding: .utf8)
    #expect(try host.run(["new", "d"]).status == 73)
    #expect(try host.run(["new", "e", "--into", "/proc/none"]).status == 73)
    #expect(try host.run(["new", "e", "--lang", "go"]).status == 64)
  }
}
