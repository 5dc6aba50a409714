"""Trains one seed of a preset with Stable-Baselines3, and plays what it ended with: what `make gates` asks a peer for.

    .bench-peers/bin/python benchmarks/peers/seed.py --environment MountainCar-v0 --algorithm dqn --preset zoo \\
        --steps 120000 --seed 0

Prints a JSON object; with --print-config, the values it would train with and the versions, and trains nothing.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import machine
import presets

DRIVER = Path(__file__).parent / "drivers/sb3.py"


def answer(mode: str, file: Path) -> dict:
    """What the driver prints on its last line."""
    variables = machine.environment("sb3", 1, False)
    command = [sys.executable, str(DRIVER), mode, str(file)]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(done.stderr.strip()[-2000:])
    return json.loads(done.stdout.strip().splitlines()[-1])


def request(options: argparse.Namespace) -> dict:
    """The preset as the driver takes it."""
    options.name = f"{options.environment}/{options.algorithm}"
    preset = presets.read(options)
    return {
        "environment": options.environment,
        "algorithm": options.algorithm,
        "preset": preset["hyperparameters"],
        "defaults": presets.defaults(options.host, options.algorithm),
        "steps": options.steps or preset["steps"],
        "lanes": preset["lanes"],
        "threads": 1,
        "episodes": options.episodes,
        "evaluationSeed": options.evaluation_seed,
    }


def train(asked: dict, seed: int) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "request.json"
        file.write_text(json.dumps({**asked, "seed": seed, "model": str(Path(folder) / "model.zip")}))
        return {**answer("train", file), **answer("evaluate", file)}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("environment", "algorithm", "preset"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--steps", type=int, help="in place of the preset's")
    parser.add_argument("--seed", type=int, default=0, help="(0)")
    parser.add_argument("--episodes", type=int, default=100, help="greedy episodes for the return (100)")
    parser.add_argument("--evaluation-seed", type=int, default=10_000, help="(10000)")
    parser.add_argument("--host", default=".build/release/rl-host", help="whose defaults fill a preset's gaps")
    parser.add_argument("--print-config", action="store_true")
    return parser.parse_args()


def main() -> None:
    options = parse()
    asked = request(options)
    if options.print_config:
        versions = {name: version(name) for name in ("stable-baselines3", "torch", "gymnasium")}
        print(json.dumps({**asked, "versions": versions}, sort_keys=True))
    else:
        print(json.dumps(train(asked, options.seed)))


if __name__ == "__main__":
    main()
