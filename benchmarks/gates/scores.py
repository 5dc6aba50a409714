"""What the seeds of a row say together."""

import random
from dataclasses import dataclass

RESAMPLES = 10_000


def interquartile_mean(values: list) -> float:
    """The mean without the lowest and the highest quarter, each rounded down to whole values (Agarwal 2021)."""
    ordered = sorted(values)
    cut = len(ordered) // 4
    middle = ordered[cut : len(ordered) - cut]
    return sum(middle) / len(middle)


def interval(values: list, resamples: int = RESAMPLES) -> tuple[float, float]:
    """The 95 % percentile bootstrap of the interquartile mean over seeds; the same for the same values."""
    ordered = sorted(values)
    draws = random.Random(0)
    means = sorted(interquartile_mean(draws.choices(ordered, k=len(ordered))) for _ in range(resamples))
    return means[int(0.025 * resamples)], means[int(0.975 * resamples)]


def allowed_below(seeds: int) -> int:
    """How many seeds may be below the floor: one of ten."""
    return seeds // 10


@dataclass(frozen=True)
class Verdict:
    """A row's seeds, judged."""

    seeds: int
    iqm: float
    ci95: tuple[float, float]
    worst: float
    below: int
    passed: bool


def judge(returns: list, goal: float, floor: float) -> Verdict:
    """Whether the returns, one a seed, reach the goal, and few enough are below the floor."""
    iqm = interquartile_mean(returns)
    below = sum(value < floor for value in returns)
    passed = iqm >= goal and below <= allowed_below(len(returns))
    return Verdict(len(returns), iqm, interval(returns), min(returns), below, passed)
