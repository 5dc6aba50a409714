import RLAgents
import RLCore
import RLPresets
import RLWrappers
import Testing

@Suite struct PresetsTests {
  @Test func theEmbeddedFileHoldsTheZoosValuesForCartPole() throws {
    let preset = try #require(
      try Presets.find(
        name: nil, algorithm: "dqn", environmentID: "CartPole-v1", among: Presets.all()))
    #expect(preset.name == "zoo")
    #expect(preset.steps == 50_000)
    #expect(preset.settings.first { $0.key == "learningRate" }?.value == .number(2.3e-3))
    #expect(preset.settings.first { $0.key == "trainFrequency" }?.value == .integer(256))
  }

  @Test(arguments: [
    ("CartPole-v1", 3), ("Acrobot-v1", 3), ("MountainCar-v0", 10), ("LunarLander-v3", 3),
  ])
  func rainbowLiteHasEveryOption(environmentID: String, nSteps: Int) throws {
    let preset = try #require(
      try Presets.find(
        name: "rainbow-lite", algorithm: "dqn", environmentID: environmentID,
        among: Presets.all()))
    for option in ["doubleQ", "dueling", "prioritized"] {
      #expect(preset.settings.first { $0.key == option }?.value == .bool(true))
    }
    #expect(preset.settings.first { $0.key == "nSteps" }?.value == .integer(nSteps))
    _ = try AlgorithmCatalog.entry(named: "dqn").configure(
      preset.settings.map { (key: $0.key, value: $0.value) })
  }

  @Test func everyAlgorithmHasTheZoosValuesWhereTheZooHasThem() throws {
    let presets = try Presets.all().filter { $0.name == "zoo" }
    let found = presets.map { "\($0.environmentID) \($0.algorithm) \($0.steps) \($0.lanes)" }
    #expect(
      found.sorted() == [
        "Acrobot-v1 a2c 500000 16", "Acrobot-v1 dqn 100000 1", "Acrobot-v1 ppo 1000000 16",
        "CartPole-v1 a2c 500000 8", "CartPole-v1 dqn 50000 1", "CartPole-v1 ppo 100000 8",
        "LunarLander-v3 a2c 200000 8", "LunarLander-v3 dqn 100000 1",
        "LunarLander-v3 ppo 1000000 16", "LunarLanderContinuous-v3 a2c 5000000 4",
        "LunarLanderContinuous-v3 ddpg 300000 1", "LunarLanderContinuous-v3 ppo 1000000 16",
        "LunarLanderContinuous-v3 sac 500000 1", "LunarLanderContinuous-v3 td3 300000 1",
        "MountainCar-v0 a2c 1000000 16", "MountainCar-v0 dqn 120000 1",
        "MountainCar-v0 ppo 1000000 16", "MountainCarContinuous-v0 a2c 100000 4",
        "MountainCarContinuous-v0 ddpg 300000 1", "MountainCarContinuous-v0 ppo 20000 1",
        "MountainCarContinuous-v0 sac 50000 1", "MountainCarContinuous-v0 td3 300000 1",
        "Pendulum-v1 a2c 1000000 8", "Pendulum-v1 ddpg 20000 1", "Pendulum-v1 ppo 100000 4",
        "Pendulum-v1 sac 20000 1", "Pendulum-v1 td3 20000 1",
      ])
  }

  @Test func everyPresetIsAcceptedByItsAlgorithm() throws {
    for preset in try Presets.all() {
      _ = try AlgorithmCatalog.entry(named: preset.algorithm).configure(
        preset.settings.map { (key: $0.key, value: $0.value) })
      #expect(preset.steps > 0 && preset.lanes > 0 && !preset.doc.isEmpty, "\(preset.name)")
    }
  }

  @Test func everyWrapperOfAPresetIsKnownAndPossible() throws {
    for preset in try Presets.all() {
      var configuration = WrapperConfiguration()
      for setting in preset.wrappers {
        for name in try WrapperConfiguration.names(for: setting.key) {
          try configuration.set(name, to: setting.value)
        }
      }
      try configuration.validate()
    }
  }

  @Test func aPresetsWrappersAreRead() throws {
    let text = "E-v0:\n  ppo:\n    zoo:\n      wrappers:\n        normalize: true\n"
    let preset = try #require(try Presets.parse(text, file: "presets.yaml").first)
    #expect(preset.wrappers.map(\.key) == ["normalize"])
    #expect(preset.wrappers.map(\.value) == [.bool(true)])
    #expect(preset.settings.isEmpty)
  }

  @Test func anUnknownNameIsRefusedWithTheKnownOnes() throws {
    let presets = try Presets.all()
    let error = #expect(throws: ConfigurationError.self) {
      try Presets.find(
        name: "slow", algorithm: "dqn", environmentID: "CartPole-v1", among: presets)
    }
    #expect(error?.reason.contains("zoo") == true)
  }

  @Test func anEnvironmentWithoutPresetsHasNone() throws {
    let found = try Presets.find(
      name: nil, algorithm: "dqn", environmentID: "Nowhere-v0", among: Presets.all())
    #expect(found == nil)
  }

  @Test(arguments: [
    ("E-v0:\n  dqn:\n    a:\n      speed: 3\n", "speed is not a field of a preset"),
    ("E-v0:\n  dqn:\n    a: 3\n", "needs fields here"),
    ("E-v0:\n  dqn:\n    a:\n      wrappers: 3\n", "wrappers is not a field"),
    ("E-v0:\n  dqn:\n    a:\n      steps: soon\n", "steps is not a field"),
    ("E-v0: {}\nE-v0: {}\n", "E-v0"),
  ])
  func damagedTextIsRefusedWithItsLine(text: String, reason: String) {
    let error = #expect(throws: ConfigurationFileError.self) {
      try Presets.parse(text, file: "presets.yaml")
    }
    #expect(error?.description.contains(reason) == true)
  }
}
