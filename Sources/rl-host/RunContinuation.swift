import ArgumentParser
import RLCore
import RLSystem
import RLTraining

/// A run that is to go on: what it is, where it stands, and what is not as it was.
struct RunContinuation {
  let directory: RunDirectory
  let manifest: RunManifest
  let settings: RunSettings
  /// Where it goes on; `nil`: from the beginning.
  let checkpoint: Checkpoint?
  /// Checkpoints that are damaged, and how.
  let skipped: [String]
  /// What has changed since, in words, by the user's leave.
  let changes: [String]

  /// Reads a run's folder, whose lock is held, and loads its plugin.
  ///
  /// - Parameters:
  ///   - directory: of the run.
  ///   - plugin: where the plugin is now; `nil`: where it was.
  ///   - allowsChanges: whether the run may go on without being exact.
  /// - Throws: `Failure`, `FileError`, `PluginError`: what, where and what to do.
  init(_ directory: RunDirectory, plugin: String?, allowsChanges: Bool) throws {
    self.directory = directory
    manifest = try directory.manifest()
    try Self.requireSameConfiguration(directory, manifest)
    let found = try CheckpointStore.load(directory.checkpointsPath)
    checkpoint = found?.checkpoint
    skipped = found?.skipped ?? []
    let path = try Self.pluginPath(plugin, manifest, directory)
    let former =
      checkpoint?.facts ?? [
        "plugin_sha256": manifest.pluginSHA256, "host_version": manifest.hostVersion,
      ]
    // looked at before it is loaded, for loading runs its code
    changes = RunFacts.changes(
      from: former,
      to: [
        "plugin_sha256": try Self.digest(path, isRunsOwn: plugin == nil),
        "host_version": hostVersion, "numerics": HostContract.numerics,
      ])
    guard changes.isEmpty || allowsChanges else { throw Self.refusal(directory, changes) }
    settings = try RunSettings(
      try SubjectArguments.parse([
        "--config", directory.configurationPath, "--env", "\(path):\(manifest.env)",
      ]), try CourseArguments.parse([]), try RecordArguments.parse([]))
  }

  /// - Throws: `Failure` when `config.yaml` is not as the run wrote it.
  private static func requireSameConfiguration(
    _ directory: RunDirectory, _ manifest: RunManifest
  ) throws {
    let path = directory.configurationPath
    guard let digest = manifest.configurationSHA256 else { return }
    guard try SHA256.hex(ofFile: path) != digest else { return }
    throw Failure(
      .damaged,
      "\(path): was changed since the run was started, so that it would be another run: restore "
        + "it, or start a new one: "
        + shellCommand([FinalBlock.program, "--config", path]))
  }

  /// The plugin's path: `named`, as `PATH` or `PATH:Id`, or else the run's own from here.
  ///
  /// - Throws: `Failure` when the id is of another environment than the run's.
  private static func pluginPath(
    _ named: String?, _ manifest: RunManifest, _ directory: RunDirectory
  ) throws(Failure) -> String {
    guard let named else { return ownPath(manifest, directory) }
    let name = EnvironmentName(named)
    guard let id = name.id, id != manifest.env, PathKind(of: name.path) == .file else {
      return name.path
    }
    throw Failure(
      .usage, "--env: the run is one of \(manifest.env), not of \(id): name the library alone")
  }

  /// The path that the run noted is relative to where the run was started.
  private static func ownPath(_ manifest: RunManifest, _ directory: RunDirectory) -> String {
    guard !manifest.plugin.hasPrefix("/") else { return manifest.plugin }
    let started = manifest.workingFolder.map { "\($0)/\(manifest.plugin)" }
    if let started, PathKind(of: started) == .file { return started }
    let path = EnvironmentName.located(manifest.plugin, besideRun: directory)
    return PathKind(of: path) == .missing ? started ?? path : path
  }

  private static func digest(_ path: String, isRunsOwn: Bool) throws -> String {
    do { return try SHA256.hex(ofFile: path) } catch {
      guard error.kind == .missing else { throw error }
      throw Failure(
        .missing,
        "\(path): the plugin cannot be opened: "
          + (isRunsOwn ? "name where it is now as --env PATH" : "check the path"))
    }
  }

  private static func refusal(_ directory: RunDirectory, _ changes: [String]) -> Failure {
    Failure(
      .refused,
      "\(directory.path): would not go on as it would have, for something has changed:"
        + changes.map { "\n  \($0)" }.joined()
        + "\nRestore it, or give --allow-changed to go on all the same.")
  }
}
