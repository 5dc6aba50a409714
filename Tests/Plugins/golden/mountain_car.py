"""Records MountainCar-v0 into mountain_car.trace; see recorder.py."""

import gymnasium
from recorder import Recording, main

# Wide resets begin beyond the goal or at the wall, too.
VARIANTS = [
    ({}, 44),
    ({"goal_velocity": 0.03}, 14),
    ({"low": -1.2, "high": 0.6}, 24),
]


def make(options):
    bounds = {key: options.pop(key) for key in ("low", "high") if key in options}
    return gymnasium.make("MountainCar-v0", **options), bounds or None


def act(car, rng, count):
    """Two episodes in four go with the velocity and reach the goal, one goes left to the wall, one at random."""
    if count % 4 == 0 or rng.random() < 0.1:
        return int(rng.integers(3))
    if count % 4 == 3 and car.state[0] < -0.9:
        return 0
    return 2 if car.state[1] >= 0 else 0


def state(car):
    return [float(value) for value in car.state]


main(Recording("MountainCar-v0", VARIANTS, make, act, state))
