// lunar_lander.cpp - LunarLander-v3 and LunarLanderContinuous-v3: land a craft on its pad, gently and upright.
//
//     c++ -shared -fPIC -fvisibility=hidden -O2 -Iinclude plugins/lunar_lander.cpp -o plugins/lunar_lander.so -lbox2d
//
// With the constants, order of operations and random numbers of Gymnasium 1.4, on Box2D 2.4 instead of its 2.3: a seed
// gives the same ground, push and gusts, and flights that differ in the fourth digit until they touch the ground. On
// Box2D 2.3 this file gives Gymnasium's bits (Tests/Plugins/golden/README.md). How alike episodes come out on 2.4 is
// judged by Tests/Plugins/lunar_lander.c. Each episode has a world of its own, so nothing of an earlier one is left in
// it. A world cannot be saved: hosts repeat the episode's actions instead.
#include "rlenv_simple.h" // for the random numbers
#ifdef __FAST_MATH__
#error "LunarLander promises the same results everywhere: compile without -ffast-math"
#endif
RLENV_EXACT_FLOATS
#include <box2d/box2d.h>
#include <cmath>
#include <exception>
#include <memory>
#include <new>
#include <stdexcept>
#include <vector>

namespace {

// ---- an episode. Lengths in metres: thirty pixels of Gymnasium's picture, 600 x 400, are one

const double pi = 3.14159265358979323846;
const double scale = 30, fps = 50;
const double width = 600 / scale, height = 400 / scale;
const double pad_height = height / 4;
const double main_power = 13, side_power = 0.6, greatest_push = 1000;
const double main_engine_y = 4, side_engine_away = 12, side_engine_x = 17, side_engine_y = 14;
const double leg_away = 20, leg_down = 18;
const int velocity_iterations = 6 * 30, position_iterations = 2 * 30;
// Box2D 2.3 solves a joint's point and its limit together, 2.4 one after the other: with as few rounds the legs are
// springs, and a lander that stands needs 15 more steps to come to rest.
const int iterations_at_ground = b2_version.minor < 4 ? velocity_iterations : 20 * 30;
const uint16_t ground_bits = 0x0001, lander_bits = 0x0010, leg_bits = 0x0020;

enum { GRAVITY, ENABLE_WIND, WIND_POWER, TURBULENCE_POWER, OPTIONS };

b2Vec2 vector(double x, double y) { return b2Vec2(static_cast<float>(x), static_cast<float>(y)); }

// What the engines do in one step: shares of their power, and where the side engine pushes to.
struct Thrust {
    double main, side, direction;

    explicit Thrust(int32_t action) : main(action == 2), side(action == 1 || action == 3), direction(action - 2) {}
    explicit Thrust(const float *action) : main(0), side(0), direction(0) {
        double up = clipped(action[0]), across = clipped(action[1]);
        if (up > 0) main = (up + 1) * 0.5;
        if (std::fabs(across) <= 0.5) return;
        side = std::fabs(across);
        direction = across > 0 ? 1 : -1;
    }

private:
    static double clipped(float value) { return value < -1 ? -1 : value > 1 ? 1 : static_cast<double>(value); }
};

class Episode : private b2ContactListener {
public:
    // Draws the start; the first observation is that of a step without thrust.
    Episode(const rlenv_value *values, rlenv_rng *generator)
        : options(values), rng(generator), world(vector(0, values[GRAVITY].f)) {
        world.SetContactListener(this);
        make_ground();
        make_lander();
        if (options[ENABLE_WIND].i) {
            gust = static_cast<int>(rlenv_below(rng, 19998)) - 9999;
            whirl = static_cast<int>(rlenv_below(rng, 19998)) - 9999;
        }
        for (int k = 0; k < 2; k++) make_leg(k);
        step(Thrust(0));
    }
    Episode(const Episode &) = delete;
    Episode &operator=(const Episode &) = delete;

    void step(const Thrust &thrust) {
        if (options[ENABLE_WIND].i && !touches[0] && !touches[1]) blow();
        fire(thrust);
        // contacts are there as soon as boxes around the shapes overlap, before anything touches
        const int iterations = world.GetContactCount() > 0 ? iterations_at_ground : velocity_iterations;
        world.Step(static_cast<float>(1 / fps), iterations, position_iterations);
        look();
        judge(thrust);
    }
    void observe(float *row) const {
        for (int k = 0; k < 8; k++) row[k] = static_cast<float>(state[k]);
    }
    double reward() const { return earned; }
    bool is_over() const { return over; }

private:
    void make_ground() {
        double heights[12];
        for (double &y : heights) y = rlenv_uniform(rng, 0, height / 2);
        for (int k = 3; k <= 7; k++) heights[k] = pad_height;
        double smooth[11];
        for (int k = 0; k < 11; k++) smooth[k] = 0.33 * (heights[k > 0 ? k - 1 : 11] + heights[k] + heights[k + 1]);

        b2BodyDef body;
        ground = world.CreateBody(&body);
        b2EdgeShape edge;
        edge.SetTwoSided(vector(0, 0), vector(width, 0));
        ground->CreateFixture(&edge, 0);
        for (int k = 0; k < 10; k++) {
            edge.SetTwoSided(vector(width / 10 * k, smooth[k]), vector(width / 10 * (k + 1), smooth[k + 1]));
            b2FixtureDef fixture;
            fixture.shape = &edge;
            fixture.friction = 0.1f;
            ground->CreateFixture(&fixture);
        }
    }
    b2Body *make_body(const b2PolygonShape &shape, double x, double angle, b2FixtureDef fixture) {
        b2BodyDef body;
        body.type = b2_dynamicBody;
        body.position = vector(x, height);
        body.angle = static_cast<float>(angle);
        fixture.shape = &shape;
        fixture.filter.maskBits = ground_bits;
        b2Body *made = world.CreateBody(&body);
        made->CreateFixture(&fixture);
        return made;
    }
    void make_lander() {
        const double corners[6][2] = { { -14, 17 }, { -17, 0 }, { -17, -10 }, { 17, -10 }, { 17, 0 }, { 14, 17 } };
        b2Vec2 points[6];
        for (int k = 0; k < 6; k++) points[k] = vector(corners[k][0] / scale, corners[k][1] / scale);
        b2PolygonShape shape;
        shape.Set(points, 6);
        b2FixtureDef fixture;
        fixture.density = 5;
        fixture.friction = 0.1f;
        fixture.filter.categoryBits = lander_bits;
        lander = make_body(shape, width / 2, 0, fixture);
        double x = rlenv_uniform(rng, -greatest_push, greatest_push);
        double y = rlenv_uniform(rng, -greatest_push, greatest_push);
        lander->ApplyForceToCenter(vector(x, y), true);
    }
    // Leg 0 is the right one of the picture. A motor works as a spring that spreads the legs.
    void make_leg(int k) {
        int side = k == 0 ? -1 : 1;
        b2PolygonShape shape;
        shape.SetAsBox(static_cast<float>(2 / scale), static_cast<float>(8 / scale));
        b2FixtureDef fixture;
        fixture.density = 1;
        fixture.filter.categoryBits = leg_bits;
        legs[k] = make_body(shape, width / 2 - side * leg_away / scale, side * 0.05, fixture);
        b2RevoluteJointDef joint;
        joint.bodyA = lander;
        joint.bodyB = legs[k];
        joint.localAnchorB = vector(side * leg_away / scale, leg_down / scale);
        joint.referenceAngle = legs[k]->GetAngle() - lander->GetAngle();
        joint.enableMotor = joint.enableLimit = true;
        joint.maxMotorTorque = 40;
        joint.motorSpeed = static_cast<float>(0.3 * side);
        joint.lowerAngle = static_cast<float>(side < 0 ? 0.9 - 0.5 : -0.9);
        joint.upperAngle = static_cast<float>(side < 0 ? 0.9 : -0.9 + 0.5);
        world.CreateJoint(&joint);
    }

    void BeginContact(b2Contact *contact) override {
        if (has(contact, lander)) crashed = true;
        for (int k = 0; k < 2; k++)
            if (has(contact, legs[k])) touches[k] = true;
    }
    void EndContact(b2Contact *contact) override {
        for (int k = 0; k < 2; k++)
            if (has(contact, legs[k])) touches[k] = false;
    }
    static bool has(b2Contact *contact, const b2Body *body) {
        return contact->GetFixtureA()->GetBody() == body || contact->GetFixtureB()->GetBody() == body;
    }

    // Never periodic: the two waves have no common period.
    static double wave(int at) { return std::tanh(std::sin(0.02 * at) + std::sin(pi * 0.01 * at)); }
    void blow() {
        lander->ApplyForceToCenter(vector(wave(gust++) * options[WIND_POWER].f, 0), true);
        lander->ApplyTorque(static_cast<float>(wave(whirl++) * options[TURBULENCE_POWER].f), true);
    }

    // The engines shake: each step draws two numbers, fired or not. Gymnasium adds particles only to draw them.
    void fire(const Thrust &thrust) {
        const double angle = lander->GetAngle();
        const double tip[2] = { std::sin(angle), std::cos(angle) }, side[2] = { -tip[1], tip[0] };
        const double along = rlenv_uniform(rng, -1, 1) / scale, across = rlenv_uniform(rng, -1, 1) / scale;
        const b2Vec2 position = lander->GetPosition();
        if (thrust.main > 0) {
            double down = main_engine_y / scale + 2 * along;
            double x = tip[0] * down + side[0] * across, y = -tip[1] * down - side[1] * across;
            push(x, y, main_power, thrust.main, position.x + x, position.y + y);
        }
        if (thrust.side > 0) {
            double away = 3 * across + thrust.direction * side_engine_away / scale;
            double x = tip[0] * along + side[0] * away, y = -tip[1] * along - side[1] * away;
            push(x, y, side_power, thrust.side, position.x + x - tip[0] * side_engine_x / scale,
                 position.y + y + tip[1] * side_engine_y / scale);
        }
    }
    void push(double x, double y, double power, double share, double at_x, double at_y) {
        lander->ApplyLinearImpulse(vector(-x * power * share, -y * power * share), vector(at_x, at_y), true);
    }

    void look() {
        const b2Vec2 position = lander->GetPosition(), velocity = lander->GetLinearVelocity();
        state[0] = (position.x - width / 2) / (width / 2);
        state[1] = (position.y - (pad_height + leg_down / scale)) / (height / 2);
        state[2] = velocity.x * (width / 2) / fps;
        state[3] = velocity.y * (height / 2) / fps;
        state[4] = lander->GetAngle();
        state[5] = 20.0 * lander->GetAngularVelocity() / fps;
        state[6] = touches[0];
        state[7] = touches[1];
    }
    // A step pays by how much better the lander is off, less the fuel; the last one 100 for rest or -100.
    void judge(const Thrust &thrust) {
        double potential = -100 * std::sqrt(state[0] * state[0] + state[1] * state[1]) -
                           100 * std::sqrt(state[2] * state[2] + state[3] * state[3]) - 100 * std::fabs(state[4]) +
                           10 * state[6] + 10 * state[7];
        earned = potential - before;
        before = potential;
        earned -= thrust.main * 0.30;
        earned -= thrust.side * 0.03;
        if (crashed || std::fabs(state[0]) >= 1) over = true, earned = -100;
        if (!lander->IsAwake()) over = true, earned = 100;
    }

    const rlenv_value *options;
    rlenv_rng *rng;
    b2World world;
    b2Body *ground = nullptr, *lander = nullptr, *legs[2] = { nullptr, nullptr };
    bool touches[2] = { false, false }, crashed = false, over = false;
    int gust = 0, whirl = 0;
    double state[8] = {}, before = 0, earned = 0;
};

// ---- the tables

const rlenv_option options[] = {
    RLENV_OPTION_FLOAT_AT_RESET("gravity", "-10", -12, 0, "m/s^2; the moon's is -1.62, the craft is made for -10"),
    RLENV_OPTION_BOOL_AT_RESET("enable_wind", "false", "gusts and turbulence until a leg touches the ground"),
    RLENV_OPTION_FLOAT_AT_RESET("wind_power", "15", 0, 20, "the greatest force of a gust, N; with enable_wind"),
    RLENV_OPTION_FLOAT_AT_RESET("turbulence_power", "1.5", 0, 2, "the greatest torque, N m; with enable_wind")
};

// The bounds that Gymnasium declares where its values keep to them. It says 2.5 for the height, 10 for speeds and
// turning, a full turn for the angle, all of which a long climb, fall or spin exceeds: they are left open.
const double lows[] = { -2.5, -INFINITY, -INFINITY, -INFINITY, -INFINITY, -INFINITY, 0, 0 };
const double highs[] = { 2.5, INFINITY, INFINITY, INFINITY, INFINITY, INFINITY, 1, 1 };
const char *const observation_names[] = { "x", "y", "x_dot", "y_dot", "theta", "theta_dot", "right_leg", "left_leg",
                                          nullptr };
const rlenv_leaf observation[] = {
    RLENV_BOX_EACH("", RLENV_F32, lows, highs, observation_names,
                   "place from the pad in half widths and half heights of the picture, velocity, angle from upright "
                   "rad, angular velocity in 2.5 rad/s, whether a leg touches the ground", 8)
};
const char *const action_names[] = { "nothing", "left engine", "main engine", "right engine", nullptr };
const rlenv_leaf action[] = { RLENV_DISCRETE_NAMED("", 4, action_names, "the engine that fires") };
const char *const throttle_names[] = { "main", "side", nullptr };
const double throttle_lows[] = { -1, -1 }, throttle_highs[] = { 1, 1 };
const rlenv_leaf throttle[] = {
    RLENV_BOX_EACH("", RLENV_F32, throttle_lows, throttle_highs, throttle_names,
                   "main engine: off up to 0, then half to full power; side engines: off within 0.5, left below, "
                   "right above", 2)
};

// ---- the calls

enum Phase { UNTOUCHED, RUNNING, ENDED };
struct Lane {
    Phase phase = UNTOUCHED;
    rlenv_rng rng = rlenv_rng();
    rlenv_value values[OPTIONS];
    std::unique_ptr<Episode> episode;
};
struct Instance {
    std::vector<Lane> lanes;
    bool continuous;
};
Instance *self(rlenv_instance *instance) { return reinterpret_cast<Instance *>(instance); }

rlenv_status failed(rlenv_error *error, rlenv_status status, int64_t lane, const char *message) {
    error->lane = static_cast<int32_t>(lane);
    std::snprintf(error->message, sizeof error->message, "%s", message);
    return status;
}
template <class Body> rlenv_status guarded(rlenv_error *error, Body body) {
    try {
        return body();
    } catch (const std::bad_alloc &) {
        return failed(error, RLENV_E_NOMEM, -1, "out of memory");
    } catch (const std::exception &problem) {
        return failed(error, RLENV_E_INTERNAL, -1, problem.what());
    } catch (...) {
        return failed(error, RLENV_E_INTERNAL, -1, "an exception of unknown type");
    }
}

rlenv_status create(const rlenv_host *, const rlenv_env *env, const rlenv_value *values, uint32_t lanes,
                    rlenv_instance **out, rlenv_error *error) {
    if (lanes == 0) return failed(error, RLENV_E_ARG, -1, "an instance needs at least one lane");
    return guarded(error, [&]() -> rlenv_status {
        std::unique_ptr<Instance> made(new Instance{ std::vector<Lane>(lanes), env->act.data == throttle });
        for (Lane &lane : made->lanes) std::copy(values, values + OPTIONS, lane.values);
        *out = reinterpret_cast<rlenv_instance *>(made.release());
        return RLENV_OK;
    });
}
void destroy(rlenv_instance *instance) { delete self(instance); }

bool is_legal(const rlenv_batch *b, uint32_t lane, bool continuous) {
    const void *row = rlenv_row(&b->act[0], lane);
    if (!continuous) return *static_cast<const uint32_t *>(row) < 4;
    const float *controls = static_cast<const float *>(row);
    return std::isfinite(controls[0]) && std::isfinite(controls[1]);
}
// What is wrong with a call, before any lane changes.
rlenv_status check(const Instance *instance, const rlenv_batch *b, bool is_step, rlenv_error *error) {
    for (uint32_t k = 0; k < b->count; k++) {
        const uint32_t lane = rlenv_lane_at(b, k);
        if (lane >= instance->lanes.size()) return failed(error, RLENV_E_ARG, lane, "no such lane");
        const Phase phase = instance->lanes[lane].phase;
        if (!is_step && !b->seeds && phase == UNTOUCHED)
            return failed(error, RLENV_E_STATE, lane, "the first reset needs a seed");
        if (is_step && phase == UNTOUCHED) return failed(error, RLENV_E_STATE, lane, "step before the first reset");
        if (is_step && phase == ENDED)
            return failed(error, RLENV_E_STATE, lane, "step of a lane whose episode has ended");
        if (is_step && !is_legal(b, lane, instance->continuous))
            return failed(error, RLENV_E_ARG, lane, "the action is outside its space");
    }
    return RLENV_OK;
}

rlenv_status reset(rlenv_instance *instance, const rlenv_batch *b, rlenv_error *error) {
    const rlenv_status status = check(self(instance), b, false, error);
    if (status != RLENV_OK) return status;
    return guarded(error, [&]() -> rlenv_status {
        for (uint32_t k = 0; k < b->count; k++) {
            const uint32_t at = rlenv_lane_at(b, k);
            Lane &lane = self(instance)->lanes[at];
            if (b->seeds) rlenv_rng_seed(&lane.rng, b->seeds[at]);
            if (b->options) std::copy(b->options + at * OPTIONS, b->options + (at + 1) * OPTIONS, lane.values);
            lane.phase = UNTOUCHED;
            lane.episode.reset();
            lane.episode.reset(new Episode(lane.values, &lane.rng));
            lane.phase = RUNNING;
            lane.episode->observe(static_cast<float *>(rlenv_row(&b->obs[0], at)));
        }
        return RLENV_OK;
    });
}
rlenv_status step(rlenv_instance *instance, const rlenv_batch *b, rlenv_error *error) {
    const rlenv_status status = check(self(instance), b, true, error);
    if (status != RLENV_OK) return status;
    return guarded(error, [&]() -> rlenv_status {
        for (uint32_t k = 0; k < b->count; k++) {
            const uint32_t at = rlenv_lane_at(b, k);
            Lane &lane = self(instance)->lanes[at];
            const void *row = rlenv_row(&b->act[0], at);
            lane.episode->step(self(instance)->continuous ? Thrust(static_cast<const float *>(row))
                                                          : Thrust(*static_cast<const int32_t *>(row)));
            lane.episode->observe(static_cast<float *>(rlenv_row(&b->obs[0], at)));
            b->reward[at] = lane.episode->reward();
            if (!lane.episode->is_over()) continue;
            lane.phase = ENDED;
            b->flags[at] = RLENV_TERMINATED;
        }
        return RLENV_OK;
    });
}

// Box2D fills a table of its own at the first contact that a process sees; instances in several threads must find it
// filled. Nothing else of it is shared but counters of calls, which no result depends on.
rlenv_status init(const rlenv_host *, rlenv_error *error) {
    return guarded(error, [&]() -> rlenv_status {
        std::unique_ptr<b2World> world(new b2World(b2Vec2(0, 0)));
        b2EdgeShape edge;
        edge.SetTwoSided(b2Vec2(-1, 0), b2Vec2(1, 0));
        b2PolygonShape box;
        box.SetAsBox(1, 1);
        b2BodyDef body;
        world->CreateBody(&body)->CreateFixture(&edge, 0);
        body.type = b2_dynamicBody;
        world->CreateBody(&body)->CreateFixture(&box, 1);
        world->Step(static_cast<float>(1 / fps), 1, 1);
        return RLENV_OK;
    });
}

#define LUNAR_LANDER(id, summary, act)                                                                                \
    RLENV_ENV(id, summary "\nA step pays by how much closer, slower and more upright the lander is, ten points for a "\
              "leg on the ground, less the fuel. The episode ends with 100 at rest, with -100 if the body touches "   \
              "the ground or leaves the picture sideways.",                                                           \
              0, 1000, 200, 0, 0, RLENV_LIST(options), RLENV_LIST(observation), RLENV_LIST(act), RLENV_EMPTY,         \
              create, destroy, reset, step, nullptr /* describe */, nullptr, nullptr, nullptr /* snapshots */,        \
              nullptr /* reseed */, nullptr /* render */, nullptr /* extension */)
const rlenv_env environments[] = {
    LUNAR_LANDER("LunarLander-v3", "Land a craft on its pad with three engines, one at a time.", action),
    LUNAR_LANDER("LunarLanderContinuous-v3", "Land a craft on its pad with throttled engines.", throttle)
};

} // namespace

RLENV_PLUGIN("org.rl-host.lunar-lander", "1.0.0", "MIT", nullptr, nullptr,
             "LunarLander-v3 with Gymnasium 1.4's rules, on Box2D 2.4", RLENV_LIST(environments), init, nullptr,
             nullptr);
