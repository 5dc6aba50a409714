"""The file of the results: every task as it was measured last."""

import json
from pathlib import Path

from tasks import TASKS

SCHEMA = "rl-host/bench-peers/2"
SAME = ("cpu", "family", "coresAllowed", "packages")  # of the machine, for figures to stand in one file


def check(report: dict, names: list, file: Path) -> None:
    """Ends the program where tasks of these names could not be written into the file."""
    if file.exists():
        tasks = [{"name": name} for name in names]
        with_others({**report, "tasks": tasks}, json.loads(file.read_text()), file)


def write(report: dict, file: Path) -> None:
    """Writes the tasks of the report, and those that the file has beside them.

    Ends the program where the file is of another machine or form.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.exists():
        report = with_others(report, json.loads(file.read_text()), file)
    file.write_text(json.dumps(report, indent=1) + "\n")


def with_others(report: dict, old: dict, file: Path) -> dict:
    """The report with the tasks of an older one that it has not measured, in the order of the list."""
    if old.get("schema") != SCHEMA:
        raise SystemExit(f"error: {file} is not of the form {SCHEMA}: move it away")
    measured = {task["name"]: task for task in report["tasks"]}
    every = {**{task["name"]: task for task in old["tasks"]}, **measured}
    for name in SAME:
        if every.keys() - measured.keys() and old["machine"][name] != report["machine"][name]:
            raise SystemExit(f"error: {file} is of another machine ({name}): --out names a file of its own")
    return {**report, "tasks": [every[name] for name in TASKS if name in every]}
