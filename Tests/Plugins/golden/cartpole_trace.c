/* Replays cartpole.trace (recorded by cartpole.py from Gymnasium; README.md describes the format) on a CartPole plugin and
 * compares every bit, in two lanes of three.
 *
 *     cartpole_trace cartpole.so cartpole.trace */
#include "../testhost.h"
#include <inttypes.h>

enum { LANES = 3, LINE = 1024 };
static const uint32_t lanes[] = { 0, 2 };
static unsigned line_number;

/* `count` numbers of `digits` hexadecimal digits each, from `text` on. */
static void read_bits(const char *text, int digits, int count, uint64_t *bits) {
    char word[17];
    int k;
    CHECK((int)strlen(text) == digits * count, "line %u: %s is not %d x %d digits", line_number, text, count, digits);
    for (k = 0; k < count; k++) {
        memcpy(word, text + k * digits, (size_t)digits);
        word[digits] = 0;
        CHECK(sscanf(word, "%" SCNx64, &bits[k]) == 1, "line %u: %s", line_number, word);
    }
}
static void compare_observation(World *w, uint32_t lane, const char *text) {
    uint64_t expected[4];
    uint32_t seen[4];
    int k;
    read_bits(text, 8, 4, expected);
    memcpy(seen, rlenv_row(&w->obs[0], lane), sizeof seen);
    for (k = 0; k < 4; k++)
        CHECK(seen[k] == expected[k], "line %u: observation [%d] is %08x, should be %08x", line_number, k, seen[k],
              (unsigned)expected[k]);
}
/* The last 32 bytes of a lane's snapshot are x, x_dot, theta, theta_dot. */
static void compare_state(World *w, uint32_t lane, const char *text) {
    static char buffer[4096];
    uint64_t expected[4], seen[4];
    size_t bytes = 0;
    int k;
    read_bits(text, 16, 4, expected);
    CHECK(w->env->save(w->instance, lane, buffer, sizeof buffer, &bytes, &w->error) == RLENV_OK, "save");
    memcpy(seen, buffer + bytes - sizeof seen, sizeof seen);
    for (k = 0; k < 4; k++)
        CHECK(seen[k] == expected[k], "line %u: state [%d] is %016" PRIx64 ", should be %016" PRIx64, line_number, k,
              seen[k], expected[k]);
}

/* The answer to a step; the limit is the host's. */
static void compare_step(World *w, uint32_t lane, uint32_t step, const char *text) {
    char action[16], observation[64];
    double reward;
    unsigned flags, seen = w->flags[lane] | (step == w->about.max_episode_steps ? RLENV_TRUNCATED : 0u);
    CHECK(sscanf(text, "step %15s %lf %u %63s", action, &reward, &flags, observation) == 4, "line %u: %s", line_number,
          text);
    CHECK(memcmp(&w->reward[lane], &reward, sizeof reward) == 0, "line %u: the reward is %.17g, should be %.17g",
          line_number, w->reward[lane], reward);
    CHECK(seen == flags, "line %u: the flags are %u, should be %u", line_number, seen, flags);
    compare_observation(w, lane, observation);
}
static void play(World *w, const char *line, uint32_t *step) {
    char word[128];
    uint64_t seeds[LANES], action;
    uint32_t k;
    int seeded;
    if (sscanf(line, "episode %127s", word) == 1) {
        seeded = word[0] != '-';
        for (k = 0; k < LANES; k++) seeds[k] = seeded ? strtoull(word, NULL, 10) : 0;
        world_reset(w, lanes, 2, seeded ? seeds : NULL);
        *step = 0;
    } else if (sscanf(line, "reset %127s", word) == 1) {
        for (k = 0; k < 2; k++) compare_observation(w, lanes[k], word);
    } else if (strncmp(line, "state f64", 9) != 0 && sscanf(line, "state %127s", word) == 1) {
        for (k = 0; k < 2; k++) compare_state(w, lanes[k], word);
    } else if (sscanf(line, "step %127s", word) == 1) {
        read_bits(word, 8, 1, &action);
        for (k = 0; k < 2; k++) *(int32_t *)rlenv_row(&w->act[0], lanes[k]) = (int32_t)action;
        world_step(w, lanes, 2);
        ++*step;
        for (k = 0; k < 2; k++) compare_step(w, lanes[k], *step, line);
    }
}

int main(int count, char **arguments) {
    static char line[LINE];
    World world;
    unsigned episodes = 0, declared = 0;
    uint32_t step = 0;
    int open = 0;
    const rlenv_env *env;
    FILE *trace;
    CHECK(count == 3, "usage: cartpole_trace PLUGIN TRACE");
    env = host_find(host_load(arguments[1]), "CartPole-v1");
    trace = fopen(arguments[2], "r");
    CHECK(env && trace, "no environment or no trace");
    CHECK(fgets(line, sizeof line, trace) && strcmp(line, "rlenv-trace 1\n") == 0, "no trace of version 1");
    for (line_number = 2; fgets(line, sizeof line, trace); line_number++) {
        CHECK(strchr(line, '\n'), "line %u is too long or the last is cut", line_number);
        if (strncmp(line, "options", 7) == 0) {
            if (open) world_close(&world);
            world = world_open(env, host_values(env, line + 7), LANES);
            open = 1;
        }
        if (strncmp(line, "episode ", 8) == 0) episodes++;
        if (open) play(&world, line, &step);
        sscanf(line, "end %u", &declared);
    }
    fclose(trace);
    if (open) world_close(&world);
    CHECK(declared == episodes && episodes >= 200, "%u episodes, should be %u", episodes, declared);
    printf("%u episodes are equal to the bit\n", episodes);
    return 0;
}
