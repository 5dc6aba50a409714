/* Probes: small environments whose values are known, to find mistakes in learners and hosts.
 *
 *     cc -shared -fPIC -O2 -Wall -Wextra -Iinclude plugins/probes.c -o plugins/probes.so -lm
 *
 * V is the value of an observation under the best policy with discount gamma, Q that of an observation and an
 * action. A learner that is right comes close to the stated numbers within seconds; one that is wrong in the
 * named way cannot. */
#include "rlenv_simple.h"
#include <math.h>
RLENV_EXACT_FLOATS

static void write_f32(rlenv_cell *c, unsigned leaf, double value) { *(float *)c->obs[leaf] = (float)value; }
static int32_t action_i32(const rlenv_cell *c) { return *(const int32_t *)c->act[0]; }
static double sign(rlenv_rng *rng) { return rlenv_below(rng, 2) ? 1.0 : -1.0; }

/* ---- one step, always 1 */
typedef struct { rlenv_rng rng; } Constant;

static int constant_reset(Constant *s, rlenv_cell *c) {
    (void)s;
    write_f32(c, 0, 0);
    return 0;
}
static int constant_step(Constant *s, rlenv_cell *c) {
    (void)s;
    write_f32(c, 0, 0);
    c->reward = 1;
    return RLENV_TERMINATED;
}
RLENV_SIMPLE(Constant, constant_reset, constant_step)

/* ---- one step, pays what is seen; and one step, pays for the action that fits what is seen */
typedef struct { rlenv_rng rng; double seen; } Seen;

static int seen_reset(Seen *s, rlenv_cell *c) {
    s->seen = sign(&s->rng);
    write_f32(c, 0, s->seen);
    return 0;
}
static int observed_step(Seen *s, rlenv_cell *c) {
    write_f32(c, 0, s->seen);
    c->reward = s->seen;
    return RLENV_TERMINATED;
}
RLENV_SIMPLE(Seen, seen_reset, observed_step)

typedef Seen Policy;
static int policy_step(Policy *s, rlenv_cell *c) {
    int fits = action_i32(c) == (s->seen > 0);
    write_f32(c, 0, s->seen);
    c->reward = fits ? 1 : -1;
    if (c->metrics) c->metrics[0] = fits;
    return RLENV_TERMINATED;
}
RLENV_SIMPLE(Policy, seen_reset, policy_step)

/* ---- two steps, the second pays 1 */
typedef struct { rlenv_rng rng; int taken; } Count;

static int two_reset(Count *s, rlenv_cell *c) {
    (void)s;
    write_f32(c, 0, 0);
    return 0;
}
static int two_step(Count *s, rlenv_cell *c) {
    s->taken++;
    write_f32(c, 0, 1);
    c->reward = s->taken == 2;
    return s->taken == 2 ? RLENV_TERMINATED : 0;
}
typedef Count TwoStep;
RLENV_SIMPLE(TwoStep, two_reset, two_step)

/* ---- 1 for ever; the clock is the host's, or the plugin's */
enum { LOOP_LIMIT = 10 };

static int loop_step(Count *s, rlenv_cell *c) {
    (void)s;
    write_f32(c, 0, 0);
    c->reward = 1;
    return 0;
}
typedef Count Loop;
RLENV_SIMPLE(Loop, two_reset, loop_step)

/* a clock that the host cannot know */
typedef struct { rlenv_rng rng; int left; } LoopSelf;

static int loop_self_reset(LoopSelf *s, rlenv_cell *c) {
    s->left = LOOP_LIMIT - 2 + (int)rlenv_below(&s->rng, 5);
    write_f32(c, 0, 0);
    return 0;
}
static int loop_self_step(LoopSelf *s, rlenv_cell *c) {
    write_f32(c, 0, 0);
    c->reward = 1;
    return --s->left == 0 ? RLENV_TRUNCATED : 0;
}
RLENV_SIMPLE(LoopSelf, loop_self_reset, loop_self_step)

/* ---- the first step pays 0, all later ones 1: only the true final observation has the right value */
static int start_reset(Count *s, rlenv_cell *c) {
    (void)s;
    write_f32(c, 0, -1);
    return 0;
}
static int start_step(Count *s, rlenv_cell *c) {
    write_f32(c, 0, 1);
    c->reward = s->taken > 0;
    s->taken = 1;
    return 0;
}
typedef Count FinalObservation;
RLENV_SIMPLE(FinalObservation, start_reset, start_step)

/* ---- one step, ended by the task and by a clock at once */
static int both_step(Count *s, rlenv_cell *c) {
    loop_step(s, c);
    return RLENV_TERMINATED | RLENV_TRUNCATED;
}
typedef Count BothFlags;
RLENV_SIMPLE(BothFlags, two_reset, both_step)

/* ---- two steps with four arms of which two are forbidden */
typedef struct { rlenv_rng rng; int context, taken; } Bandit;
enum { ARMS = 4 };
static const double arm_pay[2][ARMS] = { { -1.0, -0.5, 10, 10 }, { 10, 10, -2.0, -1.0 } };

static void bandit_look(const Bandit *s, rlenv_cell *c) {
    float *observation = (float *)c->obs[0];
    int arm;
    observation[0] = s->context ? 1.0f : -1.0f;
    observation[1] = (float)s->taken;
    for (arm = 0; arm < ARMS; arm++) c->mask[arm] = arm / 2 == s->context;
}
static int bandit_reset(Bandit *s, rlenv_cell *c) {
    s->context = (int)rlenv_below(&s->rng, 2);
    bandit_look(s, c);
    return 0;
}
static int bandit_step(Bandit *s, rlenv_cell *c) {
    c->reward = arm_pay[s->context][action_i32(c)];
    s->context = !s->context;
    s->taken++;
    bandit_look(s, c);
    return s->taken == 2 ? RLENV_TERMINATED : 0;
}
RLENV_SIMPLE(Bandit, bandit_reset, bandit_step)

/* ---- one step, a continuous action that should repeat what is seen */
typedef struct { rlenv_rng rng; float asked; } Echo;

static int echo_reset(Echo *s, rlenv_cell *c) {
    s->asked = (float)rlenv_uniform(&s->rng, -1, 1);
    *(float *)c->obs[0] = s->asked;
    return 0;
}
static int echo_step(Echo *s, rlenv_cell *c) {
    double miss = (double)*(const float *)c->act[0] - (double)s->asked;
    *(float *)c->obs[0] = s->asked;
    c->reward = -(miss * miss);
    return RLENV_TERMINATED;
}
RLENV_SIMPLE(Echo, echo_reset, echo_step)

/* ---- a cue, a pause, a question */
typedef struct { rlenv_rng rng; double cue; int64_t taken; } Memory;
enum { MEMORY_DELAY };

static void memory_look(const Memory *s, rlenv_cell *c) {
    float *observation = (float *)c->obs[0];
    observation[0] = s->taken == 0 ? (float)s->cue : 0.0f;
    observation[1] = s->taken == c->opt[MEMORY_DELAY].i ? 1.0f : 0.0f;
}
static int memory_reset(Memory *s, rlenv_cell *c) {
    s->cue = sign(&s->rng);
    memory_look(s, c);
    return 0;
}
static int memory_step(Memory *s, rlenv_cell *c) {
    int asked = s->taken == c->opt[MEMORY_DELAY].i;
    int right = action_i32(c) == (s->cue > 0);
    s->taken++;
    memory_look(s, c);
    if (!asked) return 0;
    c->reward = right;
    if (c->metrics) c->metrics[0] = right;
    return RLENV_TERMINATED;
}
RLENV_SIMPLE(Memory, memory_reset, memory_step)

/* ---- every kind of leaf, and an action of six parts that should repeat them */
enum { DICT_STEPS = 4, DICT_PARTS = 6 };
typedef struct {
    rlenv_rng rng;
    int taken;
    uint8_t bits[3], bytes[2];
    int64_t level;
    int16_t pair[2];
    double real;
} Dict;
static const int64_t dict_parts[DICT_PARTS] = { 5, 3, 4, 2, 2, 2 };
static const int64_t dict_starts[DICT_PARTS] = { 0, 0, -2, 0, 0, 0 };
static const int64_t pair_values[2] = { 3, 4 }, pair_starts[2] = { 0, -2 };
enum { LEVEL_START = 3, LEVELS = 5 };

static void dict_draw(Dict *s, rlenv_cell *c) {
    int k;
    for (k = 0; k < 3; k++) s->bits[k] = (uint8_t)rlenv_below(&s->rng, 2);
    for (k = 0; k < 2; k++) s->bytes[k] = (uint8_t)rlenv_below(&s->rng, 256);
    s->level = LEVEL_START + (int64_t)rlenv_below(&s->rng, LEVELS);
    for (k = 0; k < 2; k++) s->pair[k] = (int16_t)(pair_starts[k] + rlenv_below(&s->rng, (uint32_t)pair_values[k]));
    s->real = rlenv_uniform(&s->rng, -1, 1);
    memcpy(c->obs[0], s->bits, sizeof s->bits);
    memcpy(c->obs[1], s->bytes, sizeof s->bytes);
    memcpy(c->obs[2], &s->level, sizeof s->level);
    memcpy(c->obs[3], s->pair, sizeof s->pair);
    memcpy(c->obs[4], &s->real, sizeof s->real);
}
static int dict_reset(Dict *s, rlenv_cell *c) {
    dict_draw(s, c);
    return 0;
}
static int dict_step(Dict *s, rlenv_cell *c) {
    const int32_t *a = (const int32_t *)c->act[0];
    int right = (a[0] == s->level - LEVEL_START) + (a[1] == s->pair[0]) + (a[2] == s->pair[1]) +
                (a[3] == s->bits[0]) + (a[4] == (s->bytes[0] >= 128)) + (a[5] == (s->real >= 0));
    c->reward = (double)right / DICT_PARTS;
    if (c->metrics) c->metrics[0] = right;
    s->taken++;
    dict_draw(s, c);
    return s->taken == DICT_STEPS ? RLENV_TERMINATED : 0;
}
RLENV_SIMPLE(Dict, dict_reset, dict_step)

/* ---- one step, a bright square in one quarter of a picture */
enum { SIDE = 12, CHANNELS = 3, SQUARE = 4 };
typedef struct { rlenv_rng rng; uint32_t quarter, top, left; uint8_t noise; } Image;

static void image_look(const Image *s, rlenv_cell *c) {
    uint8_t *pixel = (uint8_t *)c->obs[0];
    uint32_t y, x, channel;
    for (y = 0; y < SIDE; y++)
        for (x = 0; x < SIDE; x++)
            for (channel = 0; channel < CHANNELS; channel++) {
                int bright = y - s->top < SQUARE && x - s->left < SQUARE;
                uint32_t dark = (s->noise + 7 * y + 3 * x + 11 * channel) % 64;
                *pixel++ = (uint8_t)(bright ? 255u - s->noise : dark);
            }
}
static int image_reset(Image *s, rlenv_cell *c) {
    s->quarter = rlenv_below(&s->rng, 4);
    s->top = s->quarter / 2 * (SIDE / 2) + rlenv_below(&s->rng, SIDE / 2 - SQUARE + 1);
    s->left = s->quarter % 2 * (SIDE / 2) + rlenv_below(&s->rng, SIDE / 2 - SQUARE + 1);
    s->noise = (uint8_t)rlenv_below(&s->rng, 64);
    image_look(s, c);
    return 0;
}
static int image_step(Image *s, rlenv_cell *c) {
    int right = action_i32(c) == (int32_t)s->quarter;
    image_look(s, c);
    c->reward = right;
    if (c->metrics) c->metrics[0] = right;
    return RLENV_TERMINATED;
}
RLENV_SIMPLE(Image, image_reset, image_step)

/* ---- the tables */
static const rlenv_leaf still[] = { RLENV_BOX("", RLENV_F32, -1, 1, "always 0", 1) };
static const rlenv_leaf stage[] = { RLENV_BOX("", RLENV_F32, 0, 1, "steps taken", 1) };
static const rlenv_leaf side[] = { RLENV_BOX("", RLENV_F32, -1, 1, "-1 or 1", 1) };
static const rlenv_leaf started[] = { RLENV_BOX("", RLENV_F32, -1, 1, "-1 at first, 1 ever after", 1) };
static const rlenv_leaf number[] = { RLENV_BOX("", RLENV_F32, -1, 1, "the number to repeat", 1) };
static const rlenv_leaf context[] = { RLENV_BOX("", RLENV_F32, -1, 2, "context -1 or 1, steps taken", 2) };
static const rlenv_leaf cue[] = { RLENV_BOX("", RLENV_F32, -1, 1, "the cue at first, then 0; 1 when asked", 2) };
static const rlenv_leaf picture[] = { RLENV_IMAGE("", SIDE, SIDE, CHANNELS, "a bright square on noise") };
static const rlenv_leaf dictionary[] = {
    RLENV_MULTI_BINARY("bits", 3, "the first is asked"),
    RLENV_BOX("bytes", RLENV_U8, 0, 255, "whether the first is at least 128 is asked", 2),
    RLENV_DISCRETE_FROM("level", RLENV_I64, LEVELS, LEVEL_START, "asked as a number from 0"),
    RLENV_MULTI_DISCRETE_FROM("nested/pair", RLENV_I16, pair_values, pair_starts, "both are asked"),
    RLENV_SCALAR("nested/real", RLENV_F64, -1, 1, "whether it is at least 0 is asked")
};
static const rlenv_leaf two_ways[] = { RLENV_DISCRETE("", 2, "0 or 1") };
static const rlenv_leaf four_ways[] = { RLENV_DISCRETE("", 4, "top left, top right, bottom left, bottom right") };
static const rlenv_leaf arms[] = { RLENV_DISCRETE_MASKED("", ARMS, "the arm to pull") };
static const rlenv_leaf reach[] = { RLENV_BOX("", RLENV_F32, -1, 1, "the number repeated", 1) };
static const rlenv_leaf answers[] = {
    RLENV_MULTI_DISCRETE_FROM("", RLENV_I32, dict_parts, dict_starts, "level, pair (two), bit, byte, real")
};
static const rlenv_option memory_options[] = {
    RLENV_OPTION_INT("delay", "3", 0, 1000, "steps from the cue to the question; 0 asks at once")
};
static const rlenv_metric success[] = { RLENV_METRIC("success", RLENV_LAST, "whether the answer was right") };
static const rlenv_metric matches[] = { RLENV_METRIC("matches", RLENV_SUM, "parts that were right") };

/* a probe without options; one with a metric as well */
#define PROBE(id, doc, limit, low, high, obs, act, T)                                                      \
    RLENV_ENV(id, doc, 0, limit, NAN, low, high, RLENV_EMPTY, RLENV_LIST(obs), RLENV_LIST(act), RLENV_EMPTY, \
              RLENV_SIMPLE_CALLS(T))
#define MEASURED_PROBE(id, doc, limit, low, high, obs, act, metrics, T)                                     \
    RLENV_ENV(id, doc, 0, limit, NAN, low, high, RLENV_EMPTY, RLENV_LIST(obs), RLENV_LIST(act),              \
              RLENV_LIST(metrics), RLENV_SIMPLE_CALLS(T))

static const rlenv_env environments[] = {
    PROBE("ConstantReward-v0",
          "One step that pays 1.\n"
          "V = 1. Finds: a value that does not learn at all.",
          0, 0, 1, still, two_ways, Constant),
    PROBE("ObservationReward-v0",
          "One step that pays what is seen, -1 or 1.\n"
          "V(o) = o. Finds: observations that do not reach the network, or those of another lane.",
          0, -1, 1, side, two_ways, Seen),
    PROBE("TwoStepDiscount-v0",
          "Two steps; the second pays 1.\n"
          "V(0) = gamma, V(1) = 1. Finds: a wrong discount; bootstrapping beyond the end.",
          0, 0, 1, stage, two_ways, TwoStep),
    MEASURED_PROBE("PolicyReward-v0",
          "One step that pays 1 for the action that fits what is seen (0 for -1, 1 for 1), else -1.\n"
          "V = 1, Q = 1 for the action that fits and -1 for the other. Finds: actions mixed up between lanes or steps.",
          0, -1, 1, side, two_ways, success, Policy),
    PROBE("TruncatedLoop-v0",
          "Each step pays 1 for ever; the host stops the episode after 10.\n"
          "V = 1 / (1 - gamma). Finds: a time limit taken for an end (V would be 1 / (1 - 0.9 gamma)).",
          LOOP_LIMIT, 0, 1, still, two_ways, Loop),
    PROBE("TruncatedLoopSelf-v0",
          "As TruncatedLoop-v0, but the plugin itself truncates after 8 to 12 steps.\n"
          "V = 1 / (1 - gamma). Finds: TRUNCATED set by a plugin taken for an end.",
          0, 0, 1, still, two_ways, LoopSelf),
    PROBE("FinalObservation-v0",
          "The first step pays 0 and all later ones 1, for ever; the host stops after 4.\n"
          "V(-1) = gamma / (1 - gamma), V(1) = 1 / (1 - gamma). Finds: bootstrapping from the next episode's first\n"
          "observation.",
          4, 0, 1, started, two_ways, FinalObservation),
    PROBE("BothFlags-v0",
          "One step that pays 1 and sets TERMINATED and TRUNCATED together.\n"
          "V = 1. Finds: bootstrapping whenever TRUNCATED is set (V would run to 1 / (1 - gamma)).",
          0, 0, 1, still, two_ways, BothFlags),
    PROBE("MaskedBandit-v0",
          "Two steps with four arms of which two are forbidden.\n"
          "Arms 0 and 1 are allowed in context -1 and pay -1, -0.5; arms 2 and 3 in context 1 and pay -2, -1;\n"
          "a forbidden arm would pay 10. The context changes after the first step.\n"
          "V(-1, 1) = -0.5, V(1, 1) = -1, V(-1, 0) = -0.5 - gamma, V(1, 0) = -1 - 0.5 gamma; the best return is -1.5.\n"
          "Finds: a mask that is not heeded in acting (return above -1.5) or in the target (V(., 0) too high).",
          0, -2, 10, context, arms, Bandit),
    PROBE("BoxEcho-v0",
          "One step that pays -(a - o)^2 for a continuous action a.\n"
          "V = 0 with a = o; the constant action 0 gets -1/3. Finds: actions that are scaled or clipped wrongly.",
          0, -4, 0, number, reach, Echo),
    RLENV_ENV("Memory-v0",
          "A cue at first; after `delay` steps a question: 1 for the action that fits the cue, else 0.\n"
          "Action 0 fits the cue -1, action 1 the cue 1. With memory V = gamma^(steps until the answer), return 1.\n"
          "Without memory the return is 0.5, unless delay is 0. Finds: recurrent states that are lost, or leak into\n"
          "the next episode.",
          0, 0, NAN, 0, 1, RLENV_LIST(memory_options), RLENV_LIST(cue), RLENV_LIST(two_ways), RLENV_LIST(success),
          RLENV_SIMPLE_CALLS(Memory)),
    MEASURED_PROBE("DictEcho-v0",
          "Four steps; leaves of every kind, and an action of six parts that should repeat them.\n"
          "Pays the share that is right. V = 1 + gamma + ... over the steps left, best return 4; random actions get\n"
          "4 * 137/360 = 1.522.\n"
          "Finds: leaves that are mixed up, cast wrongly or shifted by their start.",
          0, 0, 1, dictionary, answers, matches, Dict),
    MEASURED_PROBE("ImageProbe-v0",
          "One step; pays 1 for naming the quarter of a 12x12x3 picture that holds a bright square.\n"
          "V = 1; random actions get 0.25. Finds: rows and columns or channels exchanged, wrong scaling of bytes.",
          0, 0, 1, picture, four_ways, success, Image)
};
RLENV_SIMPLE_PLUGIN(environments, "org.rl-host.probes", "1.0.0", "Environments with known values")
