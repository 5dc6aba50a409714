"""The rows at work: what is finished under the present sources, what is missing, and what it comes to."""

import statistics
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from pathlib import Path

import keys
import scores
from host import EPISODES, Failure, Host
from peer import Peer, kept_name
from rows import ROWS
from store import Store

ROOT = Path(__file__).resolve().parents[2]


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Course:
    """A row, who trains its seeds, and the name and key that they are kept under."""

    row: object
    name: str
    key: str
    run: Callable


class Gates:
    """Every row with its key. Where `seeds` can be given, it replaces a row's own number of seeds."""

    def __init__(self, host: Host, store: Store):
        self.host, self.store = host, store
        self.courses, self.beside, self.failures = {}, {}, {}
        for row in ROWS:
            self._enter(row.name, self.courses, lambda row=row: self._own(row))

    def _enter(self, name: str, courses: dict, make: Callable) -> None:
        try:
            courses[name] = make()
        except Failure as failure:
            self.failures[name] = str(failure)
        except OSError as error:
            self.failures[name] = f"{error.filename}: {error.strerror}"

    def _own(self, row) -> Course:
        key = keys.key(ROOT, row, self.host.configuration(row), self.host.evaluation())
        return Course(row, row.name, key, self.host.run)

    def finished(self, course: Course | None) -> dict:
        """The runs that hold under the present sources, by seed."""
        return self.store.finished(course.name, course.key) if course else {}

    def _missing(self, courses: list, seeds: int | None) -> list:
        """Courses and seeds to train: a seed of every row, then the next."""
        pairs = [(course, seed) for course in courses for seed in range(seeds or course.row.seeds)]
        return sorted((pair for pair in pairs if pair[1] not in self.finished(pair[0])), key=lambda pair: pair[1])

    def train(self, rows: list, seeds: int | None, jobs: int) -> None:
        """Trains what is missing."""
        self._train([self.courses[row.name] for row in rows if row.name in self.courses], seeds, jobs)

    def compare(self, rows: list, seeds: int | None, jobs: int, peer: Peer) -> None:
        """Trains the same seeds of the rows that are missed with a peer."""
        missed = [row for row in rows if row.name in self.courses and not self.gate(row, seeds)["passed"]]
        for row in missed:
            self._enter(row.name, self.beside, lambda row=row: Course(row, kept_name(row), peer.key(row), peer.run))
        self._train([self.beside[row.name] for row in missed if row.name in self.beside], seeds, jobs)

    def _train(self, courses: list, seeds: int | None, jobs: int) -> None:
        """Trains what is missing, so many side by side, and keeps each seed as soon as it ends."""
        todo, waiting = self._missing(courses, seeds), {}
        count, ended = len(todo), 0
        with tempfile.TemporaryDirectory(prefix="rl-host-gates-") as folder, ThreadPoolExecutor(jobs) as pool:
            while todo or waiting:
                while todo and len(waiting) < jobs:
                    course, seed = todo.pop(0)
                    waiting[pool.submit(course.run, course.row, seed, Path(folder))] = (course, seed)
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    ended += 1
                    self._keep(*waiting.pop(future), future, f"{ended:>3} of {count}")

    def _keep(self, course: Course, seed: int, future, place: str) -> None:
        try:
            run = future.result()
        except Failure as failure:
            self.failures[course.row.name] = str(failure)
            say(f"{place}: {course.name:<28} seed {seed}  failed")
            return
        self.store.add({**run, "key": course.key})
        say(f"{place}: {course.name:<28} seed {seed}  return {run['return']:8.1f}  in {run['seconds']:.1f} s")

    def gate(self, row, seeds: int | None = None) -> dict:
        """A row as it is told: what it asks for, and what its first seeds came to."""
        seeds = seeds or row.seeds
        course = self.courses.get(row.name)
        runs = [run for seed, run in self.finished(course).items() if seed < seeds]
        told = {**asdict(row), "name": row.name, "seeds": seeds, "finished": len(runs)}
        told.update(key=course.key if course else None, episodes=EPISODES, allowed=scores.allowed_below(len(runs)))
        told.update(self._score(row, runs), sb3=self._peer(row, seeds))
        return {**told, "passed": told["passed"] and len(runs) == seeds}

    @staticmethod
    def _score(row, runs: list) -> dict:
        """What the runs came to; without one, nothing."""
        names = ("iqm", "ci95", "worst", "below")
        if not runs:
            return {**dict.fromkeys((*names, "seconds")), "passed": False}
        verdict = asdict(scores.judge([run["return"] for run in runs], row.goal, row.floor))
        seconds = statistics.median(run["seconds"] for run in runs)
        return {**{name: verdict[name] for name in names}, "seconds": seconds, "passed": verdict["passed"]}

    def _peer(self, row, seeds: int) -> dict | None:
        """What the peer came to at the same seeds, where it was trained."""
        runs = [run for seed, run in self._of_peer(row).items() if seed < seeds]
        return {**self._score(row, runs), "finished": len(runs)} if runs else None

    def _of_peer(self, row) -> dict:
        if row.name in self.beside:
            return self.finished(self.beside[row.name])
        return {run["seed"]: run for run in self.store.runs if run["row"] == kept_name(row)}
