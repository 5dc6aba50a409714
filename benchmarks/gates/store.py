"""The file of the results: every finished seed, under the key of what it depends on."""

import json
import os
from pathlib import Path

SCHEMA = "rl-host/gates/1"


class Damaged(Exception):
    """The file is not one of ours; the text says what to do."""


class Store:
    """Finished seeds, and what they came to. The file is replaced whole, or not at all."""

    def __init__(self, path: Path):
        self.path = path
        self.runs = self._read()
        self.gates: list = []

    def _read(self) -> list:
        if not self.path.exists():
            return []
        try:
            report = json.loads(self.path.read_text())
            if report["schema"] != SCHEMA:
                raise Damaged(f"{self.path}: its schema is {report['schema']}, not {SCHEMA}: move it away")
            return [self._checked(run) for run in report["runs"]]
        except (ValueError, KeyError, TypeError):
            raise Damaged(f"{self.path} is damaged: move it away, or take it back from git") from None

    @staticmethod
    def _checked(run: dict) -> dict:
        numbers = {name: float(run[name]) for name in ("return", "std", "worst", "seconds")}
        whole = {name: int(run[name]) for name in ("seed", "steps")}
        return {**{name: str(run[name]) for name in ("row", "key")}, **whole, **numbers}

    def finished(self, row: str, key: str) -> dict:
        """The runs of a row that hold for the key, by seed."""
        return {run["seed"]: run for run in self.runs if run["row"] == row and run["key"] == key}

    def add(self, run: dict) -> None:
        """Keeps a finished run, in place of those of the row under other keys."""
        rest = [old for old in self.runs if old["row"] != run["row"] or old["key"] == run["key"]]
        rest = [old for old in rest if (old["row"], old["seed"]) != (run["row"], run["seed"])]
        self.runs = sorted([*rest, self._checked(run)], key=lambda each: (each["row"], each["seed"]))
        self.save()

    def save(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        report = {"schema": SCHEMA, "gates": self.gates, "runs": self.runs}
        beside = self.path.with_suffix(".new")
        beside.write_text(json.dumps(report, indent=1) + "\n")
        os.replace(beside, self.path)
