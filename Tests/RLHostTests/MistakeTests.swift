import Foundation
import RLTestSupport
import Testing

/// A command line that cannot be followed, and what is said about it.
struct Mistake: CustomTestStringConvertible, Sendable {
  var arguments: [String]
  var status: Int32
  var words: [String]

  init(_ line: String, _ status: Int32, _ words: String...) {
    arguments = line.split(separator: " ").map(String.init)
    self.status = status
    self.words = words
  }

  var testDescription: String { arguments.joined(separator: " ") }
}

/// `CART` and `PROBES` stand for the compiled plugins.
private let mistakes: [Mistake] = [
  Mistake("CART", 64, "did you mean --env", "cartpole.so?"),
  Mistake("evla runs/a", 64, "no verb is called evla", "did you mean eval?"),
  Mistake("--env CART --algo dqn --stpes 5", 64, "--stpes", "--steps"),
  Mistake("--algo dqn", 64, "no environment", "--env PATH[:Id]"),
  Mistake("--env CART", 64, "no algorithm", "--algo NAME", "dqn"),
  Mistake("--env CART --algo dqm", 64, "dqm", "did you mean dqn? Known: dqn"),
  Mistake("--env CART --algo sarsa", 64, "no algorithm is called sarsa; known: dqn, "),
  Mistake("--env nowhere.so --algo dqn", 66, "nowhere.so", "No such file"),
  Mistake("--env notes.txt --algo dqn", 69, "notes.txt", "not an ELF file"),
  Mistake("--env PROBES --algo dqn", 64, "several environments", "MaskedBandit-v0"),
  Mistake("--env PROBES:MaskedBandt-v0 --algo dqn", 64, "did you mean MaskedBandit-v0?"),
  Mistake("--env PROBES:BoxEcho-v0 --algo dqn", 69, "BoxEcho-v0", "Discrete"),
  Mistake("--env CART --algo dqn -E gravty=9", 64, "gravty", "did you mean gravity?"),
  Mistake("--env CART --algo dqn -E gravity=much", 64, "gravity", "needs a number"),
  Mistake("--env CART --algo dqn -E gravity=1e9", 64, "gravity", "outside"),
  Mistake("--env CART --algo dqn -E gravity", 64, "gravity", "key=value"),
  Mistake("--env CART --algo dqn -o lerningRate=1", 64, "did you mean learningRate?"),
  Mistake("--env CART --algo dqn -o learningRate=fast", 64, "learningRate", "not fast"),
  Mistake("--env CART --algo dqn -o gamma=1.5", 64, "gamma", "1.5", "outside"),
  Mistake("--env CART --algo dqn -w frameStak=3", 64, "--wrap", "did you mean frameStack?"),
  Mistake("--env CART --algo dqn -w stickyActions=1", 64, "stickyActions", "no action"),
  Mistake("--env CART --algo dqn -w frameStack", 64, "frameStack", "key=value"),
  Mistake("--env CART --algo dqn --max-episode-steps 0 -w timeAware=true", 64, "time limit"),
  Mistake("--config blurred.yaml --env CART --algo dqn", 65, "blurred.yaml", "blur"),
  Mistake("list wrappers frameStak", 64, "did you mean frameStack?"),
  Mistake("--env CART --algo dqn --preset zo", 64, "preset", "zoo"),
  Mistake("--env CART --algo dqn --steps many", 64, "many", "1e6"),
  Mistake("--env CART --algo dqn --steps 0", 64, "1 or more"),
  Mistake("--env CART --algo dqn --seed 9007199254740992", 64, "9007199254740991"),
  Mistake("--env CART --algo dqn --on-nonfinite clip", 64, "fail", "truncate"),
  Mistake("--env CART --algo dqn --lanes 2 --instances 3", 64, "instances", "3"),
  Mistake("--env CART --algo dqn --runs /proc/none", 73, "/proc/none"),
  Mistake("--env CART --algo dqn --name ../up", 73, "../up"),
  Mistake("--config nowhere.yaml", 66, "nowhere.yaml"),
  Mistake("--config notes.txt", 65, "notes.txt"),
  Mistake("--config typo.yaml", 65, "typo.yaml:2", "did you mean steps?"),
  Mistake("--config wrong.yaml --env CART --algo dqn", 65, "wrong.yaml", "gamma"),
  Mistake("eval", 64, "<run-or-policy>"),
  Mistake("eval nowhere", 66, "nowhere", "list runs"),
  Mistake("eval folder", 66, "folder", "run.json"),
  Mistake("eval notes.txt", 65, "notes.txt: is no policy file", ".safetensors"),
  Mistake("eval CART", 65, "is a plugin, no policy", "folder of a run"),
  Mistake("list env", 64, "did you mean envs?"),
  Mistake("--config folder", 66, "folder/config.yaml"),
  Mistake("list", 64, "<kind>"),
  Mistake("list plugins", 64, "envs", "algos", "presets", "runs"),
  Mistake("list envs", 64, "plugins/*.so"),
  Mistake("list envs nowhere.so", 66, "nowhere.so"),
  Mistake("list algos dqm", 64, "did you mean dqn?"),
  Mistake("list presets nobody", 66, "nobody"),
  Mistake("inspect nowhere", 66, "nowhere"),
  Mistake("inspect notes.txt", 65, "notes.txt"),
  Mistake("inspect /dev/null", 66, "/dev/null"),
]

@Suite struct MistakeTests {
  @Test(arguments: mistakes)
  func hasItsStatusAndOneMessage(_ mistake: Mistake) throws {
    let host = try Host()
    try "hello\n".write(toFile: host.path("notes.txt"), atomically: true, encoding: .utf8)
    try "seed: 1\nstesp: 5\n".write(
      toFile: host.path("typo.yaml"), atomically: true, encoding: .utf8)
    try "hyperparameters:\n  gamma: 7\n".write(
      toFile: host.path("wrong.yaml"), atomically: true, encoding: .utf8)
    try "wrappers:\n  blur: 7\n".write(
      toFile: host.path("blurred.yaml"), atomically: true, encoding: .utf8)
    try FileManager.default.createDirectory(
      atPath: host.path("folder"), withIntermediateDirectories: false)
    let cart = try PluginBuild.plugin("cartpole")
    let probes = try PluginBuild.plugin("probes")
    let arguments = mistake.arguments.map {
      $0.replacingOccurrences(of: "CART", with: cart)
        .replacingOccurrences(of: "PROBES", with: probes)
    }
    let answer = try host.run(arguments)
    #expect(answer.status == mistake.status, "\(answer.talk)")
    #expect(answer.output.isEmpty)
    #expect(answer.talk.hasPrefix("error: "), "\(answer.talk)")
    for word in mistake.words { #expect(answer.talk.contains(word), "\(answer.talk)") }
    #expect(!host.exists("runs"), "a mistake leaves nothing behind")
  }

  @Test func withoutArgumentsItTellsHowItIsUsed() throws {
    let answer = try Host().run([])
    #expect(answer.status == 64)
    #expect(answer.output.isEmpty)
    #expect(answer.talk.contains("EXAMPLES"))
  }

  @Test func aRunIsNeverOverwritten() throws {
    let host = try Host()
    #expect(try host.run(shortTraining("a", steps: 100)).status == 0)
    let before = try host.bytes("runs/a/run.json")
    let answer = try host.run(shortTraining("a", steps: 100))
    #expect(answer.status == 73)
    #expect(answer.talk.contains("never overwritten"))
    #expect(try host.bytes("runs/a/run.json") == before)
  }
}
