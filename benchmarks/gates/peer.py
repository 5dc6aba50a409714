"""Stable-Baselines3 at the seeds of a row, with the same preset: what a gate that is missed is held against."""

import hashlib
from pathlib import Path

from host import EPISODES, EVALUATION_SEED, answer, call

PEERS = Path(__file__).resolve().parents[1] / "peers"


class Peer:
    """Its driver in benchmarks/peers, run by the Python of `.bench-peers`."""

    name = "Stable-Baselines3"

    def __init__(self, python: Path, program: Path):
        self.python, self.program = python, program

    def _command(self, row) -> list:
        command = [self.python, PEERS / "seed.py", "--environment", row.environment, "--algorithm", row.algorithm]
        command += ["--preset", row.preset, "--steps", row.steps, "--host", self.program]
        return [*command, "--episodes", EPISODES, "--evaluation-seed", EVALUATION_SEED]

    def key(self, row) -> str:
        """The hash of all that its results depend on: values, versions and the driver."""
        digest = hashlib.sha256(call([*self._command(row), "--print-config"]).encode())
        digest.update((PEERS / "drivers/sb3.py").read_bytes())
        return digest.hexdigest()[:16]

    def run(self, row, seed: int, _folder: Path) -> dict:
        """Trains a seed and evaluates its final policy: what is kept of it but the key."""
        ended = answer([*self._command(row), "--seed", seed])
        return {
            "row": kept_name(row),
            "seed": seed,
            "steps": ended["steps"],
            "return": ended["return"]["mean"],
            "std": ended["return"]["std"],
            "worst": ended["return"]["min"],
            "seconds": ended["wall_s"],
        }


def kept_name(row) -> str:
    """The name that a row's results of the peer are kept under: those of another preset or length are not its own."""
    return f"{row.name} {row.preset} {row.steps} by sb3"
