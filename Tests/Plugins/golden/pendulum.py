"""Records Pendulum-v1 into pendulum.trace; see recorder.py.

With `beyond` for an argument it records torques outside their space, which are clipped."""

import sys

import gymnasium
import numpy as np
from recorder import Recording, main

BEYOND = sys.argv[1:] == ["beyond"]
VARIANTS = [
    ({}, 32),
    ({"g": 9.81}, 10),
    ({"x_init": 50.0, "y_init": 8.0}, 10),
]


def make(options):
    bounds = {key: options.pop(key) for key in ("x_init", "y_init") if key in options}
    return gymnasium.make("Pendulum-v1", **options), bounds or None


def torque(pendulum, rng, count):
    """One episode in three swings up and balances, one spins, one is random, at the bounds now and then."""
    theta, theta_dot = pendulum.state
    angle = (theta + np.pi) % (2 * np.pi) - np.pi
    if count % 3 == 0 and rng.random() < 0.9:
        return -12 * angle - 3 * theta_dot if abs(angle) < 0.5 else 2 * np.sign(theta_dot)
    if count % 3 == 1:
        return 2 if rng.random() < 0.8 else rng.uniform(-2, 2)
    return rng.uniform(-2.2, 2.2)


def act(pendulum, rng, count):
    value = torque(pendulum, rng, count)
    return np.array([value * 2 if BEYOND else np.clip(value, -2, 2)], np.float32)


def state(pendulum):
    assert pendulum.state.dtype == np.float64
    return pendulum.state


if BEYOND:
    sys.argv.pop()
    VARIANTS = [(options, 2) for options, _ in VARIANTS]
main(Recording("Pendulum-v1", VARIANTS, make, act, state))
