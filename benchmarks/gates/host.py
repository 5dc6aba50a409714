"""The program under test: trains a seed, evaluates what it ended with."""

import json
import subprocess
from pathlib import Path

EPISODES = 100
EVALUATION_SEED = 10_000  # the same episodes for every policy, and none of them met in training
LONGEST = 3_600  # seconds of a process


class Failure(Exception):
    """A command that did not end well; the text says which, and what it said."""


def call(command: list) -> str:
    """What a command prints to its standard output."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=LONGEST)
    except OSError as error:
        raise Failure(f"{words[0]} cannot be run: {error.strerror}; `make build plugins` makes it") from None
    except subprocess.TimeoutExpired:
        raise Failure(f"{' '.join(words)}\ntook more than {LONGEST} s") from None
    if done.returncode != 0:
        said = done.stderr.strip()[-2000:] or "it said nothing"
        raise Failure(f"{' '.join(words)}\nended with {done.returncode}: {said}")
    return done.stdout


def answer(command: list) -> dict:
    """The JSON object on the last line that a command prints."""
    lines = call(command).strip().splitlines()
    try:
        return json.loads(lines[-1])
    except (IndexError, ValueError):
        raise Failure(f"{' '.join(map(str, command))}\ndid not end with a line of JSON") from None


class Host:
    """`rl-host` and the plugins' folder."""

    def __init__(self, program: Path, plugins: Path, threads: int):
        self.program, self.plugins, self.threads = program, plugins, threads

    def _train(self, row) -> list:
        plugin = self.plugins / f"{row.plugin}.so"
        command = [self.program, "train", "--env", f"{plugin}:{row.environment}", "--algo", row.algorithm]
        return [*command, "--preset", row.preset, "--steps", row.steps, "--eval-episodes", 0]

    def configuration(self, row) -> str:
        """Every value that the row's training has."""
        return call([*self._train(row), "--print-config"])

    @staticmethod
    def evaluation() -> str:
        """How policies are evaluated, in words."""
        return f"final policy, {EPISODES} greedy episodes, seed {EVALUATION_SEED}"

    def run(self, row, seed: int, folder: Path) -> dict:
        """Trains a seed in `folder`, evaluates its final policy: what is kept of it but the key."""
        name = f"{row.name.replace('/', '-')}-{seed}"
        common = ["--threads", self.threads, "--json", "--quiet"]
        train = [*self._train(row), "--seed", seed, "--runs", folder, "--name", name, "--checkpoint-seconds", 0]
        trained = answer([*train, *common])
        evaluate = [self.program, "eval", folder / name, "--episodes", EPISODES, "--seed", EVALUATION_SEED]
        evaluated = answer([*evaluate, *common])
        return {
            "row": row.name,
            "seed": seed,
            "steps": trained["steps"],
            "return": evaluated["return"]["mean"],
            "std": evaluated["return"]["std"],
            "worst": evaluated["return"]["min"],
            "seconds": trained["wall_s"],
        }
