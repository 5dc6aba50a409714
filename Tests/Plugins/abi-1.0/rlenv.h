/* rlenv.h - C ABI for reinforcement-learning environments in shared libraries. Version 1.0, frozen.
 *
 *     cc -shared -fPIC -O2 -Wall -Wextra -Iinclude mine.c -o mine.so -lm
 *     rl-host --env mine.so --algo dqn
 *
 * A plugin is a shared library that exports one data symbol, `rlenv_plugin`: a table of environments.
 * Nothing is linked. This file is C99 and C++11. To write a first environment use rlenv_simple.h, which
 * makes everything below from a struct and two functions; this file is the contract that it fulfils.
 *
 * WORDS
 *  environment  a small world that is acted upon: a pole on a cart, a game, a plant with its controller off.
 *  observation  what the acting side sees: one or more arrays ("leaves") of fixed type and shape.
 *  action       what it does: one or more leaves again, such as one integer out of n.
 *  step         one action taken; the world answers with an observation, a number (the reward, more is
 *               better) and perhaps the end of the episode.
 *  episode      the steps from one reset to an end. TERMINATED: the task itself ended (the pole fell, the
 *               game is won); nothing follows. TRUNCATED: something outside the task stopped it (a clock,
 *               the edge of a recording); it would have gone on. The learner treats the two differently.
 *  lane         one of many independent copies of an environment inside an instance. Calls act on many.
 *  host         the program that loads plugins, owns all buffers and calls the functions below.
 *
 * CONTRACT
 *  Order       [init] -> create -> [describe] -> reset every lane -> step / reset ... -> destroy -> [deinit].
 *              save, reseed and render may come between any two calls, on a lane that was reset; load also on
 *              one that was not. Reading the tables needs no call at all; find needs init.
 *  Reset       A plugin never resets by itself. The observation written with TERMINATED or TRUNCATED is the
 *              final one of that episode. The host resets ended lanes; it never steps an ended lane, nor
 *              one that was never reset, nor one with FAULT.
 *  Seeds       A reset with seeds erases everything earlier in that lane but its options: the episode that follows
 *              depends on the seed, the options and the actions alone, even after FAULT. A host should seed every
 *              reset; the first one it must. A later reset without seeds goes on with the lane's generator.
 *              Same library, options, seed and actions => the same bits of observations, rewards, flags,
 *              masks and metrics, whatever the number of lanes, the lane's index, the order of `lanes`, the
 *              instance, the thread or the process. So: no rand(), no time(), no addresses as values.
 *  Time limit  max_episode_steps is counted and applied by the host. Set TRUNCATED only for limits that the
 *              host cannot know.
 *  Rows        A call writes to the rows of its listed lanes and to no other byte; action rows are for reading
 *              only. It writes every byte of each listed observation row, unless the lane has FAULT. Rows hold
 *              elements in row-major order without gaps. A row is aligned to its element type, not more: it
 *              may start anywhere in a larger buffer.
 *  Values      Observations lie in their space; rewards are finite, also after rounding to 32-bit float.
 *              Actions lie in their space and are allowed by the mask: the host sees to it. A plugin may check
 *              again (RLENV_E_ARG).
 *  Memory      Each side frees what it allocated, nothing else. Buffers in a call belong to the host and
 *              may be elsewhere in the next call: never keep their addresses. Strings in option values live
 *              until destroy (the array of values does not). Tables and strings reachable from rlenv_plugin,
 *              and what find returned, live until deinit and never change; what describe returned lives until
 *              destroy. Text is UTF-8, names and ids without control characters.
 *  Threads     One instance: one call at a time, from any thread. Different instances: concurrently, unless
 *              RLENV_ENV_SINGLE_INSTANCE. create (of different instances) and find: concurrently with each
 *              other and with calls on other instances. init, deinit: alone. host->log: from any thread.
 *              A call has at least 256 KiB of stack.
 *  init        may be called again after deinit, and by a second host in the same process: count the calls
 *              and let the last deinit clean up.
 *  Errors      A call that fails returns a negative status and should fill the rlenv_error it was given.
 *              The status says what is still good; see rlenv_status.
 *  Manners     No exit, abort, longjmp or C++ exception across a call. Nothing on stdout. No signal
 *              handlers, chdir, setlocale or changed floating-point modes left behind: calls come with the
 *              default modes (round to nearest, subnormal numbers kept). Own threads are joined before
 *              destroy returns.
 *
 * GROWTH
 *  Hosts load every plugin of the same ABI major. Structs grow at their end only; a reader copies
 *  min(its size, the writer's size) and takes the rest as zero, which means "absent". Lists carry their
 *  stride, so their elements may grow too. What an old host must not overlook gets a bit in `needs`: a host
 *  refuses bits it does not know. It also refuses environments with a kind, dtype or option type that it
 *  does not know. Other unknown flags are ignored. IDs never change their meaning. */
#ifndef RLENV_H
#define RLENV_H
#include <stddef.h>
#include <stdint.h>

#define RLENV_MAGIC     0x56454C52u /* "RLEV"; byte-swapped: built for the other byte order */
#define RLENV_ABI_MAJOR 1
#define RLENV_ABI_MINOR 0
#define RLENV_MAX_DIMS  6

#if defined(_WIN32)
#define RLENV_EXPORT __declspec(dllexport)
#else
#define RLENV_EXPORT __attribute__((visibility("default")))
#endif

/* Put this word, on a line of its own, before the first function of a file whose results must not depend on
 * whether the compiler joins a*b+c into one rounding (clang does so by default wherever the CPU can, gcc with
 * -march=native). */
#if defined(__clang__)
#define RLENV_EXACT_FLOATS _Pragma("STDC FP_CONTRACT OFF")
#elif defined(__GNUC__)
#define RLENV_EXACT_FLOATS _Pragma("GCC optimize (\"fp-contract=off\")")
#else
#define RLENV_EXACT_FLOATS
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Whether the writer of *p knows this field. For fields newer than 1.0 in rlenv_host, rlenv_batch,
 * rlenv_description and rlenv_frame: read them only behind this test. */
#define RLENV_HAS(p, type, field) ((p)->size >= offsetof(type, field) + sizeof((p)->field))

/* ---- status ------------------------------------------------------------------------------------------ */
typedef int32_t rlenv_status;
/* After a failed reset, step or load the lanes of the call are unusable until a seeded reset or a load; with E_LANE
 * only those with RLENV_FAULT, the others are good. After a failed create there is no instance. Any other call that
 * failed has changed nothing. Two statuses say more: E_INTERNAL and E_FATAL. */
enum {
    RLENV_OK = 0,
    RLENV_E_ARG = -1,         /* the caller broke the contract: no such lane, action outside its space       */
    RLENV_E_STATE = -2,       /* wrong order: a step before the reset, a step of an ended lane               */
    RLENV_E_OPTION = -3,      /* a value the declaration allows but the environment cannot use               */
    RLENV_E_NOMEM = -4,
    RLENV_E_IO = -5,          /* a file, model, ROM or device is missing or bad                              */
    RLENV_E_UNSUPPORTED = -6, /* this call, format or id is not offered                                      */
    RLENV_E_BUFFER = -7,      /* the buffer is too small; the needed size has been written                   */
    RLENV_E_LANE = -8,        /* reset, step: some lanes failed and have RLENV_FAULT                         */
    RLENV_E_INTERNAL = -9,    /* the instance is broken: only destroy may be called. Other instances are good.
                                 A host takes any status that is not listed here for this one */
    RLENV_E_FATAL = -10       /* the library is broken: call nothing more in this process                    */
};
typedef struct rlenv_error { /* frozen; 256 bytes, owned by the host, preset to lane -1 and an empty message */
    int32_t lane;            /* the first lane at fault, or -1 */
    char    message[252];    /* snprintf(error->message, sizeof error->message, ...) */
} rlenv_error;

/* ---- a counted array whose elements may grow ---------------------------------------------------------- */
typedef struct rlenv_list { /* frozen */
    const void *data;       /* any value when count is 0 */
    uint32_t    count;      /* at most 65536 */
    uint32_t    stride;     /* bytes from one element to the next, a multiple of 8; any value when count is 0 */
} rlenv_list;
#define RLENV_LIST(array)                                                                                             \
    { (array), (uint32_t)(sizeof(array) / sizeof((array)[0])), (uint32_t)sizeof((array)[0]) }
#define RLENV_EMPTY { NULL, 0u, 0u }
#define RLENV_NONE_OF(type) { NULL, 0u, (uint32_t)sizeof(type) } /* for a plugin that only has `find` */
/* (These hold commas: write them where they belong, not as arguments of a macro of your own.) */

/* ---- spaces: observations and actions are lists of leaves ---------------------------------------------
 * A bare array is one leaf named "". A dictionary is several leaves named by their paths ("arm/angles"), a
 * tuple has leaves "0", "1", ... A sequence or graph: pad to the maximum and add a leaf for the length. */
enum {
    RLENV_KIND_BOX = 1,            /* numbers between bounds; any dtype                                      */
    RLENV_KIND_DISCRETE = 2,       /* one of start .. start+n-1; scalar (ndim 0)                             */
    RLENV_KIND_MULTI_DISCRETE = 3, /* element k one of starts[k] .. starts[k]+nvec[k]-1; ndim at least 1     */
    RLENV_KIND_MULTI_BINARY = 4,   /* 0 or 1 each; U8, I8 or BOOL                                            */
    RLENV_KIND_TEXT = 5            /* U8 [max], UTF-8 padded with NUL                                        */
}; /* the two discrete kinds: any integer dtype that holds all their values */
enum {
    RLENV_F32 = 1, RLENV_F64 = 2, RLENV_U8 = 3, RLENV_I8 = 4, RLENV_U16 = 5, RLENV_I16 = 6,
    RLENV_U32 = 7, RLENV_I32 = 8, RLENV_I64 = 9, RLENV_BOOL = 10 /* one byte, 0 or 1 */
};
enum {
    RLENV_LEAF_MASKED = 1u << 0, /* action leaf, DISCRETE or MULTI_DISCRETE: has entries in the mask         */
    RLENV_LEAF_IMAGE = 1u << 1,  /* BOX [height, width, channels]: a picture                                 */
    RLENV_LEAF_CHW = 1u << 2     /* with IMAGE: [channels, height, width]                                    */
};
typedef struct rlenv_leaf {
    const char    *name;                  /* [A-Za-z0-9_./-]*, unique in its list */
    int32_t        kind, dtype;           /* RLENV_KIND_*, RLENV_F32 ... */
    uint32_t       flags, ndim;           /* RLENV_LEAF_*; ndim 0 = scalar */
    int64_t        shape[RLENV_MAX_DIMS]; /* each of the first ndim at least 1 */
    double         low, high;             /* BOX: inclusive bounds of every element, low < high ... */
    const double  *lows, *highs;          /* ... or, with both set, one per element, lows[k] <= highs[k]. Bounds are
                                             rounded to the dtype before they are compared with a value.
                                             -/+INFINITY: observations of F32 and F64 only; actions are bounded */
    int64_t        n, start;              /* DISCRETE: n >= 1 */
    const int64_t *nvec, *starts;         /* MULTI_DISCRETE: nvec[k] >= 1; starts NULL = all 0 */
    const char *const *labels;            /* nullable: the n values' or the elements' names, then NULL */
    const char    *doc;                   /* nullable: meaning and units */
} rlenv_leaf;

/* ---- options: declared here, parsed and checked by the host. create gets one value per declared option, in
 *      the declared order, never missing, never outside its bounds. ------------------------------------- */
enum {
    RLENV_OPTION_TYPE_BOOL = 1, RLENV_OPTION_TYPE_INT = 2, RLENV_OPTION_TYPE_FLOAT = 3,
    RLENV_OPTION_TYPE_STRING = 4, RLENV_OPTION_TYPE_ENUM = 5, RLENV_OPTION_TYPE_PATH = 6
};
enum {
    RLENV_OPTION_AT_RESET = 1u << 0 /* BOOL, INT, FLOAT, ENUM: may also change at a reset */
};
typedef struct rlenv_option {
    const char *key;             /* [a-z0-9_-]+, unique */
    int32_t     type;            /* RLENV_OPTION_TYPE_* */
    uint32_t    flags;           /* RLENV_OPTION_AT_RESET */
    const char *def;             /* the default, as a user would type it; NULL: the user must give a value */
    double      min, max;        /* INT, FLOAT: inclusive bounds, none unless min < max; values are finite */
    const char *const *choices;  /* ENUM: NULL-terminated */
    const char *doc;             /* nullable: meaning and unit */
} rlenv_option;
typedef struct rlenv_value {     /* frozen */
    int64_t     i;               /* BOOL 0 or 1, INT, ENUM: the index in choices; otherwise 0 */
    double      f;               /* FLOAT; BOOL and INT as i; otherwise 0 */
    const char *s;               /* STRING, PATH (absolute); ENUM: the choice; otherwise NULL */
} rlenv_value;

/* ---- metrics: numbers for people, beside the reward ----------------------------------------------------
 * The name "success" is reserved: 0 or 1 at the end of an episode, for a success rate. */
enum { RLENV_LAST = 1, RLENV_SUM = 2, RLENV_MEAN = 3, RLENV_MIN = 4, RLENV_MAX = 5 };
typedef struct rlenv_metric {
    const char *name;            /* [A-Za-z0-9_./-]+, unique */
    int32_t     reduce;          /* how the values of an episode become one */
    uint32_t    flags;
    const char *doc;             /* nullable */
} rlenv_metric;

/* ---- what the host offers; lives from before init and create until after deinit --------------------------- */
enum { RLENV_LOG_DEBUG = 0, RLENV_LOG_INFO = 1, RLENV_LOG_WARN = 2, RLENV_LOG_ERROR = 3 };
typedef struct rlenv_host {
    uint32_t    size;                     /* sizeof(rlenv_host) as the host knows it */
    uint16_t    abi_major, abi_minor;     /* what the host speaks */
    const char *name, *version;
    const char *plugin_dir;               /* absolute path of the folder with the plugin's own files */
    void      (*log)(const struct rlenv_host *, int32_t level, const char *message); /* never NULL, nor is the next */
    const void *(*extension)(const struct rlenv_host *, const char *id); /* "vendor.name/1"; NULL = unknown */
} rlenv_host;

/* ---- one call on many lanes ----------------------------------------------------------------------------- */
typedef struct rlenv_rows { /* frozen; the row of lane i starts at (char *)data + i * stride */
    void  *data;
    size_t stride;          /* a multiple of the element size */
} rlenv_rows;
enum {
    RLENV_TERMINATED = 1, RLENV_TRUNCATED = 2, /* both may be set */
    RLENV_FAULT = 4                            /* this lane failed: unusable until a seeded reset */
};
/* Everything is indexed by LANE, not by the position in `lanes`. reset and step write the observations and, where
 * there is one, the mask of every listed lane, and may write metrics; step writes reward and flags too. reset leaves
 * the flags alone, but for FAULT in the lanes that failed when it returns RLENV_E_LANE. */
typedef struct rlenv_batch {
    uint32_t           size;     /* sizeof(rlenv_batch) as the host knows it */
    uint32_t           count;    /* how many lanes, at least 1 */
    const uint32_t    *lanes;    /* which, each once, ascending; NULL = 0 .. count-1 */
    const rlenv_rows  *act;      /* in, step: one per action leaf */
    const rlenv_rows  *obs;      /* out: one per observation leaf */
    double            *reward;   /* out, step: [lane], preset to 0 */
    uint8_t           *flags;    /* out: [lane], preset to 0 */
    uint8_t           *mask;     /* out: [lane][rlenv_mask_length], 1 = allowed in the NEXT step, preset to 1.
                                    Not all 0 in any component, except with TERMINATED, where it is not read;
                                    with TRUNCATED it is. NULL if no action leaf is MASKED. */
    double            *metrics;  /* out: [lane][metrics.count], preset to NAN = nothing to say; nullable */
    const uint64_t    *seeds;    /* in, reset: [lane]; NULL = go on with each lane's generator */
    const rlenv_value *options;  /* in, reset: [lane][options.count]; only AT_RESET values differ from those of
                                    create. They hold for the listed lanes until changed, and are part of a
                                    lane's snapshot. NULL = as before: the last given, at first those of create. */
} rlenv_batch;

/* ---- what an instance is, once its options are known ---------------------------------------------------- */
typedef struct rlenv_description {
    uint32_t    size;                     /* sizeof(rlenv_description) as the host knows it */
    uint32_t    flags, max_episode_steps, reserved;
    double      reward_threshold, reward_min, reward_max;
    const char *id, *doc;
    rlenv_list  obs, act, metrics;
} rlenv_description;                      /* fields as in rlenv_env, and preset to its values. Of the flags only
                                             NONDETERMINISTIC and HAS_THRESHOLD may be changed */

/* ---- a picture of one lane, for exported episodes; never opens a window ---------------------------------- */
enum { RLENV_FRAME_RGB8 = 1 /* [height][width][3] */, RLENV_FRAME_TEXT = 2 /* UTF-8 */ };
typedef struct rlenv_frame {
    uint32_t size;
    int32_t  format;                      /* in: RLENV_FRAME_* */
    uint32_t width, height;               /* in: wished, 0 = any; out: actual */
    void    *data;                        /* in: NULL or too small -> RLENV_E_BUFFER, and bytes is written */
    size_t   capacity, bytes;             /* in; out */
} rlenv_frame;

/* ---- one environment ------------------------------------------------------------------------------------- */
typedef struct rlenv_instance rlenv_instance; /* the plugin's own; the host only passes it on */
enum {
    RLENV_ENV_NONDETERMINISTIC = 1u << 0, /* "Seeds" does not hold: real hardware, a network            */
    RLENV_ENV_SINGLE_INSTANCE = 1u << 1,  /* global state: at most one instance in a process            */
    RLENV_ENV_SINGLE_LANE = 1u << 2,      /* create takes lanes == 1 only                               */
    RLENV_ENV_SLOW_RESET = 1u << 3,       /* a hint for watchdogs                                       */
    RLENV_ENV_HAS_THRESHOLD = 1u << 4,    /* reward_threshold is set                                    */
    RLENV_ENV_WANTS_EXEC = 1u << 5,       /* a sandbox must let it: start programs,                     */
    RLENV_ENV_WANTS_FILES = 1u << 6,      /* read and write files outside plugin_dir and PATH options,  */
    RLENV_ENV_WANTS_NETWORK = 1u << 7     /* open connections                                           */
};
enum { RLENV_NEEDS_AGENTS = 1u << 0 };    /* reserved: several agents share a world. No host of 1.0 has it */
typedef struct rlenv_env {
    const char *id;                       /* [namespace/]Name-vN, such as "CartPole-v1", "acme/Crane-v2": letters,
                                             digits and _ . - */
    const char *doc;                      /* nullable; the first line is a summary */
    uint32_t    flags;                    /* RLENV_ENV_* */
    uint32_t    max_episode_steps;        /* 0 = no limit */
    double      reward_threshold;         /* mean return that counts as solved; read with HAS_THRESHOLD, NAN = none */
    double      reward_min, reward_max;   /* bounds of one step's reward; none unless min < max */
    rlenv_list  options;                  /* of rlenv_option */
    rlenv_list  obs, act;                 /* of rlenv_leaf; both may be empty if describe is there */
    rlenv_list  metrics;                  /* of rlenv_metric */
    uint32_t    agents;                   /* 0 or 1; more is reserved, with RLENV_NEEDS_AGENTS */
    uint32_t    needs;                    /* as in rlenv_plugin, for this environment alone */

    /* All four are required. create gets the plugin's own element, from `envs` or from find, and at least one
     * lane; on success *out is not NULL. destroy takes any instance that create made, in whatever state. */
    rlenv_status (*create)(const rlenv_host *, const struct rlenv_env *, const rlenv_value *options,
                           uint32_t lanes, rlenv_instance **out, rlenv_error *);
    void         (*destroy)(rlenv_instance *);
    rlenv_status (*reset)(rlenv_instance *, const rlenv_batch *, rlenv_error *);
    rlenv_status (*step)(rlenv_instance *, const rlenv_batch *, rlenv_error *);

    /* From here on: NULL = not offered. */

    /* For environments whose spaces, limit, metrics ... depend on the options: overwrite what differs. The
     * answer is the same at every call on one instance. */
    rlenv_status (*describe)(rlenv_instance *, rlenv_description *, rlenv_error *);

    /* A snapshot is all of a lane: its state, its generator, its AT_RESET options, nothing of the other lanes.
     * After load, the same actions give the same bits as after save: in another lane, another instance with
     * the same create options, another process. Load into a lane that was never reset is legal and counts as
     * a seeded reset. It writes no observation. snapshot_size is an upper bound and constant for an instance.
     * Buffers are aligned to 16 bytes. A damaged snapshot is RLENV_E_ARG. All three are present or none. */
    size_t       (*snapshot_size)(rlenv_instance *);
    rlenv_status (*save)(rlenv_instance *, uint32_t lane, void *buffer, size_t capacity, size_t *bytes,
                         rlenv_error *);
    rlenv_status (*load)(rlenv_instance *, uint32_t lane, const void *buffer, size_t bytes, rlenv_error *);

    /* Exchanges the lane's generator and nothing else: for search, which tries several futures of one state. */
    rlenv_status (*reseed)(rlenv_instance *, uint32_t lane, uint64_t seed, rlenv_error *);
    rlenv_status (*render)(rlenv_instance *, uint32_t lane, rlenv_frame *, rlenv_error *);

    /* "vendor.name/1", or NULL. A host that keeps instances in other processes does not pass extensions on. */
    const void  *(*extension)(rlenv_instance *, const char *id);
} rlenv_env;

/* ---- the plugin ------------------------------------------------------------------------------------------ */
typedef struct rlenv_plugin_v1 {
    uint32_t    magic;                    /* these first 16 bytes are the same in every major, for ever */
    uint16_t    abi_major, abi_minor;
    uint32_t    size;                     /* sizeof(rlenv_plugin_v1) as the plugin knows it */
    uint32_t    needs;                    /* RLENV_NEEDS_*: a host that does not know a bit refuses the plugin */
    const char *id;                       /* reverse domain name, "org.example.cranes" */
    const char *version;                  /* of the plugin, "1.2.0" */
    const char *license, *author, *url, *doc; /* nullable */
    rlenv_list  envs;                     /* of rlenv_env; may be empty if find is there */
    rlenv_status (*init)(const rlenv_host *, rlenv_error *);  /* nullable */
    void         (*deinit)(void);                             /* nullable */
    /* Nullable: environments that `envs` does not list (ROMs, models, those of another runtime), asked for by an id
     * that is not among the listed. The answer is an element of envs.stride bytes with that id, the same element
     * each time; or NULL: there is none, with a message if looking failed for another reason. A plugin that lists
     * none says RLENV_NONE_OF(rlenv_env). */
    const rlenv_env *(*find)(const char *id, rlenv_error *);
} rlenv_plugin_v1;
#define RLENV_HEADER RLENV_MAGIC, RLENV_ABI_MAJOR, RLENV_ABI_MINOR, (uint32_t)sizeof(rlenv_plugin_v1)

/* Sizes of version 1.0 on 64-bit systems: a table smaller than this is damaged. */
#define RLENV_SIZE_1_0_PLUGIN      104u
#define RLENV_SIZE_1_0_ENV         208u
#define RLENV_SIZE_1_0_LEAF        152u
#define RLENV_SIZE_1_0_OPTION      56u
#define RLENV_SIZE_1_0_METRIC      24u
#define RLENV_SIZE_1_0_HOST        48u
#define RLENV_SIZE_1_0_BATCH       80u
#define RLENV_SIZE_1_0_DESCRIPTION 104u
#define RLENV_SIZE_1_0_FRAME       40u

#ifndef RLENV_PLUGIN_SYMBOL
#define RLENV_PLUGIN_SYMBOL rlenv_plugin /* rename to link several plugins into one program */
#endif
RLENV_EXPORT extern const rlenv_plugin_v1 RLENV_PLUGIN_SYMBOL;

/* ---- table rows that fill every field, in C and C++ of any year ------------------------------------------- */
#define RLENV_DIMS(...)                      RLENV_DIMS_(__VA_ARGS__, 6u, 5u, 4u, 3u, 2u, 1u, 0u)
#define RLENV_DIMS_(a, b, c, d, e, f, n, ...) n

/* Leaves. The shape comes last: RLENV_BOX("", RLENV_F32, -1, 1, "what", 3, 4) is [3, 4]. The first two take every
 * field there is; the others are shorter ways to write them. */
#define RLENV_LEAF(name, kind, dtype, flags, low, high, lows, highs, n, start, nvec, starts, labels, doc, ...)        \
    { name, kind, dtype, flags, RLENV_DIMS(__VA_ARGS__), { __VA_ARGS__ }, low, high, lows, highs, n, start, nvec,     \
      starts, labels, doc }
#define RLENV_LEAF_SCALAR(name, kind, dtype, flags, low, high, n, start, labels, doc)                                 \
    { name, kind, dtype, flags, 0u, { 0 }, low, high, NULL, NULL, n, start, NULL, NULL, labels, doc }
#define RLENV_BOX(name, dtype, low, high, doc, ...)                                                                   \
    RLENV_LEAF(name, RLENV_KIND_BOX, dtype, 0u, low, high, NULL, NULL, 0, 0, NULL, NULL, NULL, doc, __VA_ARGS__)
#define RLENV_BOX_EACH(name, dtype, lows, highs, labels, doc, ...)                                                    \
    RLENV_LEAF(name, RLENV_KIND_BOX, dtype, 0u, 0, 0, lows, highs, 0, 0, NULL, NULL, labels, doc, __VA_ARGS__)
#define RLENV_SCALAR(name, dtype, low, high, doc)                                                                     \
    RLENV_LEAF_SCALAR(name, RLENV_KIND_BOX, dtype, 0u, low, high, 0, 0, NULL, doc)
#define RLENV_IMAGE(name, height, width, channels, doc)                                                               \
    RLENV_LEAF(name, RLENV_KIND_BOX, RLENV_U8, RLENV_LEAF_IMAGE, 0, 255, NULL, NULL, 0, 0, NULL, NULL, NULL, doc,     \
               height, width, channels)
#define RLENV_DISCRETE(name, n, doc)                                                                                  \
    RLENV_LEAF_SCALAR(name, RLENV_KIND_DISCRETE, RLENV_I32, 0u, 0, 0, n, 0, NULL, doc)
#define RLENV_DISCRETE_NAMED(name, n, labels, doc)                                                                    \
    RLENV_LEAF_SCALAR(name, RLENV_KIND_DISCRETE, RLENV_I32, 0u, 0, 0, n, 0, labels, doc)
#define RLENV_DISCRETE_FROM(name, dtype, n, start, doc) /* start .. start+n-1 */                                      \
    RLENV_LEAF_SCALAR(name, RLENV_KIND_DISCRETE, dtype, 0u, 0, 0, n, start, NULL, doc)
#define RLENV_DISCRETE_MASKED(name, n, doc)                                                                           \
    RLENV_LEAF_SCALAR(name, RLENV_KIND_DISCRETE, RLENV_I32, RLENV_LEAF_MASKED, 0, 0, n, 0, NULL, doc)
#define RLENV_MULTI_DISCRETE(name, nvec, doc)                                                                         \
    RLENV_MULTI_DISCRETE_FROM(name, RLENV_I32, nvec, NULL, doc)
#define RLENV_MULTI_DISCRETE_FROM(name, dtype, nvec, starts, doc)                                                     \
    RLENV_LEAF(name, RLENV_KIND_MULTI_DISCRETE, dtype, 0u, 0, 0, NULL, NULL, 0, 0, nvec, starts, NULL, doc,           \
               sizeof(nvec) / sizeof((nvec)[0]))
#define RLENV_MULTI_DISCRETE_MASKED(name, nvec, doc)                                                                  \
    RLENV_LEAF(name, RLENV_KIND_MULTI_DISCRETE, RLENV_I32, RLENV_LEAF_MASKED, 0, 0, NULL, NULL, 0, 0, nvec, NULL,     \
               NULL, doc, sizeof(nvec) / sizeof((nvec)[0]))
#define RLENV_MULTI_BINARY(name, count, doc)                                                                          \
    RLENV_LEAF(name, RLENV_KIND_MULTI_BINARY, RLENV_U8, 0u, 0, 0, NULL, NULL, 0, 0, NULL, NULL, NULL, doc, count)

/* Options; defaults are text. The first takes every field. */
#define RLENV_OPTION(key, type, flags, def, min, max, choices, doc) { key, type, flags, def, min, max, choices, doc }
#define RLENV_OPTION_BOOL(key, def, doc) RLENV_OPTION(key, RLENV_OPTION_TYPE_BOOL, 0u, def, 0, 0, NULL, doc)
#define RLENV_OPTION_INT(key, def, min, max, doc)                                                                     \
    RLENV_OPTION(key, RLENV_OPTION_TYPE_INT, 0u, def, min, max, NULL, doc)
#define RLENV_OPTION_FLOAT(key, def, min, max, doc)                                                                   \
    RLENV_OPTION(key, RLENV_OPTION_TYPE_FLOAT, 0u, def, min, max, NULL, doc)
#define RLENV_OPTION_STRING(key, def, doc) RLENV_OPTION(key, RLENV_OPTION_TYPE_STRING, 0u, def, 0, 0, NULL, doc)
#define RLENV_OPTION_PATH(key, def, doc) RLENV_OPTION(key, RLENV_OPTION_TYPE_PATH, 0u, def, 0, 0, NULL, doc)
#define RLENV_OPTION_ENUM(key, def, choices, doc)                                                                     \
    RLENV_OPTION(key, RLENV_OPTION_TYPE_ENUM, 0u, def, 0, 0, choices, doc)
#define RLENV_OPTION_BOOL_AT_RESET(key, def, doc)                                                                     \
    RLENV_OPTION(key, RLENV_OPTION_TYPE_BOOL, RLENV_OPTION_AT_RESET, def, 0, 0, NULL, doc)
#define RLENV_OPTION_INT_AT_RESET(key, def, min, max, doc)                                                            \
    RLENV_OPTION(key, RLENV_OPTION_TYPE_INT, RLENV_OPTION_AT_RESET, def, min, max, NULL, doc)
#define RLENV_OPTION_FLOAT_AT_RESET(key, def, min, max, doc)                                                          \
    RLENV_OPTION(key, RLENV_OPTION_TYPE_FLOAT, RLENV_OPTION_AT_RESET, def, min, max, NULL, doc)
#define RLENV_OPTION_ENUM_AT_RESET(key, def, choices, doc)                                                            \
    RLENV_OPTION(key, RLENV_OPTION_TYPE_ENUM, RLENV_OPTION_AT_RESET, def, 0, 0, choices, doc)

#define RLENV_METRIC(name, reduce, doc) { name, reduce, 0u, doc }

/* An environment. options, obs, act, metrics: RLENV_LIST(array) or RLENV_EMPTY. threshold: NAN = none. The
 * functions come last: create, destroy, reset, step, describe, snapshot_size, save, load, reseed, render,
 * extension. */
#define RLENV_ENV(id, doc, flags, max_episode_steps, threshold, reward_min, reward_max, options, obs, act,            \
                  metrics, ...)                                                                                       \
    { id, doc, (flags) | RLENV_ENV_HAS_THRESHOLD, max_episode_steps, threshold, reward_min, reward_max,               \
      options, obs, act, metrics, 0u, 0u, __VA_ARGS__ }

/* The plugin's table. license, author, url, doc, init, deinit and find may be NULL. */
#define RLENV_PLUGIN(id, version, license, author, url, doc, envs, init, deinit, find)                                \
    const rlenv_plugin_v1 RLENV_PLUGIN_SYMBOL = { RLENV_HEADER, 0u, id, version, license, author, url, doc, envs,     \
                                                  init, deinit, find }

/* ---- helpers; inline, nothing to link ---------------------------------------------------------------------- */
static inline uint32_t rlenv_lane_at(const rlenv_batch *b, uint32_t k) { return b->lanes ? b->lanes[k] : k; }
static inline void *rlenv_row(const rlenv_rows *r, uint32_t lane) {
    return (char *)r->data + (size_t)lane * r->stride;
}
static inline const void *rlenv_at(const rlenv_list *list, uint32_t k) {
    return (const char *)list->data + (size_t)k * list->stride;
}
static inline uint64_t rlenv_elements(const rlenv_leaf *leaf) {
    uint64_t n = 1;
    uint32_t d;
    for (d = 0; d < leaf->ndim; d++) n *= (uint64_t)leaf->shape[d];
    return n;
}
static inline uint32_t rlenv_dtype_size(int32_t dtype) {
    switch (dtype) {
    case RLENV_F64: case RLENV_I64: return 8;
    case RLENV_F32: case RLENV_U32: case RLENV_I32: return 4;
    case RLENV_U16: case RLENV_I16: return 2;
    case RLENV_U8: case RLENV_I8: case RLENV_BOOL: return 1;
    }
    return 0;
}
/* Entries of a lane's mask: for each MASKED leaf in order, n entries, or nvec[0], nvec[1], ... entries. */
static inline uint64_t rlenv_mask_length(const rlenv_list *act) {
    uint64_t total = 0, k;
    uint32_t i;
    for (i = 0; i < act->count; i++) {
        const rlenv_leaf *leaf = (const rlenv_leaf *)rlenv_at(act, i);
        if (!(leaf->flags & RLENV_LEAF_MASKED)) continue;
        if (leaf->kind == RLENV_KIND_DISCRETE) total += (uint64_t)leaf->n;
        if (leaf->kind == RLENV_KIND_MULTI_DISCRETE)
            for (k = 0; k < rlenv_elements(leaf); k++) total += (uint64_t)leaf->nvec[k];
    }
    return total;
}

#ifdef __cplusplus
}
#endif
#endif /* RLENV_H */
