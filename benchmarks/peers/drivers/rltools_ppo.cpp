// PPO on the pendulum by RLtools: its public loop, with the values of its own example for this task
// (src/rl/environments/pendulum/ppo/cpu/config.h in its repository). Prints a JSON object.
//
// Usage: rltools_ppo SEED STEPS, of which it makes whole rollouts
#include <rl_tools/operations/cpu_mux.h>
// in this order, or the layers do not find the optimizer
#include <rl_tools/nn/optimizers/adam/instance/operations_generic.h>
#include <rl_tools/nn/operations_cpu_mux.h> // without it no layer uses the BLAS

#include <rl_tools/rl/environments/pendulum/operations_generic.h>
#include <rl_tools/nn/layers/standardize/operations_generic.h>
#include <rl_tools/nn_models/mlp_unconditional_stddev/operations_generic.h>
#include <rl_tools/nn_models/sequential/operations_generic.h>
#include <rl_tools/nn/optimizers/adam/operations_generic.h>
#include <rl_tools/rl/algorithms/ppo/loop/core/config.h>
#include <rl_tools/rl/algorithms/ppo/loop/core/operations_generic.h>
#include <rl_tools/rl/utils/evaluation/operations_generic.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace rlt = rl_tools;

using Device = rlt::devices::DEVICE_FACTORY<>;
using Types = rlt::numeric_types::Policy<float>;
using Index = Device::index_t;
using Random = Device::SPEC::RANDOM::ENGINE<>;
using Pendulum = rlt::rl::environments::Pendulum<rlt::rl::environments::pendulum::Specification<float, Index>>;

struct Parameters : rlt::rl::algorithms::ppo::loop::core::DefaultParameters<Types, Index, Pendulum> {
    static constexpr Index BATCH_SIZE = 256;
    static constexpr Index ACTOR_HIDDEN_DIM = 64;
    static constexpr Index CRITIC_HIDDEN_DIM = 64;
    static constexpr Index ON_POLICY_RUNNER_STEPS_PER_ENV = 1024;
    static constexpr Index N_ENVIRONMENTS = 4;
    static constexpr Index EPISODE_STEP_LIMIT = 200;
    static constexpr Index STEP_LIMIT = 1'000'000; // this program counts the rollouts itself
    using OPTIMIZER_PARAMETERS = rlt::nn::optimizers::adam::DEFAULT_PARAMETERS_PYTORCH<Types>;
    struct PPO_PARAMETERS : rlt::rl::algorithms::ppo::DefaultParameters<Types, Index, BATCH_SIZE> {
        static constexpr float ACTION_ENTROPY_COEFFICIENT = 0;
        static constexpr Index N_EPOCHS = 2;
        static constexpr float GAMMA = 0.9f;
        static constexpr float INITIAL_ACTION_STD = 2;
    };
};
using Config = rlt::rl::algorithms::ppo::loop::core::Config<
    Types, Index, Random, Pendulum, Parameters, rlt::rl::algorithms::ppo::loop::core::ConfigApproximatorsSequential>;
using State = Config::State<Config>;

static constexpr Index EPISODES = 100;
using Evaluation =
    rlt::rl::utils::evaluation::Specification<Types, Index, Pendulum, EPISODES, Parameters::EPISODE_STEP_LIMIT>;

int main(int count, char **words) {
    if (count != 3) {
        std::fprintf(stderr, "usage: %s SEED STEPS\n", words[0]);
        return 64;
    }
    const Index seed = std::strtoul(words[1], nullptr, 10), asked = std::strtoul(words[2], nullptr, 10);
    const Index rollouts = std::max<Index>(1, asked / Config::ENVIRONMENT_STEPS_PER_LOOP_STEP);
    Device device;
    rlt::init(device);
    static State state;
    rlt::malloc(device, state);
    rlt::init(device, state, seed);

    const auto start = std::chrono::steady_clock::now();
    for (Index rollout = 0; rollout < rollouts; rollout++) rlt::step(device, state);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;

    rlt::rl::utils::evaluation::Result<Evaluation> result;
    Random episodes;
    rlt::malloc(device, episodes);
    rlt::init(device, episodes, 10'000 + seed);
    Pendulum pendulum;
    rlt::evaluate(device, pendulum, state.ui, rlt::get_actor(state), result, episodes,
                  rlt::Mode<rlt::mode::Evaluation<>>{});

    using PPO = Parameters::PPO_PARAMETERS;
    const Index steps = rollouts * Config::ENVIRONMENT_STEPS_PER_LOOP_STEP;
    std::printf("\n{\"steps\": %lu, \"wall_s\": %.6f, \"return\": {\"mean\": %.4f, \"std\": %.4f}, ",
                (unsigned long)steps, seconds.count(), (double)result.returns_mean, (double)result.returns_std);
    std::printf("\"values\": {\"lanes\": %lu, \"nSteps\": %lu, \"batchSize\": %lu, \"nEpochs\": %lu, ",
                (unsigned long)Parameters::N_ENVIRONMENTS, (unsigned long)Parameters::ON_POLICY_RUNNER_STEPS_PER_ENV,
                (unsigned long)Parameters::BATCH_SIZE, (unsigned long)PPO::N_EPOCHS);
    std::printf("\"gamma\": %.6g, \"gaeLambda\": %.6g, \"clipRange\": %.6g, \"entCoef\": %.6g, \"learningRate\": %.6g, "
                "\"optimizerEpsilon\": %.6g, \"hidden\": [%lu, %lu], \"activation\": \"relu\"}}\n",
                (double)PPO::GAMMA, (double)PPO::LAMBDA, (double)PPO::EPSILON_CLIP,
                (double)PPO::ACTION_ENTROPY_COEFFICIENT, (double)Parameters::OPTIMIZER_PARAMETERS::ALPHA,
                (double)Parameters::OPTIMIZER_PARAMETERS::EPSILON, (unsigned long)Parameters::ACTOR_HIDDEN_DIM,
                (unsigned long)Parameters::ACTOR_HIDDEN_DIM);
    rlt::free(device, state);
    return 0;
}
