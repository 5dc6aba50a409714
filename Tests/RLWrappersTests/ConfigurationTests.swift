import RLCore
import RLWrappers
import Testing

@Suite struct WrapperConfigurationTests {
  @Test(arguments: [
    ("norm_obs", "normalizeObservation"), ("norm_reward", "normalizeReward"),
    ("clip_obs", "clipObservation"), ("clip_reward", "clipReward"), ("frame_stack", "frameStack"),
    ("n_stack", "frameStack"), ("frame_skip", "actionRepeat"), ("sticky_actions", "stickyActions"),
    ("repeat_action_probability", "stickyActions"), ("time_aware", "timeAware"),
    ("reward_scale", "rewardScale"), ("normalize_observation", "normalizeObservation"),
  ])
  func otherNamesAreKnown(alias: String, name: String) throws {
    #expect(try WrapperConfiguration.names(for: alias) == [name])
  }

  @Test func theZoosNormalizeIsBoth() throws {
    let configuration = try wrappers(["normalize": .bool(true)])
    #expect(configuration.normalizeObservation && configuration.normalizeReward)
  }

  @Test func anUnknownNameIsRefusedWithASuggestion() {
    let error = #expect(throws: ConfigurationError.self) {
      try WrapperConfiguration.names(for: "frameStak")
    }
    #expect(error?.description == "frameStak: no such wrapper; did you mean frameStack?")
  }

  @Test(arguments: [
    ("frameStack", ConfigurationValue.integer(0)), ("actionRepeat", .number(1.5)),
    ("stickyActions", .number(1)), ("stickyActions", .number(-0.1)), ("epsilon", .integer(0)),
    ("gamma", .number(1.01)), ("clipObservation", .text("much")), ("timeAware", .integer(1)),
  ])
  func impossibleValuesAreRefused(name: String, value: ConfigurationValue) {
    #expect(throws: ConfigurationError.self) { try wrappers([name: value]) }
  }

  @Test func whatIsNormalisedIsClippedAtTenUnlessSaidOtherwise() throws {
    #expect(WrapperConfiguration().observationLimit == nil)
    #expect(try wrappers(["normalize": .bool(true)]).observationLimit == 10)
    #expect(try wrappers(["normalize": .bool(true)]).rewardLimit == 10)
    let none = try wrappers(["normalize": .bool(true), "clipObservation": .none])
    #expect(none.observationLimit == nil && none.rewardLimit == 10)
    #expect(try wrappers(["clipReward": .integer(1)]).rewardLimit == 1)
  }

  @Test func onlyWhatChangesSomethingIsInForce() throws {
    #expect(WrapperConfiguration().isEmpty)
    #expect(try wrappers(["frameStack": .integer(1), "gamma": .number(0.9)]).isEmpty)
    let names = try wrappers(["normalizeReward": .bool(true), "gamma": .number(0.9)]).namesInForce
    #expect(names == ["normalizeReward", "clipReward", "epsilon", "gamma"])
  }

  @Test func aWrapperWithNothingToWorkOnIsRefused() throws {
    let action = Space([Leaf(kind: .discrete(count: 2, start: 0), element: .i32)])
    let choice = EnvironmentSpec(id: "Choice-v0", observation: action, action: action)
    let normalized = try wrappers(["normalizeObservation": .bool(true)])
    let error = #expect(throws: ConfigurationError.self) { try normalized.wrapped(choice) }
    #expect(error?.field == "normalizeObservation")
    let timed = try wrappers(["timeAware": .bool(true)])
    let second = #expect(throws: ConfigurationError.self) { try timed.wrapped(choice) }
    #expect(second?.reason.contains("time limit") == true)
  }
}
