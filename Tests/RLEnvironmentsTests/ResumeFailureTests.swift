import Foundation
import RLCore
import RLEnvironments
import Testing

/// Plugins that cannot give a lane's state, or do not take it back.
@Suite struct ResumeFailureTests {
  private func save(_ recipe: Recipe, after steps: Int = 10) throws -> Save {
    let reference = try recipe.play(instances: 2, threads: 1, steps: [steps], total: steps + 1)
    return try #require(reference.saves.last { $0.step == steps })
  }

  /// What restoring says.
  private func failure(_ recipe: Recipe, _ state: SavedState) throws -> String {
    var environment = try recipe.make(instances: 3, threads: 2)
    var batch = StepBatch(environment.spec, lanes: recipe.lanes)
    do {
      try environment.restore(state, &batch)
    } catch let error as EnvironmentError {
      // what could not be brought back is not stepped
      #expect(throws: error) { try environment.step(&batch) }
      return "\(error)"
    }
    Issue.record("the state was restored")
    return ""
  }

  @Test(arguments: [
    ("counter", "*(double *)c->obs[1] = plays % 10 * 0.1", "the observation is another one"),
    ("mask", "for (int k = 0; k < 3; k++) c->mask[k] = k == plays % 3", "forbidden"),
    ("end", "if (s->taken == 2) return RLENV_TERMINATED", "step 3: the episode now ends"),
    ("fault", "if (s->taken == 2) return RLENV_E_IO", "step 3: step failed"),
  ])
  func aPluginThatDoesNotReproduceItsEpisodesIsToldSo(
    name: String, extra: String, words: String
  ) throws {
    // the same code, with and without the lie
    let honest = Recipe(path: try ResumeSource.rich(isBare: true))
    let liar = Recipe(path: try ResumeSource.rich(isBare: true, name: name, extra: extra))
    let save = try save(honest)
    let said = try failure(liar, save.state)
    #expect(said.contains("lane ") && said.contains(", seed ") && said.contains("after step "))
    #expect(said.contains("does not come out the same"), "\(said)")
    #expect(said.contains(words), "\(said)")
  }

  @Test func episodesThatDependOnACounterAreFoundInOnePlugin() throws {
    let extra = "*(double *)c->obs[1] = plays % 1000 * 0.001"
    let recipe = Recipe(path: try ResumeSource.rich(isBare: true, name: "count", extra: extra))
    let said = try failure(recipe, try save(recipe).state)
    #expect(said.contains("a counter"), "\(said)")
  }

  @Test func aSnapshotOfOtherOptionsIsRefused() throws {
    let path = try BuiltPlugin.plugin("cartpole")
    let save = try save(Recipe(path: path))
    let said = try failure(Recipe(path: path, options: ["gravity": "5"]), save.state)
    #expect(said.contains("load refused") && said.contains("gravity"), "\(said)")
  }

  @Test func aSnapshotOfAnotherBuildIsRefused() throws {
    let save = try save(Recipe(path: try BuiltPlugin.plugin("cartpole")))
    var state = save.state
    guard case .bytes(var bytes)? = state["snapshots"] else { return }
    bytes[bytes.count / 2] ^= 1
    state["snapshots"] = .bytes(bytes)
    let said = try failure(Recipe(path: BuiltPlugin.plugin("cartpole")), state)
    #expect(said.contains("lane 3") && said.contains("a damaged snapshot"), "\(said)")
    let larger = try BuiltPlugin.source(
      "cartpole-larger",
      """
      #include "rlenv_simple.h"
      #undef RLENV_SIMPLE_CALLS
      #define RLENV_SIMPLE_CALLS(T) rlenv_of_##T##_create, rlenv_simple_destroy, rlenv_of_##T##_reset, \\
          rlenv_of_##T##_step, rlenv_simple_describe, larger, rlenv_of_##T##_save, load_larger, NULL, NULL, NULL
      static size_t larger(rlenv_instance *i) { (void)i; return 4096; }
      static rlenv_status load_larger(rlenv_instance *i, uint32_t lane, const void *buffer, size_t bytes,
                                      rlenv_error *error) {
          (void)i; (void)buffer; (void)bytes;
          return rlenv_simple_fail(error, (int32_t)lane, RLENV_E_ARG, "the snapshot has the wrong size");
      }
      #include "\(BuiltPlugin.root.path)/plugins/cartpole.c"
      """)
    let other = try failure(Recipe(path: larger), save.state)
    #expect(other.contains("lane 0") && other.contains("wrong size"), "\(other)")
  }

  @Test(arguments: [
    (
      "error", "4096", "snprintf(e->message, 99, \"the disk is gone\"); return RLENV_E_IO;",
      "the disk is gone"
    ),
    ("silent", "4096", "return RLENV_OK;", "did not set *bytes"),
    ("beyond", "4096", "*bytes = 5000; return RLENV_OK;", "wrote 5000 bytes"),
    ("buffer", "8", "*bytes = 99; return RLENV_E_BUFFER;", "promised that 8 bytes suffice"),
    ("huge", "(size_t)-1", "return RLENV_OK;", "snapshot_size answers"),
    ("broken", "8", "return RLENV_E_INTERNAL;", "the instance is broken"),
  ])
  func aSnapshotThatCannotBeSavedIsAnError(
    name: String, size: String, body: String, words: String
  ) throws {
    let path = try BuiltPlugin.source(
      "save-\(name)",
      """
      #include "rlenv_simple.h"
      #undef RLENV_SIMPLE_CALLS
      #define RLENV_SIMPLE_CALLS(T) rlenv_of_##T##_create, rlenv_simple_destroy, rlenv_of_##T##_reset, \\
          rlenv_of_##T##_step, rlenv_simple_describe, size_of, save_one, rlenv_of_##T##_load, NULL, NULL, NULL
      static size_t size_of(rlenv_instance *i) { (void)i; return \(size); }
      static rlenv_status save_one(rlenv_instance *i, uint32_t lane, void *buffer, size_t capacity, size_t *bytes,
                                   rlenv_error *e) {
          (void)i; (void)buffer; (void)capacity;
          if (lane == 2) { \(body) }
          *bytes = 0;
          return RLENV_OK;
      }
      #include "\(BuiltPlugin.root.path)/plugins/cartpole.c"
      """)
    let error = #expect(throws: EnvironmentError.self) { try save(Recipe(path: path)) }
    let said = "\(try #require(error))"
    #expect(said.contains(words), "\(said)")
    #expect(name == "huge" || said.contains("lane 2, episode 0, seed "), "\(said)")
    #expect(name == "huge" || said.contains("save "), "\(said)")
  }

  @Test func episodesOfTheRealWorldAreNotPlayedAgain() throws {
    let flags = "RLENV_ENV_NONDETERMINISTIC"
    let recipe = Recipe(path: try ResumeSource.rich(isBare: true, flags: flags))
    let save = try save(recipe)
    #expect(save.state["actions"] == nil)
    var environment = try recipe.make(instances: 1, threads: 1)
    var batch = StepBatch(environment.spec, lanes: 7)
    let error = #expect(throws: EnvironmentError.self) {
      try environment.restore(save.state, &batch)
    }
    #expect("\(try #require(error))".contains("RLENV_ENV_NONDETERMINISTIC"))
    // with snapshots they come back
    let other = Recipe(path: try ResumeSource.rich(isBare: false, flags: flags))
    let kept = try self.save(other)
    let resumed = try other.resume(kept, instances: 1, threads: 1, steps: 20)
    let reference = try other.play(instances: 2, threads: 1, steps: [], total: 30)
    #expect(resumed.moments == Array(reference.moments.dropFirst(10)))
  }
}
