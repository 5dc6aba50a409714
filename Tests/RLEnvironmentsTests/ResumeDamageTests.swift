import RLCore
import RLEnvironments
import Testing

/// States that are damaged, or of something else: refused before anything changes.
@Suite struct ResumeDamageTests {
  private struct Running: ~Copyable {
    var environment: VectorEnvironment
    var batch: StepBatch
    var streams: [RandomStream]

    init(_ recipe: Recipe, steps: Int) throws {
      var environment = try recipe.make(instances: 2, threads: 1)
      var batch = StepBatch(environment.spec, lanes: recipe.lanes)
      var streams = (0..<recipe.lanes).map { RandomStream(seed: 5, purpose: "lane \($0)") }
      try environment.reset(&batch)
      for _ in 0..<steps { _ = try Recipe.step(&environment, &batch, &streams) }
      self.environment = environment
      self.batch = batch
      self.streams = streams
    }

    mutating func play(_ steps: Int) throws -> [Moment] {
      try (0..<steps).map { _ in try Recipe.step(&environment, &batch, &streams) }
    }
  }

  private static func recipe(_ isBare: Bool) throws -> Recipe {
    Recipe(path: try ResumeSource.rich(isBare: isBare))
  }

  /// Every mutant must be refused, and the environment that refused them must go on undisturbed.
  private func expectRefused(
    _ isBare: Bool, _ mutants: (SavedState) -> [(name: String, state: SavedState)]
  ) throws {
    let recipe = try Self.recipe(isBare)
    var running = try Running(recipe, steps: 25)
    var undisturbed = try Running(recipe, steps: 25)
    let state = try running.environment.saveState(running.batch)
    let saved = mutants(state)
    #expect(saved.count > 10)
    for mutant in saved {
      #expect(throws: StateError.self, "\(mutant.name)") {
        try running.environment.restore(mutant.state, &running.batch)
      }
    }
    #expect(try running.environment.saveState(running.batch) == state)
    #expect(try running.play(60) == undisturbed.play(60))
  }

  @Test(arguments: [false, true])
  func everyEntryIsNeededInItsSizeAndKind(isBare: Bool) throws {
    try expectRefused(isBare) { state in
      state.entries.flatMap { name, entry -> [(String, SavedState)] in
        var mutants =
          [("\(name) removed", nil), ("\(name) of floats", .floats([1]))]
          + Self.resized(entry).map { ("\(name) resized", Optional($0)) }
        // any text, none excepted, is a failure's, if there was one
        if name == "last_fault" { mutants.removeAll { $0.0.hasSuffix("emptied") } }
        return mutants.map { title, changed in
          var mutant = state
          mutant[name] = changed
          return (title, mutant)
        }
      } + [("an unknown entry", Self.changed(state, "colour", .words([1])))]
    }
  }

  private static func resized(_ entry: SavedState.Entry) -> [SavedState.Entry] {
    switch entry {
    case .words(let words):
      [.words(words + [0]), .words(Array(words.dropLast())), .words([])]
        .filter { $0 != entry }
    case .bytes(let bytes):
      [.bytes(bytes + [0]), .bytes(Array(bytes.dropLast())), .bytes([])]
        .filter { $0 != entry }
    case .floats, .integers: []
    }
  }

  private static func changed(
    _ state: SavedState, _ name: String, _ entry: SavedState.Entry?
  ) -> SavedState {
    var state = state
    state[name] = entry
    return state
  }

  @Test(arguments: [false, true]) func valuesOutOfRangeAreRefused(isBare: Bool) throws {
    try expectRefused(isBare) { state in
      var words: [(String, Int, UInt64)] = [
        ("clock", 0, 2), ("clock", 0, .max), ("clock", 0, 1 << 54), ("lengths", 2, 26),
        ("lengths", 2, .max), ("episodes", 1, .max), ("episodes", 1, .max - 1),
        ("episodes", 1, 1 << 60), ("episodes", 1, 77), ("seeds", 0, 1),
        ("returns", 3, Double.nan.bitPattern), ("returns", 3, Double.infinity.bitPattern),
        ("metric_counts", 5, 1 << 40), ("metric_counts", 5, .max),
        ("metric_values", 5, Double(1).bitPattern), ("counters", 1, 3), ("counters", 0, .max),
        ("counters", 2, 1000), ("step_limit", 0, 41), ("step_limit", 0, 0),
      ]
      if !isBare { words += [("snapshot_sizes", 0, 0), ("snapshot_sizes", 0, .max)] }
      var bytes: [(String, Int, UInt8)] = [
        ("environment", 0, 0), ("masks", 0, 2), ("observations", 9, 0x7F),
      ]
      if isBare { bytes += [("actions", 0, 3), ("actions", 2, 2), ("actions", 6, 1)] }
      return words.map { ("\($0)", Self.set(state, $0.0, $0.1, $0.2)) }
        + bytes.map { ("\($0)", Self.set(state, $0.0, $0.1, $0.2)) }
        + [
          ("no choice left", Self.noChoice(state)), ("a NaN", Self.notANumber(state)),
          ("text", Self.changed(state, "last_fault", .bytes([0xFF]))),
          ("lengths", Self.changed(state, "lengths", .words(Array(repeating: 1 << 52, count: 7)))),
        ]
    }
  }

  private static func set(
    _ state: SavedState, _ name: String, _ index: Int, _ value: UInt64
  ) -> SavedState {
    guard case .words(var words)? = state[name] else { return state }
    words[index] = value
    return changed(state, name, .words(words))
  }

  private static func set(
    _ state: SavedState, _ name: String, _ index: Int, _ value: UInt8
  ) -> SavedState {
    guard case .bytes(var bytes)? = state[name] else { return state }
    bytes[index] = value
    return changed(state, name, .bytes(bytes))
  }

  private static func noChoice(_ state: SavedState) -> SavedState {
    (3..<6).reduce(state) { set($0, "masks", $1, UInt8(0)) }
  }

  private static func notANumber(_ state: SavedState) -> SavedState {
    // a row is a byte, then the float at 4, then the pair at 8
    [(4, 0), (5, 0), (6, 0xC0), (7, 0x7F)].reduce(state) {
      set($0, "observations", $1.0, UInt8($1.1))
    }
  }

  @Test(arguments: [false, true]) func statesOfOtherRunsAreRefused(isBare: Bool) throws {
    let recipe = try Self.recipe(isBare)
    var others = [recipe, recipe, recipe, recipe, recipe]
    others[0].lanes = 6
    others[1].plan = .training(seed: 4)
    others[2].plan = .evaluation(seed: 3, episodes: 100, stepCap: 50)
    others[3].limit = 50
    others[4] = Recipe(path: try BuiltPlugin.plugin("cartpole"))
    others.append(Recipe(path: try ResumeSource.rich(isBare: !isBare)))
    let running = try Running(recipe, steps: 25)
    let state = try running.environment.saveState(running.batch)
    for other in others {
      var environment = try other.make(instances: 1, threads: 1)
      var batch = StepBatch(environment.spec, lanes: other.lanes)
      #expect(throws: StateError.self) { try environment.restore(state, &batch) }
    }
  }

  @Test(arguments: [false, true]) func noChangeOfAStateEndsTheProcess(isBare: Bool) throws {
    let recipe = try Self.recipe(isBare)
    let running = try Running(recipe, steps: 25)
    let state = try running.environment.saveState(running.batch)
    let names = state.entries.keys.sorted()
    var random = RandomStream(seed: 11, purpose: "damage")
    var (restored, refused) = (0, 0)
    for _ in 0..<1500 {
      let name = names[random.index(below: names.count)]
      var environment = try recipe.make(instances: 1 + random.index(below: 7), threads: 1)
      var batch = StepBatch(environment.spec, lanes: 7)
      var streams = running.streams
      do {
        try environment.restore(Self.damaged(state, name, &random), &batch)
        for _ in 0..<5 { _ = try Recipe.step(&environment, &batch, &streams) }
        restored += 1
      } catch is StateError {
        refused += 1
      } catch is EnvironmentError {
        refused += 1
      }
    }
    #expect(refused > 100 && restored > 100, "\(refused) refused, \(restored) restored")
  }

  private static func damaged(
    _ state: SavedState, _ name: String, _ random: inout RandomStream
  ) -> SavedState {
    switch state[name] {
    case .words(let words)? where !words.isEmpty:
      let index = random.index(below: words.count)
      return set(state, name, index, words[index] ^ 1 << random.next() % 64)
    case .bytes(let bytes)? where !bytes.isEmpty:
      let index = random.index(below: bytes.count)
      return set(state, name, index, bytes[index] ^ 1 << UInt8(random.index(below: 8)))
    default: return state
    }
  }
}
