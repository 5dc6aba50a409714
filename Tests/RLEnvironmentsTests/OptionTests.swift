import Foundation
import RLCore
import RLEnvironments
import Testing

/// Options are parsed and checked by the host; the plugin below answers with what it was given.
@Suite struct OptionTests {
  private func plugin() throws -> EnvironmentPlugin {
    try EnvironmentPlugin(path: BuiltPlugin.source("options", optionsSource))
  }

  /// The observation of a lane: what `create` got.
  private func received(_ options: [String: String]) throws -> [Float] {
    var environment = try VectorEnvironment(
      plugin(), options: options, lanes: 1, plan: .training(seed: 1))
    var batch = StepBatch(environment.spec, lanes: 1)
    try environment.reset(&batch)
    return batch.observations.floats
  }

  private func refusal(_ options: [String: String]) throws -> String {
    let plugin = try plugin()
    let error = try #require(throws: PluginError.self) {
      _ = try VectorEnvironment(plugin, options: options, lanes: 1, plan: .training(seed: 1))
    }
    guard case .usage = error else {
      Issue.record("\(error) is not a mistake of the user")
      return ""
    }
    return error.description
  }

  @Test func defaultsAreTyped() throws {
    // flag, whole, share, mode, length of the path, length of the text
    #expect(try received(["must": "1"]) == [1, -3, 0.5, 1, 0, 2])
  }

  @Test func givenValuesAreTyped() throws {
    let values = try received([
      "must": "2", "flag": "no", "whole": "7", "share": "1e-1", "mode": "low", "text": "",
      "file": "/a",
    ])
    #expect(values == [0, 7, 0.1, 0, 2, 0])
  }

  @Test(arguments: [("true", 1), ("1", 1), ("yes", 1), ("false", 0), ("0", 0), ("no", 0)])
  func boolsHaveThreeSpellings(text: String, value: Float) throws {
    #expect(try received(["must": "1", "flag": text])[0] == value)
  }

  @Test func aPathIsMadeAbsolute() throws {
    let folder = FileManager.default.currentDirectoryPath
    #expect(try received(["must": "1", "file": "rom"])[4] == Float(folder.utf8.count + 4))
  }

  @Test(arguments: [
    (["must": "1", "shar": "1"], "option shar: does not exist; did you mean share?"),
    (["must": "1", "zzzzzzz": "1"], "option zzzzzzz: does not exist; the options are flag, whole"),
    ([:], "option must: has no default: give it as -E must=VALUE (int)"),
    (["must": "x"], "option must: needs a whole number, not \"x\""),
    (["must": "1.5"], "option must: needs a whole number, not \"1.5\""),
    (["must": "1", "flag": "maybe"], "option flag: needs true or false, not \"maybe\""),
    (["must": "1", "whole": "11"], "option whole: 11 is outside -10 ... 10"),
    (["must": "1", "share": "1.25"], "option share: 1.25 is outside 0 ... 1"),
    (["must": "1", "share": "nan"], "option share: needs a number, not \"nan\""),
    (["must": "1", "share": "inf"], "option share: needs a number, not \"inf\""),
    (["must": "1", "mode": "mid"], "option mode: needs one of low, high, not \"mid\""),
  ])
  func aWrongValueIsExplained(options: [String: String], message: String) throws {
    let text = try refusal(options)
    #expect(text.contains("environment Options-v0: " + message), "\(text)")
  }

  @Test func whatTheEnvironmentCannotUseIsItsOwnWords() throws {
    let plugin = try plugin()
    let error = try #require(throws: PluginError.self) {
      _ = try VectorEnvironment(
        plugin, options: ["must": "13"], lanes: 1, plan: .training(seed: 1))
    }
    guard case .refused = error else {
      Issue.record("\(error) is not a refusal")
      return
    }
    #expect(error.description.contains("create: 13 brings bad luck (RLENV_E_OPTION"), "\(error)")
  }

  @Test func anEnvironmentWithoutOptionsSaysSo() throws {
    let plugin = try EnvironmentPlugin(path: BuiltPlugin.plugin("probes"))
    let error = try #require(throws: PluginError.self) {
      _ = try VectorEnvironment(
        plugin, id: "BoxEcho-v0", options: ["x": "1"], lanes: 1, plan: .training(seed: 1))
    }
    #expect(error.description.contains("option x: does not exist: the environment has no options"))
  }
}

private let optionsSource = """
  #include "rlenv_simple.h"
  #include <math.h>
  typedef struct { float value[6]; } Seen;
  typedef struct { rlenv_rng rng; } State;
  static int set_up(Seen *s, rlenv_setup *u) {
      s->value[0] = (float)u->opt[0].i;
      s->value[1] = (float)u->opt[1].f;
      s->value[2] = (float)u->opt[2].f;
      s->value[3] = (float)u->opt[3].i;
      s->value[4] = (float)strlen(u->opt[4].s);
      s->value[5] = (float)strlen(u->opt[5].s);
      if (u->opt[6].i != 13) return 0;
      snprintf(u->error->message, sizeof u->error->message, "13 brings bad luck");
      return RLENV_E_OPTION;
  }
  static int look(State *s, rlenv_cell *c) {
      (void)s;
      memcpy(c->obs[0], ((const Seen *)c->shared)->value, sizeof(Seen));
      return 0;
  }
  RLENV_SIMPLE_SHARED(State, Seen, set_up, look, look)
  static const char *const modes[] = { "low", "high", NULL };
  static const rlenv_option options[] = {
      RLENV_OPTION_BOOL("flag", "yes", "a flag"), RLENV_OPTION_INT("whole", "-3", -10, 10, "a number"),
      RLENV_OPTION_FLOAT("share", "0.5", 0, 1, "a share"), RLENV_OPTION_ENUM("mode", "high", modes, "a mode"),
      RLENV_OPTION_PATH("file", "", "a file"), RLENV_OPTION_STRING("text", "ab", "a text"),
      RLENV_OPTION_INT("must", NULL, 0, 0, "must be given") };
  static const rlenv_leaf obs[] = { RLENV_BOX("", RLENV_F32, -1e9, 1e9, "what create got", 6) };
  static const rlenv_leaf act[] = { RLENV_DISCRETE("", 2, "nothing") };
  static const rlenv_env environments[] = { RLENV_ENV("Options-v0", "Options.", 0, 3, NAN, 0, 0,
      RLENV_LIST(options), RLENV_LIST(obs), RLENV_LIST(act), RLENV_EMPTY, RLENV_SIMPLE_CALLS(State)) };
  RLENV_SIMPLE_PLUGIN(environments, "org.example.options", "1.0.0", "Options")
  """
