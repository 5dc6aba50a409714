/* A process worker: the parent never loads the plugin. A child does, and serves create, reset, step, save and load by
 * commands over a pipe, with all rows in shared memory. Its results must be those of the same calls in-process, and a
 * snapshot saved in one child must go on in another.
 *
 * What it asks of the ABI: that every buffer comes with the call, that nothing keeps its address, that tables can be
 * told to another process, and that a lane depends on its seed and actions alone.
 *
 *     worker PLUGIN.so ID */
#include "../testhost.h"
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LANES = 5, STEPS = 200, SNAPSHOT = 65536, ROWS = 1 << 16 };
typedef struct {
    char         verb; /* r reset, s step, v save, l load, q quit */
    uint32_t     lane, count;
    uint32_t     lanes[LANES];
    uint64_t     seeds[LANES];
} Command;
typedef struct {
    rlenv_status status;
    uint64_t     hash;
    size_t       bytes;
    rlenv_error  error;
} Answer;
typedef struct { /* what both processes see */
    Answer   answer;
    double   snapshot[SNAPSHOT / sizeof(double)];
    char     rows[ROWS];
} Shared;

/* Moves the rows of a world into shared memory, at addresses of the child's own choice. */
static void share_rows(World *w, Shared *shared) {
    size_t used = 0, k;
    for (k = 0; k < w->about.obs.count; k++) {
        free(w->obs[k].data);
        w->obs[k].data = shared->rows + used;
        used = (used + w->obs[k].stride * LANES + 7) / 8 * 8;
    }
    CHECK(used <= ROWS, "rows");
}
static uint64_t look(World *w, const Command *c) {
    uint64_t hash = FNV_START;
    uint32_t k, j;
    for (k = 0; k < c->count; k++) {
        uint32_t lane = c->lanes[k];
        for (j = 0; j < w->about.obs.count; j++) hash = fnv(hash, rlenv_row(&w->obs[j], lane), w->obs[j].stride);
        hash = fnv(hash, &w->reward[lane], sizeof(double));
        hash = fnv(hash, &w->flags[lane], 1);
        hash = fnv(hash, w->mask + lane * w->mask_length, w->mask_length);
    }
    return hash;
}
/* The same command in any process. Actions follow from the lane's last observation. */
static Answer serve(World *w, const Command *c, void *snapshot) {
    Answer a;
    uint32_t k;
    memset(&a, 0, sizeof a);
    switch (c->verb) {
    case 'r': a.status = world_try_reset(w, c->lanes, c->count, c->seeds, NULL); break;
    case 's':
        for (k = 0; k < c->count; k++) {
            const rlenv_leaf *leaf = (const rlenv_leaf *)w->about.act.data;
            uint64_t taste = fnv(FNV_START, rlenv_row(&w->obs[0], c->lanes[k]), w->obs[0].stride) >> 20;
            if (leaf->kind == RLENV_KIND_DISCRETE)
                *(int32_t *)rlenv_row(&w->act[0], c->lanes[k]) = (int32_t)(taste % (uint64_t)leaf->n);
        }
        a.status = world_try_step(w, c->lanes, c->count);
        break;
    case 'v':
        world_error(w);
        a.status = w->env->save(w->instance, c->lane, snapshot, SNAPSHOT, &a.bytes, &w->error);
        break;
    case 'l':
        world_error(w);
        a.status = w->env->load(w->instance, c->lane, snapshot, w->env->snapshot_size(w->instance), &w->error);
        break;
    }
    a.error = w->error;
    a.hash = look(w, c);
    return a;
}

typedef struct { pid_t pid; int to, from; Shared *shared; } Worker;

static void work(const char *path, const char *id, Worker *me, int commands, int answers) {
    World w;
    Command c;
    const rlenv_env *env = host_find(host_load(path), id);
    w = world_open(env, host_values(env, ""), LANES);
    share_rows(&w, me->shared);
    while (read(commands, &c, sizeof c) == (ssize_t)sizeof c && c.verb != 'q') {
        me->shared->answer = serve(&w, &c, me->shared->snapshot);
        if (write(answers, "", 1) != 1) break;
    }
    env->destroy(w.instance);
    _exit(0);
}
static Worker start(const char *path, const char *id) {
    Worker w;
    int commands[2], answers[2];
    w.shared = (Shared *)mmap(NULL, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(w.shared != MAP_FAILED && pipe(commands) == 0 && pipe(answers) == 0, "shared memory and pipes");
    fflush(stdout);
    w.pid = fork();
    CHECK(w.pid >= 0, "fork");
    if (w.pid == 0) {
        close(commands[1]), close(answers[0]);
        work(path, id, &w, commands[0], answers[1]);
    }
    close(commands[0]), close(answers[1]);
    w.to = commands[1];
    w.from = answers[0];
    return w;
}
static Answer ask(Worker *w, const Command *c) {
    char byte;
    CHECK(write(w->to, c, sizeof *c) == (ssize_t)sizeof *c && read(w->from, &byte, 1) == 1, "the worker has gone");
    return w->shared->answer;
}
static void quit(Worker *w) {
    Command c;
    int status = 0;
    memset(&c, 0, sizeof c);
    c.verb = 'q';
    CHECK(write(w->to, &c, sizeof c) == (ssize_t)sizeof c, "quit");
    CHECK(waitpid(w->pid, &status, 0) == w->pid && status == 0, "the worker ended with status %d", status);
}

static Command command(char verb, const uint32_t *lanes, uint32_t count) {
    Command c;
    uint32_t k;
    memset(&c, 0, sizeof c);
    c.verb = verb;
    c.count = count;
    for (k = 0; k < count; k++) c.lanes[k] = lanes[k], c.lane = lanes[0];
    return c;
}
/* The parent needs the flags too: it reads them from its own world, which is equal. */
static uint32_t ended_lanes(const World *w, uint32_t *lanes) {
    uint32_t lane, count = 0;
    for (lane = 0; lane < LANES; lane++)
        if (w->flags[lane]) lanes[count++] = lane;
    return count;
}
static void same(const Answer *a, const Answer *b, const char *call, int step) {
    CHECK(a->status == b->status && a->hash == b->hash && strcmp(a->error.message, b->error.message) == 0,
          "%s differs at step %d: %d %s", call, step, a->status, a->error.message);
}

int main(int count, char **arguments) {
    static double snapshot[SNAPSHOT / sizeof(double)];
    uint32_t all[LANES] = { 0, 1, 2, 3, 4 }, ended[LANES], n, k;
    uint64_t episode = 1000;
    Worker first, second;
    World here;
    Command c;
    Answer mine, theirs;
    const rlenv_env *env;
    int step;
    CHECK(count == 3, "usage: worker PLUGIN.so ID");
    first = start(arguments[1], arguments[2]);
    second = start(arguments[1], arguments[2]);
    env = host_find(host_load(arguments[1]), arguments[2]);
    here = world_open(env, host_values(env, ""), LANES);

    c = command('s', all, 1); /* out of order: refused in the same words, and nothing has happened */
    mine = serve(&here, &c, snapshot);
    theirs = ask(&first, &c);
    same(&mine, &theirs, "a step before the reset", 0);
    CHECK(mine.status == RLENV_E_STATE, "a step before the reset has status %d", mine.status);

    c = command('r', all, LANES);
    for (k = 0; k < LANES; k++) c.seeds[k] = episode++;
    mine = serve(&here, &c, snapshot);
    theirs = ask(&first, &c);
    same(&mine, &theirs, "reset", 0);
    for (step = 1; step <= STEPS; step++) {
        c = command('s', all, LANES);
        mine = serve(&here, &c, snapshot);
        theirs = ask(&first, &c);
        same(&mine, &theirs, "step", step);
        if ((n = ended_lanes(&here, ended)) == 0) continue;
        c = command('r', ended, n);
        for (k = 0; k < n; k++) c.seeds[ended[k]] = episode++;
        mine = serve(&here, &c, snapshot);
        theirs = ask(&first, &c);
        same(&mine, &theirs, "reset", step);
    }

    for (k = 0; k < LANES; k++) { /* to another process, whose lanes were never reset */
        c = command('v', &all[k], 1);
        theirs = ask(&first, &c);
        CHECK(theirs.status == RLENV_OK && theirs.bytes <= SNAPSHOT, "save: %s", theirs.error.message);
        memcpy(second.shared->snapshot, first.shared->snapshot, theirs.bytes);
        c = command('l', &all[k], 1);
        theirs = ask(&second, &c);
        CHECK(theirs.status == RLENV_OK, "load: %s", theirs.error.message);
    }
    memcpy(second.shared->rows, first.shared->rows, ROWS); /* load writes no observation: the host has it */
    for (step = 0; step < 3; step++) {
        c = command('s', all, LANES);
        mine = serve(&here, &c, snapshot);
        theirs = ask(&second, &c);
        same(&mine, &theirs, "step after load", step);
        if (ended_lanes(&here, ended)) break;
    }
    second.shared->snapshot[1] += 1; /* damaged */
    c = command('l', all, 1);
    theirs = ask(&second, &c);
    CHECK(theirs.status == RLENV_E_ARG, "a damaged snapshot has status %d", theirs.status);
    quit(&first);
    quit(&second);
    world_close(&here);
    printf("%s is the same in another process\n", arguments[2]);
    return 0;
}
