import RLCore
import RLWrappers
import Testing

@Suite struct ObservationWrapperTests {
  @Test func everyObservationCountsOnceTheFinalOnesToo() throws {
    var environment = try WrappedEnvironment(
      ScriptedEnvironment(lanes: 3), wrappers(["normalizeObservation": .bool(true)]),
      source: .training(seed: 0))
    var batch = StepBatch(environment.spec, lanes: 3)
    try environment.reset(&batch)
    for _ in 0..<20 {
      try environment.step(&batch)
      try environment.advance(&batch)
    }
    var seen: [[Double]] = []
    for lane in 0..<3 {
      let length = 3 + lane
      for step in 0..<20 {
        // an episode of n steps shows n + 1 observations
        let (episode, place) = (step / length, step % length)
        if place == 0 { seen.append(numbers(lane, episode, 0)) }
        seen.append(numbers(lane, episode, place + 1))
      }
      if 20 % length == 0 { seen.append(numbers(lane, 20 / length, 0)) }
    }
    let statistics = try savedState(environment).statistics
    let count = try #require(statistics["observation.count"])[0]
    #expect(abs(count - Double(seen.count) - 1e-4) < 1e-9)
    for k in 0..<3 {
      // the prior counts 1e-4: mean 0, variance 1
      let sum = seen.reduce(0) { $0 + $1[k] }
      let mean = sum / count
      let squares = seen.reduce(1e-4 * (1 + mean * mean)) { $0 + ($1[k] - mean) * ($1[k] - mean) }
      #expect(abs(try #require(statistics["observation.mean"])[k] - mean) < 1e-9 * abs(mean))
      let variance = try #require(statistics["observation.variance"])[k]
      #expect(abs(variance - squares / count) < 1e-9 * variance)
    }
  }

  private func numbers(_ lane: Int, _ episode: Int, _ step: Int) -> [Double] {
    ScriptedEnvironment.observation(lane, episode, step).map(Double.init)
  }

  @Test func aFinalObservationIsShownWithItsStackAndItsTime() throws {
    var environment = try WrappedEnvironment(
      ScriptedEnvironment(lanes: 2, limit: 4),
      wrappers(["frameStack": .integer(2), "timeAware": .bool(true)]), source: .training(seed: 0))
    #expect(
      environment.spec.observation.description.hasPrefix("Dict(observation: Box(6) f32"))
    var batch = StepBatch(environment.spec, lanes: 2)
    try environment.reset(&batch)
    for step in 1...9 {
      try environment.step(&batch)
      for lane in 0..<2 {
        let length = 3 + lane
        let (episode, place) = ((step - 1) / length, (step - 1) % length + 1)
        let row = batch.nextObservations.floats(lane, width: 7)
        let frames = [place - 1, place].flatMap {
          ScriptedEnvironment.observation(lane, episode, $0)
        }
        #expect(row == frames + [Float(Double(place) / 4)])
        #expect(batch.truncated[lane] == (place == length))
      }
      try environment.advance(&batch)
      for lane in 0..<2 where step % (3 + lane) == 0 {
        let first = ScriptedEnvironment.observation(lane, step / (3 + lane), 0)
        #expect(batch.observations.floats(lane, width: 7) == first + first + [0])
      }
    }
  }

  @Test func clippingAloneLeavesTheNumbersWithin() throws {
    var environment = try WrappedEnvironment(
      ScriptedEnvironment(lanes: 1), wrappers(["clipObservation": .number(2.5)]),
      source: .training(seed: 0))
    let rows = try play(&environment, steps: 5)
    var raw = try WrappedEnvironment(
      ScriptedEnvironment(lanes: 1), WrapperConfiguration(), source: .training(seed: 0))
    let plain = try play(&raw, steps: 5)
    #expect(rows == plain.map { $0.map { min(max($0, -2.5), 2.5) } })
    #expect(rows.contains { $0.contains(2.5) })
  }

  @Test func lanesWithoutAFurtherEpisodeKeepTheirRows() throws {
    var base = ScriptedEnvironment(lanes: 2)
    base.episodes = 1
    let state = WrapperState(settings: ["frameStack": "2"])
    var environment = try FrozenWrappers(state, observation: base.spec.observation).wrap(
      base, evaluationSeed: 0)
    var batch = StepBatch(environment.spec, lanes: 2)
    try environment.reset(&batch)
    var last: [Float] = []
    for step in 1...4 {
      try environment.step(&batch)
      try environment.advance(&batch)
      if step == 3 { last = batch.observations.floats(0, width: 6) }
    }
    let isExhausted = environment.isExhausted
    #expect(isExhausted)
    #expect(batch.observations.floats(0, width: 6) == last)
    #expect(batch.nextObservations.floats(0, width: 6) == last)
    #expect(last == [2, 3].flatMap { ScriptedEnvironment.observation(0, 0, $0) })
  }

  @Test func picturesOfBytesAreStackedByChannelAndNotNormalised() throws {
    let bounds = { (count: Int, value: Double) in [Double](repeating: value, count: count) }
    func picture(_ shape: [Int], _ layout: Leaf.ImageLayout) -> Leaf {
      Leaf(
        name: layout.rawValue, kind: .box(low: bounds(12, 0), high: bounds(12, 255)), element: .u8,
        shape: shape, image: layout)
    }
    let space = Space([
      picture([2, 2, 3], .hwc), picture([3, 2, 2], .chw),
      Leaf(
        name: "bytes", kind: .box(low: bounds(2, 0), high: bounds(2, 9)), element: .u8, shape: [2]),
    ])
    let state = WrapperState(
      settings: [
        "normalizeObservation": "true", "clipObservation": "10.0", "epsilon": "1e-08",
        "frameStack": "2",
      ],
      statistics: [
        "observation.mean": [1, 2], "observation.variance": [1, 4], "observation.count": [100],
      ])
    let frozen = try FrozenWrappers(state, observation: space)
    #expect(frozen.observation.leaves.map(\.shape) == [[2, 2, 6], [6, 2, 2], [4]])
    #expect(frozen.observation.leaves.map(\.element) == [.u8, .u8, .f32])
    let raw = (0..<12).map { UInt8($0) } + (100..<112).map { UInt8($0) } + [3, 6]
    let shown = frozen.show(raw, count: 1)
    #expect(Array(shown[..<12]) == [0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5])
    #expect(Array(shown[24..<48]) == (100..<112).map { UInt8($0) } + (100..<112).map { UInt8($0) })
    #expect(Array(shown[48...]).floats(0, width: 4) == [2, 2, 2, 2])
  }

  @Test func choicesAreStackedToo() throws {
    let space = Space([
      Leaf(name: "one", kind: .discrete(count: 5, start: -2), element: .i32),
      Leaf(
        name: "two", kind: .multiDiscrete(counts: [2, 3], starts: [0, 1]), element: .u8, shape: [2]),
      Leaf(name: "bits", kind: .multiBinary, element: .bool, shape: [2]),
    ])
    let frozen = try FrozenWrappers(
      WrapperState(settings: ["frameStack": "3"]), observation: space)
    #expect(
      frozen.observation.leaves.map(\.kind) == [
        .multiDiscrete(counts: [5, 5, 5], starts: [-2, -2, -2]),
        .multiDiscrete(counts: [2, 3, 2, 3, 2, 3], starts: [0, 1, 0, 1, 0, 1]), .multiBinary,
      ])
    let shown = frozen.show([255, 255, 255, 255, 1, 2, 0, 1], count: 1)
    #expect(shown[..<12].allSatisfy { $0 == 255 })
    #expect(Array(shown[12..<24]) == [1, 2, 1, 2, 1, 2, 0, 1, 0, 1, 0, 1])
  }
}
