import Foundation
import RLTestSupport
import Testing

/// `rl-host diff` between plugins.
@Suite struct DiffTests {
  private let golden = PluginBuild.root + "/Tests/Plugins/golden/cartpole.trace"

  private func nudged() throws -> String {
    try PluginBuild.compile(source: "Tests/RLHostTests/Fixtures/nudged.c", name: "nudged")
  }

  private func another() throws -> String {
    try PluginBuild.compile(source: "plugins/cartpole.c", name: "cartpole-another")
  }

  /// Where the pole is first at more than a tenth of a radian to the right, by a recorded trace.
  private func firstNudge(_ host: Host) throws -> (episode: Int, step: Int, count: Int) {
    let answer = try host.run([
      "diff", try PluginBuild.plugin("cartpole"), "--record", "a.trace", "--steps", "2000",
    ])
    #expect(answer.status == 0, "\(answer.talk)")
    var (episode, step, count) = (-1, 0, 0)
    var first: (Int, Int)?
    for line in try host.text("a.trace").split(separator: "\n") {
      if line.hasPrefix("episode ") { (episode, step) = (episode + 1, 0) }
      guard line.hasPrefix("step ") else { continue }
      step += 1
      let row = try #require(line.split(separator: " ").last)
      let bits = try #require(UInt32(row.dropFirst(16).prefix(8), radix: 16))
      guard Float(bitPattern: bits) > 0.1 else { continue }
      count += 1
      if first == nil { first = (episode, step) }
    }
    let found = try #require(first)
    return (found.0, found.1, count)
  }

  @Test func twoBuildsOfOneSourceAreEqual() throws {
    let pair = [try PluginBuild.plugin("cartpole"), try another()]
    for more in [[], ["--lanes", "7", "--seed", "5"], ["--teacher-forced"], ["-E", "gravity=3"]] {
      let answer = try Host().run(["diff"] + pair + ["--steps", "3000"] + more)
      #expect(answer.status == 0, "\(answer.output)\(answer.talk)")
      #expect(answer.output.hasPrefix("Equal\n"))
    }
    let json = try Host().run(["diff"] + pair + ["--json", "--steps", "1000"]).json
    #expect(json["schema"] as? String == "rl-host/diff/1")
    #expect(json["equal"] as? Bool == true)
    #expect(json["steps"] as? Int == 1000)
  }

  @Test func everyEnvironmentOfTheProbesIsEqualToItself() throws {
    let probes = try PluginBuild.plugin("probes")
    let list = try Host().run(["list", "envs", probes, "--json"]).json
    let plugins = try #require(list["plugins"] as? [[String: Any]])
    let environments = try #require(plugins[0]["environments"] as? [[String: Any]])
    #expect(environments.count >= 10)
    for id in environments.compactMap({ $0["id"] as? String }) {
      let name = "\(probes):\(id)"
      let host = try Host()
      let pair = try host.run(["diff", name, name, "--steps", "400", "--lanes", "3"])
      #expect(pair.status == 0, "\(pair.output)\(pair.talk)")
      let recorded = try host.run(["diff", name, "--record", "a.trace", "--steps", "300"])
      #expect(recorded.status == 0, "\(recorded.talk)")
      let replayed = try host.run(["diff", "a.trace", probes, "--lanes", "2"])
      #expect(replayed.status == 0, "\(replayed.output)\(replayed.talk)")
    }
  }

  @Test func oneUnitInTheLastPlaceIsFoundWhereItIs() throws {
    let host = try Host()
    let nudge = try firstNudge(host)
    let pair = [try PluginBuild.plugin("cartpole"), try nudged()]
    let answer = try host.run(["diff"] + pair + ["--steps", "2000"])
    #expect(answer.status == 1)
    for words in [
      "Different: observation [3], step \(nudge.step)", " 1 ulp", "0x", "before", "state before",
    ] {
      #expect(answer.output.contains(words), "\(answer.output)")
    }
    let json = try host.run(["diff"] + pair + ["--steps", "2000", "--json"]).json
    let difference = try #require(json["difference"] as? [String: Any])
    #expect(difference["episode"] as? Int == nudge.episode)
    #expect(difference["step"] as? Int == nudge.step)
    #expect(difference["what"] as? String == "observation")
    #expect(difference["index"] as? Int == 3)
    #expect(difference["ulps"] as? String == "1")
    let (a, b) = (difference["a"] as? [String: Any], difference["b"] as? [String: Any])
    #expect(a?["hex"] as? String != b?["hex"] as? String)
    let state = try #require(difference["state_a"] as? [String: Any])
    #expect((state["snapshot_before"] as? String)?.isEmpty == false)
    #expect(state["observation_before"] is [Any])
    let recorded = try host.run(["diff", pair[1], "a.trace", "--json"]).json
    let same = try #require(recorded["difference"] as? [String: Any])
    #expect(same["step"] as? Int == nudge.step && same["ulps"] as? String == "1")
  }

  @Test func aToleranceTellsTheWorstDistance() throws {
    let pair = [try PluginBuild.plugin("cartpole"), try nudged(), "--steps", "2000"]
    let answer = try Host().run(["diff"] + pair + ["--tolerance", "1ulp", "--json"])
    #expect(answer.status == 0, "\(answer.output)")
    let spread = try #require(answer.json["spread"] as? [String: Any])
    #expect(spread["ulps"] as? String == "1")
    #expect((spread["numbers"] as? Int ?? 0) > 10)
    #expect(try Host().run(["diff"] + pair + ["--tolerance", "1e-5"]).status == 0)
    #expect(try Host().run(["diff"] + pair + ["--tolerance", "1e-12"]).status == 1)
    #expect(try Host().run(["diff"] + pair + ["--tolerance", "0ulp"]).status == 1)
  }

  @Test func teacherForcedTellsOfEveryStepThatDiffers() throws {
    let host = try Host()
    let nudge = try firstNudge(host)
    let answer = try host.run([
      "diff", try PluginBuild.plugin("cartpole"), try nudged(), "--steps", "2000",
      "--teacher-forced", "--json",
    ])
    #expect(answer.status == 1)
    #expect(answer.json["differing_steps"] as? Int == nudge.count)
    #expect(answer.json["steps"] as? Int == 2000)
  }

  @Test func spacesAreComparedFirstAndInWords() throws {
    let cart = try PluginBuild.plugin("cartpole")
    let other = try Host().run(["diff", cart, try PluginBuild.plugin("template")])
    #expect(other.status == 1)
    for words in ["Different spaces", "time limit: A 500 steps, B 100 steps", "shape: A 4, B 1"] {
      #expect(other.output.contains(words), "\(other.output)")
    }
    let bounds = try Host().run(["diff", cart, cart, "--b-option", "x_threshold=1"])
    #expect(bounds.status == 1)
    #expect(bounds.output.contains("bounds of element 0: A -4.8"), "\(bounds.output)")
  }

  @Test func anOptionOfOneSideAloneIsADifference() throws {
    let cart = try PluginBuild.plugin("cartpole")
    let answer = try Host().run(["diff", cart, cart, "--a-option", "gravity=9.9", "--json"])
    #expect(answer.status == 1)
    let difference = try #require(answer.json["difference"] as? [String: Any])
    #expect(difference["step"] as? Int ?? 0 > 0)
  }

  @Test func thePluginAtFaultIsNamed() throws {
    let (quiet, fault) = (try misbehaving("QUIET"), try misbehaving("FAULT_LATE"))
    for pair in [[quiet, fault], [fault, quiet]] {
      let answer = try Host().run(["diff"] + pair)
      #expect(answer.status == 69)
      for word in [fault, "the floor gave way", "episode", "seed", "step"] {
        #expect(answer.talk.contains(word), "\(answer.talk)")
      }
      #expect(!answer.talk.contains(quiet))
    }
    let crash = try misbehaving("SEGV")
    for pair in [[quiet, crash], [crash, quiet]] {
      let answer = try Host().run(["diff"] + pair)
      #expect(answer.status == -SIGSEGV)
      #expect(answer.talk.contains(crash) && !answer.talk.contains(quiet), "\(answer.talk)")
    }
  }
}
