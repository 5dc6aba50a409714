"""Tests of the list of tasks. Needs Python's standard library alone.

python3 -m unittest discover -s benchmarks/peers
"""

import unittest
from pathlib import Path

from tasks import TASKS

HERE = Path(__file__).parent


class TaskTests(unittest.TestCase):
    def test_every_goal_is_of_a_row_and_against_a_row(self):
        for task in TASKS.values():
            keys = {row.key for row in task.contenders}
            for goal in task.goals:
                self.assertIn(goal.key, keys, task.name)
                self.assertIn(goal.against or f"{task.reference}/1", keys, task.name)

    def test_every_peer_has_a_driver(self):
        for peer in {row.peer for task in TASKS.values() for row in task.contenders} - {"rl-host"}:
            self.assertTrue((HERE / "drivers" / f"{peer}.py").exists(), peer)

    def test_every_task_of_rltools_has_a_program(self):
        lines = (HERE / "setup-rltools.sh").read_text().splitlines()
        programs = [line.split()[2] for line in lines if line[:8] == "program "]
        wanted = [task.name for task in TASKS.values() if task.reference == "rltools"]
        self.assertEqual(sorted(programs), sorted(wanted))

    def test_the_readme_has_every_task(self):
        text = (HERE.parent / "README.md").read_text()
        for name in TASKS:
            self.assertIn(f"| `{name}` |", text)


if __name__ == "__main__":
    unittest.main()
