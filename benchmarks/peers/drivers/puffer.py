"""PufferLib's trainer on its CartPole, with the values of a preset. Usage: puffer.py train|evaluate REQUEST.json

Prints a JSON object with the fields of `rl-host train --json` and `rl-host eval --json` that are compared. Its CartPole
ends after 200 steps and is not quite Gymnasium's; the policy is evaluated in Gymnasium's CartPole-v1.
"""

import json
import os
import sys
import tempfile
import time
import types

import gymnasium

with open(sys.argv[2]) as file:
    REQUEST = json.load(file)
SCRATCH = tempfile.TemporaryDirectory()
os.chdir(SCRATCH.name)  # PufferLib leaves a link where it is imported
sys.modules["gym"] = gymnasium  # asked for the names of spaces alone
sys.modules["gym.spaces"] = gymnasium.spaces
sys.modules["pufferlib.sweep"] = types.ModuleType("pufferlib.sweep")  # the search for hyperparameters

import pufferlib  # noqa: E402

pufferlib.sweep = sys.modules["pufferlib.sweep"]

import pufferlib.models  # noqa: E402
import pufferlib.vector  # noqa: E402
import torch  # noqa: E402
from pufferlib import pufferl  # noqa: E402
from pufferlib.ocean.cartpole.cartpole import Cartpole  # noqa: E402

# rl-host's names to those of PufferLib; all others are as in its default.ini, or of no use here
NAMES = {
    "nSteps": "bptt_horizon",
    "batchSize": "minibatch_size",
    "nEpochs": "update_epochs",
    "gamma": "gamma",
    "gaeLambda": "gae_lambda",
    "clipRange": "clip_coef",
    "clipRangeVf": "vf_clip_coef",
    "entCoef": "ent_coef",
    "maxGradientNorm": "max_grad_norm",
    "optimizerEpsilon": "adam_eps",
}
FIXED = {"sharedTrunk": True, "optimizer": "adam", "normalizeAdvantage": True}
REST = {
    "torch_deterministic": True,
    "cpu_offload": False,
    "device": "cpu",
    "anneal_lr": True,
    "precision": "float32",
    "optimizer": "adam",
    "adam_beta1": 0.9,
    "adam_beta2": 0.999,
    "checkpoint_interval": 1_000_000,
    "batch_size": "auto",
    "max_minibatch_size": 32_768,
    "compile": False,
    "vtrace_rho_clip": 1.0,
    "vtrace_c_clip": 1.0,
    "prio_alpha": 0.8,
    "prio_beta0": 0.2,
    "use_rnn": False,
    "env": "puffer_cartpole",
}


def configuration(request: dict) -> dict:
    """The preset under the peer's names; its rate falls along a cosine where the preset's falls along a line."""
    values = {**request["defaults"], **request["preset"]}
    for name, only in FIXED.items():
        if values[name] != only:
            raise SystemExit(f"error: PufferLib has {name} {only}, the preset {values[name]}")
    named = {theirs: values[ours] for ours, theirs in NAMES.items()}
    rate = float(str(values["learningRate"]).removeprefix("lin_"))
    named.update(learning_rate=rate, vf_coef=2 * values["vfCoef"])  # it takes half the squared error
    return {**REST, **named, "seed": request["seed"], "total_timesteps": request["steps"], "data_dir": SCRATCH.name}


def network(environment, request: dict):
    """A hidden layer that both heads read."""
    (width,) = request["preset"]["hidden"]
    return pufferlib.models.Default(environment, hidden_size=width)


def train(request: dict) -> dict:
    lanes = {"num_envs": request["lanes"], "report_interval": 64}
    torch.manual_seed(request["seed"])
    vector = pufferlib.vector.make(Cartpole, env_kwargs=lanes, backend=pufferlib.vector.Serial, num_envs=1)
    pufferl.PuffeRL.print_dashboard = lambda *words, **options: None
    trainer = pufferl.PuffeRL(configuration(request), vector, network(vector.driver_env, request))
    start = time.perf_counter()
    while trainer.global_step < request["steps"]:
        trainer.evaluate()
        trainer.train()
    seconds = time.perf_counter() - start
    trainer.utilization.stop()
    torch.save(trainer.uncompiled_policy.state_dict(), request["model"])
    return {"steps": trainer.global_step, "wall_s": seconds}


@torch.no_grad()
def evaluate(request: dict) -> dict:
    environments = gymnasium.make_vec(request["environment"], num_envs=request["episodes"], vectorization_mode="sync")
    driver = types.SimpleNamespace(
        single_action_space=environments.single_action_space,
        single_observation_space=environments.single_observation_space,
        observation_space=environments.single_observation_space,
    )
    policy = network(driver, request)
    policy.load_state_dict(torch.load(request["model"], weights_only=True))
    seeds = range(request["evaluationSeed"], request["evaluationSeed"] + request["episodes"])
    observations, _ = environments.reset(seed=list(seeds))
    returns, running = torch.zeros(len(seeds)), torch.ones(len(seeds), dtype=torch.bool)
    while running.any():
        actions = policy.forward_eval(torch.from_numpy(observations))[0].argmax(dim=1)
        observations, rewards, terminated, truncated, _ = environments.step(actions.numpy())
        returns += running * torch.from_numpy(rewards)
        running &= ~torch.from_numpy(terminated | truncated)
    return {"return": {"mean": float(returns.mean())}, "gymnasium": gymnasium.__version__}


if __name__ == "__main__":
    torch.set_num_threads(REQUEST["threads"])
    print("\n" + json.dumps({"train": train, "evaluate": evaluate}[sys.argv[1]](REQUEST)))
