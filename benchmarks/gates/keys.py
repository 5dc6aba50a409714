"""What a result depends on, as one hash: a finished seed counts for as long as that stays the same.

Of a row's training these count:
- the environment's source and the headers it includes;
- the sources of every library that acts, learns, steps and evaluates; of the files that belong to some algorithms
  alone, only those of the row's; of those that only write things down, none;
- the resolved configuration, as `rl-host train --print-config` prints it: every hyperparameter, wrapper and option;
- the number of episodes, their seed, and how they are played.
Lines that are empty or hold a comment alone do not count. Neither do the compiler, the CPU and the number of threads,
for no result depends on them.
"""

import fnmatch
import hashlib
from pathlib import Path

LIBRARIES = (
    "CEnvironmentSupport", "CKernels", "CParallel", "RLAgents", "RLCore", "RLEnvironments", "RLKernels", "RLNetworks",
    "RLParallel", "RLTraining", "RLWrappers",
)  # fmt: skip
SUFFIXES = (".c", ".h", ".swift")

# files that matter to some algorithms alone; one that is not named here matters to all
OWN = (
    (("dqn",), ("RLAgents/DQN*", "RLAgents/QPolicy*", "RLNetworks/QNetwork*")),
    (("dqn", "ddpg", "td3", "sac"), (
        "RLAgents/Replay*", "RLAgents/SumTree*", "RLAgents/Priority*", "RLAgents/NStepReturn*",
    )),
    (("ddpg", "td3", "sac"), (
        "RLAgents/OffPolicy*", "RLAgents/Experience*", "RLAgents/NormalDraws*", "RLNetworks/Critic*",
        "RLNetworks/ControlRange*", "RLKernels/SideBySide*",
    )),
    (("ddpg", "td3"), ("RLAgents/Deterministic*", "RLAgents/ExplorationNoise*")),
    (("ddpg",), ("RLAgents/DDPG*",)),
    (("td3",), ("RLAgents/TD3*",)),
    (("sac",), ("RLAgents/SAC*", "RLAgents/Squashed*", "RLNetworks/Squashed*", "RLNetworks/Temperature*")),
    (("ppo", "a2c"), (
        "RLAgents/Actor*", "RLAgents/ActingLanes*", "RLAgents/PlayingGroup*", "RLAgents/FinalValues*",
        "RLAgents/BatchRows*", "RLAgents/OnPolicy*", "RLAgents/PolicyGradientObjective*", "RLAgents/Rollout*",
        "RLKernels/AdvantageEstimation*", "RLKernels/Acting*", "RLKernels/Policy*", "RLKernels/SquareSum*",
        "CKernels/policy_*", "CKernels/threads*",
        "RLNetworks/ActionRows*", "RLNetworks/ActorCritic*", "RLNetworks/BetaDraws*", "RLNetworks/EnvironmentControls*",
        "RLNetworks/PolicyHead*", "RLNetworks/SDENoise*", "RLKernels/Head*", "CKernels/head*", "CKernels/choice_body*",
        "CKernels/control_body*", "CKernels/draw_body*", "CKernels/include/CKernelsHeads*",
    )),
    (("ppo",), ("RLAgents/ClippedObjective*", "RLAgents/PPO*")),
    (("a2c",), ("RLAgents/A2C*",)),
)  # fmt: skip

# files that list what there is or write down what happens, and change nothing of it
RECORDS = (
    "RLAgents/AlgorithmCatalog*",
    "RLTraining/Checkpoint*", "RLTraining/Run*", "RLTraining/*Log.swift", "RLTraining/MetricsRecord*",
    "RLTraining/EpisodeTable*", "RLTraining/RecentEpisodes*", "RLTraining/SpaceText*",
)  # fmt: skip


def matches(path: str, patterns: tuple) -> bool:
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns)


def counts(path: str, algorithm: str) -> bool:
    """Whether a file of the libraries, such as `RLAgents/DQN.swift`, matters to the algorithm."""
    others = [patterns for algorithms, patterns in OWN if algorithm not in algorithms]
    return not matches(path, RECORDS) and not any(matches(path, patterns) for patterns in others)


def sources(root: Path, row) -> list[Path]:
    """The files that matter to a row, in the order of their names."""
    found = [*(root / "plugins").glob(f"{row.plugin}.c*"), *(root / "include").glob("*.h")]
    for library in LIBRARIES:
        folder = root / "Sources" / library
        files = (path for path in folder.rglob("*") if path.suffix in SUFFIXES)
        found += [path for path in files if counts(path.relative_to(root / "Sources").as_posix(), row.algorithm)]
    return sorted(found)


def code(text: str) -> str:
    """The text without empty lines and lines that are comments."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def settings(configuration: str) -> str:
    """A printed configuration without the origins of its values, and without what no result depends on."""
    lines = (line.rsplit("  # ", 1)[0] for line in configuration.splitlines())
    idle = ("plugin:", "preset:", "seed:", "instances:", "logEvery:", "evaluateEvery:", "evaluationEpisodes:")
    return "\n".join(line for line in lines if not line.startswith(idle))


def key(root: Path, row, configuration: str, evaluation: str) -> str:
    """The hash that a row's results are kept under.

    `configuration` is what `--print-config` prints, `evaluation` how the policy is evaluated, in words.
    """
    digest = hashlib.sha256()
    for path in sources(root, row):
        digest.update(f"{path.relative_to(root).as_posix()}\n{code(path.read_text())}\n".encode())
    digest.update(settings(configuration).encode())
    digest.update(evaluation.encode())
    return digest.hexdigest()[:16]
