"""Tests of what becomes of earlier results. Needs Python's standard library alone."""

import json
import tempfile
import unittest
from pathlib import Path

import results

MACHINE = {"cpu": "a", "family": "1", "coresAllowed": 2, "packages": {"torch": "2"}, "busyBefore": 0.1}


def report(date: str, *names: str, **machine) -> dict:
    tasks = [{"name": name, "date": date} for name in names]
    return {"schema": results.SCHEMA, "machine": {**MACHINE, **machine}, "tasks": tasks}


class ResultTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "results/peers.json"

    def written(self) -> list:
        return [(task["name"], task["date"]) for task in json.loads(self.file.read_text())["tasks"]]

    def test_tasks_that_were_not_measured_stay_and_the_order_is_the_lists(self):
        results.write(report("old", "ppo-cartpole", "a2c-cartpole"), self.file)
        results.write(report("new", "a2c-cartpole", "dqn-cartpole", busyBefore=0.3), self.file)
        self.assertEqual(self.written(), [("dqn-cartpole", "new"), ("ppo-cartpole", "old"), ("a2c-cartpole", "new")])

    def test_a_task_that_is_no_more_goes(self):
        results.write(report("old", "ppo-cartpole", "ppo-doom"), self.file)
        results.write(report("new", "dqn-cartpole"), self.file)
        self.assertEqual(self.written(), [("dqn-cartpole", "new"), ("ppo-cartpole", "old")])

    def test_figures_of_two_machines_do_not_stand_in_one_file(self):
        results.write(report("old", "ppo-cartpole", "a2c-cartpole"), self.file)
        before = self.file.read_text()
        with self.assertRaisesRegex(SystemExit, r"is of another machine \(cpu\)"):
            results.write(report("new", "a2c-cartpole", cpu="b"), self.file)
        self.assertEqual(self.file.read_text(), before)
        with self.assertRaisesRegex(SystemExit, "is of another machine"):
            results.check(report("new", cpu="b"), ["a2c-cartpole"], self.file)
        results.check(report("new", cpu="b"), ["a2c-cartpole", "ppo-cartpole"], self.file)
        results.write(report("new", "a2c-cartpole", "ppo-cartpole", cpu="b"), self.file)
        self.assertEqual([date for _, date in self.written()], ["new", "new"])

    def test_another_form_is_refused(self):
        self.file.parent.mkdir()
        self.file.write_text(json.dumps({"schema": "rl-host/bench-peers/1", "tasks": []}))
        with self.assertRaisesRegex(SystemExit, "is not of the form rl-host/bench-peers/2: move it away"):
            results.write(report("new", "a2c-cartpole"), self.file)


if __name__ == "__main__":
    unittest.main()
