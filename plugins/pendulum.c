/* Pendulum-v1: a pendulum to be swung up and held upright by a motor too weak to lift it at once.
 *
 *     cc -shared -fPIC -O2 -Wall -Wextra -Iinclude plugins/pendulum.c -o plugins/pendulum.so -lm
 *
 * With the constants, order of operations, widths and generator of Gymnasium 1.4: states, observations, rewards, flags
 * and seeded resets are equal to the bit. Torques have 32 bits there and everything else 64; numpy squares single
 * numbers with pow(), whose last bit is not always that of a product. */
#include "numpy_square.h"
#include "rlenv_simple.h"
#include <math.h>
#ifdef __FAST_MATH__
#error "Pendulum promises exact results: compile without -ffast-math"
#endif
RLENV_EXACT_FLOATS

#define PI 3.14159265358979323846
#define MAX_SPEED 8.0
#define MAX_TORQUE 2.0f
#define TAU 0.05

enum { G, X_INIT, Y_INIT };

typedef struct {
    rlenv_rng rng;
    double sine;             /* of theta: the last observation has needed it, the next step does */
    double theta, theta_dot; /* rad from upright, not wrapped; rad/s */
} Pendulum;

/* Python's (x + pi) % (2 pi) - pi, where a remainder is never negative. */
static double angle_normalize(double x) {
    double turned = x + PI, rest = fabs(turned) < 2 * PI ? turned : fmod(turned, 2 * PI);
    if (rest < 0) rest += 2 * PI;
    return rest - PI;
}

static void pendulum_observe(Pendulum *s, rlenv_cell *c) {
    float *observation = (float *)c->obs[0];
    s->sine = sin(s->theta);
    observation[0] = (float)cos(s->theta);
    observation[1] = (float)s->sine;
    observation[2] = (float)s->theta_dot;
}

static int pendulum_reset(Pendulum *s, rlenv_cell *c) {
    double x = c->opt[X_INIT].f, y = c->opt[Y_INIT].f;
    s->theta = rlenv_uniform(&s->rng, -x, x);
    s->theta_dot = rlenv_uniform(&s->rng, -y, y);
    pendulum_observe(s, c);
    return 0;
}

static int pendulum_step(Pendulum *s, rlenv_cell *c) {
    float torque = *(const float *)c->act[0];
    if (torque < -MAX_TORQUE) torque = -MAX_TORQUE;
    if (torque > MAX_TORQUE) torque = MAX_TORQUE;
    c->reward = -(numpy_square(angle_normalize(s->theta)) + 0.1 * numpy_square(s->theta_dot) +
                  0.001f * numpy_square32(torque));
    s->theta_dot += (3 * c->opt[G].f / 2 * s->sine + 3.0f * torque) * TAU;
    if (s->theta_dot < -MAX_SPEED) s->theta_dot = -MAX_SPEED;
    if (s->theta_dot > MAX_SPEED) s->theta_dot = MAX_SPEED;
    s->theta += s->theta_dot * TAU;
    pendulum_observe(s, c);
    return 0;
}
RLENV_SIMPLE(Pendulum, pendulum_reset, pendulum_step)

static const rlenv_option options[] = {
    RLENV_OPTION_FLOAT("g", "10", -1e6, 1e6, "gravity, m/s^2"),
    RLENV_OPTION_FLOAT_AT_RESET("x_init", "3.141592653589793", 0, 1e3, "the angle starts in -x_init ... x_init, rad"),
    RLENV_OPTION_FLOAT_AT_RESET("y_init", "1", 0, MAX_SPEED, "the velocity starts in -y_init ... y_init, rad/s")
};

static const double lows[] = { -1, -1, -MAX_SPEED };
static const double highs[] = { 1, 1, MAX_SPEED };
static const char *const observation_names[] = { "x", "y", "theta_dot", NULL };
static const rlenv_leaf observation[] = {
    RLENV_BOX_EACH("", RLENV_F32, lows, highs, observation_names,
                   "cosine and sine of the angle from upright, angular velocity rad/s", 3)
};
static const rlenv_leaf action[] = { RLENV_BOX("", RLENV_F32, -2, 2, "torque, N m", 1) };

static const rlenv_env environments[] = {
    RLENV_ENV("Pendulum-v1",
              "Swing a pendulum up and hold it there.\nA step costs the squared angle from upright, a tenth of the "
              "squared velocity and a thousandth of the squared torque; an episode never ends by itself.",
              0, 200, NAN, -16.27361, 0, RLENV_LIST(options), RLENV_LIST(observation), RLENV_LIST(action),
              RLENV_EMPTY, RLENV_SIMPLE_CALLS(Pendulum))
};
RLENV_SIMPLE_PLUGIN(environments, "org.rl-host.pendulum", "1.0.0", "Pendulum-v1, bit-identical with Gymnasium 1.4")
