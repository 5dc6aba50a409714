internal import FoundationEssentials
public import RLSystem

/// `run.json`: what a run is and how far it came. The only file of a run that tells the time of
/// day.
public struct RunManifest: Sendable, Codable, Equatable {
  public enum State: String, Sendable, Codable {
    case running
    case completed
    /// Ended early by the user; its policy is saved.
    case stopped
    case failed
  }

  /// When checkpoints are taken, and how many are kept.
  public struct Checkpoints: Sendable, Codable, Equatable {
    public var every: Int?  // environment steps
    public var seconds: Double  // 0: none by the clock
    public var keep: Int

    public init(every: Int? = nil, seconds: Double, keep: Int) {
      self.every = every
      self.seconds = seconds
      self.keep = keep
    }
  }

  /// One time that the run was gone on with.
  public struct Resume: Sendable, Codable, Equatable {
    public var step: Int  // of the checkpoint; 0: it started over
    public var argv: [String]
    public private(set) var startedAt: String  // UTC, ISO 8601
    /// What was not as before, allowed by the user; empty in a run that is exact.
    public var changed: [String]

    public init(step: Int, argv: [String], changed: [String]) {
      self.step = step
      self.argv = argv
      self.changed = changed
      startedAt = Date().formatted(.iso8601)
    }

    private enum CodingKeys: String, CodingKey {
      case step
      case argv
      case startedAt = "started_at"
      case changed
    }
  }

  public private(set) var schema = "rl-host/run/1"
  public var id: String  // the folder's name
  public var state = State.running
  public var argv: [String]
  public var env: String  // the environment's id
  public var plugin: String  // its path, as the user gave it
  public var pluginSHA256: String
  public var algo: String
  public var seed: UInt64
  public var steps: Int  // planned
  public var stepsMade: Int?  // known at the end
  public private(set) var startedAt: String  // UTC, ISO 8601
  public private(set) var endedAt: String?
  public var exitCode: Int32?
  public var error: String?  // what ended a failed run
  public var hostVersion: String
  public var pid: Int32?  // of the process that makes, or made, the run
  public var workingFolder: String?  // which `plugin` is relative to
  public var configurationSHA256: String?  // of config.yaml
  public var checkpoints: Checkpoints?
  public private(set) var resumes: [Resume]?

  /// A run that starts.
  public init(
    id: String, argv: [String], env: String, plugin: String, pluginSHA256: String, algo: String,
    seed: UInt64, steps: Int, hostVersion: String
  ) {
    self.id = id
    self.argv = argv
    self.env = env
    self.plugin = plugin
    self.pluginSHA256 = pluginSHA256
    self.algo = algo
    self.seed = seed
    self.steps = steps
    self.hostVersion = hostVersion
    startedAt = Date().formatted(.iso8601)
  }

  private enum CodingKeys: String, CodingKey {
    case schema
    case id
    case state
    case argv
    case env
    case plugin
    case pluginSHA256 = "plugin_sha256"
    case algo
    case seed
    case steps
    case stepsMade = "steps_made"
    case startedAt = "started_at"
    case endedAt = "ended_at"
    case exitCode = "exit_code"
    case error
    case hostVersion = "host_version"
    case pid
    case workingFolder = "working_folder"
    case configurationSHA256 = "config_sha256"
    case checkpoints
    case resumes
  }

  /// Notes that the run goes on.
  public mutating func resume(_ resume: Resume) {
    resumes = (resumes ?? []) + [resume]
    state = .running
    (stepsMade, endedAt, exitCode, error) = (nil, nil, nil, nil)
  }

  /// Notes that the run has ended.
  public mutating func end(_ state: State, stepsMade: Int?, exitCode: Int32, error: String? = nil) {
    self.state = state
    self.stepsMade = stepsMade
    self.exitCode = exitCode
    self.error = error
    endedAt = Date().formatted(.iso8601)
  }
}

extension RunManifest {
  /// Reads a `run.json`.
  ///
  /// - Throws: `FileError`: no such file, or not the manifest of a run.
  public init(reading path: String) throws(FileError) {
    let bytes = try FileReader.bytes(of: path, limit: 1 << 20)
    do {
      self = try JSONDecoder().decode(RunManifest.self, from: Data(bytes))
      guard seed < 1 << 53, steps >= 0, stepsMade ?? 0 >= 0, checkpoints?.isInRange ?? true else {
        throw DecodingError.dataCorrupted(
          .init(codingPath: [], debugDescription: "a seed or a count is out of range"))
      }
    } catch {
      throw FileError(
        .damaged, path: path, reason: "is not the manifest of a run: \(error)",
        advice: "restore the file")
    }
  }

  /// Replaces `path` with this manifest, atomically.
  public func write(to path: String) throws(FileError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      let text = try encoder.encode(self)
      try AtomicFile.write(Array(text) + [UInt8(ascii: "\n")], to: path)
    } catch let error as FileError {
      throw error
    } catch {
      throw FileError(
        .cannotWrite, path: path, reason: "the manifest has no JSON form: \(error)",
        advice: "use only valid UTF-8 in arguments")
    }
  }
}

extension RunManifest.Checkpoints {
  fileprivate var isInRange: Bool { every ?? 1 >= 1 && seconds >= 0 && keep >= 1 }
}
