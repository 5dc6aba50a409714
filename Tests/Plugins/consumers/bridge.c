/* A plugin that bridges another runtime. It lists no environment: ids such as "other/grid-5x7-v0" are looked up in
 * that runtime, and what they are is known only after create, through describe. The other runtime is a toy here: a
 * grid of H x W cells in which a token has to reach the last corner.
 *
 * What it asks of the ABI: find with a reason when it fails, elements that live until deinit, empty obs and act in
 * the table, leaves made at run time, a generator that is the plugin's own. */
#include "rlenv.h"
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Known { /* what find has handed out */
    struct Known *next;
    rlenv_env     env;
    char          id[64];
    int           height, width;
} Known;
static Known *known;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int hosts;

typedef struct {
    uint64_t random;
    int32_t  row, column;
} Token;
typedef struct {
    int         height, width;
    uint32_t    lanes;
    Token      *tokens;
    rlenv_leaf  obs[2], act[1];
    const char *moves[5];
} Grid;

static rlenv_status fail(rlenv_error *error, rlenv_status status, const char *text) {
    snprintf(error->message, sizeof error->message, "%s", text);
    return status;
}
static void destroy(rlenv_instance *instance) {
    Grid *g = (Grid *)instance;
    free(g->tokens);
    free(g);
}
static rlenv_status create(const rlenv_host *host, const rlenv_env *env, const rlenv_value *options, uint32_t lanes,
                           rlenv_instance **out, rlenv_error *error) {
    static const char *const moves[] = { "up", "down", "left", "right", NULL };
    /* env is the element that find has made */
    const Known *k = (const Known *)(const void *)((const char *)env - offsetof(Known, env));
    Grid *g = (Grid *)calloc(1, sizeof *g);
    (void)host;
    (void)options;
    if (!g) return fail(error, RLENV_E_NOMEM, "out of memory");
    g->height = k->height;
    g->width = k->width;
    g->lanes = lanes;
    g->tokens = (Token *)calloc(lanes, sizeof *g->tokens);
    memcpy(g->moves, moves, sizeof moves);
    if (!g->tokens) {
        destroy((rlenv_instance *)g);
        return fail(error, RLENV_E_NOMEM, "out of memory");
    }
    {
        rlenv_leaf picture = RLENV_BOX("map", RLENV_U8, 0, 1, "1 where the token is", g->height, g->width);
        rlenv_leaf left = RLENV_SCALAR("left", RLENV_F64, 0, g->height + g->width, "moves to the goal at least");
        rlenv_leaf move = RLENV_DISCRETE_NAMED("", 4, g->moves, "where to go");
        g->obs[0] = picture;
        g->obs[1] = left;
        g->act[0] = move;
    }
    *out = (rlenv_instance *)g;
    return RLENV_OK;
}
static rlenv_status describe(rlenv_instance *instance, rlenv_description *d, rlenv_error *error) {
    Grid *g = (Grid *)instance;
    rlenv_list obs = { NULL, 2, sizeof(rlenv_leaf) }, act = { NULL, 1, sizeof(rlenv_leaf) };
    (void)error;
    obs.data = g->obs;
    act.data = g->act;
    d->obs = obs;
    d->act = act;
    d->max_episode_steps = (uint32_t)(10 * (g->height + g->width));
    d->reward_min = -1;
    d->reward_max = 0;
    return RLENV_OK;
}

static void look(const Grid *g, const rlenv_batch *b, uint32_t lane) {
    const Token *t = &g->tokens[lane];
    uint8_t *map = (uint8_t *)rlenv_row(&b->obs[0], lane);
    memset(map, 0, (size_t)g->height * (size_t)g->width);
    map[t->row * g->width + t->column] = 1;
    *(double *)rlenv_row(&b->obs[1], lane) = g->height - 1 - t->row + g->width - 1 - t->column;
}
static uint64_t draw(Token *t) {
    t->random = t->random * 6364136223846793005u + 1442695040888963407u;
    return t->random >> 33;
}
static rlenv_status reset(rlenv_instance *instance, const rlenv_batch *b, rlenv_error *error) {
    Grid *g = (Grid *)instance;
    uint32_t k;
    (void)error;
    for (k = 0; k < b->count; k++) {
        uint32_t lane = rlenv_lane_at(b, k);
        Token *t = &g->tokens[lane];
        if (b->seeds) t->random = b->seeds[lane];
        t->row = (int32_t)(draw(t) % (uint64_t)g->height);
        t->column = 0;
        look(g, b, lane);
    }
    return RLENV_OK;
}
static rlenv_status step(rlenv_instance *instance, const rlenv_batch *b, rlenv_error *error) {
    Grid *g = (Grid *)instance;
    uint32_t k;
    (void)error;
    for (k = 0; k < b->count; k++) {
        uint32_t lane = rlenv_lane_at(b, k);
        Token *t = &g->tokens[lane];
        int32_t move = *(const int32_t *)rlenv_row(&b->act[0], lane);
        t->row += (move == 1 && t->row < g->height - 1) - (move == 0 && t->row > 0);
        t->column += (move == 3 && t->column < g->width - 1) - (move == 2 && t->column > 0);
        look(g, b, lane);
        b->reward[lane] = -1;
        b->flags[lane] = t->row == g->height - 1 && t->column == g->width - 1 ? RLENV_TERMINATED : 0;
    }
    return RLENV_OK;
}

static const rlenv_env *find(const char *id, rlenv_error *error) {
    static const rlenv_env pattern =
        RLENV_ENV(NULL, "A grid of the other runtime.", 0, 0, NAN, 0, 0, RLENV_EMPTY, RLENV_EMPTY, RLENV_EMPTY,
                  RLENV_EMPTY, create, destroy, reset, step, describe, NULL, NULL, NULL, NULL, NULL, NULL);
    Known *k;
    int height = 0, width = 0, used = 0;
    if (sscanf(id, "other/grid-%dx%d-v0%n", &height, &width, &used) != 2 || !used || id[used]) return NULL;
    if (height < 2 || width < 2 || height > 100 || width > 100) {
        fail(error, RLENV_E_ARG, "the other runtime has grids of 2x2 to 100x100");
        return NULL;
    }
    pthread_mutex_lock(&lock); /* find may be called from several threads */
    for (k = known; k && strcmp(k->id, id) != 0; k = k->next) {}
    if (!k && (k = (Known *)calloc(1, sizeof *k)) != NULL) {
        snprintf(k->id, sizeof k->id, "%s", id);
        k->env = pattern;
        k->env.id = k->id;
        k->height = height;
        k->width = width;
        k->next = known;
        known = k;
    }
    pthread_mutex_unlock(&lock);
    return k ? &k->env : NULL;
}
static rlenv_status init(const rlenv_host *host, rlenv_error *error) {
    (void)error;
    if (hosts++ == 0) host->log(host, RLENV_LOG_DEBUG, "the other runtime is up");
    return RLENV_OK;
}
static void deinit(void) {
    if (--hosts > 0) return;
    while (known) {
        Known *next = known->next;
        free(known);
        known = next;
    }
}
RLENV_PLUGIN("org.example.bridge", "1.0.0", NULL, NULL, NULL, "Another runtime", RLENV_NONE_OF(rlenv_env), init, deinit,
             find);
