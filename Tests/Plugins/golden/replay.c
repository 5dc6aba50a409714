/* Replays a golden trace (recorded from Gymnasium by the scripts here; README.md describes the format) on a plugin and
 * compares every bit, in two lanes of three. For traces with one observation leaf of 32-bit numbers, one action of 32
 * bits, states of 64 bits and neither masks nor metrics.
 *
 *     replay cartpole.so cartpole.trace */
#include "../testhost.h"
#include <inttypes.h>

enum { LANES = 3, LINE = 1024, NUMBERS = 16 };
static const uint32_t lanes[] = { 0, 2 };
static unsigned line_number;

/* What a variant declares of its numbers, and how far its episode is. */
typedef struct {
    int observations, states;
    uint32_t step;
} Variant;

/* `count` numbers of `digits` hexadecimal digits each, from `text` on. */
static void read_bits(const char *text, int digits, int count, uint64_t *bits) {
    char word[17];
    int k;
    CHECK(count <= NUMBERS, "line %u: %d numbers", line_number, count);
    CHECK((int)strlen(text) == digits * count, "line %u: %s is not %d x %d digits", line_number, text, count, digits);
    for (k = 0; k < count; k++) {
        memcpy(word, text + k * digits, (size_t)digits);
        word[digits] = 0;
        CHECK(sscanf(word, "%" SCNx64, &bits[k]) == 1, "line %u: %s", line_number, word);
    }
}
static void compare_observation(World *w, const Variant *v, uint32_t lane, const char *text) {
    uint64_t expected[NUMBERS];
    uint32_t seen[NUMBERS];
    int k;
    read_bits(text, 8, v->observations, expected);
    memcpy(seen, rlenv_row(&w->obs[0], lane), (size_t)v->observations * sizeof *seen);
    for (k = 0; k < v->observations; k++)
        CHECK(seen[k] == expected[k], "line %u: observation [%d] is %08x, should be %08x", line_number, k, seen[k],
              (unsigned)expected[k]);
}
/* The state is what a lane's snapshot ends with. */
static void compare_state(World *w, const Variant *v, uint32_t lane, const char *text) {
    static char buffer[4096];
    uint64_t expected[NUMBERS], seen[NUMBERS];
    size_t bytes = 0, length = (size_t)v->states * sizeof *seen;
    int k;
    read_bits(text, 16, v->states, expected);
    CHECK(w->env->save(w->instance, lane, buffer, sizeof buffer, &bytes, &w->error) == RLENV_OK, "save");
    memcpy(seen, buffer + bytes - length, length);
    for (k = 0; k < v->states; k++)
        CHECK(seen[k] == expected[k], "line %u: state [%d] is %016" PRIx64 ", should be %016" PRIx64, line_number, k,
              seen[k], expected[k]);
}

/* The answer to a step; the limit is the host's. */
static void compare_step(World *w, const Variant *v, uint32_t lane, const char *text) {
    char action[16], observation[NUMBERS * 8 + 1];
    double reward;
    unsigned flags, seen = w->flags[lane] | (v->step == w->about.max_episode_steps ? RLENV_TRUNCATED : 0u);
    CHECK(sscanf(text, "step %15s %lf %u %128s", action, &reward, &flags, observation) == 4, "line %u: %s", line_number,
          text);
    CHECK(memcmp(&w->reward[lane], &reward, sizeof reward) == 0, "line %u: the reward is %.17g, should be %.17g",
          line_number, w->reward[lane], reward);
    CHECK(seen == flags, "line %u: the flags are %u, should be %u", line_number, seen, flags);
    compare_observation(w, v, lane, observation);
}
static void declare(World *w, Variant *v, const char *line) {
    unsigned limit;
    sscanf(line, "observation \"\" box f32 %d", &v->observations);
    sscanf(line, "state f64 %d", &v->states);
    if (sscanf(line, "limit %u", &limit) == 1)
        CHECK(limit == w->about.max_episode_steps, "line %u: the limit is %u", line_number, w->about.max_episode_steps);
    CHECK((uint64_t)v->observations * 4 <= w->obs[0].stride, "line %u: the observation's shape", line_number);
}
static void play(World *w, Variant *v, const char *line) {
    char word[NUMBERS * 16 + 1];
    uint64_t seeds[LANES], action;
    uint32_t k, bits;
    int seeded;
    if (sscanf(line, "episode %256s", word) == 1) {
        seeded = word[0] != '-';
        for (k = 0; k < LANES; k++) seeds[k] = seeded ? strtoull(word, NULL, 10) : 0;
        world_reset(w, lanes, 2, seeded ? seeds : NULL);
        v->step = 0;
    } else if (sscanf(line, "reset %256s", word) == 1) {
        for (k = 0; k < 2; k++) compare_observation(w, v, lanes[k], word);
    } else if (strncmp(line, "state f64", 9) != 0 && sscanf(line, "state %256s", word) == 1) {
        for (k = 0; k < 2; k++) compare_state(w, v, lanes[k], word);
    } else if (sscanf(line, "step %256s", word) == 1) {
        read_bits(word, 8, 1, &action);
        bits = (uint32_t)action;
        for (k = 0; k < 2; k++) memcpy(rlenv_row(&w->act[0], lanes[k]), &bits, sizeof bits);
        world_step(w, lanes, 2);
        v->step++;
        for (k = 0; k < 2; k++) compare_step(w, v, lanes[k], line);
    } else {
        declare(w, v, line);
    }
}

int main(int count, char **arguments) {
    static char line[LINE];
    World world;
    Variant variant = { 0, 0, 0 };
    unsigned episodes = 0, steps = 0, all_episodes = 0, all_steps = 0;
    int open = 0;
    const rlenv_env *env = NULL;
    FILE *trace;
    char id[128];
    CHECK(count == 3, "usage: replay PLUGIN TRACE");
    trace = fopen(arguments[2], "r");
    CHECK(trace, "no trace %s", arguments[2]);
    CHECK(fgets(line, sizeof line, trace) && strcmp(line, "rlenv-trace 1\n") == 0, "no trace of version 1");
    for (line_number = 2; fgets(line, sizeof line, trace); line_number++) {
        CHECK(strchr(line, '\n'), "line %u is too long or the last is cut", line_number);
        if (sscanf(line, "environment %127s", id) == 1) {
            env = host_find(host_load(arguments[1]), id);
            CHECK(env, "%s has no %s", arguments[1], id);
        }
        if (env && strncmp(line, "options", 7) == 0) {
            if (open) world_close(&world);
            world = world_open(env, host_values(env, line + 7), LANES);
            open = 1;
        }
        episodes += strncmp(line, "episode ", 8) == 0;
        steps += strncmp(line, "step ", 5) == 0;
        if (open) play(&world, &variant, line);
        sscanf(line, "end %u %u", &all_episodes, &all_steps);
    }
    fclose(trace);
    if (open) world_close(&world);
    CHECK(open && steps > 0 && episodes == all_episodes && steps == all_steps,
          "%u episodes with %u steps, should be %u with %u", episodes, steps, all_episodes, all_steps);
    printf("%u episodes with %u steps are equal to the bit\n", episodes, steps);
    return 0;
}
