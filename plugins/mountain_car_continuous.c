/* MountainCarContinuous-v0: a car in a valley, too weak to climb out of it without a run-up, and a price on force.
 *
 *     cc -shared -fPIC -O2 -Wall -Wextra -Iinclude plugins/mountain_car_continuous.c \
 *        -o plugins/mountain_car_continuous.so -lm
 *
 * After Moore, "Efficient memory-based learning for robot control" (1990), with the constants, order of operations,
 * widths and generator of Gymnasium 1.4 on numpy 2: states, observations, rewards, flags and seeded resets are equal
 * to the bit. There a position that a reset has drawn has 64 bits, and so has the arithmetic of the first step; each
 * step rounds the state to 32 bits, and numpy's rule for Python's numbers (NEP 50) keeps the arithmetic of all
 * later steps at 32. A force that was clipped is a number of Python's, of 64 bits until it meets one of numpy's. */
#include "rlenv_simple.h"
#include <math.h>
#ifdef __FAST_MATH__
#error "MountainCarContinuous promises exact results: compile without -ffast-math"
#endif
RLENV_EXACT_FLOATS

#define MIN_POSITION -1.2
#define MAX_POSITION 0.6
#define MAX_SPEED 0.07
#define GOAL_POSITION 0.45
#define POWER 0.0015
#define GRAVITY 0.0025

enum { GOAL_VELOCITY, LOW, HIGH };

typedef struct {
    rlenv_rng rng;
    int64_t rounded; /* 0 from the reset to the first step, when the position has 64 bits; else 1 */
    double position, velocity;
} Car;

static void car_observe(const Car *s, rlenv_cell *c) {
    float *observation = (float *)c->obs[0];
    observation[0] = (float)s->position;
    observation[1] = (float)s->velocity;
}

static int car_reset(Car *s, rlenv_cell *c) {
    double low = c->opt[LOW].f, high = c->opt[HIGH].f;
    if (low > high) {
        snprintf(c->error->message, sizeof c->error->message, "low (%g) must not be above high (%g)", low, high);
        return RLENV_E_OPTION;
    }
    s->position = rlenv_uniform(&s->rng, low, high);
    car_observe(s, c);
    return 0;
}

/* What a step adds to the velocity, where the valley falls by `slope`: of 32 bits unless the force is clipped. */
static double acceleration(float force, double slope) {
    if (force > 1) return POWER - slope;
    if (force < -1) return -POWER - slope;
    return force * (float)POWER - (float)slope;
}

/* The first step of an episode, in 64 bits; returns whether the goal is reached. */
static int car_start(Car *s, float force, double goal_velocity) {
    double velocity = s->velocity + acceleration(force, GRAVITY * cos(3 * s->position));
    double position = s->position + velocity;
    if (position > MAX_POSITION) position = MAX_POSITION;
    if (position < MIN_POSITION) position = MIN_POSITION;
    if (position == MIN_POSITION && velocity < 0) velocity = 0;
    s->rounded = 1;
    s->position = (float)position;
    s->velocity = (float)velocity;
    return position >= GOAL_POSITION && velocity >= goal_velocity;
}

/* Every later step, in 32 bits. */
static int car_move(Car *s, float force, float goal_velocity) {
    float position = (float)s->position, velocity = (float)s->velocity;
    velocity += (float)acceleration(force, GRAVITY * cos((double)(3 * position)));
    if (velocity > (float)MAX_SPEED) velocity = (float)MAX_SPEED;
    if (velocity < (float)-MAX_SPEED) velocity = (float)-MAX_SPEED;
    position += velocity;
    if (position > (float)MAX_POSITION) position = (float)MAX_POSITION;
    if (position < (float)MIN_POSITION) position = (float)MIN_POSITION;
    if (position == (float)MIN_POSITION && velocity < 0) velocity = 0;
    s->position = position;
    s->velocity = velocity;
    return position >= (float)GOAL_POSITION && velocity >= goal_velocity;
}

/* The square is exact, so it is what Python's pow gives. */
static int car_step(Car *s, rlenv_cell *c) {
    float force = *(const float *)c->act[0];
    double goal_velocity = c->opt[GOAL_VELOCITY].f;
    int reached = s->rounded ? car_move(s, force, (float)goal_velocity) : car_start(s, force, goal_velocity);
    car_observe(s, c);
    c->reward = (reached ? 100.0 : 0.0) - (double)force * force * 0.1;
    return reached ? RLENV_TERMINATED : 0;
}
RLENV_SIMPLE(Car, car_reset, car_step)

static const rlenv_option options[] = {
    RLENV_OPTION_FLOAT("goal_velocity", "0", 0, MAX_SPEED, "the least velocity at which the goal counts as reached"),
    RLENV_OPTION_FLOAT_AT_RESET("low", "-0.6", MIN_POSITION, MAX_POSITION, "the car starts between low ..."),
    RLENV_OPTION_FLOAT_AT_RESET("high", "-0.4", MIN_POSITION, MAX_POSITION, "... and high")
};

static const double lows[] = { MIN_POSITION, -MAX_SPEED };
static const double highs[] = { MAX_POSITION, MAX_SPEED };
static const char *const observation_names[] = { "position", "velocity", NULL };
static const rlenv_leaf observation[] = {
    RLENV_BOX_EACH("", RLENV_F32, lows, highs, observation_names, "position along the valley, velocity a step", 2)
};
static const rlenv_leaf action[] = { RLENV_BOX("", RLENV_F32, -1, 1, "force to the right", 1) };

static const rlenv_env environments[] = {
    RLENV_ENV("MountainCarContinuous-v0",
              "Drive a weak car out of a valley, with little force.\nA step costs a tenth of the squared force; the "
              "episode ends at position 0.45, on the hill to the right, which pays 100.",
              0, 999, 90, -0.1, 100, RLENV_LIST(options), RLENV_LIST(observation), RLENV_LIST(action), RLENV_EMPTY,
              RLENV_SIMPLE_CALLS(Car))
};
RLENV_SIMPLE_PLUGIN(environments, "org.rl-host.mountain-car-continuous", "1.0.0",
                    "MountainCarContinuous-v0, bit-identical with Gymnasium 1.4")
