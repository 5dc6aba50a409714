/* rlenv-run: loads a plugin and plays it with random actions; to debug an environment under gdb, valgrind or a
 * sanitizer, without anything else of this project.
 *
 *     cc -O2 -g -Iinclude tools/rlenv-run.c -o rlenv-run -ldl -lm
 *     ./rlenv-run plugins/mine.so                     # 1000 steps of its only environment
 *     ./rlenv-run plugins/mine.so --list              # what is in it
 *     gdb --args ./rlenv-run plugins/mine.so:Mine-v0 --lanes 4 --seed 7 -E slip=0.2
 *
 * Every call is checked: values in their spaces, finite rewards, known flags, masks, bytes beside the rows. The first
 * episodes are played again in another instance: the same seeds and actions must give the same bits. Exit
 * status 0: all was well; 64: wrong usage; 66: no such file; 69: the plugin is at fault. */
#define _DEFAULT_SOURCE
#include "rlenv.h"
#include <dlfcn.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { USAGE = 64, NO_INPUT = 66, REFUSED = 69 };
enum { MAX_LEAVES = 256, MAX_SETTINGS = 64, GUARD = 16, GUARD_BYTE = 0xA5 };
#define MAX_ROW ((uint64_t)1 << 26)

static void stop(int code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fflush(stdout);
    fputs("rlenv-run: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(code);
}
static void *need(void *memory) {
    if (!memory) stop(1, "out of memory");
    return memory;
}

/* ---- options of the command */
typedef struct {
    char        path[PATH_MAX], dir[PATH_MAX];
    const char *id, *settings[MAX_SETTINGS];
    uint64_t    steps, seed;
    uint32_t    lanes, n_settings;
    int         list, quiet;
} Command;

static uint64_t number(const char *name, const char *text) {
    char *end;
    uint64_t value = strtoull(text ? text : "", &end, 10);
    if (!text || end == text || *end || text[0] == '-')
        stop(USAGE, "%s wants a whole number, not '%s'", name, text ? text : "");
    return value;
}
static Command parse_command(int count, char **arguments) {
    static const char usage[] = "usage: rlenv-run PLUGIN.so[:Id] [--list] [--steps N] [--lanes N] [--seed S] [--quiet] "
                                "[-E key=value]...";
    Command c;
    const char *target = NULL, *colon;
    int k;
    memset(&c, 0, sizeof c);
    c.steps = 1000;
    c.lanes = 1;
    for (k = 1; k < count; k++) {
        const char *word = arguments[k], *next = k + 1 < count ? arguments[k + 1] : NULL;
        if (strcmp(word, "--list") == 0) c.list = 1;
        else if (strcmp(word, "--quiet") == 0) c.quiet = 1;
        else if (strcmp(word, "--steps") == 0) c.steps = number(word, next), k++;
        else if (strcmp(word, "--seed") == 0) c.seed = number(word, next), k++;
        else if (strcmp(word, "--lanes") == 0) c.lanes = (uint32_t)number(word, next), k++;
        else if (strcmp(word, "-E") == 0) {
            if (!next || !strchr(next, '=') || c.n_settings == MAX_SETTINGS) stop(USAGE, "-E wants key=value");
            c.settings[c.n_settings++] = next;
            k++;
        } else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            puts(usage);
            exit(0);
        } else if (word[0] == '-' || target) stop(USAGE, "%s\n%s", word, usage);
        else target = word;
    }
    if (!target) stop(USAGE, "%s", usage);
    if (c.lanes < 1 || c.lanes > 65536) stop(USAGE, "--lanes wants 1 to 65536");
    colon = strstr(target, ".so:");
    if (colon) c.id = colon + 4;
    snprintf(c.dir, sizeof c.dir, "%.*s", colon ? (int)(colon + 3 - target) : (int)strlen(target), target);
    if (!realpath(c.dir, c.path)) stop(NO_INPUT, "%s: no such file", c.dir);
    snprintf(c.dir, sizeof c.dir, "%s", c.path);
    *strrchr(c.dir, '/') = 0;
    return c;
}

/* ---- tables: copies of the known part, the rest zero */
static void copy_known(void *to, size_t known, const void *from, size_t given) {
    memset(to, 0, known);
    memcpy(to, from, given < known ? given : known);
}
static void check_list(const char *where, const char *name, const rlenv_list *list, uint32_t least) {
    if (list->count == 0) return;
    if (!list->data) stop(REFUSED, "%s: %s: %u elements at NULL", where, name, list->count);
    if (list->count > 65536) stop(REFUSED, "%s: %s: %u elements, more than 65536", where, name, list->count);
    if (list->stride < least || list->stride % 8)
        stop(REFUSED, "%s: %s: stride %u is not a multiple of 8 of at least %u", where, name, list->stride, least);
}
static rlenv_leaf leaf_at(const rlenv_list *list, uint32_t k) {
    rlenv_leaf leaf;
    copy_known(&leaf, sizeof leaf, rlenv_at(list, k), list->stride);
    return leaf;
}
static rlenv_option option_at(const rlenv_list *list, uint32_t k) {
    rlenv_option option;
    copy_known(&option, sizeof option, rlenv_at(list, k), list->stride);
    return option;
}
static rlenv_metric metric_at(const rlenv_list *list, uint32_t k) {
    rlenv_metric metric;
    copy_known(&metric, sizeof metric, rlenv_at(list, k), list->stride);
    return metric;
}
static void check_name(const char *where, const char *what, const char *name, int may_be_empty) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-";
    if (!name || (!may_be_empty && !name[0])) stop(REFUSED, "%s: %s without a name", where, what);
    if (name[strspn(name, letters)])
        stop(REFUSED, "%s: %s: '%s' holds more than letters, digits and _./-", where, what, name);
}
static int is_integer(int32_t dtype) {
    return dtype != RLENV_F32 && dtype != RLENV_F64 && dtype != RLENV_BOOL && rlenv_dtype_size(dtype) > 0;
}
static void check_leaf(const char *where, const rlenv_leaf *leaf, int action) {
    const char *name = leaf->name;
    uint64_t elements = 1, k;
    check_name(where, "leaf", name, 1);
    if (leaf->flags & RLENV_LEAF_MASKED &&
        (!action || (leaf->kind != RLENV_KIND_DISCRETE && leaf->kind != RLENV_KIND_MULTI_DISCRETE)))
        stop(REFUSED, "%s: leaf '%s': MASKED is for discrete actions", where, name);
    if (!rlenv_dtype_size(leaf->dtype)) stop(REFUSED, "%s: leaf '%s': dtype %d is unknown", where, name, leaf->dtype);
    if (leaf->ndim > RLENV_MAX_DIMS) stop(REFUSED, "%s: leaf '%s': ndim %u is more than 6", where, name, leaf->ndim);
    for (k = 0; k < leaf->ndim; k++) {
        if (leaf->shape[k] < 1 || (uint64_t)leaf->shape[k] > MAX_ROW / elements)
            stop(REFUSED, "%s: leaf '%s': shape[%d] is %" PRId64, where, name, (int)k, leaf->shape[k]);
        elements *= (uint64_t)leaf->shape[k];
    }
    switch (leaf->kind) {
    case RLENV_KIND_BOX:
        if ((leaf->lows == NULL) != (leaf->highs == NULL))
            stop(REFUSED, "%s: leaf '%s': lows and highs go together", where, name);
        if (!leaf->lows && !(leaf->low < leaf->high))
            stop(REFUSED, "%s: leaf '%s': low %g is not below high %g; are the bounds set?", where, name, leaf->low,
                 leaf->high);
        for (k = 0; k < elements; k++) {
            double low = leaf->lows ? leaf->lows[k] : leaf->low, high = leaf->lows ? leaf->highs[k] : leaf->high;
            if (!(low <= high))
                stop(REFUSED, "%s: leaf '%s': lows[%d] is above highs[%d]", where, name, (int)k, (int)k);
            if (action && !(isfinite(low) && isfinite(high)))
                stop(REFUSED, "%s: leaf '%s': an action needs finite bounds", where, name);
        }
        return;
    case RLENV_KIND_DISCRETE:
        if (leaf->ndim || leaf->n < 1 || !is_integer(leaf->dtype))
            stop(REFUSED, "%s: leaf '%s': DISCRETE is a scalar of an integer dtype with n >= 1", where, name);
        return;
    case RLENV_KIND_MULTI_DISCRETE:
        if (!leaf->nvec || !is_integer(leaf->dtype))
            stop(REFUSED, "%s: leaf '%s': MULTI_DISCRETE has an integer dtype and an nvec", where, name);
        for (k = 0; k < elements; k++)
            if (leaf->nvec[k] < 1) stop(REFUSED, "%s: leaf '%s': nvec[%d] is below 1", where, name, (int)k);
        return;
    case RLENV_KIND_MULTI_BINARY:
        if (rlenv_dtype_size(leaf->dtype) != 1)
            stop(REFUSED, "%s: leaf '%s': MULTI_BINARY is U8, I8 or BOOL", where, name);
        return;
    }
    stop(REFUSED, "%s: leaf '%s': kind %d is not one this program knows", where, name, leaf->kind);
}

static const rlenv_plugin_v1 *load(const Command *c, rlenv_plugin_v1 *plugin) {
    void *library = dlopen(c->path, RTLD_NOW | RTLD_LOCAL);
    const rlenv_plugin_v1 *p = NULL;
    if (!library) stop(REFUSED, "%s", dlerror());
    p = (const rlenv_plugin_v1 *)dlsym(library, "rlenv_plugin");
    if (!p)
        stop(REFUSED, "%s: no symbol rlenv_plugin; was RLENV_SIMPLE_PLUGIN or RLENV_PLUGIN forgotten?", c->path);
    if (p->magic == 0x524C4556u) stop(REFUSED, "%s: built for the other byte order", c->path);
    if (p->magic != RLENV_MAGIC) stop(REFUSED, "%s: rlenv_plugin does not begin with the magic number", c->path);
    if (p->abi_major != RLENV_ABI_MAJOR)
        stop(REFUSED, "%s: built for ABI %u.%u; this program speaks 1.x", c->path, p->abi_major, p->abi_minor);
    if (p->size < RLENV_SIZE_1_0_PLUGIN) stop(REFUSED, "%s: size %u of the table is too small", c->path, p->size);
    if (p->needs) stop(REFUSED, "%s: needs features 0x%x that this program does not know", c->path, p->needs);
    copy_known(plugin, sizeof *plugin, p, p->size);
    if (!plugin->id || !plugin->version) stop(REFUSED, "%s: id and version must be set", c->path);
    check_list(c->path, "envs", &plugin->envs, RLENV_SIZE_1_0_ENV);
    if (!plugin->envs.count && !plugin->find) stop(REFUSED, "%s: no environments and no find", c->path);
    return p;
}

static void print_environment(const rlenv_env *env) {
    static const char *const types[] = { "?", "bool", "int", "float", "string", "enum", "path" };
    const char *doc = env->doc ? env->doc : "";
    uint32_t k;
    printf("%-24s %.*s\n", env->id, (int)strcspn(doc, "\n"), doc);
    check_list(env->id, "options", &env->options, RLENV_SIZE_1_0_OPTION);
    for (k = 0; k < env->options.count; k++) {
        rlenv_option o = option_at(&env->options, k);
        check_name(env->id, "option", o.key, 0);
        printf("    -E %s=%s  %s%s, %s\n", o.key, o.def ? o.def : "...", types[o.type >= 1 && o.type <= 6 ? o.type : 0],
               o.flags & RLENV_OPTION_AT_RESET ? " (also at reset)" : "", o.doc ? o.doc : "");
    }
}
/* [namespace/]Name-vN: letters, digits and _ . - */
static void check_id(const char *id) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    const char *slash = strchr(id, '/'), *name = slash ? slash + 1 : id, *dash = strrchr(name, '-');
    int bad = slash && (slash == id || strspn(id, letters) != (size_t)(slash - id));
    bad = bad || name[strspn(name, letters)] || strlen(id) > 256 || !dash || dash == name || dash[1] != 'v';
    if (bad || !dash[2] || dash[2 + strspn(dash + 2, "0123456789")])
        stop(REFUSED, "environment '%.80s': the id is not [namespace/]Name-vN, such as Crane-v2", id);
}
static const rlenv_env *listed(const rlenv_plugin_v1 *plugin, uint32_t k, rlenv_env *env) {
    const rlenv_env *original = (const rlenv_env *)rlenv_at(&plugin->envs, k);
    copy_known(env, sizeof *env, original, plugin->envs.stride);
    if (!env->id) stop(REFUSED, "environment %u has no id", k);
    check_id(env->id);
    return original;
}
/* Lists the environments, or chooses one; *env becomes a copy, the answer is the plugin's own. */
static const rlenv_env *choose(const Command *c, const rlenv_plugin_v1 *plugin, rlenv_env *env) {
    const rlenv_env *original = NULL;
    rlenv_error error = { -1, "" };
    uint32_t k;
    if (c->list) printf("%s %s, ABI %u.%u\n", plugin->id, plugin->version, plugin->abi_major, plugin->abi_minor);
    for (k = 0; k < plugin->envs.count; k++) {
        original = listed(plugin, k, env);
        if (c->list) print_environment(env);
        else if (c->id ? strcmp(c->id, env->id) == 0 : plugin->envs.count == 1) return original;
    }
    if (c->list) exit(0);
    original = c->id && plugin->find ? plugin->find(c->id, &error) : NULL;
    if (!original && error.message[0]) stop(REFUSED, "%s: %.251s", c->id, error.message);
    if (original) {
        if (plugin->envs.stride < RLENV_SIZE_1_0_ENV)
            stop(REFUSED, "envs.stride is %u; a plugin with find says RLENV_NONE_OF(rlenv_env)", plugin->envs.stride);
        copy_known(env, sizeof *env, original, plugin->envs.stride);
        if (!env->id || strcmp(env->id, c->id)) stop(REFUSED, "find(\"%s\") gave another environment", c->id);
        check_id(env->id);
        return original;
    }
    if (c->id) fprintf(stderr, "rlenv-run: there is no environment %s; there are:\n", c->id);
    else fprintf(stderr, "rlenv-run: choose one, as in plugin.so:Id:\n");
    for (k = 0; k < plugin->envs.count; k++) {
        listed(plugin, k, env);
        fprintf(stderr, "  %s\n", env->id);
    }
    exit(USAGE);
}

/* ---- options of the environment */
static rlenv_value option_value(const rlenv_option *o, const char *text) {
    static char absolute[PATH_MAX];
    rlenv_value v = { 0, 0, NULL };
    char *end = NULL;
    switch (o->type) {
    case RLENV_OPTION_TYPE_BOOL:
        v.i = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
        if (!v.i && strcmp(text, "false") && strcmp(text, "0"))
            stop(USAGE, "%s is true or false, not '%s'", o->key, text);
        v.f = (double)v.i;
        return v;
    case RLENV_OPTION_TYPE_INT:
        v.i = strtoll(text, &end, 10);
        v.f = (double)v.i;
        break;
    case RLENV_OPTION_TYPE_FLOAT: v.f = strtod(text, &end); break;
    case RLENV_OPTION_TYPE_STRING: v.s = text; return v;
    case RLENV_OPTION_TYPE_PATH: v.s = need(strdup(realpath(text, absolute) ? absolute : text)); return v;
    case RLENV_OPTION_TYPE_ENUM:
        for (; o->choices && o->choices[v.i]; v.i++)
            if (strcmp(o->choices[v.i], text) == 0) {
                v.s = o->choices[v.i];
                return v;
            }
        stop(USAGE, "%s: '%s' is not one of its choices", o->key, text);
        return v;
    default: stop(REFUSED, "option %s: type %d is unknown", o->key, o->type);
    }
    if (end == text || *end || !isfinite(v.f)) stop(USAGE, "%s wants a number, not '%s'", o->key, text);
    if (o->min < o->max && (v.f < o->min || v.f > o->max))
        stop(USAGE, "%s=%s is not between %g and %g", o->key, text, o->min, o->max);
    return v;
}
static rlenv_value *option_values(const Command *c, const rlenv_env *env) {
    rlenv_value *values = (rlenv_value *)need(calloc(env->options.count + 1, sizeof *values));
    uint32_t k, j;
    check_list(env->id, "options", &env->options, RLENV_SIZE_1_0_OPTION);
    for (k = 0; k < env->options.count; k++) check_name(env->id, "option", option_at(&env->options, k).key, 0);
    for (j = 0; j < c->n_settings; j++) {
        size_t length = strcspn(c->settings[j], "=");
        for (k = 0; k < env->options.count; k++) {
            rlenv_option o = option_at(&env->options, k);
            if (strlen(o.key) == length && strncmp(o.key, c->settings[j], length) == 0) break;
        }
        if (k == env->options.count)
            stop(USAGE, "%s has no option %.*s; see --list", env->id, (int)length, c->settings[j]);
    }
    for (k = 0; k < env->options.count; k++) {
        rlenv_option o = option_at(&env->options, k);
        const char *text = o.def;
        for (j = 0; j < c->n_settings; j++) {
            size_t length = strcspn(c->settings[j], "=");
            if (strlen(o.key) == length && strncmp(o.key, c->settings[j], length) == 0)
                text = c->settings[j] + length + 1;
        }
        if (!text) stop(USAGE, "%s has no default: give -E %s=...", o.key, o.key);
        values[k] = option_value(&o, text);
    }
    return values;
}

/* ---- elements of rows */
static double get(const void *row, int32_t dtype, uint64_t k) {
    switch (dtype) {
    case RLENV_F32: return ((const float *)row)[k];
    case RLENV_F64: return ((const double *)row)[k];
    case RLENV_I8: return ((const int8_t *)row)[k];
    case RLENV_U16: return ((const uint16_t *)row)[k];
    case RLENV_I16: return ((const int16_t *)row)[k];
    case RLENV_U32: return ((const uint32_t *)row)[k];
    case RLENV_I32: return ((const int32_t *)row)[k];
    case RLENV_I64: return (double)((const int64_t *)row)[k];
    }
    return ((const uint8_t *)row)[k];
}
static void put(void *row, int32_t dtype, uint64_t k, double value) {
    switch (dtype) {
    case RLENV_F32: ((float *)row)[k] = (float)value; return;
    case RLENV_F64: ((double *)row)[k] = value; return;
    case RLENV_I8: ((int8_t *)row)[k] = (int8_t)value; return;
    case RLENV_U16: ((uint16_t *)row)[k] = (uint16_t)value; return;
    case RLENV_I16: ((int16_t *)row)[k] = (int16_t)value; return;
    case RLENV_U32: ((uint32_t *)row)[k] = (uint32_t)value; return;
    case RLENV_I32: ((int32_t *)row)[k] = (int32_t)value; return;
    case RLENV_I64: ((int64_t *)row)[k] = (int64_t)value; return;
    }
    ((uint8_t *)row)[k] = (uint8_t)value;
}
static void bounds(const rlenv_leaf *leaf, uint64_t k, double *low, double *high) {
    *low = 0;
    *high = 1;
    if (leaf->kind == RLENV_KIND_BOX) {
        *low = leaf->lows ? leaf->lows[k] : leaf->low;
        *high = leaf->lows ? leaf->highs[k] : leaf->high;
        if (leaf->dtype == RLENV_F32) *low = (float)*low, *high = (float)*high;
    } else if (leaf->kind == RLENV_KIND_DISCRETE) {
        *low = (double)leaf->start;
        *high = (double)(leaf->start + leaf->n - 1);
    } else if (leaf->kind == RLENV_KIND_MULTI_DISCRETE) {
        *low = leaf->starts ? (double)leaf->starts[k] : 0;
        *high = *low + (double)(leaf->nvec[k] - 1);
    }
}

/* ---- the game */
typedef struct {
    rlenv_leaf leaf;
    rlenv_rows rows;
    size_t     bytes;
} Leaf;
/* What all lanes write side by side, [lane][row], with guard bytes at both ends. The copy is what it held before the
 * call, so that what a call does to rows of other lanes is seen too. */
typedef struct {
    const char    *name;
    unsigned char *rows, *copy;
    size_t         row;
} Block;
enum { REWARD, FLAGS, MASK, METRICS, BLOCKS };
/* What lane 0 was given and answered in its first episodes: for each call a seed or 'step' and the action, then the
 * rows. It is played again afterwards. */
enum { TAPE_EPISODES = 8, TAPE_CALLS = 4096, TAPE_BYTES = 1 << 26 };
typedef struct {
    unsigned char *bytes;
    size_t         length, capacity, at;
    uint32_t       episodes, calls;
    int            plays, full;
} Tape;
typedef struct {
    const Command    *command;
    const rlenv_env  *env;
    rlenv_instance   *instance;
    rlenv_description about;
    Leaf              obs[MAX_LEAVES], act[MAX_LEAVES];
    rlenv_rows        obs_rows[MAX_LEAVES], act_rows[MAX_LEAVES];
    Tape              tape;
    Block             blocks[BLOCKS]; /* reward, flags, mask and metrics point into them */
    double           *reward, *metrics, *sums, *returns;
    uint8_t          *flags, *mask;
    uint64_t         *seeds, *lengths, random, episodes, mask_length;
    uint32_t         *ended;
    double            total_return;
} Game;

/* SplitMix64 (Steele, Lea and Flood 2014): the actions and the episodes' seeds. */
static uint64_t draw(uint64_t *state) {
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}
static double draw_unit(uint64_t *state) { return (double)(draw(state) >> 11) * 0x1p-53; }

static uint32_t make_leaves(const Game *g, const char *name, const rlenv_list *list, Leaf *leaves, rlenv_rows *rows) {
    uint32_t k, j, lanes = g->command->lanes;
    check_list(g->env->id, name, list, RLENV_SIZE_1_0_LEAF);
    if (list->count < 1 || list->count > MAX_LEAVES)
        stop(REFUSED, "%s: %s has %u leaves", g->env->id, name, list->count);
    for (k = 0; k < list->count; k++) {
        leaves[k].leaf = leaf_at(list, k);
        check_leaf(g->env->id, &leaves[k].leaf, leaves == g->act);
        for (j = 0; j < k; j++)
            if (strcmp(leaves[j].leaf.name, leaves[k].leaf.name) == 0)
                stop(REFUSED, "%s: %s has two leaves named '%s'", g->env->id, name, leaves[k].leaf.name);
        leaves[k].bytes = (size_t)rlenv_elements(&leaves[k].leaf) * rlenv_dtype_size(leaves[k].leaf.dtype);
        rows[k].stride = leaves[k].bytes + GUARD;
        /* not filled: valgrind sees what is never written */
        rows[k].data = (char *)need(malloc(GUARD + rows[k].stride * lanes)) + GUARD;
        memset((char *)rows[k].data - GUARD, GUARD_BYTE, GUARD);
        for (j = 0; j < lanes; j++) memset((char *)rlenv_row(&rows[k], j) + leaves[k].bytes, GUARD_BYTE, GUARD);
        leaves[k].rows = rows[k];
    }
    return list->count;
}
static void *make_block(Game *g, int which, const char *name, size_t row) {
    Block *block = &g->blocks[which];
    size_t bytes = row * g->command->lanes;
    block->name = name;
    block->row = row;
    block->rows = (unsigned char *)need(malloc(bytes + 2 * GUARD)) + GUARD;
    block->copy = (unsigned char *)need(malloc(bytes + 1));
    memset(block->rows - GUARD, GUARD_BYTE, GUARD);
    memset(block->rows, 0, bytes);
    memset(block->rows + bytes, GUARD_BYTE, GUARD);
    return block->rows;
}
static void must(const Game *g, const char *call, rlenv_status status, const rlenv_error *error) {
    char lane[32] = "";
    if (status == RLENV_OK) return;
    if (error->lane >= 0) snprintf(lane, sizeof lane, " (lane %d)", error->lane);
    stop(REFUSED, "%s: %s failed with status %d%s: %.251s", g->env->id, call, status, lane,
         error->message[0] ? error->message : "no message");
}

static void complain(const Game *g, uint32_t lane, const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    stop(REFUSED, "%s: lane %u, step %" PRIu64 " of the episode with seed %" PRIu64 ": %s", g->env->id, lane,
         g->lengths[lane], g->seeds[lane], text);
}
static void check_observation(const Game *g, uint32_t lane) {
    uint32_t k;
    uint64_t j;
    for (k = 0; k < g->about.obs.count; k++) {
        const Leaf *l = &g->obs[k];
        const unsigned char *row = (const unsigned char *)rlenv_row(&l->rows, lane);
        for (j = 0; j < rlenv_elements(&l->leaf); j++) {
            double value = get(row, l->leaf.dtype, j), low, high;
            bounds(&l->leaf, j, &low, &high);
            if (!isfinite(value) || value < low || value > high)
                complain(g, lane, "observation '%s'[%" PRIu64 "] is %g, outside %g ... %g", l->leaf.name, j, value, low,
                         high);
        }
    }
}
/* The bytes at one end of a row; `lane` is the one to name. */
static void check_guard(const Game *g, uint32_t lane, const char *name, const unsigned char *guard,
                        const char *side) {
    int k;
    for (k = 0; k < GUARD; k++)
        if (guard[k] != GUARD_BYTE)
            complain(g, lane, "bytes %s the row of %s were overwritten; in gdb: watch *(unsigned char *)%p", side, name,
                     (const void *)(guard + k));
}
static void keep_blocks(Game *g) {
    int k;
    for (k = 0; k < BLOCKS; k++) memcpy(g->blocks[k].copy, g->blocks[k].rows, g->blocks[k].row * g->command->lanes);
}
/* After a call: nothing beside the rows of the listed lanes has changed. */
static void check_strays(const Game *g, const rlenv_batch *b) {
    uint32_t lanes = g->command->lanes, k, lane, listed = 0;
    for (k = 0; k < g->about.obs.count; k++) {
        const Leaf *l = &g->obs[k];
        char name[128];
        snprintf(name, sizeof name, "observation '%s'", l->leaf.name);
        check_guard(g, 0, name, (const unsigned char *)l->rows.data - GUARD, "before");
        for (lane = 0; lane < lanes; lane++)
            check_guard(g, lane, name, (const unsigned char *)rlenv_row(&l->rows, lane) + l->bytes, "behind");
    }
    for (k = 0; k < BLOCKS; k++) {
        const Block *block = &g->blocks[k];
        check_guard(g, 0, block->name, block->rows - GUARD, "before");
        check_guard(g, lanes - 1, block->name, block->rows + block->row * lanes, "behind");
    }
    for (lane = 0; lane < lanes; lane++) {
        if (listed < b->count && rlenv_lane_at(b, listed) == lane) {
            listed++;
            continue;
        }
        for (k = 0; k < BLOCKS; k++) {
            size_t row = g->blocks[k].row;
            if (memcmp(g->blocks[k].rows + row * lane, g->blocks[k].copy + row * lane, row))
                complain(g, lane, "the row of %s was overwritten by a call that does not list this lane",
                         g->blocks[k].name);
        }
    }
}
/* Each component must leave something to choose. */
static void check_mask(const Game *g, uint32_t lane) {
    const uint8_t *mask = g->mask + (size_t)lane * g->mask_length;
    uint32_t k;
    uint64_t j, i;
    for (k = 0; k < g->about.act.count; k++) {
        const rlenv_leaf *leaf = &g->act[k].leaf;
        if (!(leaf->flags & RLENV_LEAF_MASKED)) continue;
        for (j = 0; j < rlenv_elements(leaf); j++) {
            uint64_t n = (uint64_t)(leaf->kind == RLENV_KIND_DISCRETE ? leaf->n : leaf->nvec[j]), allowed = 0;
            for (i = 0; i < n; i++) {
                if (mask[i] > 1) complain(g, lane, "mask of '%s' holds %d", leaf->name, mask[i]);
                allowed += mask[i];
            }
            if (!allowed) complain(g, lane, "mask of '%s' allows nothing", leaf->name);
            mask += n;
        }
    }
}
static void choose_actions(Game *g, uint32_t lane) {
    const uint8_t *mask = g->mask + (size_t)lane * g->mask_length;
    uint32_t k;
    uint64_t j;
    for (k = 0; k < g->about.act.count; k++) {
        const Leaf *l = &g->act[k];
        void *row = rlenv_row(&l->rows, lane);
        for (j = 0; j < rlenv_elements(&l->leaf); j++) {
            int real = l->leaf.dtype == RLENV_F32 || l->leaf.dtype == RLENV_F64;
            double low, high, value;
            bounds(&l->leaf, j, &low, &high);
            do value = low + (real ? (high - low) * draw_unit(&g->random)
                                   : floor((high - low + 1) * draw_unit(&g->random)));
            while (l->leaf.flags & RLENV_LEAF_MASKED && !mask[(size_t)(value - low)]);
            if (l->leaf.flags & RLENV_LEAF_MASKED) mask += (size_t)(high - low) + 1;
            put(row, l->leaf.dtype, j, value);
        }
    }
}

static rlenv_batch batch(Game *g, uint32_t count, const uint32_t *lanes) {
    rlenv_batch b;
    uint32_t k, j;
    memset(&b, 0, sizeof b);
    b.size = sizeof b;
    b.count = count;
    b.lanes = lanes;
    b.act = g->act_rows;
    b.obs = g->obs_rows;
    b.reward = g->reward;
    b.flags = g->flags;
    b.mask = g->mask_length ? g->mask : NULL;
    b.metrics = g->about.metrics.count ? g->metrics : NULL;
    b.seeds = NULL;
    for (k = 0; k < count; k++) {
        uint32_t lane = rlenv_lane_at(&b, k);
        g->reward[lane] = 0;
        g->flags[lane] = 0;
        memset(g->mask + lane * g->mask_length, 1, g->mask_length);
        for (j = 0; j < g->about.metrics.count; j++) g->metrics[lane * g->about.metrics.count + j] = NAN;
    }
    keep_blocks(g);
    return b;
}
static void reset_seeded(Game *g, uint32_t count, const uint32_t *lanes) {
    rlenv_error error = { -1, "" };
    rlenv_batch b = batch(g, count, lanes);
    uint32_t k;
    b.seeds = g->seeds;
    must(g, "reset", g->env->reset(g->instance, &b, &error), &error);
    check_strays(g, &b);
    for (k = 0; k < count; k++) {
        uint32_t lane = lanes ? lanes[k] : k;
        if (g->flags[lane]) complain(g, lane, "reset must not set flags (%d)", g->flags[lane]);
        check_observation(g, lane);
        check_mask(g, lane);
    }
}
static void reset(Game *g, uint32_t count, const uint32_t *lanes) {
    uint32_t k, j;
    for (k = 0; k < count; k++) {
        uint32_t lane = lanes ? lanes[k] : k;
        uint64_t mixed = g->command->seed + 0x632BE59BD9B4E019u * ++g->episodes;
        g->seeds[lane] = g->episodes == 1 ? g->command->seed : draw(&mixed) >> 11;
        g->lengths[lane] = 0;
        g->returns[lane] = 0;
        for (j = 0; j < g->about.metrics.count; j++) g->sums[lane * g->about.metrics.count + j] = NAN;
    }
    reset_seeded(g, count, lanes);
}
static void gather_metrics(Game *g, uint32_t lane) {
    uint32_t k, n = g->about.metrics.count;
    for (k = 0; k < n; k++) {
        double value = g->metrics[lane * n + k], *sum = &g->sums[lane * n + k];
        if (isnan(value)) continue;
        switch (isnan(*sum) ? RLENV_LAST : metric_at(&g->about.metrics, k).reduce) {
        case RLENV_SUM: case RLENV_MEAN: *sum += value; break;
        case RLENV_MIN: *sum = fmin(*sum, value); break;
        case RLENV_MAX: *sum = fmax(*sum, value); break;
        default: *sum = value;
        }
    }
}
static void end_episode(Game *g, uint32_t lane, int flags, uint64_t number_of) {
    uint32_t k;
    g->total_return += g->returns[lane];
    if (g->command->quiet) return;
    printf("episode %" PRIu64 ": lane %u, seed %" PRIu64 ", %" PRIu64 " steps, return %g, %s%s", number_of, lane,
           g->seeds[lane], g->lengths[lane], g->returns[lane], flags & RLENV_TERMINATED ? "terminated" : "truncated",
           flags == (RLENV_TERMINATED | RLENV_TRUNCATED) ? " and truncated" : "");
    for (k = 0; k < g->about.metrics.count; k++) {
        double sum = g->sums[lane * g->about.metrics.count + k];
        rlenv_metric metric = metric_at(&g->about.metrics, k);
        if (metric.reduce == RLENV_MEAN) sum /= (double)g->lengths[lane];
        if (!isnan(sum)) printf(", %s %g", metric.name, sum);
    }
    printf("\n");
}
/* Looks at one lane after a step; the answer is its flags, with the time limit. */
static int judge(Game *g, uint32_t lane) {
    int flags = g->flags[lane];
    g->lengths[lane]++;
    if (flags & ~(RLENV_TERMINATED | RLENV_TRUNCATED)) complain(g, lane, "flags are 0x%x", flags);
    if (!isfinite((float)g->reward[lane])) complain(g, lane, "the reward is %g", g->reward[lane]);
    check_observation(g, lane);
    if (!(flags & RLENV_TERMINATED)) check_mask(g, lane);
    g->returns[lane] += g->reward[lane];
    gather_metrics(g, lane);
    if (g->about.max_episode_steps && g->lengths[lane] >= g->about.max_episode_steps) flags |= RLENV_TRUNCATED;
    return flags;
}
/* Records what is there, or, when the tape plays, compares it; 0 if it differs. */
static int tape_pass(Tape *t, const void *bytes, size_t size) {
    if (t->plays) {
        int same = memcmp(t->bytes + t->at, bytes, size) == 0;
        t->at += size;
        return same;
    }
    if (t->length + size > t->capacity) {
        t->capacity = 2 * t->capacity + size;
        t->bytes = (unsigned char *)need(realloc(t->bytes, t->capacity));
    }
    if (size) memcpy(t->bytes + t->length, bytes, size);
    t->length += size;
    return 1;
}
static void tape_answer(Game *g, uint32_t lane) {
    static const char problem[] = "%s differ%s when the same seed and actions are played again, in lane %u of %s; is "
                                  "there rand(), time(), a changing static variable or memory that is not set?";
    const char *place = g->about.flags & RLENV_ENV_SINGLE_INSTANCE ? "this instance" : "another instance";
    char name[128];
    uint32_t k;
    int ended = g->flags[lane] & RLENV_TERMINATED;
    for (k = 0; k < g->about.obs.count; k++) {
        snprintf(name, sizeof name, "observation '%s'", g->obs[k].leaf.name);
        if (!tape_pass(&g->tape, rlenv_row(&g->obs[k].rows, lane), g->obs[k].bytes))
            complain(g, lane, problem, name, "s", lane, place);
    }
    for (k = 0; k < BLOCKS; k++) {
        const Block *block = &g->blocks[k];
        int same = tape_pass(&g->tape, block->rows + block->row * lane, block->row);
        if (!same && !(k == MASK && ended))
            complain(g, lane, problem, block->name, k == REWARD || k == MASK ? "s" : "", lane, place);
    }
}
static void tape_reset(Game *g) {
    Tape *t = &g->tape;
    uint64_t seed = g->seeds[0];
    unsigned char is_step = 0;
    if (t->full || t->episodes++ == TAPE_EPISODES) {
        t->full = 1;
        return;
    }
    tape_pass(t, &is_step, 1);
    tape_pass(t, &seed, sizeof seed);
    tape_answer(g, 0);
}
static void tape_step(Game *g) {
    Tape *t = &g->tape;
    unsigned char is_step = 1;
    uint32_t k;
    if (t->full || t->calls++ == TAPE_CALLS || t->length > TAPE_BYTES) {
        t->full = 1;
        return;
    }
    tape_pass(t, &is_step, 1);
    for (k = 0; k < g->about.act.count; k++) tape_pass(t, g->act_rows[k].data, g->act[k].bytes);
    tape_answer(g, 0);
}
static void step(Game *g, uint32_t count, const uint32_t *lanes) {
    rlenv_error error = { -1, "" };
    rlenv_batch b = batch(g, count, lanes);
    must(g, "step", g->env->step(g->instance, &b, &error), &error);
    check_strays(g, &b);
}
/* In every second round the lanes with even and with odd numbers go apart, so that what a lane writes into its
 * neighbours' rows is seen. */
static void step_all(Game *g, int apart) {
    uint32_t lanes = g->command->lanes, first, lane, count;
    if (!apart || lanes == 1) {
        step(g, lanes, NULL);
        return;
    }
    for (first = 0; first < 2; first++) {
        for (lane = first, count = 0; lane < lanes; lane += 2) g->ended[count++] = lane;
        step(g, count, g->ended);
    }
}
/* The contract's "Seeds": plays the tape in the last lane, of another instance where there may be one, and compares. */
static void replay(Game *g, const rlenv_host *host, const rlenv_env *original, const rlenv_value *values) {
    Tape *t = &g->tape;
    rlenv_instance *first = g->instance;
    rlenv_error error = { -1, "" };
    uint32_t lanes = g->command->lanes, lane = lanes - 1, k;
    if (g->about.flags & RLENV_ENV_NONDETERMINISTIC) return;
    if (!(g->about.flags & RLENV_ENV_SINGLE_INSTANCE)) {
        must(g, "create", g->env->create(host, original, values, lanes, &g->instance, &error), &error);
        if (!g->instance) stop(REFUSED, "%s: create gave no instance", g->env->id);
    }
    reset(g, lanes, NULL);
    t->plays = 1;
    while (t->at < t->length) {
        if (t->bytes[t->at++]) {
            for (k = 0; k < g->about.act.count; k++) {
                memcpy(rlenv_row(&g->act_rows[k], lane), t->bytes + t->at, g->act[k].bytes);
                t->at += g->act[k].bytes;
            }
            step(g, 1, &lane);
            g->lengths[lane]++;
        } else {
            memcpy(&g->seeds[lane], t->bytes + t->at, sizeof g->seeds[lane]);
            t->at += sizeof g->seeds[lane];
            g->lengths[lane] = 0;
            reset_seeded(g, 1, &lane);
        }
        tape_answer(g, lane);
    }
    if (g->instance != first) g->env->destroy(g->instance);
    g->instance = first;
}
static uint64_t play(Game *g) {
    uint64_t steps = 0, finished = 0, round = 0;
    uint32_t lane, lanes = g->command->lanes, ended;
    reset(g, lanes, NULL);
    tape_reset(g);
    while (steps < g->command->steps) {
        for (lane = 0; lane < lanes; lane++) choose_actions(g, lane);
        step_all(g, round++ % 2 == 0);
        tape_step(g);
        for (lane = 0, ended = 0; lane < lanes; lane++) {
            int flags = judge(g, lane);
            if (flags) {
                end_episode(g, lane, flags, ++finished);
                g->ended[ended++] = lane;
            }
        }
        if (ended) reset(g, ended, g->ended);
        if (ended && g->ended[0] == 0) tape_reset(g);
        steps += lanes;
    }
    if (finished)
        printf("%" PRIu64 " steps, %" PRIu64 " episodes, mean return %g\n", steps, finished,
               g->total_return / (double)finished);
    else printf("%" PRIu64 " steps, no episode ended\n", steps);
    return steps;
}

static void open_game(Game *g, const rlenv_host *host, const rlenv_env *original, const rlenv_value *values) {
    rlenv_error error = { -1, "" };
    uint32_t lanes = g->command->lanes, k;
    rlenv_list masked;
    rlenv_leaf known[MAX_LEAVES];
    if (!g->env->create || !g->env->destroy || !g->env->reset || !g->env->step)
        stop(REFUSED, "%s: create, destroy, reset and step must all be there", g->env->id);
    if (g->env->needs || g->env->agents > 1)
        stop(REFUSED, "%s: needs features that this program does not know", g->env->id);
    if (g->env->flags & RLENV_ENV_SINGLE_LANE && lanes > 1) stop(USAGE, "%s takes --lanes 1 only", g->env->id);
    must(g, "create", g->env->create(host, original, values, lanes, &g->instance, &error), &error);
    if (!g->instance) stop(REFUSED, "%s: create gave no instance", g->env->id);
    g->about.size = sizeof g->about;
    g->about.flags = g->env->flags;
    g->about.max_episode_steps = g->env->max_episode_steps;
    g->about.obs = g->env->obs;
    g->about.act = g->env->act;
    g->about.metrics = g->env->metrics;
    if (g->env->describe) must(g, "describe", g->env->describe(g->instance, &g->about, &error), &error);
    make_leaves(g, "obs", &g->about.obs, g->obs, g->obs_rows);
    make_leaves(g, "act", &g->about.act, g->act, g->act_rows);
    check_list(g->env->id, "metrics", &g->about.metrics, RLENV_SIZE_1_0_METRIC);
    for (k = 0; k < g->about.metrics.count; k++)
        check_name(g->env->id, "metric", metric_at(&g->about.metrics, k).name, 0);
    for (k = 0; k < g->about.act.count; k++) known[k] = g->act[k].leaf;
    masked.data = known;
    masked.count = g->about.act.count;
    masked.stride = sizeof known[0];
    g->mask_length = rlenv_mask_length(&masked);
    g->reward = (double *)make_block(g, REWARD, "the reward", sizeof *g->reward);
    g->flags = (uint8_t *)make_block(g, FLAGS, "the flags", 1);
    g->mask = (uint8_t *)make_block(g, MASK, "the mask", (size_t)g->mask_length);
    g->metrics = (double *)make_block(g, METRICS, "the metrics", g->about.metrics.count * sizeof *g->metrics);
    g->returns = (double *)need(calloc(lanes, sizeof *g->returns));
    g->sums = (double *)need(calloc((size_t)lanes * g->about.metrics.count + 1, sizeof *g->sums));
    g->seeds = (uint64_t *)need(calloc(lanes, sizeof *g->seeds));
    g->lengths = (uint64_t *)need(calloc(lanes, sizeof *g->lengths));
    g->ended = (uint32_t *)need(calloc(lanes, sizeof *g->ended));
    g->random = g->command->seed;
}
static void close_game(Game *g) {
    uint32_t k;
    g->env->destroy(g->instance);
    for (k = 0; k < g->about.obs.count; k++) free((char *)g->obs_rows[k].data - GUARD);
    for (k = 0; k < g->about.act.count; k++) free((char *)g->act_rows[k].data - GUARD);
    for (k = 0; k < BLOCKS; k++) free(g->blocks[k].rows - GUARD), free(g->blocks[k].copy);
    free(g->tape.bytes), free(g->returns), free(g->sums), free(g->seeds), free(g->lengths), free(g->ended);
}

static void host_log(const rlenv_host *host, int32_t level, const char *message) {
    static const char *const names[] = { "debug", "info", "warning", "error" };
    (void)host;
    fprintf(stderr, "%s: %s\n", names[level >= 0 && level <= 3 ? level : 3], message);
}
static const void *host_extension(const rlenv_host *host, const char *id) {
    (void)host;
    (void)id;
    return NULL;
}

int main(int count, char **arguments) {
    static Game game;
    Command command = parse_command(count, arguments);
    rlenv_host host = { sizeof(rlenv_host), RLENV_ABI_MAJOR, RLENV_ABI_MINOR, "rlenv-run", "1.0", NULL, host_log,
                        host_extension };
    rlenv_plugin_v1 plugin;
    rlenv_env env;
    const rlenv_env *original;
    rlenv_value *values;
    rlenv_error error = { -1, "" };
    clock_t start;
    uint64_t steps;
    host.plugin_dir = command.dir;
    load(&command, &plugin);
    if (plugin.init && plugin.init(&host, &error) != RLENV_OK) stop(REFUSED, "init failed: %s", error.message);
    original = choose(&command, &plugin, &env);
    values = option_values(&command, &env);
    game.command = &command;
    game.env = &env;
    open_game(&game, &host, original, values);
    start = clock();
    steps = play(&game);
    if (!command.quiet)
        printf("%.0f ns a step, with the checks\n", 1e9 * (double)(clock() - start) / CLOCKS_PER_SEC / (double)steps);
    replay(&game, &host, original, values);
    close_game(&game);
    free(values);
    if (plugin.deinit) plugin.deinit();
    return 0;
}
