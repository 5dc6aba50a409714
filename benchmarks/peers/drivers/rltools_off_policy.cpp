// TD3 or SAC on the pendulum by RLtools: its public loops, with the values of its own examples for this task
// (src/rl/environments/pendulum/td3 and sac in its repository) where the macros below do not say otherwise.
// Prints a JSON object.
//
// Usage: rltools_off_policy SEED STEPS
//
// Macros: RUN_TD3 or RUN_SAC; RUN_HIDDEN, RUN_BATCH, RUN_LEARNING_STARTS.
#include <rl_tools/operations/cpu_mux.h>
// in this order, or the layers do not find the optimizer
#include <rl_tools/nn/optimizers/adam/instance/operations_generic.h>
#include <rl_tools/nn/operations_cpu_mux.h> // without it no layer uses the BLAS

#include <rl_tools/rl/environments/pendulum/operations_generic.h>
#include <rl_tools/nn/layers/sample_and_squash/operations_generic.h>
#include <rl_tools/nn/layers/td3_sampling/operations_generic.h>
#include <rl_tools/nn_models/mlp/operations_generic.h>
#include <rl_tools/nn_models/random_uniform/operations_generic.h>
#include <rl_tools/nn_models/sequential/operations_generic.h>
#include <rl_tools/nn/optimizers/adam/operations_generic.h>
#ifdef RUN_TD3
#include <rl_tools/rl/algorithms/td3/loop/core/config.h>
#include <rl_tools/rl/algorithms/td3/loop/core/operations_generic.h>
#else
#include <rl_tools/rl/algorithms/sac/loop/core/config.h>
#include <rl_tools/rl/algorithms/sac/loop/core/operations_generic.h>
#endif
#include <rl_tools/rl/utils/evaluation/operations_generic.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace rlt = rl_tools;

using Device = rlt::devices::DEVICE_FACTORY<>;
using Types = rlt::numeric_types::Policy<float>;
using Index = Device::index_t;
using Random = Device::SPEC::RANDOM::ENGINE<>;
using Pendulum = rlt::rl::environments::Pendulum<rlt::rl::environments::pendulum::Specification<float, Index>>;

// what both loops call by the same names
template <typename Base> struct Common : Base {
    static constexpr Index N_WARMUP_STEPS = RUN_LEARNING_STARTS;
    static constexpr Index N_WARMUP_STEPS_CRITIC = RUN_LEARNING_STARTS;
    static constexpr Index N_WARMUP_STEPS_ACTOR = RUN_LEARNING_STARTS;
    static constexpr Index STEP_LIMIT = 1'000'000; // this program counts the steps itself
    static constexpr Index REPLAY_BUFFER_CAP = 20'000;
    static constexpr Index EPISODE_STEP_LIMIT = 200;
    static constexpr Index ACTOR_HIDDEN_DIM = RUN_HIDDEN;
    static constexpr Index CRITIC_HIDDEN_DIM = RUN_HIDDEN;
};
using Optimizer = rlt::nn::optimizers::adam::DEFAULT_PARAMETERS_PYTORCH<Types>;

#ifdef RUN_TD3
namespace loops = rlt::rl::algorithms::td3::loop::core;
struct Parameters : Common<loops::DefaultParameters<Types, Index, Pendulum>> {
    struct TD3_PARAMETERS : rlt::rl::algorithms::td3::DefaultParameters<Types, Index> {
        static constexpr Index ACTOR_BATCH_SIZE = RUN_BATCH;
        static constexpr Index CRITIC_BATCH_SIZE = RUN_BATCH;
    };
    using OPTIMIZER_PARAMETERS = Optimizer;
};
using Update = Parameters::TD3_PARAMETERS;
static_assert(Update::CRITIC_TARGET_UPDATE_INTERVAL == Update::ACTOR_TRAINING_INTERVAL &&
                  Update::ACTOR_TARGET_UPDATE_INTERVAL == Update::ACTOR_TRAINING_INTERVAL,
              "policyDelay is one number");
#else
namespace loops = rlt::rl::algorithms::sac::loop::core;
struct Parameters : Common<loops::DefaultParameters<Types, Index, Pendulum>> {
    struct SAC_PARAMETERS : rlt::rl::algorithms::sac::DefaultParameters<Types, Index, Pendulum::ACTION_DIM> {
        static constexpr Index ACTOR_BATCH_SIZE = RUN_BATCH;
        static constexpr Index CRITIC_BATCH_SIZE = RUN_BATCH;
        static constexpr float ALPHA = 1;
    };
    using ACTOR_OPTIMIZER_PARAMETERS = Optimizer;
    using CRITIC_OPTIMIZER_PARAMETERS = Optimizer;
    using ALPHA_OPTIMIZER_PARAMETERS = Optimizer;
};
using Update = Parameters::SAC_PARAMETERS;
static_assert(Update::ACTOR_TRAINING_INTERVAL == 1 && Update::ADAPTIVE_ALPHA &&
                  Update::TARGET_ENTROPY == -static_cast<float>(Pendulum::ACTION_DIM),
              "a step of the policy each update, and the temperature learned as entCoef auto");
#endif
static_assert(Update::CRITIC_TRAINING_INTERVAL == 1 && Parameters::N_ENVIRONMENTS == 1,
              "an update for each step");

using Config = loops::Config<Types, Index, Random, Pendulum, Parameters, loops::ConfigApproximatorsMLP>;
using State = Config::State<Config>;

static constexpr Index EPISODES = 100;
using Evaluation =
    rlt::rl::utils::evaluation::Specification<Types, Index, Pendulum, EPISODES, Parameters::EPISODE_STEP_LIMIT>;

static void printValues() {
    std::printf("\"values\": {\"lanes\": %lu, \"batchSize\": %lu, \"bufferSize\": %lu, \"learningStarts\": %lu, ",
                (unsigned long)Parameters::N_ENVIRONMENTS, (unsigned long)RUN_BATCH,
                (unsigned long)Parameters::REPLAY_BUFFER_CAP, (unsigned long)RUN_LEARNING_STARTS);
    std::printf("\"trainFrequency\": 1, \"gradientSteps\": 1, \"gamma\": %.6g, \"tau\": %.6g, \"learningRate\": %.6g, ",
                (double)Update::GAMMA, 1 - (double)Update::CRITIC_POLYAK, (double)Optimizer::ALPHA);
#ifdef RUN_TD3
    std::printf("\"policyDelay\": %lu, \"noiseType\": \"normal\", \"noiseStd\": %.6g, \"targetPolicyNoise\": %.6g, "
                "\"targetNoiseClip\": %.6g, ",
                (unsigned long)Update::ACTOR_TRAINING_INTERVAL, (double)Parameters::EXPLORATION_NOISE,
                (double)Update::TARGET_NEXT_ACTION_NOISE_STD, (double)Update::TARGET_NEXT_ACTION_NOISE_CLIP);
#else
    std::printf("\"entCoef\": \"auto\", \"targetEntropy\": \"auto\", \"targetUpdateInterval\": %lu, \"useSDE\": false, ",
                (unsigned long)Update::CRITIC_TARGET_UPDATE_INTERVAL);
#endif
    std::printf("\"hidden\": [%lu, %lu], \"activation\": \"relu\", \"nSteps\": 1, \"prioritized\": false}",
                (unsigned long)RUN_HIDDEN, (unsigned long)RUN_HIDDEN);
}

int main(int count, char **words) {
    if (count != 3) {
        std::fprintf(stderr, "usage: %s SEED STEPS\n", words[0]);
        return 64;
    }
    const Index seed = std::strtoul(words[1], nullptr, 10), steps = std::strtoul(words[2], nullptr, 10);
    Device device;
    rlt::init(device);
    static State state;
    rlt::malloc(device, state);
    rlt::init(device, state, seed);

    const auto start = std::chrono::steady_clock::now();
    for (Index step = 0; step < steps; step++) rlt::step(device, state);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;

    rlt::rl::utils::evaluation::Result<Evaluation> result;
    Random episodes;
    rlt::malloc(device, episodes);
    rlt::init(device, episodes, 10'000 + seed);
    Pendulum pendulum;
    rlt::rl::environments::DummyUI ui;
    rlt::evaluate(device, pendulum, ui, rlt::get_actor(state), result, episodes,
                  rlt::Mode<rlt::mode::Evaluation<>>{});
    std::printf("\n{\"steps\": %lu, \"wall_s\": %.6f, \"return\": {\"mean\": %.4f, \"std\": %.4f}, ",
                (unsigned long)steps, seconds.count(), (double)result.returns_mean, (double)result.returns_std);
    printValues();
    std::printf("}\n");
    rlt::free(device, state);
    return 0;
}
