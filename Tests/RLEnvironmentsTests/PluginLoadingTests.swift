import Foundation
import RLCore
import RLEnvironments
import Testing

/// Files that are no plugins, and the choice of an environment.
@Suite struct PluginLoadingTests {
  private func error(loading path: String) throws -> PluginError {
    try #require(throws: PluginError.self) { try EnvironmentPlugin(path: path) }
  }

  @Test func aMissingFileIsNotARefusedPlugin() throws {
    let path = "/nowhere/x.so"
    #expect(
      try error(loading: path)
        == .missing(path: path, reason: "cannot be found: No such file or directory"))
  }

  @Test func aBareNameIsAFileOfThisFolderAndNothingElse() throws {
    // libm.so.6 is on every search path of the dynamic linker
    guard case .missing = try error(loading: "libm.so.6") else {
      Issue.record("the dynamic linker searched for the file")
      return
    }
  }

  @Test func aFolderIsNoPlugin() throws {
    #expect(
      try error(loading: "/tmp")
        == .refused(
          path: "/tmp", environment: nil, reason: "is not a file: name a shared library"))
  }

  @Test func aSourceFileIsToldToBeCompiled() throws {
    let path = try BuiltPlugin.file("mine.c", Array("int main(void) { return 0; }\n".utf8))
    let text = try error(loading: path).description
    #expect(text.contains("invalid ELF header") || text.contains("file too short"), "\(text)")
    #expect(text.contains("This is not an ELF file."), "\(text)")
    #expect(text.contains("cc -shared -fPIC -O2 -Iinclude mine.c -o mine.so -lm"), "\(text)")
  }

  @Test func anotherProcessorIsNamed() throws {
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: BuiltPlugin.plugin("template"))))
    bytes[18] = 243  // RISC-V
    bytes[19] = 0
    let text = try error(loading: try BuiltPlugin.file("riscv.so", bytes)).description
    #expect(text.contains("built for another processor (RISC-V)"), "\(text)")
  }

  @Test func anUndefinedFunctionIsNamedWithAHint() throws {
    let path = try BuiltPlugin.source(
      "undefined",
      "extern int thrust_of_the_engine(void); int f(void) { return thrust_of_the_engine(); }")
    let text = try error(loading: path).description
    #expect(text.contains("undefined symbol: thrust_of_the_engine"), "\(text)")
    #expect(text.contains("link the library that has it"), "\(text)")
  }

  @Test func aMissingDependencyIsNamedWithAHint() throws {
    _ = try BuiltPlugin.source("dependency", "int depended(void) { return 1; }")
    let folder = URL(fileURLWithPath: try BuiltPlugin.file("x", [])).deletingLastPathComponent()
      .path
    let path = try BuiltPlugin.source(
      "dependent", "extern int depended(void); int f(void) { return depended(); }",
      ["-L\(folder)", "-Wl,--no-as-needed", "-l:source-dependency.so"])
    try FileManager.default.removeItem(atPath: folder + "/source-dependency.so")
    let text = try error(loading: path).description
    #expect(text.contains("source-dependency.so: cannot open shared object file"), "\(text)")
    #expect(text.contains("ldd \(path)"), "\(text)")
  }

  @Test func theOnlyEnvironmentNeedsNoName() throws {
    let plugin = try EnvironmentPlugin(path: BuiltPlugin.plugin("template"))
    #expect(try plugin.environment(nil).id == "Walk-v0")
    #expect(plugin.id == "org.example.walk")
    #expect(plugin.version == "0.1.0")
    #expect(plugin.abi == "1.0")
    #expect(plugin.refusals.isEmpty)
  }

  @Test func ofSeveralEnvironmentsOneIsToBeNamed() throws {
    let path = try BuiltPlugin.plugin("probes")
    let plugin = try EnvironmentPlugin(path: path)
    let error = try #require(throws: PluginError.self) { try plugin.environment(nil) }
    guard case .usage = error else {
      Issue.record("\(error)")
      return
    }
    #expect(error.description.contains("--env \(path):ConstantReward-v0"))
    for environment in plugin.environments {
      #expect(error.description.contains("\n  \(environment.id)  "))
    }
  }

  @Test func aMistypedNameIsCorrected() throws {
    let plugin = try EnvironmentPlugin(path: BuiltPlugin.plugin("probes"))
    let error = try #require(throws: PluginError.self) { try plugin.environment("MemoryV0") }
    #expect(error.description.contains("has no environment MemoryV0; did you mean Memory-v0?"))
  }

  @Test func theDescriptionSaysWhatTheTableSays() throws {
    let plugin = try EnvironmentPlugin(path: BuiltPlugin.plugin("cartpole"))
    let cartPole = try plugin.environment("CartPole-v1")
    let spec = try #require(cartPole.spec)
    #expect(spec.maxEpisodeSteps == 500)
    #expect(spec.rewardThreshold == 475)
    #expect(spec.action.choices.map(\.count) == [2])
    #expect(spec.observation.leaves.map(\.shape) == [[4]])
    #expect(cartPole.hasSnapshots)
    #expect(cartPole.options.contains { $0.key == "gravity" && $0.defaultText == "9.8" })
  }

  @Test func anEnvironmentThatIsMadeOnRequestIsFound() throws {
    let plugin = try EnvironmentPlugin(path: BuiltPlugin.source("finder", finderSource))
    #expect(plugin.environments.isEmpty)
    #expect(try plugin.environment("Level-v3").spec?.maxEpisodeSteps == 3)
    #expect(throws: PluginError.self) { try plugin.environment("Level-v9") }
    let lost = try #require(throws: PluginError.self) { try plugin.environment("Lost-v0") }
    #expect(lost.description.contains("environment Lost-v0: find: its file is lost"), "\(lost)")
    let error = try #require(throws: PluginError.self) { try plugin.environment("Liar-v0") }
    #expect(error.description.contains("find: was asked for Liar-v0"), "\(error)")
    #expect(throws: PluginError.self) { try plugin.environment(nil) }
    var environment = try VectorEnvironment(
      plugin, id: "Level-v3", lanes: 2, plan: .training(seed: 1))
    #expect(try play(&environment, steps: 7).episodes.map(\.length) == [3, 3, 3, 3])
  }
}

private let finderSource = """
  #include "rlenv_simple.h"
  #include <math.h>
  typedef struct { rlenv_rng rng; } State;
  static int reset_state(State *s, rlenv_cell *c) { (void)s; *(float *)c->obs[0] = 0; return 0; }
  static int step_state(State *s, rlenv_cell *c) { (void)s; *(float *)c->obs[0] = 0; return 0; }
  RLENV_SIMPLE(State, reset_state, step_state)
  static const rlenv_leaf obs[] = { RLENV_BOX("", RLENV_F32, -1, 1, "nothing", 1) };
  static const rlenv_leaf act[] = { RLENV_DISCRETE("", 2, "nothing") };
  static const rlenv_env level = RLENV_ENV("Level-v3", "A level.", 0, 3, NAN, 0, 0, RLENV_EMPTY,
      RLENV_LIST(obs), RLENV_LIST(act), RLENV_EMPTY, RLENV_SIMPLE_CALLS(State));
  static const rlenv_env *find(const char *id, rlenv_error *error) {
      if (!strcmp(id, "Lost-v0")) snprintf(error->message, sizeof error->message, "its file is lost");
      return strcmp(id, "Level-v3") && strcmp(id, "Liar-v0") ? NULL : &level;
  }
  RLENV_EXPORT const rlenv_plugin_v1 rlenv_plugin = { RLENV_HEADER, 0, "org.example.finder", "1.0.0", NULL,
      NULL, NULL, NULL, RLENV_NONE_OF(rlenv_env), NULL, NULL, find };
  """
