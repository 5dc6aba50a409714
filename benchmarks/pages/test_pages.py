"""Tests of the documents' tables. Needs Python's standard library alone.

python3 -m unittest discover -s benchmarks/pages
"""

import copy
import json
import unittest

import documents
import returns
import speed

PEERS = json.loads((documents.ROOT / "benchmarks/peers/test_report.json").read_text())
SHARE = {"count": 5, "lowerQuartile": 0.6, "median": 0.64, "upperQuartile": 0.7}
BENCH = {
    "machine": {"kernels": "libxsmm", "peakGFLOPS": {**SHARE, "median": 238.0}, "date": "2026-01-02T", "busyAtStart": 0},
    "rows": [
        {
            "benchmark": "agent/update",
            "name": "1 thread",
            "unit": "updates/s",
            "value": {"count": 21, "lowerQuartile": 4000.0, "median": 4280.0, "upperQuartile": 4310.0},
            "shareOfPeak": SHARE,
            "goal": ">= 0.7",
            "isMet": False,
        },
        {"benchmark": "end-to-end/help", "name": "time", "unit": "ms", "value": {**SHARE, "count": 1}},
    ],
}


def gate(algorithm: str, **changes) -> dict:
    told = {"environment": "CartPole-v1", "algorithm": algorithm, "preset": "zoo", "steps": 100_000, "finished": 10}
    told.update(iqm=499.94, ci95=[480.0, 500.0], worst=470.04, reference=[500.0, 500.0])
    return {**told, **changes}


def row(text: str, index: int = 0) -> list[str]:
    """The cells of a table's row."""
    return [cell.strip() for cell in text.splitlines()[2 + index].strip("|").split("|")]


class ReturnTests(unittest.TestCase):
    def test_a_gate_is_a_line_with_its_interval(self):
        self.assertEqual(
            row(returns.overview([gate("ppo")])),
            ["CartPole-v1", "`ppo` `zoo`", "100k", "499.9 (480.0 ... 500.0)", "500.0"],
        )

    def test_few_seeds_are_told(self):
        few = gate("ppo", finished=3, steps=2_000_000)
        self.assertEqual(row(returns.overview([few]))[2:4], ["2M", "499.9 (480.0 ... 500.0), 3 seeds"])

    def test_a_page_has_its_own_algorithm_alone(self):
        text = returns.of_algorithm([gate("ppo"), gate("dqn")], "dqn")
        self.assertEqual(len(text.splitlines()), 3)
        self.assertEqual(row(text)[3:], ["470.0", "500.0"])

    def test_a_gate_that_was_not_run_has_no_line(self):
        none = gate("dqn", finished=0, iqm=None, ci95=None, worst=None)
        self.assertEqual(len(returns.overview([gate("ppo"), none]).splitlines()), 3)
        self.assertEqual(len(returns.of_algorithm([none], "dqn").splitlines()), 2)


class SpeedTests(unittest.TestCase):
    def test_a_task_is_a_line_with_its_medians_ratios_and_verdicts(self):
        cells = row(speed.peers(PEERS))
        self.assertTrue(cells[1].startswith("5.00; "), cells)  # of 6, 5 and 4 seconds
        self.assertTrue(cells[3].startswith("6.00x (5.67 ... 6.75); 12.0x"), cells)
        self.assertEqual(cells[4], "6x: met; 9x: met")
        self.assertTrue(cells[5].startswith("400"), cells)  # of 500, 400 and 300

    def test_the_first_columns_are_enough_for_a_summary(self):
        lines = speed.peers(PEERS, columns=4).splitlines()
        self.assertEqual([line.count("|") for line in lines], [5] * len(lines))
        self.assertEqual(row(speed.peers(PEERS, columns=4)), row(speed.peers(PEERS))[:4])

    def test_a_missed_goal_says_so(self):
        slow = copy.deepcopy(PEERS)
        slow["tasks"][0]["goals"][0]["factor"] = 7
        self.assertEqual(row(speed.peers(slow))[4], "7x: **not met**; 9x: met")

    def test_a_task_without_goals_has_its_ratios(self):
        free = copy.deepcopy(PEERS)
        free["tasks"][0]["goals"] = []
        self.assertEqual(row(speed.peers(free))[4], "")
        self.assertTrue(row(speed.peers(free))[3].startswith("6.00x (5.67 ... 6.75); 12.0x"))

    def test_a_benchmark_is_a_line_with_its_share_and_verdict(self):
        text = speed.limit(BENCH)
        self.assertEqual(
            row(text), ["agent/update: 1 thread", "4,280 updates/s (4,000 ... 4,310)", "64 %", ">= 0.7: **not met**"]
        )
        self.assertEqual(row(text, 1), ["end-to-end/help: time", "0.64 ms", "", ""])


class DocumentTests(unittest.TestCase):
    def test_only_what_is_between_the_marks_is_replaced(self):
        text = "by hand\n<!-- peers -->\nold\n<!-- end -->\nby hand\n<!-- returns dqn -->\n<!-- end -->\n"
        new = documents.filled(text, {"peers": "| a |", "returns dqn": "| b |"})
        self.assertEqual(
            new, "by hand\n<!-- peers -->\n| a |\n<!-- end -->\nby hand\n<!-- returns dqn -->\n| b |\n<!-- end -->\n"
        )
        self.assertEqual(documents.filled(new, {"peers": "| a |", "returns dqn": "| b |"}), new)

    def test_a_place_without_results_is_refused(self):
        with self.assertRaisesRegex(SystemExit, "no results called roof; there are peers"):
            documents.filled("<!-- roof -->\n<!-- end -->\n", {"peers": ""})

    def test_every_result_has_a_place(self):
        names = [name for file in documents.documents() for name in documents.MARK.findall(file.read_text())]
        self.assertEqual(sorted(names), sorted(documents.parts()))

    def test_the_documents_are_what_the_results_come_to(self):
        parts = documents.parts()
        for file in documents.documents():
            with self.subTest(file=file.name):
                told = "the results changed: `make tables` writes them into the documents"
                self.assertTrue(documents.filled(file.read_text(), parts) == file.read_text(), told)


if __name__ == "__main__":
    unittest.main()
