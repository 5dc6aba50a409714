"""What is compared: one entry a task, one line a contender."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Contender:
    """A row of the table: a peer on so many threads."""

    peer: str  # "rl-host", or a driver's name in drivers/
    threads: int
    as_installed: bool = False  # torch without the help that MKL needs on some CPUs
    note: str = ""

    @property
    def key(self) -> str:
        return f"{self.peer}/{self.threads}" + ("/as-installed" if self.as_installed else "")


@dataclass(frozen=True)
class Goal:
    """How many times faster a row of ours is to be than the best row of the reference."""

    key: str
    factor: float
    stretch: float


@dataclass(frozen=True)
class Task:
    name: str
    title: str
    environment: str
    plugin: str
    algorithm: str
    preset: str
    contenders: tuple[Contender, ...]
    reference: str  # the peer that ratios are taken against
    goals: tuple[Goal, ...]


TASKS = {
    task.name: task
    for task in (
        Task(
            name="dqn-cartpole",
            title="DQN on CartPole-v1, preset zoo: [256, 256], batch 64",
            environment="CartPole-v1",
            plugin="plugins/cartpole.so",
            algorithm="dqn",
            preset="zoo",
            contenders=(
                Contender("rl-host", 1),
                Contender("sb3", 1),
                Contender("rl-host", 2),
                Contender("sb3", 2),
                Contender("sb3", 1, as_installed=True),
                Contender(
                    "clean_rl",
                    1,
                    note="its own hyperparameters, for it has no gradient steps and no choice of network: "
                    "[120, 84], batch 128, an update every 10 steps from step 10,000 on, squared error; "
                    "about a sixth of the updates, so not comparable in speed",
                ),
            ),
            reference="sb3",
            goals=(Goal("rl-host/1", 6, 7), Goal("rl-host/2", 9, 12)),
        ),
    )
}
