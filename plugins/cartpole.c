/* CartPole-v1: a pole on a cart, to be balanced by pushing the cart left or right.
 *
 *     cc -shared -fPIC -O2 -Wall -Wextra -Iinclude plugins/cartpole.c -o plugins/cartpole.so -lm
 *
 * After Barto, Sutton and Anderson, "Neuronlike adaptive elements that can solve difficult learning control
 * problems" (1983), with the equations as corrected by Florian (2007) and the constants, order of operations
 * and generator of Gymnasium 1.4: states, observations, rewards, flags and seeded resets are equal to the bit. */
#include "rlenv_simple.h"
#include <math.h>
#ifdef __FAST_MATH__
#error "CartPole promises exact results: compile without -ffast-math"
#endif
RLENV_EXACT_FLOATS

enum {
    GRAVITY, MASSCART, MASSPOLE, LENGTH, FORCE_MAG, TAU, KINEMATICS_INTEGRATOR, THETA_THRESHOLD, X_THRESHOLD,
    SUTTON_BARTO_REWARD, LOW, HIGH
};

typedef struct {
    rlenv_rng rng;
    double x, x_dot;         /* m, m/s */
    double theta, theta_dot; /* rad from upright, rad/s */
} Cart;

/* What follows from the options. */
typedef struct {
    double gravity, masspole, total_mass, length, polemass_length, force_mag, tau;
    double theta_threshold, x_threshold;
    double reward_upright, reward_fallen;
    int euler;
    double lows[4], highs[4];
    rlenv_leaf observation;
} Physics;

static int cart_setup(Physics *p, rlenv_setup *u) {
    const rlenv_value *opt = u->opt;
    int sutton_barto = opt[SUTTON_BARTO_REWARD].i != 0, k;
    p->gravity = opt[GRAVITY].f;
    p->masspole = opt[MASSPOLE].f;
    p->total_mass = opt[MASSPOLE].f + opt[MASSCART].f;
    p->length = opt[LENGTH].f;
    p->polemass_length = opt[MASSPOLE].f * opt[LENGTH].f;
    p->force_mag = opt[FORCE_MAG].f;
    p->tau = opt[TAU].f;
    p->euler = opt[KINEMATICS_INTEGRATOR].i == 0;
    p->theta_threshold = opt[THETA_THRESHOLD].f;
    p->x_threshold = opt[X_THRESHOLD].f;
    p->reward_upright = sutton_barto ? 0.0 : 1.0;
    p->reward_fallen = sutton_barto ? -1.0 : 1.0;

    /* Twice the thresholds, so that the last observation of an episode lies inside. */
    p->highs[0] = p->x_threshold * 2;
    p->highs[2] = p->theta_threshold * 2;
    p->highs[1] = p->highs[3] = INFINITY;
    for (k = 0; k < 4; k++) p->lows[k] = -p->highs[k];
    p->observation = *(const rlenv_leaf *)u->env->obs.data;
    p->observation.lows = p->lows;
    p->observation.highs = p->highs;
    u->about->obs.data = &p->observation;
    if (sutton_barto) {
        u->about->reward_threshold = 0;
        u->about->reward_min = -1;
        u->about->reward_max = 0;
    }
    return 0;
}

static void cart_observe(const Cart *s, rlenv_cell *c) {
    float *observation = (float *)c->obs[0];
    observation[0] = (float)s->x;
    observation[1] = (float)s->x_dot;
    observation[2] = (float)s->theta;
    observation[3] = (float)s->theta_dot;
}

/* With unusual constants one step leads further than twice the thresholds: the observation stays in its space. */
static void cart_clip(const Physics *p, rlenv_cell *c) {
    float *observation = (float *)c->obs[0];
    int k;
    for (k = 0; k < 4; k += 2) {
        float high = (float)p->highs[k];
        if (observation[k] > high) observation[k] = high;
        if (observation[k] < -high) observation[k] = -high;
    }
}

static int cart_reset(Cart *s, rlenv_cell *c) {
    double low = c->opt[LOW].f, high = c->opt[HIGH].f;
    if (low > high) {
        snprintf(c->error->message, sizeof c->error->message, "low (%g) must not be above high (%g)", low, high);
        return RLENV_E_OPTION;
    }
    s->x = rlenv_uniform(&s->rng, low, high);
    s->x_dot = rlenv_uniform(&s->rng, low, high);
    s->theta = rlenv_uniform(&s->rng, low, high);
    s->theta_dot = rlenv_uniform(&s->rng, low, high);
    cart_observe(s, c);
    cart_clip((const Physics *)c->shared, c);
    return 0;
}

static int cart_step(Cart *s, rlenv_cell *c) {
    const Physics *p = (const Physics *)c->shared;
    double force = *(const int32_t *)c->act[0] == 1 ? p->force_mag : -p->force_mag;
    double cosine = cos(s->theta), sine = sin(s->theta);
    double push = (force + p->polemass_length * (s->theta_dot * s->theta_dot) * sine) / p->total_mass;
    double theta_acc = (p->gravity * sine - cosine * push) /
                       (p->length * (4.0 / 3.0 - p->masspole * (cosine * cosine) / p->total_mass));
    double x_acc = push - p->polemass_length * theta_acc * cosine / p->total_mass;
    int fallen;
    if (p->euler) { /* positions move with the old velocities */
        s->x = s->x + p->tau * s->x_dot;
        s->x_dot = s->x_dot + p->tau * x_acc;
        s->theta = s->theta + p->tau * s->theta_dot;
        s->theta_dot = s->theta_dot + p->tau * theta_acc;
    } else {
        s->x_dot = s->x_dot + p->tau * x_acc;
        s->x = s->x + p->tau * s->x_dot;
        s->theta_dot = s->theta_dot + p->tau * theta_acc;
        s->theta = s->theta + p->tau * s->theta_dot;
    }
    cart_observe(s, c);
    fallen = fabs(s->x) > p->x_threshold || fabs(s->theta) > p->theta_threshold;
    if (fallen) cart_clip(p, c);
    c->reward = fallen ? p->reward_fallen : p->reward_upright;
    return fallen ? RLENV_TERMINATED : 0;
}
RLENV_SIMPLE_SHARED(Cart, Physics, cart_setup, cart_reset, cart_step)

static const char *const integrators[] = { "euler", "semi-implicit", NULL };
static const rlenv_option options[] = {
    RLENV_OPTION_FLOAT("gravity", "9.8", -1e6, 1e6, "m/s^2"),
    RLENV_OPTION_FLOAT("masscart", "1", 1e-6, 1e6, "kg"),
    RLENV_OPTION_FLOAT("masspole", "0.1", 1e-6, 1e6, "kg"),
    RLENV_OPTION_FLOAT("length", "0.5", 1e-6, 1e6, "half the length of the pole, m"),
    RLENV_OPTION_FLOAT("force_mag", "10", 0, 1e6, "the push, N"),
    RLENV_OPTION_FLOAT("tau", "0.02", 1e-6, 1, "time from one step to the next, s"),
    RLENV_OPTION_ENUM("kinematics_integrator", "euler", integrators, "how velocities and positions are advanced"),
    RLENV_OPTION_FLOAT("theta_threshold_radians", "0.20943951023931953", 1e-6, 1e6, "angle that ends the episode, rad"),
    RLENV_OPTION_FLOAT("x_threshold", "2.4", 1e-6, 1e6, "distance that ends the episode, m"),
    RLENV_OPTION_BOOL("sutton_barto_reward", "false", "0 for each step and -1 for the fall, instead of 1 a step"),
    RLENV_OPTION_FLOAT_AT_RESET("low", "-0.05", -1e6, 1e6, "the four state variables start between low ..."),
    RLENV_OPTION_FLOAT_AT_RESET("high", "0.05", -1e6, 1e6, "... and high")
};

/* The setup writes the bounds that belong to the thresholds. */
static const double lows[] = { -4.8, -INFINITY, -0.41887902047863906, -INFINITY };
static const double highs[] = { 4.8, INFINITY, 0.41887902047863906, INFINITY };
static const char *const observation_names[] = { "x", "x_dot", "theta", "theta_dot", NULL };
static const rlenv_leaf observation[] = {
    RLENV_BOX_EACH("", RLENV_F32, lows, highs, observation_names,
                   "position m, velocity m/s, angle rad, angular velocity rad/s", 4)
};
static const char *const action_names[] = { "left", "right", NULL };
static const rlenv_leaf action[] = { RLENV_DISCRETE_NAMED("", 2, action_names, "direction of the push") };

static const rlenv_env environments[] = {
    RLENV_ENV("CartPole-v1",
              "Balance a pole on a cart.\nThe episode ends when the pole leans by more than 12 degrees or the cart "
              "is more than 2.4 m from the middle.",
              0, 500, 475, 0, 1, RLENV_LIST(options), RLENV_LIST(observation), RLENV_LIST(action), RLENV_EMPTY,
              RLENV_SIMPLE_CALLS(Cart))
};
RLENV_SIMPLE_PLUGIN(environments, "org.rl-host.cartpole", "1.0.0", "CartPole-v1, bit-identical with Gymnasium 1.4")
