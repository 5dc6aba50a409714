"""What must be reached: one row for each environment and algorithm."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A training and the returns that its seeds must reach."""

    environment: str
    algorithm: str
    steps: int
    goal: float  # of the interquartile mean over the seeds
    floor: float  # at most one seed of ten may be below
    reference: tuple[float, float]  # the zoo's agent: mean and interquartile mean of its episodes
    seeds: int = 10
    preset: str = "zoo"

    @property
    def name(self) -> str:
        return f"{self.environment}/{self.algorithm}"

    @property
    def plugin(self) -> str:
        return PLUGINS[self.environment]


PLUGINS = {
    "CartPole-v1": "cartpole",
    "Acrobot-v1": "acrobot",
    "MountainCar-v0": "mountain_car",
    "MountainCarContinuous-v0": "mountain_car_continuous",
    "Pendulum-v1": "pendulum",
    "LunarLander-v3": "lunar_lander",
    "LunarLanderContinuous-v3": "lunar_lander",
}

ROWS = (
    Row("CartPole-v1", "ppo", 100_000, goal=495, floor=450, reference=(500.0, 500.0)),
    Row("CartPole-v1", "dqn", 50_000, goal=495, floor=450, reference=(500.0, 500.0), preset="rainbow-lite"),
    Row("CartPole-v1", "a2c", 500_000, goal=495, floor=450, reference=(500.0, 500.0)),
    Row("Acrobot-v1", "ppo", 1_000_000, goal=-80, floor=-110, reference=(-73.5, -69.8)),
    Row("Acrobot-v1", "dqn", 100_000, goal=-82, floor=-110, reference=(-76.6, -73.6)),
    Row("Acrobot-v1", "a2c", 500_000, goal=-88, floor=-110, reference=(-83.4, -80.6)),
    Row("MountainCar-v0", "dqn", 120_000, goal=-112, floor=-160, reference=(-100.8, -102.7), preset="rainbow-lite"),
    Row("MountainCar-v0", "ppo", 1_000_000, goal=-120, floor=-160, reference=(-110.4, -111.2)),
    Row("MountainCarContinuous-v0", "ppo", 20_000, goal=85, floor=60, reference=(88.3, 88.8), preset="steady"),
    Row("Pendulum-v1", "ppo", 100_000, goal=-185, floor=-250, reference=(-172.2, -154.7)),
    Row("Pendulum-v1", "a2c", 1_000_000, goal=-185, floor=-250, reference=(-163.0, -146.7)),
    Row("Pendulum-v1", "sac", 20_000, goal=-165, floor=-250, reference=(-157.0, -143.0)),
    Row("Pendulum-v1", "td3", 20_000, goal=-165, floor=-250, reference=(-151.9, -138.2)),
    Row("Pendulum-v1", "ddpg", 20_000, goal=-170, floor=-250, reference=(-152.1, -134.6)),
    Row("MountainCarContinuous-v0", "sac", 50_000, goal=92, floor=80, reference=(94.7, 95.0)),
    Row("MountainCarContinuous-v0", "td3", 300_000, goal=92, floor=0, reference=(93.5, 93.5), preset="light"),
    Row("MountainCarContinuous-v0", "ddpg", 300_000, goal=92, floor=0, reference=(93.5, 93.5), preset="light"),
    Row("LunarLander-v3", "dqn", 100_000, goal=130, floor=0, reference=(154.4, 152.4), preset="rainbow-lite"),
    Row("LunarLander-v3", "ppo", 1_000_000, goal=225, floor=0, reference=(242.1, 245.5), seeds=3),
    Row("LunarLanderContinuous-v3", "ppo", 1_000_000, goal=235, floor=0, reference=(270.9, 274.2), seeds=3),
    Row("LunarLanderContinuous-v3", "sac", 150_000, goal=150, floor=0, reference=(260.4, 276.5), seeds=3),
)
