"""Trains the same task with rl-host and with its peers, in turns, and prints one table.

    make bench-peers                      # seeds of every task, an hour and a half on two cores
    make bench-peers ARGS=--quick         # a smoke test: one seed, few steps; its figures mean nothing
    make bench-peers ARGS="--seeds 10 --out table.json"
    make bench-peers ARGS="--task ppo-cartpole"   # one task anew; the others of the file stay
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path

import machine
import presets
import results
import table
from tasks import TASKS

HERE = Path(__file__).parent
WORK = machine.FOLDER / "work"
RESULTS = Path("benchmarks/results/peers.json")
EVALUATION_SEED = 10_000
BUSY = 0.5
LONGEST = 600  # seconds of a process; two threads of torch come to a halt where others use the cores


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def call(command: list, variables: dict) -> tuple[dict, float]:
    """The JSON object on the last line that a command prints, and the seconds of the whole process."""
    start = time.perf_counter()
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, env=variables, capture_output=True, text=True, check=False, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        raise SystemExit(f"error: {' '.join(words)}\ntook more than {LONGEST} s: is the machine idle?") from None
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        raise SystemExit(f"error: {' '.join(words)}\n{done.stderr[-4000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1]), seconds


class Peer:
    """Commands of a contender; each prints a JSON object on its last line."""

    def __init__(self, task, contender, options, preset, defaults):
        self.task, self.contender, self.options = task, contender, options
        self.preset, self.defaults = preset, defaults
        self.variables = machine.environment(contender.peer, contender.threads, contender.as_installed)

    def commands(self, seed: int) -> tuple[list, list]:
        if self.contender.peer == "rl-host":
            return self.host_commands(seed)
        return self.driver_commands(seed)

    def host_commands(self, seed: int) -> tuple[list, list]:
        task, options = self.task, self.options
        name = f"{task.name}-rl-host-{self.contender.threads}-{seed}"
        train = [options.host, "train", "--env", options.plugin or task.plugin, "--algo", task.algorithm]
        train += ["--preset", task.preset, "--steps", self.preset["steps"], "--seed", seed, "--eval-episodes", 0]
        train += ["--threads", self.contender.threads, "--runs", WORK, "--name", name, "--json", "--quiet"]
        evaluate = [options.host, "eval", WORK / name, "--episodes", options.episodes]
        return train, evaluate + ["--seed", EVALUATION_SEED + seed, "--json", "--quiet"]

    def driver_commands(self, seed: int) -> tuple[list, list]:
        path = WORK / f"{self.task.name}-{self.contender.key.replace('/', '-')}-{seed}"
        request = {
            "task": self.task.name,
            "environment": self.task.environment,
            "algorithm": self.task.algorithm,
            "preset": self.preset["hyperparameters"],
            "defaults": self.defaults,
            "steps": self.preset["steps"],
            "lanes": self.preset["lanes"],
            "threads": self.contender.threads,
            "seed": seed,
            "episodes": self.options.episodes,
            "evaluationSeed": EVALUATION_SEED + 1_000 * seed,
            "model": str(path.resolve().with_suffix(".zip")),
        }
        file = path.with_suffix(".json")
        file.write_text(json.dumps(request))
        driver = HERE / "drivers" / f"{self.contender.peer}.py"
        return [sys.executable, driver, "train", file], [sys.executable, driver, "evaluate", file]

    def measure(self, seed: int) -> dict:
        train, evaluate = self.commands(seed)
        busy = machine.busy_cores(0.3)
        trained, process = call(train, self.variables)
        evaluated, _ = call(evaluate, self.variables)
        return {
            "contender": self.contender.key,
            "seed": seed,
            "steps": trained["steps"],
            "trainSeconds": trained["wall_s"],
            "processSeconds": process,
            "return": evaluated["return"]["mean"],
            "busy": busy,
        }


def now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def install(task) -> None:
    """Builds the task's peers that setup.sh leaves out."""
    for peer in sorted({row.peer for row in task.contenders}):
        script = HERE / f"setup-{peer}.sh"
        if script.exists() and subprocess.run([script], check=False).returncode != 0:
            raise SystemExit(f"error: {task.name} needs {script}; --task chooses others")


def contenders(task) -> tuple:
    """The rows of a task; without a need for help, a torch as installed is no row of its own."""
    helped = machine.needs_mkl_help()
    return tuple(each for each in task.contenders if helped or not each.as_installed)


def measure(task, options) -> dict:
    """Every row of a task on every seed."""
    start = time.perf_counter()
    preset = presets.read(task)
    if options.quick:
        preset["steps"] = task.quick_steps
    defaults = presets.defaults(options.host, task.algorithm)
    rows = contenders(task)
    peers = [Peer(task, row, options, preset, defaults) for row in rows]
    seeds = options.seeds or task.seeds
    runs, count = [], seeds * len(peers)
    for seed in range(seeds):
        for peer in peers[seed % len(peers) :] + peers[: seed % len(peers)]:
            run = peer.measure(seed)
            runs.append(run)
            say(
                f"{len(runs):>3} of {count}: {run['contender']:<20} seed {seed}  {run['trainSeconds']:7.2f} s, "
                f"whole process {run['processSeconds']:7.2f} s, return {run['return']:.1f}"
            )
    report = asdict(task)
    report["contenders"] = [asdict(row) | {"key": row.key} for row in rows]
    report.update(values=preset["hyperparameters"], steps=preset["steps"])
    report.update(episodes=options.episodes, seeds=seeds, runs=runs, date=now())
    report.update(commit=machine.commit(), minutes=(time.perf_counter() - start) / 60)
    return report


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-peers", description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, help="runs of each row (3; 10 where they take seconds, 2 where minutes)")
    parser.add_argument("--quick", action="store_true", help="a smoke test, whose figures mean nothing")
    parser.add_argument("--task", choices=sorted(TASKS), action="append", help="repeatable; all by default")
    parser.add_argument("--episodes", type=int, default=100, help="greedy episodes for the return (100)")
    parser.add_argument("--out", type=Path, help=f"where the JSON goes ({RESULTS}; with --quick, nowhere)")
    parser.add_argument("--host", default=".build/release/rl-host")
    parser.add_argument("--plugin", help="in place of the task's")
    options = parser.parse_args()
    if options.quick:
        options.seeds, options.episodes = 1, 10
    options.out = options.out or (None if options.quick else RESULTS)
    return options


def main() -> None:
    options = parse()
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    tasks = [TASKS[name] for name in options.task or TASKS]
    for task in tasks:
        install(task)
    before = machine.busy_cores(3)
    if before > BUSY:
        say(f"warning: {before:.1f} cores are busy with something else, and these figures will not hold")
    report = {
        "schema": results.SCHEMA,
        "quick": options.quick,
        "machine": machine.facts(options.host) | {"busyBefore": before, "busyAbove": BUSY},
        "torch": machine.installed(sys.executable),
    }
    if options.out:
        results.check(report, [task.name for task in tasks], options.out)
    report["tasks"] = [measure(task, options) for task in tasks]
    print(table.render(report))
    if options.out:
        results.write(report, options.out)
        say(f"written: {options.out}")


if __name__ == "__main__":
    main()
