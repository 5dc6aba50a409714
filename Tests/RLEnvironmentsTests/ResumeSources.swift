import Foundation

/// Plugins for the tests of saving and restoring.
enum ResumeSource {
  /// `plugins/NAME.c`, compiled without its snapshots.
  static func bare(_ name: String) throws -> String {
    try BuiltPlugin.source(
      "bare-\(name)", without + "#include \"\(BuiltPlugin.root.path)/plugins/\(name).c\"\n")
  }

  /// A misbehaving fixture, with or without its snapshots.
  static func fixture(_ name: String, isBare: Bool) throws -> String {
    guard isBare else { return try Fixture.named(name).path }
    let folder = "\(BuiltPlugin.root.path)/Tests/Plugins/fixtures"
    return try BuiltPlugin.source(
      "bare-\(name)",
      """
      #define CASE "\(name)"
      #include "\(folder)/misbehaving.c"
      __attribute__((constructor)) static void strip(void) {
          bad.snapshot_size = NULL, bad.save = NULL, bad.load = NULL;
      }
      """)
  }

  /// Rich-v0: choices of one, two and four bytes, one masked, and controls; what is seen is a hash of
  /// all actions since the reset. Data shared by the lanes, options (one for resets), a described
  /// limit, every kind of metric. `extra` is done in every reset and step.
  static func rich(
    isBare: Bool, flags: String = "0", name: String = "", extra: String = ""
  ) throws -> String {
    try BuiltPlugin.source(
      "rich-\(isBare)-\(flags)-\(name)",
      (isBare ? without : "#include \"rlenv_simple.h\"\n") + "#define FLAGS (\(flags))\n"
        + "#define EXTRA \(extra)\n" + richSource)
  }

  private static let without = """
    #include "rlenv_simple.h"
    #undef RLENV_SIMPLE_CALLS
    #define RLENV_SIMPLE_CALLS(T) rlenv_of_##T##_create, rlenv_simple_destroy, rlenv_of_##T##_reset, \\
        rlenv_of_##T##_step, rlenv_simple_describe, NULL, NULL, NULL, NULL, NULL, NULL

    """

  private static let richSource = """
    #include <math.h>
    typedef struct { rlenv_rng rng; uint64_t hash; int taken, length; } State;
    typedef struct { double scale; } Shared;
    static int plays; /* steps of the process: an honest plugin does not look at them */
    static void mix(State *s, const void *data, size_t bytes) {
        const unsigned char *p = (const unsigned char *)data;
        for (size_t k = 0; k < bytes; k++) s->hash = (s->hash ^ p[k]) * 0x100000001B3ull;
    }
    static void look(State *s, rlenv_cell *c) {
        const Shared *shared = (const Shared *)c->shared;
        *(uint8_t *)c->obs[0] = (uint8_t)s->hash;
        *(double *)c->obs[1] = shared->scale * (double)(s->hash >> 40) / 16777216.0;
        *(int16_t *)c->obs[2] = (int16_t)(s->hash >> 8 & 1);
        for (int k = 0; k < 3; k++) c->mask[k] = (s->hash >> k & 1) || k == (int)(s->hash % 3);
    }
    static int setup(Shared *shared, rlenv_setup *u) {
        shared->scale = u->opt[0].f;
        u->about->max_episode_steps = 40;
        return 0;
    }
    static int reset_state(State *s, rlenv_cell *c) {
        s->hash = rlenv_u64(&s->rng);
        s->length = 1 + (int)rlenv_below(&s->rng, 60);
        c->metrics[0] = -1;
        look(s, c);
        EXTRA;
        return 0;
    }
    static int step_state(State *s, rlenv_cell *c) {
        mix(s, c->act[0], 1);
        mix(s, c->act[1], 2);
        mix(s, c->act[2], 8);
        mix(s, c->act[3], 8);
        s->hash ^= rlenv_below(&s->rng, 1000);
        look(s, c);
        plays++;
        c->reward = (double)(s->hash >> 11) * 1e-9;
        for (int k = 0; k < 5; k++) c->metrics[k] = (double)(s->hash >> 32);
        EXTRA;
        return ++s->taken == s->length ? RLENV_TERMINATED : 0;
    }
    RLENV_SIMPLE_SHARED(State, Shared, setup, reset_state, step_state)
    static const rlenv_metric metrics[] = { RLENV_METRIC("l", RLENV_LAST, ""), RLENV_METRIC("s", RLENV_SUM, ""),
        RLENV_METRIC("m", RLENV_MEAN, ""), RLENV_METRIC("lo", RLENV_MIN, ""), RLENV_METRIC("hi", RLENV_MAX, ""),
        RLENV_METRIC("silent", RLENV_SUM, "") };
    static const rlenv_option options[] = { RLENV_OPTION_FLOAT("scale", "1", 0, 1, ""),
        RLENV_OPTION_INT_AT_RESET("level", "3", 0, 9, "") };
    static const rlenv_leaf obs[] = { RLENV_SCALAR("byte", RLENV_U8, 0, 255, ""),
        RLENV_SCALAR("real", RLENV_F64, 0, 1, ""), RLENV_DISCRETE_FROM("pair", RLENV_I16, 2, 0, "") };
    static const rlenv_leaf act[] = {
        RLENV_LEAF_SCALAR("one", RLENV_KIND_DISCRETE, RLENV_U8, RLENV_LEAF_MASKED, 0, 0, 3, 0, NULL, ""),
        RLENV_DISCRETE_FROM("two", RLENV_I16, 300, -100, ""),
        RLENV_DISCRETE_FROM("four", RLENV_I64, 70000, 5, ""),
        RLENV_SCALAR("control", RLENV_F64, -2, 3, "") };
    static const rlenv_env environments[] = { RLENV_ENV("Rich-v0", "Rich.", FLAGS, 0, NAN, 0, 0,
        RLENV_LIST(options), RLENV_LIST(obs), RLENV_LIST(act), RLENV_LIST(metrics), RLENV_SIMPLE_CALLS(State)) };
    RLENV_SIMPLE_PLUGIN(environments, "org.example.rich", "1.0.0", "Rich")
    """
}
