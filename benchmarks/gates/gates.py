"""The rows at work: what is finished under the present sources, what is missing, and what it comes to."""

import statistics
import sys
import tempfile
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import asdict
from pathlib import Path

import keys
import scores
from host import EPISODES, Failure, Host
from rows import ROWS
from store import Store

ROOT = Path(__file__).resolve().parents[2]


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Gates:
    """Every row with its key. Where `seeds` can be given, it replaces a row's own number of seeds."""

    def __init__(self, host: Host, store: Store):
        self.host, self.store = host, store
        self.keys, self.failures = {}, {}
        for row in ROWS:
            self._find_key(row)

    def _find_key(self, row) -> None:
        try:
            self.keys[row.name] = keys.key(ROOT, row, self.host.configuration(row), self.host.evaluation())
        except Failure as failure:
            self.failures[row.name] = str(failure)
        except OSError as error:
            self.failures[row.name] = f"{error.filename}: {error.strerror}"

    def finished(self, row) -> dict:
        """The runs that hold under the present sources, by seed."""
        return self.store.finished(row.name, self.keys.get(row.name, ""))

    def missing(self, rows: list, seeds: int | None) -> list:
        """Rows and seeds to train: a seed of every row, then the next."""
        pairs = [(row, seed) for row in rows if row.name in self.keys for seed in range(seeds or row.seeds)]
        return sorted((pair for pair in pairs if pair[1] not in self.finished(pair[0])), key=lambda pair: pair[1])

    def train(self, rows: list, seeds: int | None, jobs: int) -> None:
        """Trains what is missing, so many side by side, and keeps each seed as soon as it ends."""
        todo, waiting = self.missing(rows, seeds), {}
        count, ended = len(todo), 0
        with tempfile.TemporaryDirectory(prefix="rl-host-gates-") as folder, ThreadPoolExecutor(jobs) as pool:
            while todo or waiting:
                while todo and len(waiting) < jobs:
                    row, seed = todo.pop(0)
                    waiting[pool.submit(self.host.run, row, seed, Path(folder))] = (row, seed)
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    ended += 1
                    self._keep(*waiting.pop(future), future, f"{ended:>3} of {count}")

    def _keep(self, row, seed: int, future, place: str) -> None:
        try:
            run = future.result()
        except Failure as failure:
            self.failures[row.name] = str(failure)
            say(f"{place}: {row.name:<28} seed {seed}  failed")
            return
        self.store.add({**run, "key": self.keys[row.name]})
        say(f"{place}: {row.name:<28} seed {seed}  return {run['return']:8.1f}  in {run['seconds']:.1f} s")

    def gate(self, row, seeds: int | None = None) -> dict:
        """A row as it is told: what it asks for, and what its first seeds came to."""
        seeds = seeds or row.seeds
        runs = [run for seed, run in self.finished(row).items() if seed < seeds]
        told = {**asdict(row), "name": row.name, "seeds": seeds, "finished": len(runs)}
        told.update(key=self.keys.get(row.name), episodes=EPISODES, allowed=scores.allowed_below(len(runs)))
        if not runs:
            return {**told, "iqm": None, "ci95": None, "worst": None, "below": None, "seconds": None, "passed": False}
        verdict = asdict(scores.judge([run["return"] for run in runs], row.goal, row.floor))
        told.update({name: verdict[name] for name in ("iqm", "ci95", "worst", "below")})
        told.update(seconds=statistics.median(run["seconds"] for run in runs))
        return {**told, "passed": verdict["passed"] and len(runs) == seeds}
