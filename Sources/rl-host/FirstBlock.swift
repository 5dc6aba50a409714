import RLAgents
import RLCore
import RLEnvironments
import RLPresets
import RLSystem
import RLWrappers

/// What `train` says before the first step: what it has understood, and where values come from.
struct FirstBlock {
  var settings: RunSettings
  var spec: EnvironmentSpec
  var threads: Int
  var runPath: String?  // nil: nothing will be written
  var showsEverything: Bool
  var continuing: (step: Int, path: String)?  // the checkpoint

  var text: String {
    let subject = settings.subject
    var pairs = [
      ("environment", "\(spec.id) from \(subject.library.plugin.path)"),
      ("", "plugin \(subject.library.sha256.prefix(12)), ABI \(subject.library.plugin.abi)"),
      ("", "observes \(spec.observation)"),
      ("", "acts \(spec.action.space)" + limit),
    ]
    if !options.isEmpty { pairs.append(("", options)) }
    pairs += wrappers.map { ("", $0) }
    pairs.append(("algorithm", settings.algorithm.name + ", " + presetText))
    pairs += hyperparameters.map { ("", $0) }
    pairs.append(
      (
        "run",
        "\(CountText.grouped(settings.steps)) steps, seed \(settings.seed), "
          + "\(counted(settings.lanes, "lane")), \(counted(threads, "thread"))"
      ))
    if let continuing {
      pairs.append(
        ("", "goes on from step \(CountText.grouped(continuing.step)): \(continuing.path)"))
    }
    pairs.append(("folder", runPath ?? "none: this is a dry run"))
    return listing(pairs)
  }

  private var limit: String {
    spec.maxEpisodeSteps.map { ", at most \(CountText.grouped($0)) steps an episode" }
      ?? ", without a time limit"
  }

  private var options: String {
    let shown = settings.configuration.environmentOptions.filter {
      $0.origin != "default" && (continuing == nil || showsEverything)
    }
    return shown.map { "-E \($0.key)=\($0.value) (\($0.origin))" }.joined(separator: ", ")
  }

  private var presetText: String {
    if let preset = settings.preset { return "preset \(preset.name): \(preset.doc)" }
    let isDefault = settings.configuration.run.contains {
      $0.key == "steps" && $0.origin == "default"
    }
    return "no preset: the algorithm's defaults"
      + (isDefault ? ", and \(CountText.grouped(settings.steps)) steps" : "")
  }

  /// Lines of the values that are not the defaults; of all, if so wished.
  private var hyperparameters: [String] {
    let shown = settings.hyperparameters.entries.filter {
      showsEverything || ($0.origin != "default" && continuing == nil)
    }
    return Self.lines(shown)
  }

  /// Lines of what stands between the environment and the agent, and what the agent then sees.
  private var wrappers: [String] {
    let entries = settings.wrappers.entries
    if entries.isEmpty { return [] }
    let lines = Self.lines(entries).map { "wrapped: \($0)" }
    let shown = (try? settings.wrappers.configuration.wrapped(spec).observation) ?? spec.observation
    return shown == spec.observation ? lines : lines + ["the agent observes \(shown)"]
  }

  private static func lines(_ shown: [RunConfiguration.Entry]) -> [String] {
    let origins = shown.map(\.origin).reduce(into: [String]()) { list, origin in
      if !list.contains(origin) { list.append(origin) }
    }
    return origins.flatMap { origin in
      let values = shown.filter { $0.origin == origin }.map { "\($0.key) \($0.value)" }
      return wrapped(values, width: 74).map { "\($0) (\(origin))" }
    }
  }
}

/// `1 lane`, `8 lanes`.
func counted(_ count: Int, _ noun: String) -> String {
  "\(CountText.grouped(count)) \(noun)\(count == 1 ? "" : "s")"
}

/// The parts, separated by commas, on lines of at most `width` characters.
func wrapped(_ parts: [String], width: Int) -> [String] {
  var lines: [String] = []
  for part in parts {
    if let last = lines.last, last.count + part.count + 2 <= width {
      lines[lines.count - 1] = last + ", " + part
    } else {
      lines.append(part)
    }
  }
  return lines
}
