"""CleanRL's single-file DQN as installed. Usage: clean_rl.py train|evaluate REQUEST.json

The script runs unchanged, with its own hyperparameters; given are the environment, the steps, the seed and the CPU.
Prints a JSON object with the fields of `rl-host train --json` and `rl-host eval --json` that are compared.
"""

import importlib.metadata
import json
import os
import runpy
import sys
import tempfile
import time

import gymnasium
import torch

SCRIPTS = {"dqn": "cleanrl/dqn.py"}


def script(request: dict) -> str:
    return str(importlib.metadata.distribution("cleanrl").locate_file(SCRIPTS[request["algorithm"]]))


def run(request: dict, name: str) -> dict:
    """The script's variables after its end."""
    sys.argv = [script(request), "--cuda", "False", "--env-id", request["environment"]]
    sys.argv += ["--total-timesteps", str(request["steps"]), "--seed", str(request["seed"])]
    return runpy.run_path(sys.argv[0], run_name=name)


def train(request: dict) -> dict:
    here = os.getcwd()
    with tempfile.TemporaryDirectory() as scratch:  # its log for tensorboard goes to the current folder
        os.chdir(scratch)
        variables = run(request, "__main__")
        seconds = time.time() - variables["start_time"]  # the script takes that time just before the first reset
        os.chdir(here)
    torch.save(variables["q_network"].state_dict(), request["model"])
    args = variables["args"]
    updates = (request["steps"] - 1) // args.train_frequency - args.learning_starts // args.train_frequency
    return {"steps": request["steps"], "updates": updates, "wall_s": seconds}


def evaluate(request: dict) -> dict:
    variables = run(request, "definitions")
    environment = gymnasium.make(request["environment"])
    network = variables["QNetwork"](gymnasium.vector.SyncVectorEnv([lambda: environment]))
    network.load_state_dict(torch.load(request["model"], weights_only=True))
    returns = [episode(environment, network, request["evaluationSeed"] + k) for k in range(request["episodes"])]
    return {"return": {"mean": sum(returns) / len(returns)}, "gymnasium": gymnasium.__version__}


@torch.no_grad()
def episode(environment, network, seed: int) -> float:
    """The return of a greedy episode."""
    observation, _ = environment.reset(seed=seed)
    total = 0.0
    while True:
        action = int(network(torch.from_numpy(observation)).argmax())
        observation, reward, terminated, truncated, _ = environment.step(action)
        total += float(reward)
        if terminated or truncated:
            return total


if __name__ == "__main__":
    with open(sys.argv[2]) as file:
        asked = json.load(file)
    torch.set_num_threads(asked["threads"])
    answer = {"train": train, "evaluate": evaluate}[sys.argv[1]](asked)
    print("\n" + json.dumps(answer))
