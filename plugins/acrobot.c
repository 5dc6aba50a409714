/* Acrobot-v1: two links that hang from a bar, with a motor between them, to be swung above a height.
 *
 *     cc -shared -fPIC -O2 -Wall -Wextra -Iinclude plugins/acrobot.c -o plugins/acrobot.so -lm
 *
 * After Sutton, "Generalization in reinforcement learning: successful examples using sparse coarse coding" (1996),
 * with the equations of Sutton and Barto's book and the constants, order of operations and generator of Gymnasium
 * 1.4: states, observations, rewards, flags and seeded resets are equal to the bit. numpy squares single numbers with
 * pow(), whose last bit is not always that of a product. Both links are 1 m long, weigh 1 kg, have their centre of
 * mass in the middle and a moment of inertia of 1 kg m^2: factors of 1 are not written. */
#include "numpy_square.h"
#include "rlenv_simple.h"
#include <math.h>
#ifdef __FAST_MATH__
#error "Acrobot promises exact results: compile without -ffast-math"
#endif
RLENV_EXACT_FLOATS

#define PI 3.14159265358979323846
#define MAX_VELOCITY_1 (4 * PI)
#define MAX_VELOCITY_2 (9 * PI)
#define CENTRE 0.5
#define INERTIA 1.0
#define GRAVITY 9.8

enum { TORQUE_NOISE_MAX, BOOK_OR_NIPS, DT, LOW, HIGH };
enum { THETA_1, THETA_2, VELOCITY_1, VELOCITY_2, STATE };

typedef struct {
    rlenv_rng rng;
    double y[STATE]; /* the upper link's angle from hanging, the lower's from the upper's; their velocities; rad, s */
} Acrobot;

/* numpy's own sine (quarter 0) and cosine (quarter 1) of 32-bit numbers, which are not libm's: Cody and Waite's
 * reduction by multiples of pi/2 and a polynomial, in fused steps, as numpy computes them where the CPU has those. */
static float sine32(float x, int quarter) {
    float turns = fmaf(x, 0x1.45f306p-1f, 0x1.8p23f) - 0x1.8p23f; /* rounded to the nearest */
    float rest = fmaf(turns, -0x1.846988p-48f,
                      fmaf(turns, -0x1.5110b4p-22f, fmaf(turns, -0x1.921fb0p+0f, x)));
    float squared = rest * rest, value;
    quarter += (int)turns;
    if (quarter & 1) {
        value = fmaf(0x1.98e616p-16f, squared, -0x1.6c06dcp-10f);
        value = fmaf(value, squared, 0x1.55553cp-5f);
        value = fmaf(value, squared, -0.5f);
        value = fmaf(value, squared, 1);
    } else {
        value = fmaf(0x1.7d3bbcp-19f, squared, -0x1.a06bbap-13f);
        value = fmaf(value, squared, 0x1.11119ap-7f);
        value = fmaf(value, squared, -0x1.555556p-3f);
        value = fmaf(value * squared, rest, rest);
    }
    return quarter & 2 ? 0 - value : value;
}

/* The first state of an episode has 32 bits, so numpy takes the sines of 32-bit numbers. */
static int acrobot_reset(Acrobot *s, rlenv_cell *c) {
    double low = c->opt[LOW].f, high = c->opt[HIGH].f;
    float *observation = (float *)c->obs[0];
    int k;
    if (low > high) {
        snprintf(c->error->message, sizeof c->error->message, "low (%g) must not be above high (%g)", low, high);
        return RLENV_E_OPTION;
    }
    for (k = 0; k < STATE; k++) s->y[k] = (float)rlenv_uniform(&s->rng, low, high);
    observation[0] = sine32((float)s->y[THETA_1], 1);
    observation[1] = sine32((float)s->y[THETA_1], 0);
    observation[2] = sine32((float)s->y[THETA_2], 1);
    observation[3] = sine32((float)s->y[THETA_2], 0);
    observation[4] = (float)s->y[VELOCITY_1];
    observation[5] = (float)s->y[VELOCITY_2];
    return 0;
}

/* The derivatives of y under a torque. */
static void flow(const double y[STATE], double torque, int nips, double dy[STATE]) {
    double cosine = cos(y[THETA_2]), sine = sin(y[THETA_2]), v1 = y[VELOCITY_1], v2 = y[VELOCITY_2];
    double d1 = CENTRE * CENTRE + (1 + CENTRE * CENTRE + 2 * CENTRE * cosine) + INERTIA + INERTIA;
    double d2 = CENTRE * CENTRE + CENTRE * cosine + INERTIA;
    double phi2 = CENTRE * GRAVITY * cos(y[THETA_1] + y[THETA_2] - PI / 2);
    double phi1 = -CENTRE * numpy_square(v2) * sine - 2 * CENTRE * v2 * v1 * sine +
                  (CENTRE + 1) * GRAVITY * cos(y[THETA_1] - PI / 2) + phi2;
    double drive = torque + d2 / d1 * phi1, acceleration;
    if (!nips) drive -= CENTRE * numpy_square(v1) * sine; /* the term that the paper left out */
    acceleration = (drive - phi2) / (CENTRE * CENTRE + INERTIA - numpy_square(d2) / d1);
    dy[THETA_1] = v1;
    dy[THETA_2] = v2;
    dy[VELOCITY_1] = -(d2 * acceleration + phi1) / d1;
    dy[VELOCITY_2] = acceleration;
}

/* One step of the classical Runge-Kutta method. */
static void advance(double y[STATE], double torque, int nips, double dt) {
    double k1[STATE], k2[STATE], k3[STATE], k4[STATE], z[STATE], half = dt / 2, sixth = dt / 6;
    int k;
    flow(y, torque, nips, k1);
    for (k = 0; k < STATE; k++) z[k] = y[k] + half * k1[k];
    flow(z, torque, nips, k2);
    for (k = 0; k < STATE; k++) z[k] = y[k] + half * k2[k];
    flow(z, torque, nips, k3);
    for (k = 0; k < STATE; k++) z[k] = y[k] + dt * k3[k];
    flow(z, torque, nips, k4);
    for (k = 0; k < STATE; k++) y[k] += sixth * (k1[k] + 2 * k2[k] + 2 * k3[k] + k4[k]);
}

static double wrap(double x) {
    while (x > PI) x -= 2 * PI;
    while (x < -PI) x += 2 * PI;
    return x;
}
static double bound(double x, double limit) { return x < -limit ? -limit : x > limit ? limit : x; }

static int acrobot_step(Acrobot *s, rlenv_cell *c) {
    double torque = *(const int32_t *)c->act[0] - 1, noise = c->opt[TORQUE_NOISE_MAX].f, cosine, *y = s->y;
    float *observation = (float *)c->obs[0];
    int above;
    if (noise > 0) torque += rlenv_uniform(&s->rng, -noise, noise);
    advance(y, torque, c->opt[BOOK_OR_NIPS].i != 0, c->opt[DT].f);
    y[THETA_1] = wrap(y[THETA_1]);
    y[THETA_2] = wrap(y[THETA_2]);
    y[VELOCITY_1] = bound(y[VELOCITY_1], MAX_VELOCITY_1);
    y[VELOCITY_2] = bound(y[VELOCITY_2], MAX_VELOCITY_2);
    cosine = cos(y[THETA_1]);
    observation[0] = (float)cosine;
    observation[1] = (float)sin(y[THETA_1]);
    observation[2] = (float)cos(y[THETA_2]);
    observation[3] = (float)sin(y[THETA_2]);
    observation[4] = (float)y[VELOCITY_1];
    observation[5] = (float)y[VELOCITY_2];
    above = -cosine - cos(y[THETA_2] + y[THETA_1]) > 1;
    c->reward = above ? 0 : -1;
    return above ? RLENV_TERMINATED : 0;
}
RLENV_SIMPLE(Acrobot, acrobot_reset, acrobot_step)

static const char *const equations[] = { "book", "nips", NULL };
static const rlenv_option options[] = {
    RLENV_OPTION_FLOAT("torque_noise_max", "0", 0, 10, "uniform noise on the torque, up to this to either side, N m"),
    RLENV_OPTION_ENUM("book_or_nips", "book", equations, "equations of the book or the paper, which lack a term"),
    RLENV_OPTION_FLOAT("dt", "0.2", 1e-3, 0.2, "time from one step to the next, s"),
    RLENV_OPTION_FLOAT_AT_RESET("low", "-0.1", -MAX_VELOCITY_1, MAX_VELOCITY_1,
                                "angles and velocities start between low ..."),
    RLENV_OPTION_FLOAT_AT_RESET("high", "0.1", -MAX_VELOCITY_1, MAX_VELOCITY_1, "... and high")
};

static const double lows[] = { -1, -1, -1, -1, -MAX_VELOCITY_1, -MAX_VELOCITY_2 };
static const double highs[] = { 1, 1, 1, 1, MAX_VELOCITY_1, MAX_VELOCITY_2 };
static const char *const observation_names[] = {
    "cos_theta_1", "sin_theta_1", "cos_theta_2", "sin_theta_2", "velocity_1", "velocity_2", NULL
};
static const rlenv_leaf observation[] = {
    RLENV_BOX_EACH("", RLENV_F32, lows, highs, observation_names,
                   "cosines and sines of the upper link's angle from hanging and of the lower's from the upper's, "
                   "their angular velocities rad/s", 6)
};
static const char *const action_names[] = { "-1", "0", "1", NULL };
static const rlenv_leaf action[] = { RLENV_DISCRETE_NAMED("", 3, action_names, "torque between the links, N m") };

static const rlenv_env environments[] = {
    RLENV_ENV("Acrobot-v1",
              "Swing the end of two hanging links a link's length above the bar.\nEvery step costs 1, but the one that "
              "gets there costs nothing.",
              0, 500, -100, -1, 0, RLENV_LIST(options), RLENV_LIST(observation), RLENV_LIST(action), RLENV_EMPTY,
              RLENV_SIMPLE_CALLS(Acrobot))
};
RLENV_SIMPLE_PLUGIN(environments, "org.rl-host.acrobot", "1.0.0", "Acrobot-v1, bit-identical with Gymnasium 1.4")
