"""Records MountainCarContinuous-v0 into mountain_car_continuous.trace; see recorder.py.

With `beyond` for an argument it records forces outside their space, which are clipped but paid in full."""

import sys

import gymnasium
import numpy as np
from recorder import Recording, main

BEYOND = sys.argv[1:] == ["beyond"]
# Wide resets begin beyond the goal or at the wall, too.
VARIANTS = [
    ({}, 14),
    ({"goal_velocity": 0.03}, 5),
    ({"low": -1.2, "high": 0.6}, 12),
]


def make(options):
    bounds = {key: options.pop(key) for key in ("low", "high") if key in options}
    return gymnasium.make("MountainCarContinuous-v0", **options), bounds or None


def force(car, rng, count):
    """Two episodes in four go with the velocity and reach the goal, one goes left to the wall, one at random."""
    if count % 4 == 0 or rng.random() < 0.1:
        return rng.uniform(-1, 1)
    if count % 4 == 3 and car.state[0] < -0.9:
        return -1
    return (1 if rng.random() < 0.5 else rng.uniform(0.5, 1)) * (1 if car.state[1] >= 0 else -1)


def act(car, rng, count):
    return np.array([force(car, rng, count) * (3 if BEYOND else 1)], np.float32)


def state(car):
    """64 bits from the reset to the first step, then 32."""
    assert car.state.dtype in (np.float64, np.float32)
    return [float(value) for value in car.state]


if BEYOND:
    sys.argv.pop()
    VARIANTS = [(options, 2) for options, _ in VARIANTS]
main(Recording("MountainCarContinuous-v0", VARIANTS, make, act, state))
