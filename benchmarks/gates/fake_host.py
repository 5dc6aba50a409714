"""Stands in for rl-host in the tests: "trains" in no time, and ends with the returns of a file beside it.

It is copied into a folder together with `returns.json`: a list for each algorithm, by seed; null fails, "sleep" does
not end. Every training leaves a line in `trained.txt`. Configurations are printed by the shell, which starts sooner.
"""

import json
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).parent


def value(name: str) -> str:
    return sys.argv[sys.argv.index(name) + 1]


def train() -> dict:
    algorithm, seed = value("--algo"), int(value("--seed"))
    with (FOLDER / "trained.txt").open("a") as file:
        file.write(f"{algorithm} {seed}\n")
    result = json.loads((FOLDER / "returns.json").read_text())[algorithm][seed]
    if result is None:
        sys.exit("error: the loss is not finite")
    if result == "sleep":
        time.sleep(60)
    run = Path(value("--runs")) / value("--name")
    run.mkdir()
    (run / "return").write_text(json.dumps(result))
    return {"steps": int(value("--steps")), "wall_s": 0.5}


def evaluate() -> dict:
    result = json.loads((Path(sys.argv[2]) / "return").read_text())
    return {"return": {"mean": result, "std": 0, "min": result}}


print(json.dumps(train() if sys.argv[1] == "train" else evaluate()))
