import Foundation
import RLAgents
import RLCore
import RLParallel
import RLSystem
import RLTraining

/// A checkpoint's folder, of which one file is damaged; what is accepted is learned from.
func checkpointTarget(folder: String) throws -> FuzzTarget {
  try checkpointTarget("checkpoint", of: .replay, folder: folder + "/checkpoints")
}

/// The same of an agent with a rollout.
func rolloutTarget(folder: String) throws -> FuzzTarget {
  try checkpointTarget("rollout", of: .rollout, folder: folder + "/rollouts")
}

private func checkpointTarget(
  _ name: String, of kind: SamplePlay.Kind, folder: String
) throws -> FuzzTarget {
  let sample = try SampleCheckpoint(of: kind, folder: folder)
  return FuzzTarget(
    name, samples: sample.files.map(\.bytes),
    words: manifestWords + [
      "F32", "U64", "data_offsets", "agent.random", "agent.counters", "agent.replay.heads",
      "agent.rollout.position", "agent.rollout.choices", "environment", "training",
    ]
  ) { bytes, index in try sample.isAccepted(bytes, index) }
}

/// A checkpoint's `MANIFEST.json` alone.
func checkpointManifestTarget(folder: String) throws -> FuzzTarget {
  let sample = try SampleCheckpoint(of: .replay, folder: folder + "/manifests")
  return FuzzTarget("manifest", samples: [sample.files[0].bytes], words: manifestWords) {
    bytes, _ in try sample.isAccepted(bytes, 0)
  }
}

private let manifestWords = [
  "{", "}", "[", "]", ",", ":", "\"", "\\", "\n", "\\u0000", "null", "\"sha256\":", "\"size\":",
  "\"name\":\"../../etc/passwd\"", "\"name\":\"/etc/passwd\"", "columns/", "state.safetensors",
  "\"rowBytes\":1", "\"rowCount\":281474976710656", "\"rowsPerPage\":0", "floats", "words",
  "\"files\":[\n]", "\"columns\":[\n]", "\"facts\":{}",
]

/// A checkpoint of a short training.
private struct SampleCheckpoint: Sendable {
  let folder: String
  let files: [(name: String, bytes: [UInt8])]  // the manifest first
  private let path: String  // of the checkpoint
  private let kind: SamplePlay.Kind

  init(of kind: SamplePlay.Kind, folder: String) throws {
    self.folder = folder
    self.kind = kind
    var play = try SamplePlay(kind)
    try play.go(steps: 40)
    let capture = play.capture()
    let store = CheckpointStore(folder: folder)
    store.begin(CheckpointCapture(step: 80, capture: capture, facts: ["host_version": "0.1.0"]))
    guard case .written(_, let path, _) = store.wait() else {
      throw FuzzError("the sample was not written")
    }
    self.path = path
    let columns = try? FileManager.default.contentsOfDirectory(atPath: path + "/columns").sorted()
    let names = ["MANIFEST.json", "state.safetensors"] + (columns ?? []).map { "columns/\($0)" }
    files = try names.map { ($0, try FileReader.bytes(of: "\(path)/\($0)", limit: 1 << 26)) }
  }

  /// Whether a checkpoint with the file `index` damaged is learned from.
  ///
  /// - Throws: what is no clear refusal.
  func isAccepted(_ bytes: [UInt8], _ index: Int) throws -> Bool {
    try put(bytes, index)
    defer { mend(index) }
    do {
      guard let (checkpoint, _) = try CheckpointStore.load(folder) else { return false }
      try continueFrom(checkpoint)
      return true
    } catch  where error is FileError || error is StateError || error is DivergenceError {
      return false
    }
  }

  /// Writes the damaged file, and a manifest that lists it as it is: what a hostile writer can do.
  private func put(_ bytes: [UInt8], _ index: Int) throws {
    try putFile(bytes, "\(path)/\(files[index].name)")
    let manifest = index == 0 ? bytes : listing(bytes, index)
    try putFile(signed(manifest), "\(path)/MANIFEST.json")
  }

  /// Puts the good files back.
  private func mend(_ index: Int) {
    for (name, original) in [files[0], files[index]] {
      try? putFile(original, "\(path)/\(name)")
    }
  }

  private func listing(_ bytes: [UInt8], _ index: Int) -> [UInt8] {
    let old = files[index].bytes
    let entry = { (bytes: [UInt8]) in
      "\"size\":\(bytes.count),\"sha256\":\"\(SHA256.hex(of: bytes))\""
    }
    let name = "\"name\":\"\(files[index].name)\","
    let text = String(decoding: files[0].bytes, as: UTF8.self)
    return Array(text.replacing(name + entry(old), with: name + entry(bytes)).utf8)
  }

  /// The last line of a manifest is the digest of those before.
  private func signed(_ manifest: [UInt8]) -> [UInt8] {
    let last = "\"sha256\":\"\(SHA256.hex(of: []))\"\n}\n".utf8.count
    guard manifest.count > last else { return manifest }
    let body = Array(manifest.dropLast(last))
    return body + Array("\"sha256\":\"\(SHA256.hex(of: body))\"\n}\n".utf8)
  }

  /// Restores an agent and lets it act and learn.
  private func continueFrom(_ checkpoint: Checkpoint) throws {
    var play = try SamplePlay(kind)
    try play.restore(checkpoint.state)
    try play.go(steps: 8)
  }
}

/// A small agent with every option, in made-up episodes.
private struct SamplePlay {
  enum Kind {
    case replay
    case rollout
  }

  private var agent: any Agent
  private var batch: StepBatch
  private var random = RandomStream(seed: 9)

  init(_ kind: Kind) throws {
    let spec = kind == .replay ? sampleSpecs[1] : mixedActionSpec
    agent = try kind == .replay ? Self.replaying(spec) : Self.rolling(spec)
    batch = StepBatch(spec, lanes: 2)
    batch.observations = rows()
  }

  private static func rolling(_ spec: EnvironmentSpec) throws -> any Agent {
    var configuration = PPO.Configuration()
    configuration.hidden = [4]
    configuration.nSteps = 6
    configuration.batchSize = 5
    configuration.nEpochs = 2
    configuration.useSDE = true
    return try PPO(
      spec: spec, lanes: 2, configuration: configuration, plannedSteps: 1000, seed: 1,
      pool: .single)
  }

  private static func replaying(_ spec: EnvironmentSpec) throws -> any Agent {
    var configuration = DQN.Configuration()
    configuration.hidden = [4]
    configuration.bufferSize = 64
    configuration.batchSize = 4
    configuration.learningStarts = 8
    configuration.dueling = true
    configuration.nSteps = 3
    configuration.prioritized = true
    return try DQN(
      spec: spec, lanes: 2, configuration: configuration, plannedSteps: 1000, seed: 1, pool: .single
    )
  }

  mutating func go(steps: Int) throws {
    for step in 0..<steps {
      agent.act(&batch)
      batch.nextObservations = rows()
      batch.rewards = [random.uniform(), 1]
      batch.terminated = [step % 7 == 6, false]
      batch.truncated = [false, step % 9 == 8]
      agent.observe(batch)
      _ = try agent.learn()
      batch.observations = batch.nextObservations
    }
  }

  func capture() -> StateCapture {
    var agent = agent
    var whole = StateCapture(state: SavedState())
    whole.merge(agent.capture(), prefix: "agent")
    return whole
  }

  mutating func restore(_ state: SavedState) throws { try agent.restore(state.part("agent")) }

  /// Observations of `sampleSpecs[1]`: a number from -2 to 2, six bytes, two flags; aligned to 8.
  private mutating func rows() -> [UInt8] {
    let layout = RowLayout(sampleSpecs[1].observation)
    var rows = [UInt8](repeating: 0, count: 2 * layout.rowBytes)
    for lane in 0..<2 {
      rows[lane * layout.rowBytes + layout.fields[1].offset] = UInt8(random.index(below: 256))
    }
    return rows
  }
}
