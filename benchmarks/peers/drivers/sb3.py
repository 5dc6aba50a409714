"""Stable-Baselines3 on the values of a preset. Usage: sb3.py train|evaluate REQUEST.json

Prints a JSON object with the fields of `rl-host train --json` and `rl-host eval --json` that are compared.
"""

import json
import statistics
import sys
import time

import gymnasium
import numpy
import torch
from stable_baselines3 import A2C, DDPG, DQN, PPO, SAC, TD3
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.noise import NormalActionNoise, OrnsteinUhlenbeckActionNoise
from stable_baselines3.common.sb2_compat.rmsprop_tf_like import RMSpropTFLike

ALGORITHMS = {"dqn": DQN, "ppo": PPO, "a2c": A2C, "ddpg": DDPG, "td3": TD3, "sac": SAC}
REPLAYING = {"dqn", "ddpg", "td3", "sac"}
NOISY = {"ddpg", "td3"}
ACTIVATIONS = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh}
OPTIMIZERS = {
    "adam": (torch.optim.Adam, {}),
    "rmsprop": (torch.optim.RMSprop, {"alpha": 0.99}),
    "rmspropTF": (RMSpropTFLike, {"alpha": 0.99}),
}

# rl-host's names to those of Stable-Baselines3
REPLAY_NAMES = {
    "learningRate": "learning_rate",
    "bufferSize": "buffer_size",
    "learningStarts": "learning_starts",
    "batchSize": "batch_size",
    "gamma": "gamma",
    "tau": "tau",
    "trainFrequency": "train_freq",
    "gradientSteps": "gradient_steps",
    "nSteps": "n_steps",
}
DQN_NAMES = REPLAY_NAMES | {
    "targetUpdateInterval": "target_update_interval",
    "epsilonStart": "exploration_initial_eps",
    "epsilonEnd": "exploration_final_eps",
    "explorationFraction": "exploration_fraction",
    "maxGradientNorm": "max_grad_norm",
}
TD3_NAMES = REPLAY_NAMES | {
    "policyDelay": "policy_delay",
    "targetPolicyNoise": "target_policy_noise",
    "targetNoiseClip": "target_noise_clip",
}
SAC_NAMES = REPLAY_NAMES | {
    "entCoef": "ent_coef",
    "targetEntropy": "target_entropy",
    "targetUpdateInterval": "target_update_interval",
    "useSDE": "use_sde",
    "sdeSampleFreq": "sde_sample_freq",
    "useSDEAtWarmup": "use_sde_at_warmup",
}
A2C_NAMES = {
    "learningRate": "learning_rate",
    "nSteps": "n_steps",
    "gamma": "gamma",
    "gaeLambda": "gae_lambda",
    "normalizeAdvantage": "normalize_advantage",
    "entCoef": "ent_coef",
    "vfCoef": "vf_coef",
    "maxGradientNorm": "max_grad_norm",
    "sdeSampleFreq": "sde_sample_freq",
}
PPO_NAMES = A2C_NAMES | {
    "batchSize": "batch_size",
    "nEpochs": "n_epochs",
    "clipRange": "clip_range",
    "clipRangeVf": "clip_range_vf",
    "targetKL": "target_kl",
}
NAMES = {
    "dqn": DQN_NAMES,
    "ppo": PPO_NAMES,
    "a2c": A2C_NAMES,
    "ddpg": REPLAY_NAMES,
    "td3": TD3_NAMES,
    "sac": SAC_NAMES,
}

# where the peer has no choice
FIXED = {
    "dqn": {"loss": "huber", "optimizer": "adam", "doubleQ": False, "dueling": False, "prioritized": False},
    "ppo": {"optimizer": "adam", "sharedTrunk": False},
    "a2c": {"sharedTrunk": False},
    "ddpg": {"prioritized": False, "noiseStdFinal": None},
    "td3": {"prioritized": False, "noiseStdFinal": None},
    "sac": {"prioritized": False},
}
# what becomes part of the policy's keywords
NETWORK = {
    "dqn": {"hidden", "activation"},
    "ppo": {"hidden", "criticHidden", "activation", "orthoInit", "logStdInit", "controlDistribution", "optimizerEpsilon"},
}
NETWORK["a2c"] = NETWORK["ppo"] | {"optimizer"}
NETWORK["sac"] = {"hidden", "criticHidden", "activation", "logStdInit"}
# and of the noise on the actions
NETWORK["td3"] = {"hidden", "criticHidden", "activation", "noiseType", "noiseStd", "noiseTheta", "noiseTimeStep"}
NETWORK["ddpg"] = NETWORK["td3"]


def scheduled(value):
    """The zoo's lin_X as a function of what is left of the run."""
    if isinstance(value, str) and value.startswith("lin_"):
        start = float(value.removeprefix("lin_"))
        return lambda remaining: start * remaining
    return value


def keywords(algorithm: str, values: dict) -> dict:
    """What the policy, and the optimizer, are made with."""
    chosen = {"net_arch": values["hidden"], "activation_fn": ACTIVATIONS[values["activation"]]}
    if algorithm == "dqn":
        return {"policy_kwargs": chosen}
    value_widths = values.get("criticHidden") or values["hidden"]
    if algorithm in REPLAYING:
        chosen.update(net_arch={"pi": values["hidden"], "qf": value_widths})
        if algorithm == "sac":
            chosen.update(log_std_init=values["logStdInit"])
        return {"policy_kwargs": chosen}
    chosen.update(net_arch={"pi": values["hidden"], "vf": value_widths}, ortho_init=values["orthoInit"])
    chosen.update(log_std_init=values["logStdInit"])
    if algorithm == "ppo":
        chosen.update(optimizer_kwargs={"eps": values["optimizerEpsilon"]})
        return {"policy_kwargs": chosen, "use_sde": values["controlDistribution"] == "gsde"}
    make, options = OPTIMIZERS[values["optimizer"]]
    chosen.update(optimizer_class=make, optimizer_kwargs={**options, "eps": values["optimizerEpsilon"]})
    return {"policy_kwargs": chosen, "use_sde": values["controlDistribution"] == "gsde"}


def noise(values: dict, controls: int) -> dict:
    """The noise on the actions of DDPG and TD3, whose bounds count as -1 and 1."""
    mean, deviation = numpy.zeros(controls), numpy.full(controls, values["noiseStd"])
    if values["noiseType"] == "normal":
        return {"action_noise": NormalActionNoise(mean, deviation)}
    if values["noiseType"] == "ornstein-uhlenbeck":
        made = OrnsteinUhlenbeckActionNoise(mean, deviation, values["noiseTheta"], values["noiseTimeStep"])
        return {"action_noise": made}
    return {}


def arguments(algorithm: str, preset: dict, defaults: dict) -> dict:
    """The preset under the peer's names, with the host's defaults for what it leaves out."""
    names, fixed = NAMES[algorithm], FIXED[algorithm]
    unknown = preset.keys() - names.keys() - fixed.keys() - NETWORK[algorithm]
    if unknown:
        raise SystemExit(f"error: no name in Stable-Baselines3 is known for {', '.join(sorted(unknown))}")
    values = {**defaults, **preset}
    for name, only in fixed.items():
        if values.get(name, only) != only:
            raise SystemExit(f"error: Stable-Baselines3 has {name} {only}, the preset {values[name]}")
    named = {theirs: scheduled(values[ours]) for ours, theirs in names.items() if ours in values}
    return named | keywords(algorithm, values)


def train(request: dict) -> dict:
    algorithm = request["algorithm"]
    if algorithm in REPLAYING and request["lanes"] != 1:
        raise SystemExit("error: with several lanes Stable-Baselines3 counts train_freq otherwise: map it first")
    environments = make_vec_env(request["environment"], n_envs=request["lanes"], seed=request["seed"])
    chosen = arguments(algorithm, request["preset"], request["defaults"])
    if algorithm in NOISY:
        chosen |= noise({**request["defaults"], **request["preset"]}, environments.action_space.shape[0])
    model = ALGORITHMS[algorithm]("MlpPolicy", environments, seed=request["seed"], device="cpu", **chosen)
    start = time.perf_counter()
    model.learn(total_timesteps=request["steps"])
    seconds = time.perf_counter() - start
    model.save(request["model"])
    return {"steps": model.num_timesteps, "updates": model._n_updates, "wall_s": seconds}


def evaluate(request: dict) -> dict:
    model = ALGORITHMS[request["algorithm"]].load(request["model"], device="cpu")
    environments = make_vec_env(request["environment"], n_envs=10, seed=request["evaluationSeed"])
    returns, _ = evaluate_policy(
        model, environments, n_eval_episodes=request["episodes"], deterministic=True, return_episode_rewards=True
    )
    mean, deviation = statistics.fmean(returns), statistics.pstdev(returns)
    return {"return": {"mean": mean, "std": deviation, "min": min(returns)}, "gymnasium": gymnasium.__version__}


if __name__ == "__main__":
    with open(sys.argv[2]) as file:
        asked = json.load(file)
    torch.set_num_threads(asked["threads"])
    print(json.dumps({"train": train, "evaluate": evaluate}[sys.argv[1]](asked)))
