"""Records Acrobot-v1 into acrobot.trace; see recorder.py.

numpy takes the sines of the first observation of an episode in 32 bits, by polynomials that need fused operations: record
on a CPU that has them."""

import gymnasium
from recorder import Recording, main

# Attributes of the environment and reset bounds.
VARIANTS = [
    ({}, 20),
    ({"book_or_nips": "nips"}, 4),
    ({"torque_noise_max": 0.7}, 4),
    ({"dt": 0.05}, 4),
    ({"low": -12.0, "high": 12.0}, 10),
]


def make(options):
    bounds = {key: options.pop(key) for key in ("low", "high") if key in options}
    env = gymnasium.make("Acrobot-v1")
    for key, value in options.items():
        assert hasattr(env.unwrapped, key), key
        setattr(env.unwrapped, key, value)
    return env, bounds or None


def act(acrobot, rng, count):
    """At random in every second episode; else with the lower link's velocity, which swings it up."""
    if count % 2 == 0 or rng.random() < 0.1:
        return int(rng.integers(3))
    return 2 if acrobot.state[3] > 0 else 0


def state(acrobot):
    """64 bits, but for the reset's 32."""
    return [float(value) for value in acrobot.state]


main(Recording("Acrobot-v1", VARIANTS, make, act, state))
