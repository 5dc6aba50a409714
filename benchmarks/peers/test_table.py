"""Tests of the table maker on a small report. Needs Python's standard library alone.

python3 -m unittest discover -s benchmarks/peers
"""

import json
import unittest
from pathlib import Path

import table

REPORT = json.loads((Path(__file__).parent / "test_report.json").read_text())


def report(**changes) -> dict:
    return {**json.loads(json.dumps(REPORT)), **changes}


def rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]


class TableTests(unittest.TestCase):
    def test_a_row_has_the_medians_quartiles_and_every_return(self):
        cells = next(cells for cells in rows(table.render(report())) if cells[0] == "**rl-host**, 1 thread")
        self.assertEqual(cells[1], "5.00 (4.50 ... 5.50)")  # of 6, 5 and 4 seconds
        self.assertEqual(cells[2], "5.10 (4.60 ... 5.60)")
        self.assertEqual(cells[3], "10,000")
        self.assertEqual(cells[4], "500, 400, 300")

    def test_ratios_are_those_of_the_pairs_against_the_fastest_row_of_the_reference(self):
        text = table.render(report())
        self.assertIn("times faster than Stable-Baselines3, 2 threads, MKL with AVX-512", text)
        one, two = [cells for cells in rows(text) if "stretch" in cells[3]]
        self.assertEqual(one[1], "6.00x (5.67 ... 6.75)")  # 32/6, 30/5, 30/4: not the ratio of the medians' spread
        self.assertEqual(one[3], "6x, stretch 7x: met")
        self.assertEqual(one[4], "10.2x (9.27 ... 11.6)")  # 50/6, 51/5, 52/4
        self.assertEqual(two[1], "12.0x (11.3 ... 13.5)")
        self.assertEqual(two[3], "9x, stretch 12x: stretch met")

    def test_a_goal_can_be_set_against_another_row(self):
        other = report()
        other["tasks"][0]["goals"][0] = {"key": "rl-host/1", "factor": 8, "stretch": None, "against": "sb3/1"}
        text = table.render(other)
        heads = [cells for cells in rows(text) if cells[0].startswith("times faster than")]
        self.assertEqual(len(heads), 2)
        self.assertEqual(heads[0][0], "times faster than Stable-Baselines3, 1 thread, MKL with AVX-512")
        one = next(cells for cells in rows(text) if cells[3:4] == ["8x: met"])
        self.assertEqual(one[1], "8.20x (7.43 ... 8.97)")  # 40/6, 41/5, 39/4

    def test_more_steps_in_the_same_time_are_faster(self):
        more = report()
        for run in more["tasks"][0]["runs"]:
            if run["contender"] == "rl-host/1":
                run["steps"] *= 2
        one = next(cells for cells in rows(table.render(more)) if "6x" in cells[3])
        self.assertEqual(one[1], "12.0x (11.3 ... 13.5)")

    def test_a_goal_that_is_missed_says_so(self):
        slow = report()
        for run in slow["tasks"][0]["runs"]:
            if run["contender"] == "rl-host/1":
                run["trainSeconds"] *= 1.01
        one = next(cells for cells in rows(table.render(slow)) if "stretch" in cells[3])
        self.assertEqual(one[3], "6x, stretch 7x: **not met**")

    def test_the_order_of_the_runs_does_not_matter(self):
        turned = report()
        turned["tasks"][0]["runs"].reverse()
        self.assertEqual(table.render(turned), table.render(report()))

    def test_one_seed_has_no_quartiles_and_a_quick_run_is_not_judged(self):
        quick = report(quick=True)
        task = quick["tasks"][0]
        task["runs"] = [run for run in task["runs"] if run["seed"] == 0]
        task["seeds"] = 1
        text = table.render(quick)
        one = next(cells for cells in rows(text) if "stretch" in cells[3])
        self.assertEqual(one[1], "5.33x")
        self.assertIn("not judged", one[3])
        self.assertIn("A quick run", text)
        self.assertIn("Medians of 1 seed (", text)

    def test_a_busy_machine_is_named(self):
        busy = report()
        self.assertNotIn("do not hold", table.render(busy))
        busy["machine"]["busyBefore"] = 0.51
        self.assertIn("The machine was busy", table.render(busy))

    def test_a_row_with_a_note_is_marked_and_explained(self):
        text = table.render(report())
        self.assertIn("| CleanRL, 1 thread, MKL with AVX-512\\* |", text)
        self.assertIn("\n\\* CleanRL, 1 thread, MKL with AVX-512: its own hyperparameters.\n", text)

    def test_rows_with_other_numbers_of_steps_are_named(self):
        more = report()
        self.assertNotIn("Steps made", table.render(more))
        for run in more["tasks"][0]["runs"]:
            if run["contender"] == "sb3/2":
                run["steps"] = 50_176
        self.assertIn("updates: Stable-Baselines3, 2 threads, MKL with AVX-512: 50,176.", table.render(more))

    def test_numbers_have_three_digits(self):
        values = [0.123, 9.994, 9.996, 99.94, 99.96, 999.4, 12_345, 1_284_000]
        words = ["0.12", "9.99", "10.0", "99.9", "100", "999", "12,300", "1,280,000"]
        self.assertEqual([table.number(value) for value in values], words)


if __name__ == "__main__":
    unittest.main()
