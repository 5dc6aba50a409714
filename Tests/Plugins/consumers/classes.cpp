// A C++ plugin behind the whole ABI: two environments of one class hierarchy, spaces of every kind through the row
// macros, exceptions that become statuses, snapshots.
//
// What it asks of the ABI: tables that C++11 can fill without designated initialisers, statuses for what exceptions
// mean, room for a destructor whatever has failed before.
#include "rlenv.h"
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

struct LaneFailure : std::runtime_error {
    explicit LaneFailure(const std::string &what) : std::runtime_error(what) {}
};
struct BadOption : std::runtime_error {
    explicit BadOption(const std::string &what) : std::runtime_error(what) {}
};

struct State {
    uint64_t random;
    int64_t taken;
};

class World {
public:
    World(uint32_t lanes, double limit) : states(lanes), limit(limit) {}
    virtual ~World() {}
    virtual double pay(State &state, const rlenv_batch &b, uint32_t lane) const = 0;
    virtual void observe(const State &state, const rlenv_batch &b, uint32_t lane) const = 0;

    void reset(const rlenv_batch &b, uint32_t lane) {
        State &state = states.at(lane);
        if (b.seeds) state.random = b.seeds[lane];
        if (b.seeds && b.seeds[lane] == 13) throw LaneFailure("13 is unlucky");
        state.taken = 0;
        observe(state, b, lane);
    }
    void step(const rlenv_batch &b, uint32_t lane) {
        State &state = states.at(lane);
        b.reward[lane] = pay(state, b, lane);
        state.taken++;
        state.random = state.random * 6364136223846793005u + 1442695040888963407u;
        observe(state, b, lane);
        b.flags[lane] = static_cast<double>(state.taken) >= limit ? RLENV_TERMINATED : 0;
    }
    std::vector<State> states;

private:
    double limit;
};

template <class T> T &at(const rlenv_rows *rows, int leaf, uint32_t lane, int element = 0) {
    return static_cast<T *>(rlenv_row(&rows[leaf], lane))[element];
}

class Plant : public World {
public:
    using World::World;
    double pay(State &, const rlenv_batch &b, uint32_t lane) const override {
        return -std::fabs(at<float>(b.act, 0, lane)) - at<int32_t>(b.act, 1, lane, 0);
    }
    void observe(const State &state, const rlenv_batch &b, uint32_t lane) const override {
        at<float>(b.obs, 0, lane, 0) = static_cast<float>(state.taken);
        at<float>(b.obs, 0, lane, 1) = -1;
        at<double>(b.obs, 1, lane) = static_cast<double>(state.random >> 11) / 9007199254740992.0;
        at<int64_t>(b.obs, 2, lane) = 5 + static_cast<int64_t>(state.random % 3);
        for (int k = 0; k < 4; k++) at<uint8_t>(b.obs, 3, lane, k) = state.random >> (20 + k) & 1;
        std::memset(rlenv_row(&b.obs[4], lane), static_cast<int>(state.random >> 30 & 255), 4 * 5 * 3);
    }
};

class Dice : public World {
public:
    using World::World;
    double pay(State &state, const rlenv_batch &b, uint32_t lane) const override {
        int32_t guess = at<int32_t>(b.act, 0, lane);
        if (guess == static_cast<int32_t>(state.taken % 6)) throw std::invalid_argument("a forbidden guess");
        return guess == static_cast<int32_t>(state.random % 6) ? 1 : 0;
    }
    void observe(const State &state, const rlenv_batch &b, uint32_t lane) const override {
        at<int32_t>(b.obs, 0, lane) = static_cast<int32_t>(state.random % 6);
        if (b.mask) b.mask[6 * static_cast<size_t>(lane) + static_cast<size_t>(state.taken % 6)] = 0;
        if (b.metrics) b.metrics[lane] = static_cast<double>(state.taken);
    }
};

World *self(rlenv_instance *instance) { return reinterpret_cast<World *>(instance); }

rlenv_status fail(rlenv_error *error, rlenv_status status, const char *message) {
    std::snprintf(error->message, sizeof error->message, "%s", message);
    return status;
}
template <class Body> rlenv_status guarded(rlenv_error *error, Body body) {
    try {
        body();
        return RLENV_OK;
    } catch (const BadOption &e) {
        return fail(error, RLENV_E_OPTION, e.what());
    } catch (const LaneFailure &e) {
        return fail(error, RLENV_E_LANE, e.what());
    } catch (const std::invalid_argument &e) {
        return fail(error, RLENV_E_ARG, e.what());
    } catch (const std::out_of_range &) {
        return fail(error, RLENV_E_ARG, "no such lane");
    } catch (const std::bad_alloc &) {
        return fail(error, RLENV_E_NOMEM, "out of memory");
    } catch (const std::exception &e) {
        return fail(error, RLENV_E_INTERNAL, e.what());
    } catch (...) {
        return fail(error, RLENV_E_INTERNAL, "an unknown exception");
    }
}

template <class T>
rlenv_status create(const rlenv_host *, const rlenv_env *, const rlenv_value *values, uint32_t lanes,
                    rlenv_instance **out, rlenv_error *error) {
    return guarded(error, [&] {
        if (values[0].i == 7) throw BadOption("a week is too regular");
        std::unique_ptr<World> world(new T(lanes, static_cast<double>(values[0].i)));
        *out = reinterpret_cast<rlenv_instance *>(world.release());
    });
}
void destroy(rlenv_instance *instance) { delete self(instance); }

// A failing lane does not stop the others.
rlenv_status each_lane(rlenv_instance *instance, const rlenv_batch *b, rlenv_error *error,
                       void (World::*call)(const rlenv_batch &, uint32_t)) {
    rlenv_status status = RLENV_OK;
    for (uint32_t k = 0; k < b->count; k++) {
        uint32_t lane = rlenv_lane_at(b, k);
        rlenv_error mine = { static_cast<int32_t>(lane), "" };
        rlenv_status one = guarded(&mine, [&] { (self(instance)->*call)(*b, lane); });
        if (one == RLENV_OK) continue;
        if (status == RLENV_OK) *error = mine;
        if (one != RLENV_E_LANE) return one;
        b->flags[lane] = RLENV_FAULT;
        status = RLENV_E_LANE;
    }
    return status;
}
rlenv_status reset(rlenv_instance *instance, const rlenv_batch *b, rlenv_error *error) {
    return each_lane(instance, b, error, &World::reset);
}
rlenv_status step(rlenv_instance *instance, const rlenv_batch *b, rlenv_error *error) {
    return each_lane(instance, b, error, &World::step);
}
size_t snapshot_size(rlenv_instance *) { return sizeof(State); }
rlenv_status save(rlenv_instance *instance, uint32_t lane, void *buffer, size_t capacity, size_t *bytes,
                  rlenv_error *error) {
    return guarded(error, [&] {
        *bytes = sizeof(State);
        if (capacity < *bytes) throw std::invalid_argument("the buffer is too small");
        std::memcpy(buffer, &self(instance)->states.at(lane), sizeof(State));
    });
}
rlenv_status load(rlenv_instance *instance, uint32_t lane, const void *buffer, size_t bytes, rlenv_error *error) {
    return guarded(error, [&] {
        if (bytes != sizeof(State)) throw std::invalid_argument("not a snapshot");
        std::memcpy(&self(instance)->states.at(lane), buffer, sizeof(State));
    });
}
rlenv_status reseed(rlenv_instance *instance, uint32_t lane, uint64_t seed, rlenv_error *error) {
    return guarded(error, [&] { self(instance)->states.at(lane).random = seed; });
}
rlenv_status render(rlenv_instance *instance, uint32_t lane, rlenv_frame *frame, rlenv_error *error) {
    return guarded(error, [&] {
        std::string text = "step " + std::to_string(self(instance)->states.at(lane).taken) + "\n";
        frame->bytes = text.size();
        if (frame->format != RLENV_FRAME_TEXT) throw std::invalid_argument("text only");
        if (frame->data) std::memcpy(frame->data, text.data(), std::min(frame->capacity, text.size()));
    });
}

const double lows[] = { 0, -2 }, highs[] = { 1000, INFINITY };
const char *const parts[] = { "time", "constant", nullptr };
const char *const kinds[] = { "plain", "fancy", nullptr };
const int64_t valves[] = { 2, 3 }, faces[] = { 6 };
const rlenv_leaf plant_obs[] = {
    RLENV_BOX_EACH("state", RLENV_F32, lows, highs, parts, "seconds and one more", 2),
    RLENV_SCALAR("noise", RLENV_F64, 0, 1, "uniform"),
    RLENV_DISCRETE_FROM("gear", RLENV_I64, 3, 5, "5, 6 or 7"),
    RLENV_MULTI_BINARY("lamps", 4, "on or off"),
    RLENV_IMAGE("camera", 4, 5, 3, "one colour"),
};
const rlenv_leaf plant_act[] = { RLENV_BOX("force", RLENV_F32, -1, 1, "N", 1),
                                 RLENV_MULTI_DISCRETE("valves", valves, "how far open") };
const rlenv_leaf dice_obs[] = { RLENV_DISCRETE("", 6, "the last throw") };
const rlenv_leaf dice_act[] = { RLENV_DISCRETE_MASKED("", 6, "the next throw") };
const rlenv_leaf dice_act_list[] = { RLENV_MULTI_DISCRETE_MASKED("", faces, "the next throw, as a list") };
const rlenv_option options[] = {
    RLENV_OPTION_INT("length", "5", 1, 100, "steps"),
    RLENV_OPTION_BOOL("loud", "false", "unused"),
    RLENV_OPTION_FLOAT("mass", "1.5", 0, 10, "kg"),
    RLENV_OPTION_STRING("title", "a plant", "unused"),
    RLENV_OPTION_PATH("model", "model.bin", "unused"),
    RLENV_OPTION_ENUM("kind", "plain", kinds, "unused"),
    RLENV_OPTION_BOOL_AT_RESET("rain", "false", "unused"),
    RLENV_OPTION_INT_AT_RESET("level", "1", 1, 3, "unused"),
    RLENV_OPTION_FLOAT_AT_RESET("wind", "0", -5, 5, "m/s"),
    RLENV_OPTION_ENUM_AT_RESET("weather", "plain", kinds, "unused"),
};
const rlenv_metric metrics[] = { RLENV_METRIC("taken", RLENV_LAST, "steps") };

#define CALLS(T) \
    create<T>, destroy, reset, step, nullptr, snapshot_size, save, load, reseed, render, nullptr
const rlenv_env environments[] = {
    RLENV_ENV("Plant-v0", "Every kind of leaf.", 0, 50, NAN, -3, 0, RLENV_LIST(options), RLENV_LIST(plant_obs),
              RLENV_LIST(plant_act), RLENV_EMPTY, CALLS(Plant)),
    RLENV_ENV("Dice-v0", "A mask.", 0, 0, 0.5, 0, 1, RLENV_LIST(options), RLENV_LIST(dice_obs), RLENV_LIST(dice_act),
              RLENV_LIST(metrics), CALLS(Dice)),
    RLENV_ENV("DiceList-v0", "The same with a list of one.", 0, 0, 0.5, 0, 1, RLENV_LIST(options), RLENV_LIST(dice_obs),
              RLENV_LIST(dice_act_list), RLENV_LIST(metrics), CALLS(Dice)),
};

} // namespace

RLENV_PLUGIN("org.example.classes", "1.0.0", nullptr, nullptr, nullptr, "Classes", RLENV_LIST(environments), nullptr,
             nullptr, nullptr);
