import Foundation
import RLSystem
import RLTraining
import Testing

@Suite struct RunManifestTests {
  private func manifest(_ id: String) -> RunManifest {
    RunManifest(
      id: id, argv: ["rl-host", "--env", "plugins/cartpole.so"], env: "CartPole-v1",
      plugin: "plugins/cartpole.so", pluginSHA256: "ab", algo: "dqn", seed: 9_007_199_254_740_991,
      steps: 50000, hostVersion: "0.1.0")
  }

  @Test func itTellsARunsBeginningAndItsEnd() throws {
    let folder = try TemporaryFolder()
    let run = try RunDirectory.create(in: folder.path, name: "r", env: "e", algo: "a", seed: 0)
    var manifest = manifest(run.id)
    try run.write(manifest)
    #expect(try run.manifest() == manifest)
    #expect(try run.manifest().state == .running)
    manifest.end(.failed, stepsMade: 120, exitCode: 76, error: "the loss is not finite")
    try run.write(manifest)
    let read = try run.manifest()
    #expect(read == manifest)
    #expect(read.state == .failed)
    #expect(read.exitCode == 76)
    #expect(try FileManager.default.contentsOfDirectory(atPath: run.path) == ["run.json"])
  }

  @Test func itsKeysAreThoseOfTheSchema() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/run.json"
    var manifest = manifest("r")
    manifest.end(.completed, stepsMade: 50000, exitCode: 0)
    try manifest.write(to: path)
    let parsed = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path)))
    let object = try #require(parsed as? [String: Any])
    #expect(
      Set(object.keys) == [
        "schema", "id", "state", "argv", "env", "plugin", "plugin_sha256", "algo", "seed",
        "steps", "steps_made", "started_at", "ended_at", "exit_code", "host_version",
      ])
    #expect(object["schema"] as? String == "rl-host/run/1")
    #expect(object["seed"] as? Int == 9_007_199_254_740_991)
    let started = try #require(object["started_at"] as? String)
    #expect(started.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil)
  }

  @Test(arguments: ["", "{}", "[]", "{\"schema\":\"rl-host/run/1\"}", "{\"schema\":"])
  func aDamagedOneIsRefusedWithItsPath(content: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(content, to: "run.json")
    let error = #expect(throws: FileError.self) { try RunManifest(reading: path) }
    #expect(error?.kind == .damaged)
    #expect(error?.path == path)
  }

  @Test func runsAreListedByNameWithoutWhatIsNoRun() throws {
    let folder = try TemporaryFolder()
    for name in ["b", "a"] {
      let run = try RunDirectory.create(in: folder.path, name: name, env: "e", algo: "a", seed: 0)
      try run.write(manifest(name))
    }
    _ = try RunDirectory.create(in: folder.path, name: "empty", env: "e", algo: "a", seed: 0)
    _ = try folder.write("", to: "file")
    #expect(RunDirectory.runs(in: folder.path).map(\.manifest.id) == ["a", "b"])
    #expect(RunDirectory.runs(in: folder.path + "/none").isEmpty)
  }
}
