import RLCore
import RLEnvironments
import RLSystem

/// The environments of some libraries.
struct EnvironmentCatalogue: Catalogue {
  private let libraries: [LoadedLibrary]

  /// - Throws: `Failure` without a path; what loading throws.
  init(paths: [String]) throws {
    guard !paths.isEmpty else {
      throw Failure(.usage, "name the libraries: rl-host list envs plugins/*.so")
    }
    libraries = try paths.map { try LoadedLibrary(path: $0) }
  }

  var remarks: [String] {
    libraries.flatMap { library in
      library.plugin.refusals.map { "\(library.plugin.path):\($0.id) is refused: \($0.reason)" }
    }
  }

  func text(_ heading: (String) -> String) -> String {
    libraries.flatMap { library in
      library.plugin.environments.map { environment in
        ([heading("\(library.plugin.path):\(environment.id)") + summary(environment)]
          + details(environment)).joined(separator: "\n")
      }
    }.joined(separator: "\n\n")
  }

  private func summary(_ environment: EnvironmentDescription) -> String {
    environment.doc?.split(separator: "\n").first.map { "  \($0)" } ?? ""
  }

  private func details(_ environment: EnvironmentDescription) -> [String] {
    var pairs: [(String, String)] = []
    if let spec = environment.spec {
      pairs.append(("observes", "\(spec.observation)"))
      pairs.append(("acts", "\(spec.action.space)"))
      pairs.append(
        ("limit", spec.maxEpisodeSteps.map { counted($0, "step") } ?? "none"))
      if let threshold = spec.rewardThreshold { pairs.append(("solved at", "\(threshold)")) }
      if !spec.metrics.isEmpty {
        pairs.append(("reports", spec.metrics.map(\.name).joined(separator: ", ")))
      }
    } else {
      pairs.append(("spaces", "follow from the options"))
    }
    pairs += environment.options.map { option in
      (
        "-E \(option.key)",
        "\(option.defaultText ?? "required")  (\(option.range))"
          + (option.doc.map { "  \($0)" } ?? "")
      )
    }
    return [listing(pairs, indent: "  ")]
  }

  var json: JSON {
    .object([
      .init("schema", .text("rl-host/list-envs/1")),
      .init("plugins", .list(libraries.map(\.json))),
    ])
  }
}

extension LoadedLibrary {
  /// The plugin's tables.
  var json: JSON {
    .object([
      .init("path", .text(plugin.path)), .init("sha256", .text(sha256)),
      .init("id", .text(plugin.id)), .init("version", .text(plugin.version)),
      .init("license", .optional(plugin.license)), .init("abi", .text(plugin.abi)),
      .init("environments", .list(plugin.environments.map(\.json))),
      .init(
        "refused",
        .list(
          plugin.refusals.map {
            .object([.init("id", .text($0.id)), .init("reason", .text($0.reason))])
          })),
    ])
  }
}

extension EnvironmentDescription {
  fileprivate var json: JSON {
    .object([
      .init("id", .text(id)), .init("doc", .optional(doc)),
      .init("observation", .optional(spec.map { "\($0.observation)" })),
      .init("action", .optional(spec.map { "\($0.action.space)" })),
      .init("max_episode_steps", .optional(spec?.maxEpisodeSteps)),
      .init("reward_threshold", .optional(spec?.rewardThreshold)),
      .init("metrics", .list((spec?.metrics ?? []).map { .text($0.name) })),
      .init("options", .list(options.map(\.json))),
      .init("snapshots", .bool(hasSnapshots)), .init("frames", .bool(canRender)),
    ])
  }
}

extension OptionSpec {
  fileprivate var json: JSON {
    .object([
      .init("key", .text(key)), .init("kind", .text(kind.rawValue)),
      .init("default", .optional(defaultText)), .init("min", .optional(minimum)),
      .init("max", .optional(maximum)), .init("choices", .list(choices.map { .text($0) })),
      .init("doc", .optional(doc)),
    ])
  }
}
