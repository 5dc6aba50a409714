import RLAgents
import RLCore
import RLPresets
import RLWrappers

private let yamlWords = [
  "- ", "? ", ": ", "[", "]", "{", "}", ",", "#", "&a ", "*a", "*a, ", "!!float ", "!!binary ", "|",
  ">", "|2-\n", "'", "\"", "\\x00", "\\U0010FFFF", "%YAML 1.1\n", "---\n", "...\n", "<<: *a\n",
  "\t",
  "  ", "\n", "\r", "~", "null", "true", "on", "1e-3", "0x1F", "0o17", "1:30", ".inf", ".nan",
  "1_0",
  "a: &a [x, x]\n", "hidden: [", "hyperparameters:\n", "environmentOptions: {}\n",
  "wrappers:\n", "normalize: true\n", "clipObservation: ", "frameStack: 9e99\n", "gamma: ",
  "schema: rl-host/config/1\n", "a: &a [x, x, x, x, x, x, x, x]\n",
  "b: &b [*a, *a, *a, *a, *a, *a, *a, *a]\n", "c: &a [*b, *b, *b, *b, *b, *b, *b, *b]\n",
  "? *b : 1\n", "\u{2028}", "\u{85}", "é",
]

/// `config.yaml`, also as JSON, which YAML contains, with the hyperparameters taken over as `train --config` does.
func configurationTarget() -> FuzzTarget {
  let yaml = """
    schema: rl-host/config/1
    plugin: "plugins/cartpole.so"  # flag
    environment: "CartPole-v1"  # default
    algorithm: "dqn"  # flag
    preset: "zoo"
    seed: 7
    steps: 50000
    lanes: 1
    maxEpisodeSteps: null
    onNonfinite: "fail"
    environmentOptions:
      gravity: 9.8
      "name": "a \\"quoted\\" text\\n"
    hyperparameters:
      hidden: [256, 256]
      learningRate: 2.3e-3
      bufferSize: 100_000
      doubleQ: false
    wrappers:
      normalizeObservation: true
      clip_obs: null
      frameStack: 4

    """
  let json = """
    {"schema": "rl-host/config/1", "plugin": "plugins/cartpole.so", "environment": "CartPole-v1",
     "algorithm": "dqn", "preset": null, "seed": 7, "steps": 50000, "lanes": 1,
     "maxEpisodeSteps": null, "onNonfinite": "fail",
     "environmentOptions": {"gravity": 9.8, "name": "a \\u00e9 \\"text\\"\\n"},
     "hyperparameters": {"hidden": [256, 256], "learningRate": 2.3e-3, "doubleQ": false},
     "wrappers": {"normalize": true, "stickyActions": 0.25}}
    """
  let samples = [yaml, json].map { Array($0.utf8) }
  return FuzzTarget("config", samples: samples, words: yamlWords) { bytes, _ in
    guard let text = String(validating: bytes, as: UTF8.self) else { return false }
    do {
      let configuration = try RunConfiguration.parse(text, file: "fuzzed")
      let settings = configuration.hyperparameters.map { (key: $0.key, value: $0.value) }
      _ = try AlgorithmCatalog.entry(named: "dqn").configure(settings)
      _ = try wrappers(configuration.wrappers)
      return try isKept(configuration)
    } catch  where error is ConfigurationFileError || error is ConfigurationError {
      return false
    }
  }
}

/// What was read is written so that it reads the same.
private func isKept(_ read: RunConfiguration) throws -> Bool {
  let again = try RunConfiguration.parse(read.yaml(), file: "again")
  guard again.hyperparameters.map(\.key) == read.hyperparameters.map(\.key),
    again.wrappers.map(\.key) == read.wrappers.map(\.key)
  else {
    throw FuzzError("the configuration that was read is not the one that is written")
  }
  return true
}

/// The wrappers of a file, as `train --config` takes them over, around the samples' environments.
private func wrappers(
  _ entries: [RunConfiguration.Entry]
) throws(ConfigurationError) -> [EnvironmentSpec] {
  var configuration = WrapperConfiguration()
  for entry in entries {
    for name in try WrapperConfiguration.names(for: entry.key) {
      try configuration.set(name, to: entry.value)
    }
  }
  try configuration.validate()
  return try sampleSpecs.map { (spec) throws(ConfigurationError) in try configuration.wrapped(spec)
  }
}

/// A file of presets, also as JSON.
func presetTarget() -> FuzzTarget {
  let yaml = """
    # A comment.
    CartPole-v1:
      dqn:
        zoo:
          doc: The values of the RL Baselines3 Zoo.
          steps: 50k
          lanes: 1
          hyperparameters:
            hidden: [256, 256]
            learningRate: 2.3e-3
        fast:
          doc: "Another"
          steps: 40k
          hyperparameters: {gamma: 0.99, tau: 0.05}
          wrappers: {normalize: true, frame_stack: 4}

    """
  let json = """
    {"CartPole-v1": {"dqn": {"zoo": {"doc": "The \\"zoo\\"", "steps": 50000, "lanes": 1,
     "hyperparameters": {"hidden": [256, 256], "learningRate": 2.3e-3},
     "wrappers": {"stickyActions": 0.25}}}}}
    """
  let samples = [yaml, json].map { Array($0.utf8) }
  return FuzzTarget("presets", samples: samples, words: yamlWords) { bytes, _ in
    guard let text = String(validating: bytes, as: UTF8.self) else { return false }
    do {
      _ = try Presets.parse(text, file: "fuzzed")
      return true
    } catch is ConfigurationFileError {
      return false
    }
  }
}
