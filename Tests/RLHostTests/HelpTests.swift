import Foundation
import RLTestSupport
import Testing

@Suite struct HelpTests {
  @Test(arguments: [
    ["--help"], ["train", "--help"], ["eval", "--help"], ["list", "-h"], ["help", "inspect"],
    ["help"], ["diff", "--help"], ["new", "--help"],
  ])
  func showsExamplesBeforeTheOptions(_ arguments: [String]) throws {
    let answer = try Host().run(arguments)
    #expect(answer.status == 0)
    #expect(answer.talk.isEmpty)
    let examples = try #require(answer.output.range(of: "EXAMPLES:"))
    let usage = try #require(answer.output.range(of: "USAGE:"))
    #expect(examples.lowerBound < usage.lowerBound)
    #expect(answer.output.contains("  rl-host "))
  }

  @Test func tellsItsVersions() throws {
    let answer = try Host().run(["--version"])
    #expect(answer.status == 0)
    for word in ["rl-host", "ABI", "Swift", "kernels", "CPU"] {
      #expect(answer.output.contains(word))
    }
    let json = try Host().run(["--version", "--json"]).json
    #expect(json["schema"] as? String == "rl-host/version/1")
    #expect(json["abi"] as? String == "1.0")
  }

  @Test func tellsThatThePortableKernelsAreInUse() throws {
    let answer = try Host().run(["--version"], environment: ["RLHOST_KERNELS": "portable"])
    #expect(answer.output.contains("portable"))
    let refused = try Host().run(["--version"], environment: ["RLHOST_KERNELS": "fastest"])
    #expect(refused.status == 0)
  }

  @Test func refusesKernelsThatAreNotThere() throws {
    let answer = try Host().run(
      shortTraining("a"), environment: ["RLHOST_KERNELS": "fastest"])
    #expect(answer.status == 69)
    #expect(answer.talk.contains("RLHOST_KERNELS=fastest"))
  }

  @Test func coloursOnlyWhenAsked() throws {
    let plugin = try PluginBuild.plugin("cartpole")
    let plain = try Host().run(["list", "envs", plugin])
    #expect(!plain.output.contains("\u{1B}"))
    let painted = try Host().run(["list", "envs", plugin, "--color", "always"])
    #expect(painted.output.contains("\u{1B}[1m"))
  }

  @Test(arguments: ["envs", "algos", "presets", "runs"])
  func everyListHasAJSONForm(_ kind: String) throws {
    let host = try Host()
    #expect(try host.run(shortTraining("a", steps: 100)).status == 0)
    let plugin = try PluginBuild.plugin("cartpole")
    let names = kind == "envs" ? [plugin] : []
    let answer = try host.run(["list", kind, "--json"] + names)
    #expect(answer.status == 0)
    #expect(answer.json["schema"] as? String == "rl-host/list-\(kind)/1")
    let table = try host.run(["list", kind] + names)
    let known = [
      "envs": "CartPole-v1", "algos": "learningRate", "presets": "zoo", "runs": "runs/a",
    ]
    #expect(table.output.contains(try #require(known[kind])))
  }
}
