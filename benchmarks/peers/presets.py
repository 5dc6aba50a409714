"""Presets of rl-host, read from its own files: the only place where the values stand."""

import json
import subprocess
from pathlib import Path

import yaml

PRESETS = Path(__file__).parents[2] / "Sources/RLPresets/Presets"
SUFFIXES = {"k": 1_000, "M": 1_000_000}


def number(value):
    """50k, 1M and 2e-3 as numbers; everything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        if value[-1:] in SUFFIXES:
            return int(round(float(value[:-1]) * SUFFIXES[value[-1]]))
        return float(value)
    except ValueError:
        return value


def read(task) -> dict:
    """The task's preset: `steps`, `lanes` and `hyperparameters`."""
    environments = {}
    for file in sorted(PRESETS.glob("*.yaml")):
        environments.update(yaml.safe_load(file.read_text()))
    preset = environments[task.environment][task.algorithm][task.preset]
    if "wrappers" in preset:
        raise SystemExit(f"error: {task.name}: no peer's driver knows wrappers")
    return {
        "steps": number(preset["steps"]),
        "lanes": number(preset.get("lanes", 1)),
        "hyperparameters": {name: number(value) for name, value in preset["hyperparameters"].items()},
    }


def defaults(host: str, algorithm: str) -> dict:
    """The host's defaults for what a preset leaves out."""
    answer = subprocess.run([host, "list", "algos", "--json"], capture_output=True, text=True, check=True)
    for entry in json.loads(answer.stdout)["algorithms"]:
        if entry["name"] == algorithm:
            return {each["name"]: number(each["default"]) for each in entry["hyperparameters"]}
    raise SystemExit(f"error: {host} has no algorithm {algorithm}")
