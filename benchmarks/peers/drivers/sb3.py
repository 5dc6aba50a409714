"""Stable-Baselines3 on the values of a preset. Usage: sb3.py train|evaluate REQUEST.json

Prints a JSON object with the fields of `rl-host train --json` and `rl-host eval --json` that are compared.
"""

import json
import sys
import time

import gymnasium
import torch
from stable_baselines3 import DQN
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.evaluation import evaluate_policy

ALGORITHMS = {"dqn": DQN}

# rl-host's names to those of Stable-Baselines3's DQN
NAMES = {
    "learningRate": "learning_rate",
    "bufferSize": "buffer_size",
    "learningStarts": "learning_starts",
    "batchSize": "batch_size",
    "gamma": "gamma",
    "tau": "tau",
    "trainFrequency": "train_freq",
    "gradientSteps": "gradient_steps",
    "targetUpdateInterval": "target_update_interval",
    "epsilonStart": "exploration_initial_eps",
    "epsilonEnd": "exploration_final_eps",
    "explorationFraction": "exploration_fraction",
    "maxGradientNorm": "max_grad_norm",
    "nSteps": "n_steps",
}
ACTIVATIONS = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh}
FIXED = {"loss": "huber", "optimizer": "adam", "doubleQ": False, "dueling": False, "prioritized": False}  # no choice


def arguments(preset: dict, defaults: dict) -> dict:
    """The preset under the peer's names, with the host's defaults for what it leaves out."""
    unknown = preset.keys() - NAMES.keys() - FIXED.keys() - {"hidden", "activation"}
    if unknown:
        raise SystemExit(f"error: no name in Stable-Baselines3 is known for {', '.join(sorted(unknown))}")
    values = {**defaults, **preset}
    for name, fixed in FIXED.items():
        if values.get(name, fixed) != fixed:
            raise SystemExit(f"error: Stable-Baselines3 has {name} {fixed}, the preset {values[name]}")
    named = {theirs: values[ours] for ours, theirs in NAMES.items() if ours in values}
    named["policy_kwargs"] = {"net_arch": values["hidden"], "activation_fn": ACTIVATIONS[values["activation"]]}
    return named


def train(request: dict) -> dict:
    if request["lanes"] != 1:
        raise SystemExit("error: with several lanes Stable-Baselines3 counts train_freq otherwise: map it first")
    model = ALGORITHMS[request["algorithm"]](
        "MlpPolicy",
        make_vec_env(request["environment"], n_envs=1, seed=request["seed"]),
        seed=request["seed"],
        device="cpu",
        **arguments(request["preset"], request["defaults"]),
    )
    start = time.perf_counter()
    model.learn(total_timesteps=request["steps"])
    seconds = time.perf_counter() - start
    model.save(request["model"])
    return {"steps": model.num_timesteps, "updates": model._n_updates, "wall_s": seconds}


def evaluate(request: dict) -> dict:
    model = ALGORITHMS[request["algorithm"]].load(request["model"], device="cpu")
    environments = make_vec_env(request["environment"], n_envs=10, seed=request["evaluationSeed"])
    mean, deviation = evaluate_policy(model, environments, n_eval_episodes=request["episodes"], deterministic=True)
    return {"return": {"mean": float(mean), "std": float(deviation)}, "gymnasium": gymnasium.__version__}


if __name__ == "__main__":
    with open(sys.argv[2]) as file:
        asked = json.load(file)
    torch.set_num_threads(asked["threads"])
    print(json.dumps({"train": train, "evaluate": evaluate}[sys.argv[1]](asked)))
