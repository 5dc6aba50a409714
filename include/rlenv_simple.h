/* rlenv_simple.h - an environment from a struct and two functions.
 *
 *     cc -shared -fPIC -O2 -Wall -Wextra -Iinclude mine.c -o mine.so -lm
 *
 *     typedef struct { rlenv_rng rng; double x, v; } Car;     // plain bytes, no pointers; rng comes first
 *     static int car_reset(Car *s, rlenv_cell *c);            // start an episode: write c->obs; return 0
 *     static int car_step(Car *s, rlenv_cell *c);             // read c->act; write c->obs and c->reward;
 *                                                             // return 0, RLENV_TERMINATED or RLENV_TRUNCATED
 *     RLENV_SIMPLE(Car, car_reset, car_step)                  // makes RLENV_SIMPLE_CALLS(Car) for the table
 *
 * The state is zeroed before each reset, except its generator. Both functions may return a negative
 * rlenv_status with a message in c->error: the lane fails and the others go on, but E_INTERNAL, E_FATAL and what
 * rlenv.h does not list say more. Batches, seeds, options at reset, order checks and snapshots are
 * taken care of. This is source, not ABI: a compiled plugin carries its own copy.
 *
 * Where constants, spaces or limits follow from the options, or a file is read once, add a struct that all
 * lanes share and that does not change after its setup (see rlenv_setup):
 *
 *     RLENV_SIMPLE_SHARED(Car, Road, road_setup, car_reset, car_step)                   // plain values
 *     RLENV_SIMPLE_OWNING(Car, Road, road_setup, road_teardown, car_reset, car_step)    // something to free */
#ifndef RLENV_SIMPLE_H
#define RLENV_SIMPLE_H
#include "rlenv.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the random numbers of numpy: SeedSequence(seed) -> PCG64, so that a seed means what it means in
 *      Gymnasium --------------------------------------------------------------------------------------- */
typedef struct rlenv_rng { uint64_t hi, lo, inc_hi, inc_lo; uint32_t half, has_half; } rlenv_rng;

static inline void rlenv_mul64(uint64_t a, uint64_t b, uint64_t *hi, uint64_t *lo) {
    uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
    uint64_t p00 = a0 * b0, p01 = a0 * b1, p10 = a1 * b0, p11 = a1 * b1;
    uint64_t mid = (p00 >> 32) + (uint32_t)p01 + (uint32_t)p10;
    *lo = (mid << 32) | (uint32_t)p00;
    *hi = p11 + (p01 >> 32) + (p10 >> 32) + (mid >> 32);
}
static inline void rlenv_rng_advance(rlenv_rng *r) { /* state = state * multiplier + increment, mod 2^128 */
    const uint64_t mh = 0x2360ED051FC65DA4ull, ml = 0x4385DF649FCCF645ull;
    uint64_t h, l;
    rlenv_mul64(r->lo, ml, &h, &l);
    h += r->hi * ml + r->lo * mh;
    r->lo = l + r->inc_lo;
    r->hi = h + r->inc_hi + (r->lo < l);
}
static inline uint64_t rlenv_u64(rlenv_rng *r) {
    uint64_t x;
    unsigned k;
    rlenv_rng_advance(r);
    x = r->hi ^ r->lo;
    k = (unsigned)(r->hi >> 58);
    return (x >> k) | (x << ((64u - k) & 63u));
}
static inline uint32_t rlenv_u32(rlenv_rng *r) { /* the low half first, the high half at the next call */
    uint64_t x;
    if (r->has_half) {
        r->has_half = 0;
        return r->half;
    }
    x = rlenv_u64(r);
    r->has_half = 1;
    r->half = (uint32_t)(x >> 32);
    return (uint32_t)x;
}
/* Generator.random(): uniform in [0, 1) */
static inline double rlenv_random(rlenv_rng *r) {
    return (double)(rlenv_u64(r) >> 11) * (1.0 / 9007199254740992.0);
}
/* Generator.uniform(low, high); the volatile keeps the product a value of its own, under any flags */
static inline double rlenv_uniform(rlenv_rng *r, double low, double high) {
    volatile double scaled = (high - low) * rlenv_random(r);
    return low + scaled;
}
/* Generator.integers(0, n) for n >= 1: Lemire's method on 32 bits */
static inline uint32_t rlenv_below(rlenv_rng *r, uint32_t n) {
    uint64_t m;
    uint32_t left, threshold;
    if (n <= 1) return 0;
    m = (uint64_t)rlenv_u32(r) * n;
    left = (uint32_t)m;
    if (left < n) {
        threshold = (0xFFFFFFFFu - (n - 1)) % n;
        while (left < threshold) {
            m = (uint64_t)rlenv_u32(r) * n;
            left = (uint32_t)m;
        }
    }
    return (uint32_t)(m >> 32);
}
static inline uint32_t rlenv_seed_hash(uint32_t v, uint32_t *c) {
    v ^= *c;
    *c *= 0x931e8875u;
    v *= *c;
    return v ^ (v >> 16);
}
static inline void rlenv_rng_seed(rlenv_rng *r, uint64_t seed) {
    uint32_t pool[4], w[8], c = 0x43b0d7e5u, i, j, x;
    uint64_t s[4];
    for (i = 0; i < 4; i++)
        pool[i] = rlenv_seed_hash(i == 0 ? (uint32_t)seed : i == 1 ? (uint32_t)(seed >> 32) : 0u, &c);
    for (i = 0; i < 4; i++)
        for (j = 0; j < 4; j++)
            if (i != j) {
                x = 0xca01f9ddu * pool[j] - 0x4973f715u * rlenv_seed_hash(pool[i], &c);
                pool[j] = x ^ (x >> 16);
            }
    for (c = 0x8b51f9ddu, i = 0; i < 8; i++) {
        x = pool[i & 3] ^ c;
        c *= 0x58f38dedu;
        x *= c;
        w[i] = x ^ (x >> 16);
    }
    for (i = 0; i < 4; i++) s[i] = (uint64_t)w[2 * i] | ((uint64_t)w[2 * i + 1] << 32);
    memset(r, 0, sizeof *r);
    r->inc_hi = (s[2] << 1) | (s[3] >> 63);
    r->inc_lo = (s[3] << 1) | 1u;
    rlenv_rng_advance(r);
    r->lo += s[1];
    r->hi += s[0] + (r->lo < s[1]);
    rlenv_rng_advance(r);
}

/* ---- one lane's view of a call -------------------------------------------------------------------------- */
#ifndef RLENV_SIMPLE_LEAVES
#define RLENV_SIMPLE_LEAVES 8 /* define it larger before the include for more leaves */
#endif
typedef struct rlenv_cell {
    void              *obs[RLENV_SIMPLE_LEAVES]; /* where to write each observation leaf */
    const void        *act[RLENV_SIMPLE_LEAVES]; /* each action leaf; step only */
    double             reward;                   /* preset to 0 */
    uint8_t           *mask;                     /* NULL without a MASKED action leaf: then not to be written */
    double            *metrics;                  /* NULL when the host does not ask */
    const rlenv_value *opt;                      /* the lane's option values, in declared order, or NULL */
    const void        *shared;                   /* what setup has filled, or NULL */
    rlenv_error       *error;
} rlenv_cell;

/* What a setup function gets: int road_setup(Road *road, rlenv_setup *u). The struct is zeroed before. It may
 * overwrite u->about, with pointers into the struct too; and returns 0, or a negative rlenv_status with a
 * message in u->error. road_teardown(Road *) frees; it is called after a failed setup too. */
typedef struct rlenv_setup {
    const rlenv_host  *host;
    const rlenv_env   *env;
    const rlenv_value *opt;   /* the option values given to create, in declared order, or NULL */
    uint32_t           lanes;
    rlenv_description *about; /* preset from env */
    rlenv_error       *error;
} rlenv_setup;
typedef int (*rlenv_setup_function)(void *shared, rlenv_setup *);
typedef void (*rlenv_teardown_function)(void *shared);

/* ---- the instance: what does not depend on the state's type ------------------------------------------------ */
enum { RLENV_LANE_NEW = 0, RLENV_LANE_RUNS = 1, RLENV_LANE_ENDED = 2 };
typedef struct rlenv_simple {
    rlenv_description about;
    const rlenv_env  *env;
    uint32_t          lanes, n_obs, n_act, n_mask, n_metrics, n_opt;
    rlenv_value      *opt;   /* [lanes][n_opt] */
    uint8_t          *phase; /* [lanes] RLENV_LANE_* */
    char             *state; /* [lanes][sizeof state] */
    void             *shared;
    rlenv_teardown_function teardown;
} rlenv_simple;

static inline rlenv_status rlenv_simple_fail(rlenv_error *error, int32_t lane, rlenv_status status,
                                             const char *message) {
    error->lane = lane;
    if (!error->message[0]) snprintf(error->message, sizeof error->message, "%s", message);
    return status;
}
static inline void rlenv_simple_destroy(rlenv_instance *instance) {
    rlenv_simple *a = (rlenv_simple *)instance;
    if (!a) return;
    if (a->teardown) a->teardown(a->shared);
    free(a->shared);
    free(a->opt);
    free(a->phase);
    free(a->state);
    free(a);
}
static inline void rlenv_simple_about(const rlenv_env *e, rlenv_description *d) {
    memset(d, 0, sizeof *d);
    d->size = (uint32_t)sizeof *d;
    d->flags = e->flags;
    d->max_episode_steps = e->max_episode_steps;
    d->reward_threshold = e->reward_threshold;
    d->reward_min = e->reward_min;
    d->reward_max = e->reward_max;
    d->id = e->id;
    d->doc = e->doc;
    d->obs = e->obs;
    d->act = e->act;
    d->metrics = e->metrics;
}
static inline rlenv_status rlenv_simple_create(const rlenv_host *host, const rlenv_env *e, const rlenv_value *opt,
                                               uint32_t lanes, size_t state_bytes, size_t shared_bytes,
                                               rlenv_setup_function setup, rlenv_teardown_function teardown,
                                               rlenv_instance **out, rlenv_error *error) {
    rlenv_simple *a;
    rlenv_setup u;
    uint32_t lane;
    int status = RLENV_OK;
    if (lanes == 0) return rlenv_simple_fail(error, -1, RLENV_E_ARG, "an instance needs at least one lane");
    a = (rlenv_simple *)calloc(1, sizeof *a);
    if (!a) return rlenv_simple_fail(error, -1, RLENV_E_NOMEM, "out of memory");
    a->env = e;
    a->lanes = lanes;
    a->n_opt = e->options.count;
    if (a->n_opt) a->opt = (rlenv_value *)calloc((size_t)lanes * a->n_opt, sizeof *a->opt);
    a->phase = (uint8_t *)calloc(lanes, 1);
    a->state = (char *)calloc(lanes, state_bytes);
    if (shared_bytes) a->shared = calloc(1, shared_bytes);
    if ((a->n_opt && !a->opt) || !a->phase || !a->state || (shared_bytes && !a->shared)) {
        rlenv_simple_destroy((rlenv_instance *)a);
        return rlenv_simple_fail(error, -1, RLENV_E_NOMEM, "out of memory");
    }
    a->teardown = teardown;
    rlenv_simple_about(e, &a->about);
    if (setup) {
        u.host = host;
        u.env = e;
        u.opt = a->n_opt ? opt : NULL;
        u.lanes = lanes;
        u.about = &a->about;
        u.error = error;
        status = setup(a->shared, &u);
    }
    a->n_obs = a->about.obs.count;
    a->n_act = a->about.act.count;
    a->n_mask = (uint32_t)rlenv_mask_length(&a->about.act);
    a->n_metrics = a->about.metrics.count;
    if (status >= 0 && (a->n_obs > RLENV_SIMPLE_LEAVES || a->n_act > RLENV_SIMPLE_LEAVES))
        status = rlenv_simple_fail(error, -1, RLENV_E_UNSUPPORTED,
                                   "too many leaves: define RLENV_SIMPLE_LEAVES before including rlenv_simple.h");
    if (status < 0) {
        rlenv_simple_destroy((rlenv_instance *)a);
        return rlenv_simple_fail(error, -1, (rlenv_status)status, "the setup failed");
    }
    for (lane = 0; a->n_opt && lane < lanes; lane++)
        memcpy(&a->opt[(size_t)lane * a->n_opt], opt, a->n_opt * sizeof *opt);
    *out = (rlenv_instance *)a;
    return RLENV_OK;
}
static inline rlenv_status rlenv_simple_describe(rlenv_instance *instance, rlenv_description *d, rlenv_error *error) {
    const rlenv_simple *a = (const rlenv_simple *)instance;
    uint32_t size = d->size;
    (void)error;
    memcpy(d, &a->about, size < sizeof a->about ? size : sizeof a->about);
    d->size = size;
    return RLENV_OK;
}
/* One lane has failed, and has perhaps said why in `mine`; the first of them is reported. The others go on, unless
 * the answer says that more than the lane is broken; a status that rlenv.h does not list stands for E_INTERNAL. */
static inline rlenv_status rlenv_simple_fault(const rlenv_batch *b, uint32_t lane, int answer, rlenv_error *error,
                                              rlenv_error *mine, const char *message) {
    if (error->lane < 0) {
        memcpy(error->message, mine->message, sizeof error->message);
        rlenv_simple_fail(error, (int32_t)lane, RLENV_E_LANE, message);
    }
    mine->message[0] = 0;
    b->flags[lane] = RLENV_FAULT;
    if (answer < RLENV_E_FATAL) return RLENV_E_INTERNAL;
    return answer == RLENV_E_INTERNAL || answer == RLENV_E_FATAL ? (rlenv_status)answer : RLENV_E_LANE;
}
/* What holds for every lane of a call; the pointers into rows are set lane by lane. */
static inline void rlenv_simple_begin(const rlenv_simple *a, rlenv_cell *c, rlenv_error *error) {
    memset(c, 0, sizeof *c);
    c->shared = a->shared;
    c->error = error;
    error->lane = -1;
    error->message[0] = 0;
}
static inline void rlenv_simple_aim(const rlenv_simple *a, const rlenv_batch *b, uint32_t lane, rlenv_cell *c) {
    uint32_t k;
    for (k = 0; k < a->n_obs; k++) c->obs[k] = rlenv_row(&b->obs[k], lane);
    if (b->mask) c->mask = b->mask + (size_t)lane * a->n_mask;
    if (b->metrics) c->metrics = b->metrics + (size_t)lane * a->n_metrics;
    if (a->opt) c->opt = a->opt + (size_t)lane * a->n_opt;
    c->reward = 0;
}
/* Checks every listed lane before any of them changes. */
static inline rlenv_status rlenv_simple_check(const rlenv_simple *a, const rlenv_batch *b, int step,
                                              rlenv_error *error) {
    uint32_t k, lane;
    if (b->lanes == NULL && b->count > a->lanes)
        return rlenv_simple_fail(error, -1, RLENV_E_ARG, "more lanes than the instance has");
    for (k = 0; k < b->count; k++) {
        lane = rlenv_lane_at(b, k);
        if (lane >= a->lanes) return rlenv_simple_fail(error, (int32_t)lane, RLENV_E_ARG, "no such lane");
        if (step && a->phase[lane] != RLENV_LANE_RUNS)
            return rlenv_simple_fail(error, (int32_t)lane, RLENV_E_STATE,
                                     a->phase[lane] == RLENV_LANE_NEW ? "step before the first reset"
                                                                      : "step of a lane whose episode has ended");
        if (!step && !b->seeds && a->phase[lane] == RLENV_LANE_NEW)
            return rlenv_simple_fail(error, (int32_t)lane, RLENV_E_STATE, "the first reset needs a seed");
    }
    return RLENV_OK;
}

/* Snapshot: check (8 bytes), phase (8 bytes), the options' numbers, the state. */
static inline size_t rlenv_simple_bytes(const rlenv_simple *a, size_t state_bytes) {
    return 16u + (size_t)a->n_opt * 16u + state_bytes;
}
/* FNV-1a over the environment's id and everything after the check. */
static inline uint64_t rlenv_simple_hash(const rlenv_simple *a, const void *buffer, size_t bytes) {
    const unsigned char *p = (const unsigned char *)buffer;
    const char *id = a->env->id;
    uint64_t hash = 0xCBF29CE484222325ull;
    size_t k;
    for (; *id; id++) hash = (hash ^ (unsigned char)*id) * 0x100000001B3ull;
    for (k = 8; k < bytes; k++) hash = (hash ^ p[k]) * 0x100000001B3ull;
    return hash;
}
static inline rlenv_status rlenv_simple_save(const rlenv_simple *a, uint32_t lane, size_t state_bytes, void *buffer,
                                             size_t capacity, size_t *bytes, rlenv_error *error) {
    char *p = (char *)buffer;
    uint64_t phase, hash;
    uint32_t k;
    if (lane >= a->lanes) return rlenv_simple_fail(error, (int32_t)lane, RLENV_E_ARG, "no such lane");
    if (a->phase[lane] == RLENV_LANE_NEW)
        return rlenv_simple_fail(error, (int32_t)lane, RLENV_E_STATE, "save before the first reset");
    *bytes = rlenv_simple_bytes(a, state_bytes);
    if (capacity < *bytes) return rlenv_simple_fail(error, (int32_t)lane, RLENV_E_BUFFER, "the buffer is too small");
    phase = a->phase[lane];
    memcpy(p + 8, &phase, 8);
    for (p += 16, k = 0; k < a->n_opt; k++, p += 16) {
        memcpy(p, &a->opt[(size_t)lane * a->n_opt + k].i, 8);
        memcpy(p + 8, &a->opt[(size_t)lane * a->n_opt + k].f, 8);
    }
    memcpy(p, a->state + (size_t)lane * state_bytes, state_bytes);
    hash = rlenv_simple_hash(a, buffer, *bytes);
    memcpy(buffer, &hash, 8);
    return RLENV_OK;
}
static inline rlenv_status rlenv_simple_load(rlenv_simple *a, uint32_t lane, size_t state_bytes, const void *buffer,
                                             size_t bytes, rlenv_error *error) {
    const char *p = (const char *)buffer;
    rlenv_value *values = a->opt ? a->opt + (size_t)lane * a->n_opt : NULL;
    uint64_t phase, hash;
    uint32_t k;
    if (lane >= a->lanes) return rlenv_simple_fail(error, (int32_t)lane, RLENV_E_ARG, "no such lane");
    if (bytes != rlenv_simple_bytes(a, state_bytes))
        return rlenv_simple_fail(error, (int32_t)lane, RLENV_E_ARG, "the snapshot has the wrong size");
    memcpy(&hash, p, 8);
    memcpy(&phase, p + 8, 8);
    if (hash != rlenv_simple_hash(a, buffer, bytes) || (phase != RLENV_LANE_RUNS && phase != RLENV_LANE_ENDED))
        return rlenv_simple_fail(error, (int32_t)lane, RLENV_E_ARG, "a damaged snapshot, or another environment's");
    for (k = 0; k < a->n_opt; k++) { /* the options of create are the same, or it would be another world */
        const rlenv_option *option = (const rlenv_option *)rlenv_at(&a->env->options, k);
        int64_t count = 0, index;
        memcpy(&index, p + 16 + 16 * (size_t)k, 8);
        if (option->type == RLENV_OPTION_TYPE_ENUM)
            while (option->choices[count]) count++;
        if (option->flags & RLENV_OPTION_AT_RESET
                ? option->type == RLENV_OPTION_TYPE_ENUM && (index < 0 || index >= count)
                : memcmp(&index, &values[k].i, 8) || memcmp(p + 24 + 16 * (size_t)k, &values[k].f, 8)) {
            snprintf(error->message, sizeof error->message, "the snapshot was made with another %s", option->key);
            return rlenv_simple_fail(error, (int32_t)lane, RLENV_E_ARG, "");
        }
    }
    for (k = 0; k < a->n_opt; k++) {
        const rlenv_option *option = (const rlenv_option *)rlenv_at(&a->env->options, k);
        if (!(option->flags & RLENV_OPTION_AT_RESET)) continue;
        memcpy(&values[k].i, p + 16 + 16 * (size_t)k, 8);
        memcpy(&values[k].f, p + 24 + 16 * (size_t)k, 8);
        if (option->type == RLENV_OPTION_TYPE_ENUM) values[k].s = option->choices[values[k].i];
    }
    a->phase[lane] = (uint8_t)phase;
    memcpy(a->state + (size_t)lane * state_bytes, p + 16 + (size_t)a->n_opt * 16u, state_bytes);
    return RLENV_OK;
}

/* ---- reset and step of many lanes; RESET and STEP are constants at each call, so that compilers can see through
 *      them ---------------------------------------------------------------------------------------------------- */
typedef int (*rlenv_simple_function)(void *state, rlenv_cell *);
#if defined(__GNUC__) || defined(__clang__)
#define RLENV_SIMPLE_INLINE static inline __attribute__((always_inline))
#else
#define RLENV_SIMPLE_INLINE static inline
#endif

RLENV_SIMPLE_INLINE rlenv_status rlenv_simple_reset(rlenv_simple *a, const rlenv_batch *b, rlenv_error *error,
                                                    size_t state_bytes, rlenv_simple_function reset) {
    rlenv_status status = rlenv_simple_check(a, b, 0, error);
    rlenv_error mine;
    rlenv_cell c;
    uint32_t k;
    if (status != RLENV_OK) return status;
    rlenv_simple_begin(a, &c, &mine);
    for (k = 0; k < b->count; k++) {
        uint32_t lane = rlenv_lane_at(b, k);
        char *state = a->state + (size_t)lane * state_bytes;
        rlenv_rng rng;
        int answer;
        memcpy(&rng, state, sizeof rng); /* the generator comes first in the state */
        if (b->seeds) rlenv_rng_seed(&rng, b->seeds[lane]);
        memset(state, 0, state_bytes);
        memcpy(state, &rng, sizeof rng);
        if (b->options && a->n_opt)
            memcpy(a->opt + (size_t)lane * a->n_opt, b->options + (size_t)lane * a->n_opt, a->n_opt * sizeof *a->opt);
        rlenv_simple_aim(a, b, lane, &c);
        answer = reset(state, &c);
        a->phase[lane] = answer < 0 ? RLENV_LANE_NEW : RLENV_LANE_RUNS;
        if (answer < 0) {
            status = rlenv_simple_fault(b, lane, answer, error, &mine, "the reset failed");
            if (status != RLENV_E_LANE) return status;
        }
    }
    return status;
}
RLENV_SIMPLE_INLINE rlenv_status rlenv_simple_step(rlenv_simple *a, const rlenv_batch *b, rlenv_error *error,
                                                   size_t state_bytes, rlenv_simple_function step) {
    rlenv_status status = rlenv_simple_check(a, b, 1, error);
    rlenv_error mine;
    rlenv_cell c;
    uint32_t k, j;
    if (status != RLENV_OK) return status;
    rlenv_simple_begin(a, &c, &mine);
    for (k = 0; k < b->count; k++) {
        uint32_t lane = rlenv_lane_at(b, k);
        int flags;
        rlenv_simple_aim(a, b, lane, &c);
        for (j = 0; j < a->n_act; j++) c.act[j] = rlenv_row(&b->act[j], lane);
        flags = step(a->state + (size_t)lane * state_bytes, &c);
        if (flags < 0 || flags == RLENV_FAULT) {
            a->phase[lane] = RLENV_LANE_NEW;
            status = rlenv_simple_fault(b, lane, flags, error, &mine, "the step failed");
            if (status != RLENV_E_LANE) return status;
            continue;
        }
        if (flags) a->phase[lane] = RLENV_LANE_ENDED;
        b->reward[lane] = c.reward;
        b->flags[lane] = (uint8_t)(flags > 255 ? 255 : flags); /* what is not a flag is for the host to refuse */
    }
    return status;
}
static inline rlenv_status rlenv_simple_reseed(rlenv_simple *a, uint32_t lane, size_t state_bytes, uint64_t seed,
                                               rlenv_error *error) {
    rlenv_rng rng;
    if (lane >= a->lanes) return rlenv_simple_fail(error, (int32_t)lane, RLENV_E_ARG, "no such lane");
    rlenv_rng_seed(&rng, seed);
    memcpy(a->state + (size_t)lane * state_bytes, &rng, sizeof rng);
    return RLENV_OK;
}

/* ---- the functions of one environment ------------------------------------------------------------------------- */
#define RLENV_SIMPLE(T, RESET, STEP) RLENV_SIMPLE_MAKE(T, 0, NULL, NULL, RESET, STEP)

#define RLENV_SIMPLE_SHARED(T, SHARED, SETUP, RESET, STEP)                                                        \
static int rlenv_of_##T##_setup(void *shared, rlenv_setup *u) { return SETUP((SHARED *)shared, u); }              \
RLENV_SIMPLE_MAKE(T, sizeof(SHARED), rlenv_of_##T##_setup, NULL, RESET, STEP)

#define RLENV_SIMPLE_OWNING(T, SHARED, SETUP, TEARDOWN, RESET, STEP)                                              \
static int rlenv_of_##T##_setup(void *shared, rlenv_setup *u) { return SETUP((SHARED *)shared, u); }              \
static void rlenv_of_##T##_teardown(void *shared) { TEARDOWN((SHARED *)shared); }                                 \
RLENV_SIMPLE_MAKE(T, sizeof(SHARED), rlenv_of_##T##_setup, rlenv_of_##T##_teardown, RESET, STEP)

#define RLENV_SIMPLE_MAKE(T, SHARED_BYTES, SETUP, TEARDOWN, RESET, STEP)                                          \
typedef char rlenv_of_##T##_starts_with_rng[offsetof(T, rng) == 0 ? 1 : -1];                                      \
static int rlenv_of_##T##_reset_one(void *s, rlenv_cell *c) { return RESET((T *)s, c); }                          \
static int rlenv_of_##T##_step_one(void *s, rlenv_cell *c) { return STEP((T *)s, c); }                            \
static rlenv_status rlenv_of_##T##_create(const rlenv_host *h, const rlenv_env *e, const rlenv_value *o,          \
                                          uint32_t lanes, rlenv_instance **out, rlenv_error *error) {             \
    return rlenv_simple_create(h, e, o, lanes, sizeof(T), SHARED_BYTES, SETUP, TEARDOWN, out, error);             \
}                                                                                                                 \
static rlenv_status rlenv_of_##T##_reset(rlenv_instance *i, const rlenv_batch *b, rlenv_error *error) {           \
    return rlenv_simple_reset((rlenv_simple *)i, b, error, sizeof(T), rlenv_of_##T##_reset_one);                  \
}                                                                                                                 \
static rlenv_status rlenv_of_##T##_step(rlenv_instance *i, const rlenv_batch *b, rlenv_error *error) {            \
    return rlenv_simple_step((rlenv_simple *)i, b, error, sizeof(T), rlenv_of_##T##_step_one);                    \
}                                                                                                                 \
static size_t rlenv_of_##T##_size(rlenv_instance *i) {                                                            \
    return rlenv_simple_bytes((const rlenv_simple *)i, sizeof(T));                                                \
}                                                                                                                 \
static rlenv_status rlenv_of_##T##_save(rlenv_instance *i, uint32_t lane, void *buffer, size_t capacity,          \
                                        size_t *bytes, rlenv_error *error) {                                      \
    return rlenv_simple_save((const rlenv_simple *)i, lane, sizeof(T), buffer, capacity, bytes, error);           \
}                                                                                                                 \
static rlenv_status rlenv_of_##T##_load(rlenv_instance *i, uint32_t lane, const void *buffer, size_t bytes,       \
                                        rlenv_error *error) {                                                     \
    return rlenv_simple_load((rlenv_simple *)i, lane, sizeof(T), buffer, bytes, error);                           \
}                                                                                                                 \
static rlenv_status rlenv_of_##T##_reseed(rlenv_instance *i, uint32_t lane, uint64_t seed, rlenv_error *error) {  \
    return rlenv_simple_reseed((rlenv_simple *)i, lane, sizeof(T), seed, error);                                  \
}

/* the last arguments of RLENV_ENV */
#define RLENV_SIMPLE_CALLS(T)                                                                                     \
    rlenv_of_##T##_create, rlenv_simple_destroy, rlenv_of_##T##_reset, rlenv_of_##T##_step, rlenv_simple_describe,\
    rlenv_of_##T##_size, rlenv_of_##T##_save, rlenv_of_##T##_load, rlenv_of_##T##_reseed, NULL, NULL

/* the plugin's table */
#define RLENV_SIMPLE_PLUGIN(ENVS, ID, VERSION, DOC)                                                               \
    RLENV_PLUGIN(ID, VERSION, NULL, NULL, NULL, DOC, RLENV_LIST(ENVS), NULL, NULL, NULL);
#endif /* RLENV_SIMPLE_H */
