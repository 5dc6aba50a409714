import RLAgents
import RLCore
import RLSystem
import RLTraining

/// What a checkpoint says of the run that it is of. A run can be continued to the same bits only
/// where all of it is as it was.
struct RunFacts {
  /// Facts without which the bits are not promised; the user may go on without them.
  private static let named = [
    ("plugin_sha256", "the plugin's file (SHA-256)"), ("host_version", "rl-host's version"),
    ("numerics", "the arithmetic of this rl-host"),
  ]
  /// Facts without which the state does not fit.
  private static let fixed = [
    ("environment", "the environment"), ("algorithm", "the algorithm"), ("lanes", "lanes"),
    ("spaces", "the environment's spaces and metrics"),
  ]

  let values: [String: String]

  init(_ settings: RunSettings, spec: EnvironmentSpec, configurationSHA256: String) {
    let metrics = spec.metrics.map(\.name).joined(separator: ", ")
    values = [
      "plugin_sha256": settings.subject.library.sha256, "host_version": hostVersion,
      "numerics": HostContract.numerics, "config_sha256": configurationSHA256,
      "environment": spec.id, "algorithm": settings.algorithm.name, "lanes": "\(settings.lanes)",
      "spaces": "observes \(spec.observation), acts \(spec.action.space), reports [\(metrics)]",
    ]
  }

  /// What has changed since a checkpoint, or a manifest, of `former` facts, and may be allowed to have.
  static func changes(from former: [String: String], to now: [String: String]) -> [String] {
    differences(named, former, now)
  }

  /// - Throws: `Failure` when a checkpoint's state is of something else.
  func requireFit(_ checkpoint: Checkpoint) throws(Failure) {
    let differences = Self.differences(Self.fixed, checkpoint.facts, values)
    guard let first = differences.first else { return }
    throw Failure(
      .refused, "\(checkpoint.path): does not fit: \(first): start a new run")
  }

  private static func differences(
    _ keys: [(key: String, words: String)], _ former: [String: String], _ now: [String: String]
  ) -> [String] {
    keys.compactMap { key, words in
      guard let old = former[key], let new = now[key], old != new else { return nil }
      return "\(words): was \(shortened(old)), is \(shortened(new))"
    }
  }

  /// The start of a digest.
  private static func shortened(_ text: String) -> String {
    text.count == 64 && text.allSatisfy(\.isHexDigit) ? String(text.prefix(12)) : text
  }
}
