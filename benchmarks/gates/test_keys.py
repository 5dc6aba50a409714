"""Tests of what results are keyed by. Needs Python's standard library alone."""

import tempfile
import unittest
from pathlib import Path

import keys
from rows import ROWS

ROOT = Path(__file__).resolve().parents[2]
PPO = next(row for row in ROWS if row.name == "CartPole-v1/ppo")
DQN = next(row for row in ROWS if row.name == "CartPole-v1/dqn")
CONFIGURATION = "seed: 0  # default\nsteps: 100  # flag\nhyperparameters:\n  gamma: 0.98  # preset zoo\n"


class KeyTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.write("plugins/cartpole.c", "int x;")
        self.write("include/rlenv.h", "int y;")
        self.write("Sources/RLAgents/DQN.swift", "let a = 1")
        self.write("Sources/RLAgents/PPO.swift", "let b = 1")
        self.write("Sources/RLAgents/Optimizer.swift", "let c = 1")
        self.write("Sources/RLTraining/RunLog.swift", "let d = 1")

    def write(self, path: str, text: str):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def key(self, row=PPO, configuration=CONFIGURATION, evaluation="100 episodes"):
        return keys.key(self.root, row, configuration, evaluation)

    def assert_changes(self, path: str, text: str, *rows):
        """The file's new text changes the keys of these rows, and of no other."""
        before = {row.name: self.key(row) for row in (PPO, DQN)}
        self.write(path, text)
        changed = {row.name for row in (PPO, DQN) if self.key(row) != before[row.name]}
        self.assertEqual(changed, {row.name for row in rows})

    def test_a_source_that_all_share_changes_every_key(self):
        self.assert_changes("Sources/RLAgents/Optimizer.swift", "let c = 2", PPO, DQN)
        self.assert_changes("Sources/RLAgents/New.swift", "let c = 2", PPO, DQN)
        self.assert_changes("Sources/CKernels/include/new.h", "int z;", PPO, DQN)
        self.assert_changes("plugins/cartpole.c", "int x = 2;", PPO, DQN)
        self.assert_changes("include/rlenv.h", "int y = 2;", PPO, DQN)

    def test_an_algorithms_own_source_changes_its_key_alone(self):
        self.assert_changes("Sources/RLAgents/PPO.swift", "let b = 2", PPO)
        self.assert_changes("Sources/RLAgents/DQNUpdate.swift", "let b = 2", DQN)

    def test_what_no_result_depends_on_changes_no_key(self):
        self.assert_changes("Sources/RLTraining/RunLog.swift", "let d = 2")
        self.assert_changes("Sources/RLAgents/PPO.swift", "/// What it is.\n\n    // and why\n  let b = 1\n")
        self.assert_changes("plugins/acrobot.c", "int x;")
        self.assert_changes("Sources/rl-host/Command.swift", "let e = 2")
        self.assert_changes("Sources/RLAgents/Page.md", "# Text")

    def test_a_file_that_moves_changes_the_key(self):
        before = self.key()
        (self.root / "Sources/RLAgents/Optimizer.swift").rename(self.root / "Sources/RLAgents/Other.swift")
        self.assertNotEqual(self.key(), before)

    def test_values_count_and_their_origins_do_not(self):
        self.assertEqual(self.key(configuration=CONFIGURATION.replace("preset zoo", "default")), self.key())
        self.assertEqual(self.key(configuration=CONFIGURATION.replace("seed: 0", "seed: 1")), self.key())
        self.assertNotEqual(self.key(configuration=CONFIGURATION.replace("0.98", "0.99")), self.key())
        self.assertNotEqual(self.key(configuration=CONFIGURATION.replace("100", "200")), self.key())
        self.assertNotEqual(self.key(evaluation="200 episodes"), self.key())

    def test_every_library_of_a_list_is_there(self):
        missing = [name for name in keys.LIBRARIES if not (ROOT / "Sources" / name).is_dir()]
        self.assertEqual(missing, [])

    def test_every_pattern_of_a_list_still_finds_a_file(self):
        files = [path.relative_to(ROOT / "Sources").as_posix() for path in (ROOT / "Sources").rglob("*.*")]
        patterns = [pattern for own in (keys.RECORDS, *(own for _, own in keys.OWN)) for pattern in own]
        self.assertEqual([each for each in patterns if not any(keys.matches(file, (each,)) for file in files)], [])


if __name__ == "__main__":
    unittest.main()
