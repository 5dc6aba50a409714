import RLCore
import RLEnvironments
import RLParallel
import Synchronization
import Testing

/// What is made is destroyed, once, and the library knows when it is in use. The plugin logs each
/// call; its lines are counted.
@Suite(.serialized) struct LifetimeTests {
  private static let lines = Mutex<[String]>([])

  private func logged(_ body: () throws -> Void) throws -> [String] {
    PluginLog.set { _, plugin, message in
      guard plugin == "org.example.lifetime" else { return }
      Self.lines.withLock { $0.append(message) }
    }
    Self.lines.withLock { $0 = [] }
    try body()
    return Self.lines.withLock { $0 }
  }

  private func path() throws -> String {
    try BuiltPlugin.source("lifetime", lifetimeSource)
  }

  @Test func everyInstanceIsDestroyedOnce() throws {
    let lines = try logged {
      let plugin = try EnvironmentPlugin(path: path())
      var environment = try VectorEnvironment(
        plugin, lanes: 6, instances: 3, plan: .training(seed: 1))
      _ = try play(&environment, steps: 5)
    }
    #expect(
      lines == [
        "init", "create 2", "create 2", "create 2", "destroy 2", "destroy 2", "destroy 2", "deinit",
      ])
  }

  @Test func aFailedSetUpLeavesNothingBehind() throws {
    let lines = try logged {
      let plugin = try EnvironmentPlugin(path: path())
      // 7 lanes over 2 instances: the plugin refuses 3 lanes
      #expect(throws: PluginError.self) {
        _ = try VectorEnvironment(plugin, lanes: 7, instances: 2, plan: .training(seed: 1))
      }
    }
    #expect(lines == ["init", "create 4", "destroy 4", "deinit"])
  }

  @Test func aSecondUserSharesTheLibrary() throws {
    let lines = try logged {
      let first = try EnvironmentPlugin(path: path())
      let second = try EnvironmentPlugin(path: path())
      #expect(first.id == second.id)
    }
    #expect(lines == ["init", "deinit"])
  }

  @Test func theLibraryLivesAsLongAsItsEnvironments() throws {
    let lines = try logged {
      var environment = try makeAlone()
      _ = try play(&environment, steps: 5)
    }
    #expect(lines == ["init", "create 2", "destroy 2", "deinit"])
  }

  private func makeAlone() throws -> VectorEnvironment {
    try VectorEnvironment(
      EnvironmentPlugin(path: path()), lanes: 2, plan: .training(seed: 1))
  }
}

private let lifetimeSource = """
  #include "rlenv_simple.h"
  #include <math.h>
  static const rlenv_host *its;
  typedef struct { rlenv_rng rng; } State;
  static int look(State *s, rlenv_cell *c) { (void)s; *(float *)c->obs[0] = 0; return 0; }
  RLENV_SIMPLE(State, look, look)
  static void say(const char *what, unsigned lanes) {
      char text[40];
      snprintf(text, sizeof text, "%s %u", what, lanes);
      its->log(its, RLENV_LOG_INFO, text);
  }
  static rlenv_status make(const rlenv_host *host, const rlenv_env *env, const rlenv_value *options,
                           uint32_t lanes, rlenv_instance **out, rlenv_error *error) {
      if (lanes == 3) return RLENV_E_NOMEM;
      say("create", lanes);
      return rlenv_of_State_create(host, env, options, lanes, out, error);
  }
  static void unmake(rlenv_instance *instance) {
      say("destroy", ((rlenv_simple *)instance)->lanes);
      rlenv_simple_destroy(instance);
  }
  static rlenv_status begin(const rlenv_host *host, rlenv_error *error) {
      (void)error;
      its = host;
      host->log(host, RLENV_LOG_INFO, "init");
      return RLENV_OK;
  }
  static void end(void) { its->log(its, RLENV_LOG_INFO, "deinit"); }
  static const rlenv_leaf obs[] = { RLENV_BOX("", RLENV_F32, -1, 1, "nothing", 1) };
  static const rlenv_leaf act[] = { RLENV_DISCRETE("", 2, "nothing") };
  static const rlenv_env environments[] = { RLENV_ENV("Lifetime-v0", "Lifetimes.", 0, 3, NAN, 0, 0, RLENV_EMPTY,
      RLENV_LIST(obs), RLENV_LIST(act), RLENV_EMPTY, make, unmake, rlenv_of_State_reset, rlenv_of_State_step, NULL, NULL, NULL,
      NULL, NULL, NULL, NULL) };
  RLENV_EXPORT const rlenv_plugin_v1 rlenv_plugin = { RLENV_HEADER, 0, "org.example.lifetime", "1.0.0", NULL,
      NULL, NULL, NULL, RLENV_LIST(environments), begin, end, NULL };
  """
