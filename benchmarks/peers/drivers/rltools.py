"""RLtools on the pendulum, a program for each task by setup-rltools.sh. Usage: rltools.py train|evaluate REQUEST.json

Prints a JSON object with the fields of `rl-host train --json` and `rl-host eval --json` that are compared. The program
trains and evaluates in one go, so the whole process's time has its episodes in it. Its sizes are fixed when it is
built: a preset with other values is refused.
"""

import json
import subprocess
import sys
from pathlib import Path

FOLDER = Path(".bench-peers")


def differences(built: dict, request: dict) -> list:
    """Values of the preset that are not those of the program."""
    wanted = {**request["defaults"], **request["preset"], "lanes": request["lanes"]}

    def same(name: str) -> bool:
        ours, theirs = wanted[name], built[name]
        return abs(ours - theirs) < 1e-6 * max(1, abs(ours)) if isinstance(ours, float) else ours == theirs

    return [f"{name} {wanted[name]}, built with {built[name]}" for name in built if not same(name)]


def train(request: dict) -> dict:
    command = [FOLDER / f"rltools_{request['task']}", str(request["seed"]), str(request["steps"])]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    differing = differences(answer["values"], request)
    if differing:
        raise SystemExit(f"error: {'; '.join(differing)}")
    Path(request["model"]).write_text(json.dumps(answer))
    return answer


def evaluate(request: dict) -> dict:
    return json.loads(Path(request["model"]).read_text())


if __name__ == "__main__":
    with open(sys.argv[2]) as file:
        asked = json.load(file)
    print(json.dumps({"train": train, "evaluate": evaluate}[sys.argv[1]](asked)))
