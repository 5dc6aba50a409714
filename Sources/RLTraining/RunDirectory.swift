internal import FoundationEssentials
public import RLSystem

/// The folder of one run. It is made by its run, exclusively, and never overwritten.
public struct RunDirectory: Sendable, Equatable {
  public let path: String

  public init(path: String) { self.path = path }

  /// Makes a new folder in `root`, which is made where it is missing.
  ///
  /// Without a name it is called `<env>-<algo>-s<seed>-<UTC time>`, with `-2`, `-3` ... appended
  /// while that is taken; characters of `env` that a shell would not take plainly become `_`.
  ///
  /// - Throws: `FileError` when `name` is taken or no folder's name, or `root` cannot be written.
  public static func create(
    in root: String = "runs", name: String? = nil, env: String, algo: String, seed: UInt64
  ) throws(FileError) -> RunDirectory {
    if let name { try check(name, in: root) }
    try Folder.create(root)
    if let name { return try create(named: name, in: root) }
    let stem = "\(root)/\(plain(env))-\(plain(algo))-s\(seed)-\(utcTime())"
    var path = stem
    var number = 1
    while try !Folder.createNew(path) {
      number += 1
      path = "\(stem)-\(number)"
    }
    return RunDirectory(path: path)
  }

  private static func check(_ name: String, in root: String) throws(FileError) {
    guard !name.isEmpty, !name.hasPrefix("."), !name.utf8.contains(where: { $0 == 0 || $0 == 47 })
    else {
      throw FileError(
        .cannotCreate, path: "\(root)/\(name)", reason: "\"\(name)\" is not a name for a run",
        advice: "use letters, digits, \"-\" and \"_\"")
    }
  }

  private static func create(named name: String, in root: String) throws(FileError) -> RunDirectory
  {
    let path = "\(root)/\(name)"
    guard try Folder.createNew(path) else {
      throw FileError(
        .cannotCreate, path: path, reason: "is there already, and runs are never overwritten",
        advice: "choose another name, or remove the folder")
    }
    return RunDirectory(path: path)
  }

  private static func utcTime() -> String {
    Date().formatted(Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted))
  }

  private static func plain(_ text: String) -> String {
    let kept = text.utf8.map { byte -> Character in
      let character = Character(Unicode.Scalar(byte))
      let isPlain = byte < 128 && (character.isLetter || character.isNumber)
      return isPlain || character == "-" || character == "." ? character : "_"
    }
    return (kept.first == "." ? "_" : "") + String(kept.prefix(64))
  }
}

extension RunDirectory {
  /// The run's name: the last part of its path.
  public var id: String { path.split(separator: "/").last.map(String.init) ?? path }

  public var manifestPath: String { path + "/run.json" }
  public var configurationPath: String { path + "/config.yaml" }
  public var metricsPath: String { path + "/metrics.jsonl" }
  public var episodesPath: String { path + "/episodes.csv" }
  public var policyPath: String { path + "/policy.safetensors" }
  public var bestPolicyPath: String { path + "/policy-best.safetensors" }
  public var checkpointsPath: String { path + "/checkpoints" }

  /// Writes `config.yaml`, which alone reproduces the run.
  public func write(configuration yaml: String) throws(FileError) {
    try AtomicFile.write(yaml, to: configurationPath)
  }

  /// Writes `run.json`, or replaces it atomically.
  public func write(_ manifest: RunManifest) throws(FileError) {
    try manifest.write(to: manifestPath)
  }

  /// Reads `run.json`.
  public func manifest() throws(FileError) -> RunManifest {
    try RunManifest(reading: manifestPath)
  }

  /// The runs in `root` that have a readable manifest, by name; none when there is no `root`.
  public static func runs(in root: String = "runs") -> [(run: RunDirectory, manifest: RunManifest)]
  {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return names.sorted().compactMap { name in
      let run = RunDirectory(path: "\(root)/\(name)")
      return (try? run.manifest()).map { (run, $0) }
    }
  }
}
