/* LunarLander beside Gymnasium's. The physics is another version of Box2D's, so the bits are not the same; what must be
 * the same is how episodes come out. golden/lunar_lander.returns holds the returns and lengths of random play and of a
 * fixed policy in Gymnasium. The plugin plays as many episodes with other seeds, and two-sample tests must not tell the
 * two apart. Random play is repeated with the same seeds, where after some steps of flight the observations must be
 * close; the fixed policy has thresholds, which make much of a small difference.
 *
 *     lunar_lander PLUGIN.so golden/lunar_lander.returns [-v]
 *     lunar_lander PLUGIN.so --play FIRST_SEED EPISODES > plugin.returns
 *
 * Tests at the level 0.01: Kolmogorov and Smirnov's (critical value after Smirnov 1948) and Mann and Whitney's (1947,
 * normal approximation with midranks). Seeds are fixed, so the answer is the same each time. */
#include "testhost.h"
#include "rlenv_simple.h"

enum { MOST = 20000, FLIGHT = 20, SEEN = 6 };
static const double KS_CRITICAL = 1.628, Z_CRITICAL = 2.576;
/* After FLIGHT steps: place, velocity, angle, angular velocity. */
static const double TOLERANCE[SEEN] = { 1e-5, 1e-5, 1e-4, 1e-4, 2e-4, 2e-4 };

typedef struct { uint64_t seed; double back, length, flight[SEEN]; } Episode;
typedef struct { char id[64], policy[16]; int count; Episode *episodes; } Sample;

static double limited(double x, double most) { return x < -most ? -most : x > most ? most : x; }

/* A careful descent: lean against the drift, hold a height that shrinks towards the pad. lunar_lander.py has the same.
 * `lift` and `turn` are what the engines should do. */
static void plan(const float *o, double *lift, double *turn) {
    int touches = o[6] > 0 || o[7] > 0;
    double lean = limited(0.6 * o[0] + 1.0 * o[2], 0.35);
    *turn = touches ? 0 : 0.5 * (lean - o[4]) - 1.0 * o[5];
    *lift = touches ? -0.5 * o[3] : 0.5 * (0.5 * fabs((double)o[0]) - o[1]) - 0.5 * o[3];
}
static void act(World *w, int is_pilot, rlenv_rng *rng) {
    const rlenv_leaf *leaf = (const rlenv_leaf *)w->about.act.data;
    double lift, turn;
    plan((const float *)w->obs[0].data, &lift, &turn);
    if (leaf->kind == RLENV_KIND_BOX) {
        float *throttle = (float *)w->act[0].data;
        throttle[0] = (float)(is_pilot ? limited(20 * lift - 1, 1) : rlenv_uniform(rng, -1, 1));
        throttle[1] = (float)(is_pilot ? limited(-20 * turn, 1) : rlenv_uniform(rng, -1, 1));
    } else if (is_pilot) {
        int engine = lift > fabs(turn) && lift > 0.05 ? 2 : turn < -0.05 ? 3 : turn > 0.05 ? 1 : 0;
        *(int32_t *)w->act[0].data = engine;
    } else {
        *(int32_t *)w->act[0].data = (int32_t)rlenv_below(rng, 4);
    }
}
static Episode play(World *w, int is_pilot, uint64_t seed) {
    Episode e = { 0, 0, 0, { 0 } };
    rlenv_rng rng;
    int step, k;
    e.seed = seed;
    rlenv_rng_seed(&rng, seed + 1000000);
    world_reset(w, NULL, 1, &seed);
    for (step = 1; step <= (int)w->about.max_episode_steps && !w->flags[0]; step++) {
        act(w, is_pilot, &rng);
        world_step(w, NULL, 1);
        e.back += w->reward[0];
        e.length = step;
        for (k = 0; step == FLIGHT && k < SEEN; k++) e.flight[k] = ((const float *)w->obs[0].data)[k];
    }
    return e;
}
static Episode *play_all(const rlenv_plugin_v1 *plugin, const Sample *like, uint64_t first) {
    const rlenv_env *env = host_find(plugin, like->id);
    Episode *episodes = (Episode *)calloc((size_t)like->count, sizeof *episodes);
    World w;
    int k;
    CHECK(env, "there is no %s", like->id);
    w = world_open(env, host_values(env, ""), 1);
    for (k = 0; k < like->count; k++)
        episodes[k] = play(&w, strcmp(like->policy, "pilot") == 0, first + (uint64_t)k);
    world_close(&w);
    return episodes;
}

/* ---- two-sample statistics, on sorted copies ----------------------------------------------------------- */
static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}
static double *sorted(const Episode *episodes, int count, int is_length) {
    double *values = (double *)malloc((size_t)count * sizeof *values);
    int k;
    for (k = 0; k < count; k++) values[k] = is_length ? episodes[k].length : episodes[k].back;
    qsort(values, (size_t)count, sizeof *values, ascending);
    return values;
}
static double mean(const double *values, int count) {
    double sum = 0;
    int k;
    for (k = 0; k < count; k++) sum += values[k];
    return sum / count;
}
/* The greatest distance between the two distribution functions. */
static double kolmogorov_smirnov(const double *a, const double *b, int count) {
    double greatest = 0;
    int i = 0, j = 0;
    while (i < count && j < count) {
        double value = a[i] < b[j] ? a[i] : b[j];
        while (i < count && a[i] == value) i++;
        while (j < count && b[j] == value) j++;
        if (fabs((double)(i - j)) / count > greatest) greatest = fabs((double)(i - j)) / count;
    }
    return greatest;
}
/* The share of pairs in which a is greater, less that in which b is: Cliff's delta. `z`: in standard deviations. */
static double mann_whitney(const double *a, const double *b, int count, double *z) {
    double n = count, total = 2 * n, ranks = 0, ties = 0, u;
    int i = 0, j = 0;
    while (i < count || j < count) {
        double value = j == count || (i < count && a[i] < b[j]) ? a[i] : b[j], equal;
        int from = i, other = j;
        while (i < count && a[i] == value) i++;
        while (j < count && b[j] == value) j++;
        equal = (i - from) + (j - other);
        ranks += (i - from) * (from + other + (equal + 1) / 2);
        ties += equal * equal * equal - equal;
    }
    u = ranks - n * (n + 1) / 2;
    *z = (u - n * n / 2) / sqrt(n * n / 12 * (total + 1 - ties / (total * (total - 1))));
    return 2 * u / (n * n) - 1;
}

/* ---- the samples of the golden file --------------------------------------------------------------------- */
static int read_samples(const char *path, Sample *samples, int room) {
    FILE *file = fopen(path, "r");
    char line[512];
    int count = 0;
    CHECK(file, "cannot open %s", path);
    while (fgets(line, sizeof line, file)) {
        Sample *s = &samples[count > 0 ? count - 1 : 0];
        if (line[0] == '#') continue;
        if (strncmp(line, "sample ", 7) == 0) {
            CHECK(count < room, "too many samples");
            s = &samples[count++];
            CHECK(sscanf(line, "sample %63s %15s", s->id, s->policy) == 2, "a sample is: sample ID POLICY");
            s->count = 0;
            s->episodes = (Episode *)calloc(MOST, sizeof *s->episodes);
            continue;
        }
        CHECK(count > 0 && s->count < MOST, "an episode outside a sample, or too many");
        {
            Episode *e = &s->episodes[s->count++];
            unsigned long long seed;
            CHECK(sscanf(line, "%llu %lf %lf %lf %lf %lf %lf %lf %lf", &seed, &e->back, &e->length, &e->flight[0],
                         &e->flight[1], &e->flight[2], &e->flight[3], &e->flight[4], &e->flight[5]) == 9,
                  "an episode is: SEED RETURN LENGTH and %d numbers of its observation", SEEN);
            e->seed = seed;
        }
    }
    fclose(file);
    return count;
}

/* Other seeds: the two samples must look as if drawn from one distribution. */
static void compare(const Sample *theirs, const Episode *ours, int is_length, int is_talkative) {
    int n = theirs->count;
    double *a = sorted(ours, n, is_length), *b = sorted(theirs->episodes, n, is_length);
    double critical = KS_CRITICAL * sqrt(2.0 / n), d = kolmogorov_smirnov(a, b, n), z;
    double delta = mann_whitney(a, b, n, &z);
    const char *what = is_length ? "length" : "return";
    if (is_talkative)
        printf("%s %s, %s: mean %.2f, Gymnasium's %.2f; KS %.3f of at most %.3f; U test z %.2f; Cliff's delta %.3f\n",
               theirs->id, theirs->policy, what, mean(a, n), mean(b, n), d, critical, z, delta);
    CHECK(d < critical, "%s %s, %s: Kolmogorov and Smirnov's distance is %.3f, at most %.3f is expected", theirs->id,
          theirs->policy, what, d, critical);
    CHECK(fabs(z) < Z_CRITICAL, "%s %s, %s: Mann and Whitney's z is %.2f", theirs->id, theirs->policy, what, z);
    free(a);
    free(b);
}
/* The same seeds: the same ground, push and actions, so the flight is the same but for the last digits. */
static void compare_flight(const rlenv_plugin_v1 *plugin, const Sample *theirs, int is_talkative) {
    Episode *ours = play_all(plugin, theirs, theirs->episodes[0].seed);
    double worst[SEEN] = { 0 };
    int k, j;
    for (k = 0; k < theirs->count; k++)
        for (j = 0; j < SEEN; j++) {
            double off = fabs(ours[k].flight[j] - theirs->episodes[k].flight[j]);
            CHECK(ours[k].seed == theirs->episodes[k].seed, "seeds go up by one from the first");
            CHECK(off < TOLERANCE[j], "%s %s, seed %d: observation %d is %g after %d steps, Gymnasium's %g", theirs->id,
                  theirs->policy, (int)ours[k].seed, j, ours[k].flight[j], FLIGHT, theirs->episodes[k].flight[j]);
            if (off > worst[j]) worst[j] = off;
        }
    free(ours);
    if (!is_talkative) return;
    printf("%s %s: after %d steps the observations differ by at most", theirs->id, theirs->policy, FLIGHT);
    for (j = 0; j < SEEN; j++) printf(" %.1e", worst[j]);
    printf("\n");
}

static void print_samples(const rlenv_plugin_v1 *plugin, uint64_t first, int count) {
    static const char *const ids[] = { "LunarLander-v3", "LunarLanderContinuous-v3" };
    static const char *const policies[] = { "random", "pilot" };
    int i, k, j;
    for (i = 0; i < 4; i++) {
        Sample like;
        Episode *episodes;
        memset(&like, 0, sizeof like);
        strcpy(like.id, ids[i / 2]);
        strcpy(like.policy, policies[i % 2]);
        like.count = count;
        episodes = play_all(plugin, &like, first);
        printf("sample %s %s\n", like.id, like.policy);
        for (k = 0; k < count; k++) {
            printf("%llu %.6f %g", (unsigned long long)episodes[k].seed, episodes[k].back, episodes[k].length);
            for (j = 0; j < SEEN; j++) printf(" %.9g", episodes[k].flight[j]);
            printf("\n");
        }
        free(episodes);
    }
}

int main(int count, char **arguments) {
    static Sample samples[8];
    const rlenv_plugin_v1 *plugin;
    int k, found, is_talkative = count == 4 && strcmp(arguments[3], "-v") == 0;
    CHECK(count >= 3, "usage: lunar_lander PLUGIN.so RETURNS [-v] | lunar_lander PLUGIN.so --play FIRST_SEED EPISODES");
    plugin = host_load(arguments[1]);
    if (strcmp(arguments[2], "--play") == 0) {
        CHECK(count == 5, "usage: lunar_lander PLUGIN.so --play FIRST_SEED EPISODES");
        print_samples(plugin, strtoull(arguments[3], NULL, 10), atoi(arguments[4]));
        return 0;
    }
    found = read_samples(arguments[2], samples, 8);
    CHECK(found == 4, "four samples are expected, there are %d", found);
    for (k = 0; k < found; k++) {
        const Sample *theirs = &samples[k];
        Episode *other;
        CHECK(theirs->count >= 500, "%s %s has %d episodes, 500 are the least", theirs->id, theirs->policy,
              theirs->count);
        if (strcmp(theirs->policy, "random") == 0) compare_flight(plugin, theirs, is_talkative);
        other = play_all(plugin, theirs, theirs->episodes[0].seed + (uint64_t)theirs->count);
        compare(theirs, other, 0, is_talkative);
        compare(theirs, other, 1, is_talkative);
        free(other);
        free(samples[k].episodes);
    }
    printf("%d samples of episodes are like Gymnasium's\n", found);
    return 0;
}
