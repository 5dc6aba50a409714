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
    """How many times faster a row of ours is to be than a row of the reference."""

    key: str
    factor: float
    stretch: float | None = None
    against: str | None = None  # a row's key; without one, the fastest row of the reference


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
    goals: tuple[Goal, ...] = ()
    quick_steps: int = 4_000  # of a smoke test
    seeds: int = 3


RLTOOLS = (
    "trains on one thread; does not bootstrap where an episode is truncated; makes an optimizer's step for policy and "
    "value apart; its evaluation is in the whole process"
)
RLTOOLS_OFF_POLICY = (
    "trains on one thread; computes the targets for each critic anew, as rl-host does not; its evaluation is in the "
    "whole process"
)
PUFFER = (
    "its own CartPole, with episodes of at most 200 steps, evaluated in CartPole-v1; GELU where rl-host has ReLU; draws "
    "segments by priority; the learning rate falls along a cosine"
)

NARROW = (Goal("rl-host/1", 1.2, 1.3), Goal("rl-host/2", 1.8, 2))


def goals(one: float, two: float) -> tuple[Goal, Goal]:
    """On one thread and on two, both against the fastest row of the reference."""
    return Goal("rl-host/1", one), Goal("rl-host/2", two)


def pendulum(name: str, algorithm: str, title: str, preset: str, **others) -> Task:
    """An off-policy algorithm on the pendulum."""
    return Task(
        name=name,
        title=f"{algorithm} on Pendulum-v1, {title}",
        environment="Pendulum-v1",
        plugin="plugins/pendulum.so",
        algorithm=algorithm.lower(),
        preset=preset,
        **others,
    )


def rltools(name: str, algorithm: str, sizes: str, preset: str, wanted: tuple[Goal, ...], seeds: int) -> Task:
    """Against RLtools, which has one thread."""
    note = RLTOOLS_OFF_POLICY
    rows = (
        Contender("rl-host", 1),
        Contender("rltools", 1, note=note),
        Contender("rl-host", 2),
        Contender("rltools", 1, as_installed=True, note=note),
    )
    title = f"preset {preset}: {sizes}"
    others = {"contenders": rows, "reference": "rltools", "goals": wanted, "quick_steps": 1_000, "seeds": seeds}
    return pendulum(name, algorithm, title, preset, **others)


def zoo(name: str, algorithm: str, sizes: str, wanted: tuple[Goal, ...], starts: int) -> Task:
    """Against Stable-Baselines3 with the zoo's preset, which learns from step `starts` on; minutes a run, hence two
    seeds."""
    rows = (Contender("rl-host", 1), Contender("sb3", 1), Contender("rl-host", 2), Contender("sb3", 2))
    others = {"contenders": rows, "reference": "sb3", "goals": wanted, "quick_steps": starts + 500, "seeds": 2}
    return pendulum(name, algorithm, f"preset zoo: {sizes}", "zoo", **others)


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
        Task(
            name="ppo-cartpole",
            title="PPO on CartPole-v1, preset zoo: two networks [64, 64], 8 lanes, batch 256, 20 epochs",
            environment="CartPole-v1",
            plugin="plugins/cartpole.so",
            algorithm="ppo",
            preset="zoo",
            contenders=(
                Contender("rl-host", 1),
                Contender("sb3", 1),
                Contender("rl-host", 2),
                Contender("sb3", 2),
                Contender("sb3", 1, as_installed=True),
            ),
            reference="sb3",
            goals=(Goal("rl-host/1", 15, against="sb3/1"), Goal("rl-host/2", 15)),
        ),
        Task(
            name="a2c-cartpole",
            title="A2C on CartPole-v1, preset zoo: two networks [64, 64], 8 lanes, 5 steps",
            environment="CartPole-v1",
            plugin="plugins/cartpole.so",
            algorithm="a2c",
            preset="zoo",
            contenders=(Contender("rl-host", 1), Contender("sb3", 1), Contender("rl-host", 2), Contender("sb3", 2)),
            reference="sb3",
        ),
        Task(
            name="ppo-pendulum",
            title="PPO on Pendulum-v1, RLtools' configuration: two networks [64, 64], 4 lanes, batch 256, 2 epochs",
            environment="Pendulum-v1",
            plugin="plugins/pendulum.so",
            algorithm="ppo",
            preset="rltools",
            contenders=(
                Contender("rl-host", 1),
                Contender("rltools", 1, note=RLTOOLS),
                Contender("rl-host", 2),
                Contender("rltools", 1, as_installed=True, note=RLTOOLS),
            ),
            reference="rltools",
            goals=(Goal("rl-host/1", 1.3), Goal("rl-host/2", 2)),
            seeds=10,
        ),
        Task(
            name="ppo-cartpole-large",
            title="PPO on CartPole-v1, at PufferLib's scale: one network [128] with two heads, 4096 lanes, batches of "
            "262,144 in minibatches of 32,768, one epoch",
            environment="CartPole-v1",
            plugin="plugins/cartpole.so",
            algorithm="ppo",
            preset="puffer",
            contenders=(
                Contender("rl-host", 1),
                Contender("puffer", 1, note=PUFFER),
                Contender("rl-host", 2),
                Contender("puffer", 2, note=PUFFER),
            ),
            reference="puffer",
            goals=(Goal("rl-host/1", 4, against="puffer/1"), Goal("rl-host/2", 4, against="puffer/2")),
            quick_steps=524_288,
        ),
        rltools("td3-pendulum", "TD3", "[64, 64], batch 100", "rltools", NARROW, seeds=10),
        rltools("sac-pendulum", "SAC", "[64, 64], batch 100", "rltools", NARROW, seeds=10),
        rltools("sac-pendulum-wide", "SAC", "[256, 256], batch 256", "wide", goals(1.2, 2), seeds=3),
        zoo("ddpg-pendulum", "DDPG", "[400, 300], batch 256", goals(2, 3.6), 10_000),
        zoo("td3-pendulum-zoo", "TD3", "[400, 300], batch 256", goals(2, 3.6), 10_000),
        zoo("sac-pendulum-zoo", "SAC", "[256, 256], batch 256", goals(2.4, 4.3), 100),
    )
}
