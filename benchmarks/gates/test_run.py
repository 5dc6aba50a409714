"""Tests of `make gates` with a host that only pretends to train. Needs Python's standard library alone."""

import contextlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import unittest.mock
from pathlib import Path

import run

HERE = Path(__file__).parent


def heed_interrupts():
    """Undoes what a background job inherits: there an interrupt is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class RunTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.host = self.folder / "rl-host"
        shutil.copy(HERE / "fake_host.py", self.folder / "fake.py")
        self.host.write_text(
            f'#!/bin/sh\ncase "$*" in *--print-config) exec cat "{self.folder}/settings.txt" ;; esac\n'
            f'exec "{sys.executable}" "{self.folder}/fake.py" "$@"\n'
        )
        self.host.chmod(0o755)
        self.settings("gamma: 0.99")

    def settings(self, text: str):
        (self.folder / "settings.txt").write_text(text)

    def returns(self, **values):
        (self.folder / "returns.json").write_text(json.dumps(values))

    def trained(self) -> list:
        """What was trained since the last call."""
        file = self.folder / "trained.txt"
        lines = sorted(file.read_text().splitlines()) if file.exists() else []
        file.unlink(missing_ok=True)
        return lines

    def words(self, *words) -> list:
        return ["--host", str(self.host), "--results", str(self.folder / "results"), *map(str, words)]

    def call(self, *words) -> tuple[int, str, str]:
        """The exit code and what was printed."""
        out, talk = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(talk):
            try:
                code = run.main(self.words(*words))
            except SystemExit as end:
                code = end.code
        return code, out.getvalue(), talk.getvalue()

    def stored(self) -> dict:
        return json.loads((self.folder / "results/gates.json").read_text())

    def test_gates_that_hold_end_with_0_and_are_written_down(self):
        self.returns(ppo=[500.0] * 9 + [100.0])
        code, out, _ = self.call("--only", "CartPole-v1/ppo")
        self.assertEqual(code, 0)
        self.assertIn("| CartPole-v1 | ppo, zoo | 100k | 10 | 500.0 (", out)
        self.assertIn("| 1 (floor 450, 1 allowed) | mean 500.0, IQM 500.0 | 0.5 | met |", out)
        self.assertEqual([each["return"] for each in self.stored()["runs"]], [500.0] * 9 + [100.0])
        written = (self.folder / "results/gates.md").read_text()
        self.assertIn("| Pendulum-v1 | a2c, zoo | 1M | 0 |", written)  # the file tells of every row
        self.assertIn("| met |", written)

    def test_a_gate_that_is_missed_ends_with_1(self):
        self.returns(ppo=[500.0] * 8 + [100.0] * 2)
        code, out, talk = self.call("--only", "CartPole-v1/ppo")
        self.assertEqual(code, 1)
        self.assertIn("**not met**", out)
        self.assertIn("1 of 1 gates missed: CartPole-v1/ppo", talk)

    def test_a_finished_seed_is_never_trained_again(self):
        self.returns(ppo=[500.0] * 10)
        self.assertEqual(self.call("--only", "CartPole-v1/ppo", "--seeds", 2)[0], 0)
        self.assertEqual(self.trained(), ["ppo 0", "ppo 1"])
        self.call("--only", "CartPole-v1/ppo", "--seeds", 3)
        self.assertEqual(self.trained(), ["ppo 2"])
        self.call("--only", "CartPole-v1/ppo", "--seeds", 3)
        self.assertEqual(self.trained(), [])

    def test_other_values_are_trained_anew_and_replace_the_old(self):
        self.returns(ppo=[500.0] * 3, dqn=[400.0] * 3)
        self.call("--only", "CartPole-v1/ppo", "CartPole-v1/dqn", "--seeds", 3)
        self.trained()
        self.settings("gamma: 0.98")
        self.call("--only", "CartPole-v1/ppo", "--seeds", 1)
        self.assertEqual(self.trained(), ["ppo 0"])
        kept = [(each["row"].split("/")[1], each["seed"]) for each in self.stored()["runs"]]
        self.assertEqual(kept, [("dqn", 0), ("dqn", 1), ("dqn", 2), ("ppo", 0)])

    def test_a_run_that_fails_keeps_the_others_and_is_tried_again(self):
        self.returns(ppo=[500.0, None, 500.0])
        code, _, talk = self.call("--only", "CartPole-v1/ppo", "--seeds", 3)
        self.assertEqual(code, 1)
        self.assertIn("error: CartPole-v1/ppo: ", talk)
        self.assertIn("ended with 1: error: the loss is not finite", talk)
        self.assertIn("2 of 3 seeds", self.call("--only", "CartPole-v1/ppo", "--seeds", 3)[1])
        self.trained()
        self.returns(ppo=[500.0] * 3)
        self.assertEqual(self.call("--only", "CartPole-v1/ppo", "--seeds", 3)[0], 0)
        self.assertEqual(self.trained(), ["ppo 1"])

    def test_an_interrupt_keeps_what_is_finished(self):
        self.returns(ppo=[500.0, "sleep", 500.0])
        command = [sys.executable, HERE / "run.py", *self.words("--only", "CartPole-v1/ppo", "--seeds", 3)]
        process = subprocess.Popen(
            command,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=heed_interrupts,
        )
        for _ in range(200):
            if (self.folder / "results/gates.json").exists() and len(self.stored()["runs"]) == 2:
                break
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        talk = process.communicate()[1]
        self.assertEqual(process.returncode, 130, talk)
        self.assertIn("interrupted: finished seeds are kept", talk)
        self.trained()
        self.returns(ppo=[500.0] * 3)
        self.assertEqual(self.call("--only", "CartPole-v1/ppo", "--seeds", 3)[0], 0)
        self.assertEqual(self.trained(), ["ppo 1"])

    def test_the_list_trains_nothing(self):
        self.returns(ppo=[500.0] * 3)
        code, out, _ = self.call("--list", "--only", "cartpole")
        self.assertEqual(code, 0)
        self.assertEqual(self.trained(), [])
        self.assertEqual(len(out.splitlines()), 3)
        self.assertIn("0 of 10 seeds", out)
        self.assertFalse((self.folder / "results").exists())

    def peer(self, result: float):
        """Has a program in the place of Stable-Baselines3 that ends every seed with this return."""
        ended = json.dumps({"steps": 10, "wall_s": 2.0, "return": {"mean": result, "std": 0, "min": result}})
        program = self.folder / "python"
        program.write_text(
            f'#!/bin/sh\ncase "$*" in *--print-config) echo values; exit ;; esac\n'
            f'echo "$*" >> "{self.folder}/asked.txt"\necho \'{ended}\'\n'
        )
        program.chmod(0o755)
        patch = unittest.mock.patch.object(run, "PEERS", program)
        patch.start()
        self.addCleanup(patch.stop)

    def test_only_what_is_missed_is_trained_with_the_peer_once(self):
        self.returns(ppo=[500.0] * 3, dqn=[300.0] * 3)
        self.peer(310.0)
        words = ["--only", "CartPole-v1/ppo", "CartPole-v1/dqn", "--seeds", 3, "--sb3"]
        code, out, _ = self.call(*words)
        self.assertEqual(code, 1)
        self.assertIn("| CartPole-v1 | dqn, rainbow-lite | 300.0 (300.0 ... 300.0) | 3 of 3 | 310.0 (310.0 ... 310.0) |", out)
        self.assertNotIn("| CartPole-v1 | ppo, zoo | 500.0 (", out)
        asked = (self.folder / "asked.txt").read_text()
        self.assertEqual([asked.count(f"--seed {seed}") for seed in range(4)], [1, 1, 1, 0])
        self.assertIn("--algorithm dqn --preset rainbow-lite --steps 50000", asked)
        self.call(*words)
        self.assertEqual((self.folder / "asked.txt").read_text(), asked)
        told = json.loads(self.call("--list", "--json", "--only", "CartPole-v1/dqn", "--seeds", 3)[1])[0]["sb3"]
        self.assertEqual((told["iqm"], told["finished"], told["below"]), (310.0, 3, 3))

    def test_a_peer_that_is_not_installed_is_told_before_anything_is_trained(self):
        with unittest.mock.patch.object(run, "PEERS", Path("no/python")):
            code, _, talk = self.call("--sb3", "--only", "CartPole-v1/ppo")
        self.assertEqual((code, talk), (66, "error: no/python is missing: benchmarks/peers/setup.sh makes it\n"))
        self.assertEqual(self.trained(), [])

    def test_json_tells_the_same(self):
        self.returns(ppo=[490.0] * 3)
        code, out, _ = self.call("--json", "--only", "CartPole-v1/ppo", "--seeds", 3)
        gate = json.loads(out)[0]
        self.assertEqual((code, gate["iqm"], gate["ci95"], gate["passed"]), (1, 490.0, [490.0, 490.0], False))

    def test_mistakes_are_told(self):
        self.returns(ppo=[])
        for words, code, words_said in (
            (["--only", "Doom"], 64, "error: no gate is called Doom; there is CartPole-v1/ppo, "),
            (["--seeds", "0"], 64, "error: argument --seeds: 0 is not a count of at least 1; "),
            (["--host", "nowhere"], 66, "error: nowhere is missing: `make build plugins` makes it"),
        ):
            with self.subTest(words=words):
                ended, out, talk = self.call(*words)
                self.assertEqual((ended, out), (code, ""))
                self.assertTrue(talk.startswith(words_said), talk)

    def test_damaged_results_are_refused(self):
        file = self.folder / "results/gates.json"
        file.parent.mkdir()
        run_without_key = {"row": "CartPole-v1/ppo", "seed": 0, "return": 1}
        for text in ("", "[]", '{"schema": 1}', json.dumps({"schema": "rl-host/gates/1", "runs": [run_without_key]})):
            with self.subTest(text=text):
                file.write_text(text)
                code, _, talk = self.call("--list")
                self.assertEqual(code, 65)
                self.assertIn("move it away", talk)
                self.assertEqual(file.read_text(), text)


if __name__ == "__main__":
    unittest.main()
