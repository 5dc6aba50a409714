/* Replays cartpole.trace (recorded by cartpole.py from Gymnasium) on a CartPole plugin and compares every bit.
 *
 *     cartpole_trace cartpole.so cartpole.trace */
#include "../testhost.h"
#include <inttypes.h>

enum { VARIANTS = 16, LANES = 3 };

/* The last 32 bytes of a lane's snapshot are x, x_dot, theta, theta_dot. */
static void state_of(World *w, uint32_t lane, double state[4]) {
    static char buffer[4096];
    size_t bytes = 0;
    CHECK(w->env->save(w->instance, lane, buffer, sizeof buffer, &bytes, &w->error) == RLENV_OK, "save");
    memcpy(state, buffer + bytes - 4 * sizeof(double), 4 * sizeof(double));
}
static uint64_t look(World *w, uint32_t lane, uint64_t hash) {
    double state[4];
    state_of(w, lane, state);
    return fnv(fnv(hash, state, sizeof state), rlenv_row(&w->obs[0], lane), 16);
}
static int bit(const char *digits, uint32_t k) {
    char digit = digits[k / 4];
    int value = digit <= '9' ? digit - '0' : digit - 'a' + 10;
    return value >> (3 - k % 4) & 1;
}

/* Plays one line of the trace in one lane. */
static void replay(World *w, uint32_t lane, const char *line) {
    char seed_text[32], digits[512], texts[4][64];
    uint64_t seeds[LANES] = { 0 }, expected, hash;
    uint32_t steps, k, limit = w->about.max_episode_steps;
    double state[4];
    CHECK(sscanf(line, "episode %*u %31s %u %511s %63s %63s %63s %63s %" SCNx64, seed_text, &steps, digits, texts[0],
                 texts[1], texts[2], texts[3], &expected) == 8, "line: %s", line);
    seeds[lane] = strtoull(seed_text, NULL, 10);
    world_reset(w, &lane, 1, seed_text[0] == '-' ? NULL : seeds);
    hash = look(w, lane, FNV_START);
    for (k = 0; k < steps; k++) {
        uint8_t ends[2];
        *(int32_t *)rlenv_row(&w->act[0], lane) = bit(digits, k);
        world_step(w, &lane, 1);
        ends[0] = w->flags[lane] == RLENV_TERMINATED;
        ends[1] = k + 1 == limit;
        CHECK((ends[0] || ends[1]) == (k + 1 == steps), "seed %s: wrong end at step %u of %u", seed_text, k + 1, steps);
        hash = fnv(fnv(look(w, lane, hash), &w->reward[lane], 8), ends, 2);
    }
    state_of(w, lane, state);
    for (k = 0; k < 4; k++)
        CHECK(state[k] == strtod(texts[k], NULL), "seed %s: last state [%u] is %a, should be %s", seed_text, k,
              state[k], texts[k]);
    CHECK(hash == expected, "seed %s: the last state is right, something before it is not", seed_text);
}

int main(int count, char **arguments) {
    static char line[2048];
    World worlds[VARIANTS];
    int open[VARIANTS] = { 0 };
    unsigned episodes = 0, variant;
    uint32_t lane;
    const rlenv_env *env;
    FILE *trace;
    CHECK(count == 3, "usage: cartpole_trace PLUGIN TRACE");
    env = host_find(host_load(arguments[1]), "CartPole-v1");
    trace = fopen(arguments[2], "r");
    CHECK(env && trace, "no environment or no trace");
    while (fgets(line, sizeof line, trace)) {
        int used = 0;
        if (sscanf(line, "variant %u%n", &variant, &used) == 1) {
            CHECK(variant < VARIANTS, "variant");
            worlds[variant] = world_open(env, host_values(env, line + used), LANES);
            open[variant] = 1;
        } else if (sscanf(line, "episode %u", &variant) == 1) {
            CHECK(variant < VARIANTS && open[variant], "variant %u is not declared", variant);
            for (lane = 0; lane < LANES; lane += 2) replay(&worlds[variant], lane, line);
            episodes++;
        }
    }
    fclose(trace);
    for (variant = 0; variant < VARIANTS; variant++)
        if (open[variant]) world_close(&worlds[variant]);
    CHECK(episodes >= 300, "only %u episodes", episodes);
    printf("%u episodes are equal to the bit\n", episodes);
    return 0;
}
