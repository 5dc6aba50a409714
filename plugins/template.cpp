// template.cpp - an environment as a C++ class, behind the whole ABI. C++11 and later.
//
//     c++ -shared -fPIC -O2 -Wall -Wextra -Iinclude plugins/template.cpp -o plugins/template-cpp.so
//
// A room has to be kept at the temperature that is asked for. Write a class such as Room; the functions behind it
// can stay as they are. No exception may leave the plugin: `guarded` turns it into a status.
#include "rlenv_simple.h" // for the random numbers; rlenv.h is enough without them
#include <cmath>
#include <exception>
#include <new>
#include <stdexcept>
#include <vector>
RLENV_EXACT_FLOATS

namespace {

// ---- the environment

class Room {
public:
    void reset(uint64_t seed) {
        rlenv_rng_seed(&rng, seed);
        resume();
    }
    void resume() {
        temperature = rlenv_uniform(&rng, 10, 30);
        wish = rlenv_uniform(&rng, 18, 24);
    }
    // 0 cools, 1 rests, 2 heats. The answer is the reward.
    double step(int action, double leak) {
        if (action < 0 || action > 2) throw std::invalid_argument("an action is 0, 1 or 2");
        temperature += (action - 1) * 0.5 - leak * (temperature - 15) + rlenv_uniform(&rng, -0.1, 0.1);
        return -std::fabs(temperature - wish) / 10;
    }
    void observe(float *row) const {
        row[0] = static_cast<float>(temperature);
        row[1] = static_cast<float>(wish);
    }
    bool lost() const { return temperature < 0 || temperature > 40; }

private:
    rlenv_rng rng = rlenv_rng();
    double temperature = 0, wish = 0;
};

enum { LEAK };
const rlenv_option options[] = { RLENV_OPTION_FLOAT("leak", "0.01", 0, 0.5, "share of the warmth lost in a step") };
const rlenv_leaf observation[] = { RLENV_BOX("", RLENV_F32, -10, 50, "temperature and wish, degrees Celsius", 2) };
const char *const actions[] = { "cool", "rest", "heat", nullptr };
const rlenv_leaf action[] = { RLENV_DISCRETE_NAMED("", 3, actions, "what the heater does") };

// ---- from here on, nothing depends on what a room is

struct Instance {
    std::vector<Room> lanes;
    double leak;
};
Instance *self(rlenv_instance *instance) { return reinterpret_cast<Instance *>(instance); }

rlenv_status failed(rlenv_error *error, rlenv_status status, const char *message) {
    std::snprintf(error->message, sizeof error->message, "%s", message);
    return status;
}
template <class Body> rlenv_status guarded(rlenv_error *error, Body body) {
    try {
        return body();
    } catch (const std::invalid_argument &problem) {
        return failed(error, RLENV_E_ARG, problem.what());
    } catch (const std::bad_alloc &) {
        return failed(error, RLENV_E_NOMEM, "out of memory");
    } catch (const std::exception &problem) {
        return failed(error, RLENV_E_INTERNAL, problem.what());
    } catch (...) {
        return failed(error, RLENV_E_INTERNAL, "an exception of unknown type");
    }
}

rlenv_status create(const rlenv_host *, const rlenv_env *, const rlenv_value *values, uint32_t lanes,
                    rlenv_instance **out, rlenv_error *error) {
    return guarded(error, [&]() -> rlenv_status {
        Instance *instance = new Instance{ std::vector<Room>(lanes), values[LEAK].f };
        *out = reinterpret_cast<rlenv_instance *>(instance);
        return RLENV_OK;
    });
}
void destroy(rlenv_instance *instance) { delete self(instance); }

rlenv_status reset(rlenv_instance *instance, const rlenv_batch *b, rlenv_error *error) {
    return guarded(error, [&]() -> rlenv_status {
        for (uint32_t k = 0; k < b->count; k++) {
            uint32_t lane = rlenv_lane_at(b, k);
            Room &room = self(instance)->lanes.at(lane);
            if (b->seeds) room.reset(b->seeds[lane]);
            else room.resume();
            room.observe(static_cast<float *>(rlenv_row(&b->obs[0], lane)));
        }
        return RLENV_OK;
    });
}
rlenv_status step(rlenv_instance *instance, const rlenv_batch *b, rlenv_error *error) {
    return guarded(error, [&]() -> rlenv_status {
        for (uint32_t k = 0; k < b->count; k++) {
            uint32_t lane = rlenv_lane_at(b, k);
            Room &room = self(instance)->lanes.at(lane);
            int32_t action = *static_cast<const int32_t *>(rlenv_row(&b->act[0], lane));
            b->reward[lane] = room.step(action, self(instance)->leak);
            b->flags[lane] = room.lost() ? RLENV_TERMINATED : 0;
            room.observe(static_cast<float *>(rlenv_row(&b->obs[0], lane)));
            // a lane's mask:    b->mask + lane * rlenv_mask_length(&acts), where acts is the list of action leaves
            // a lane's metrics: b->metrics + lane * (number of metrics), where b->metrics is not NULL
        }
        return RLENV_OK;
    });
}

const rlenv_env environments[] = {
    RLENV_ENV("Room-v0", "Keep a room at the temperature that is asked for.", 0, 200 /* steps at most */, NAN, 0, 0,
              RLENV_LIST(options), RLENV_LIST(observation), RLENV_LIST(action), RLENV_EMPTY,
              create, destroy, reset, step, nullptr /* describe */, nullptr, nullptr, nullptr /* snapshots */,
              nullptr /* reseed */, nullptr /* render */, nullptr /* extension */)
};

} // namespace

RLENV_PLUGIN("org.example.room", "0.1.0", "MIT", nullptr, nullptr, "A room with a heater", RLENV_LIST(environments),
             nullptr, nullptr, nullptr);
