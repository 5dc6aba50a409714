/* MountainCar-v0: a car in a valley, too weak to climb out of it without a run-up.
 *
 *     cc -shared -fPIC -O2 -Wall -Wextra -Iinclude plugins/mountain_car.c -o plugins/mountain_car.so -lm
 *
 * After Moore, "Efficient memory-based learning for robot control" (1990), in the form of Sutton and Barto, with the
 * constants, order of operations and generator of Gymnasium 1.4: states, observations, rewards, flags and seeded
 * resets are equal to the bit. The equations know no units. */
#include "rlenv_simple.h"
#include <math.h>
#ifdef __FAST_MATH__
#error "MountainCar promises exact results: compile without -ffast-math"
#endif
RLENV_EXACT_FLOATS

#define MIN_POSITION -1.2
#define MAX_POSITION 0.6
#define MAX_SPEED 0.07
#define GOAL_POSITION 0.5
#define FORCE 0.001
#define GRAVITY 0.0025

enum { GOAL_VELOCITY, LOW, HIGH };

typedef struct {
    rlenv_rng rng;
    double position, velocity;
} Car;

static double clip(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

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

static int car_step(Car *s, rlenv_cell *c) {
    int push = *(const int32_t *)c->act[0] - 1;
    s->velocity += push * FORCE + cos(3 * s->position) * -GRAVITY;
    s->velocity = clip(s->velocity, -MAX_SPEED, MAX_SPEED);
    s->position = clip(s->position + s->velocity, MIN_POSITION, MAX_POSITION);
    if (s->position == MIN_POSITION && s->velocity < 0) s->velocity = 0; /* the wall on the left */
    car_observe(s, c);
    c->reward = -1;
    return s->position >= GOAL_POSITION && s->velocity >= c->opt[GOAL_VELOCITY].f ? RLENV_TERMINATED : 0;
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
static const char *const action_names[] = { "left", "none", "right", NULL };
static const rlenv_leaf action[] = { RLENV_DISCRETE_NAMED("", 3, action_names, "where the car accelerates to") };

static const rlenv_env environments[] = {
    RLENV_ENV("MountainCar-v0",
              "Drive a weak car out of a valley.\nEvery step costs 1; the episode ends at position 0.5, on the hill to "
              "the right.",
              0, 200, -110, -1, 0, RLENV_LIST(options), RLENV_LIST(observation), RLENV_LIST(action), RLENV_EMPTY,
              RLENV_SIMPLE_CALLS(Car))
};
RLENV_SIMPLE_PLUGIN(environments, "org.rl-host.mountain-car", "1.0.0",
                    "MountainCar-v0, bit-identical with Gymnasium 1.4")
