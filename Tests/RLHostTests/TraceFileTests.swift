import Foundation
import RLTestSupport
import Testing

/// `rl-host diff` with golden traces.
@Suite struct TraceFileTests {
  private static let golden = PluginBuild.root + "/Tests/Plugins/golden/cartpole.trace"

  @Test func cartPoleIsEqualToGymnasium() throws {
    let cart = try PluginBuild.plugin("cartpole")
    let answer = try Host().run(["diff", cart, Self.golden, "--lanes", "2", "--json"])
    #expect(answer.status == 0, "\(answer.output)\(answer.talk)")
    #expect(answer.json["equal"] as? Bool == true)
    #expect(answer.json["episodes"] as? Int == 210)
    #expect(answer.json["steps"] as? Int == 9297)
    #expect(answer.json["states_compared"] as? Int ?? 0 > 1000)
    #expect(answer.json["states_left_out"] as? Int == 0)
    let start = try Host().run(["diff", Self.golden, cart, "--episodes", "3", "--steps", "20"])
    #expect(start.status == 0 && start.output.contains("20 steps"), "\(start.output)")
  }

  /// Recorded from Gymnasium 1.4.0: every observation, reward and flag, and every tenth state.
  @Test(arguments: ["mountain_car", "mountain_car_continuous", "pendulum", "acrobot"])
  func classicControlIsEqualToGymnasium(name: String) throws {
    let trace = PluginBuild.root + "/Tests/Plugins/golden/\(name).trace"
    let answer = try Host().run([
      "diff", try PluginBuild.plugin(name), trace, "--lanes", "2", "--json",
    ])
    #expect(answer.status == 0, "\(answer.output)\(answer.talk)")
    #expect(answer.json["equal"] as? Bool == true)
    #expect(answer.json["steps"] as? Int ?? 0 >= 10_000)
    #expect(answer.json["states_compared"] as? Int ?? 0 > 1000)
    #expect(answer.json["states_left_out"] as? Int == 0)
  }

  /// An association of a product that is not Gymnasium's: differences far below 32 bits.
  @Test func anOperationInAnotherOrderIsFoundInTheState() throws {
    let host = try Host()
    let original = "p->polemass_length * theta_acc * cosine / p->total_mass"
    let source = try String(
      contentsOfFile: PluginBuild.root + "/plugins/cartpole.c", encoding: .utf8)
    #expect(source.contains(original))
    try source.replacingOccurrences(
      of: original, with: "p->polemass_length * (theta_acc * cosine) / p->total_mass"
    ).write(toFile: host.path("other.c"), atomically: true, encoding: .utf8)
    let built = try host.start(
      [
        "cc", "-shared", "-fPIC", "-O2", "-I\(PluginBuild.root)/include", "other.c", "-o",
        "other.so", "-lm",
      ], command: "/usr/bin/env"
    ).wait()
    #expect(built.status == 0, "\(built.talk)")
    let answer = try host.run(["diff", "other.so", Self.golden, "--json"])
    #expect(answer.status == 1, "\(answer.talk)")
    let difference = try #require(answer.json["difference"] as? [String: Any])
    #expect(difference["what"] as? String == "state")
    #expect(difference["step"] as? Int ?? 0 > 0)
    #expect(try #require(UInt64(difference["ulps"] as? String ?? "")) < 1000)
    let tolerant = try host.run([
      "diff", "other.so", Self.golden, "--tolerance", "1e-9", "--episodes", "1",
    ])
    #expect(tolerant.status == 0, "\(tolerant.output)")
  }

  @Test func aDamagedLineIsRefusedWithItsNumber() throws {
    let host = try Host()
    let probes = try PluginBuild.plugin("probes")
    let recorded = try host.run([
      "diff", "\(probes):MaskedBandit-v0", "--record", "a.trace", "--steps", "12",
    ])
    #expect(recorded.status == 0, "\(recorded.talk)")
    let lines = try host.text("a.trace").split(separator: "\n").map(String.init)
    #expect(lines.count > 15)
    for index in lines.indices {
      var damaged = lines
      damaged[index] = String(lines[index].reversed())
      try (damaged.joined(separator: "\n") + "\n").write(
        toFile: host.path("b.trace"), atomically: true, encoding: .utf8)
      let answer = try host.run(["diff", probes, "b.trace"])
      #expect(answer.status == 65, "line \(index + 1): \(answer.status) \(answer.talk)")
      #expect(answer.talk.contains("b.trace: line "), "\(answer.talk)")
    }
  }

  @Test func whatCannotBeFollowedIsToldAtOnce() throws {
    let host = try Host()
    let cart = try PluginBuild.plugin("cartpole")
    let probes = try PluginBuild.plugin("probes")
    try "hello\n".write(toFile: host.path("notes.txt"), atomically: true, encoding: .utf8)
    let mistakes: [(arguments: [String], status: Int32, word: String)] = [
      (["diff"], 64, "<A>"), (["diff", cart], 64, "--record"),
      (["diff", cart, "nowhere.so"], 66, "nowhere.so"),
      (["diff", cart, "notes.txt"], 65, "notes.txt: line 1"),
      (["diff", probes, cart], 64, "several environments"),
      (["diff", cart, cart, "--tolerance", "much"], 64, "4ulp"),
      (["diff", cart, cart, "-E", "gravty=1"], 64, "did you mean gravity?"),
      (["diff", cart, Self.golden, "--seed", "1"], 64, "--seed"),
      (["diff", Self.golden, Self.golden], 64, "both are traces"),
      (["diff", cart, "--record", "notes.txt"], 73, "never overwritten"),
      (["diff", cart, cart, "--record", "new.trace"], 64, "--record"),
      (["diff", Self.golden, "--record", "new.trace"], 64, "--record"),
      (["diff", probes + ":Memory-v0", Self.golden], 1, ""),
      (["diff", try misbehaving("GLOBAL"), try misbehaving("GLOBAL")], 64, "copy of the file"),
    ]
    for mistake in mistakes {
      let answer = try host.run(mistake.arguments)
      #expect(answer.status == mistake.status, "\(mistake.arguments) \(answer.talk)")
      #expect(mistake.word.isEmpty || answer.talk.contains(mistake.word), "\(answer.talk)")
      #expect(!host.exists("new.trace"))
    }
  }
}
