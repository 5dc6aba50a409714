"""Records CartPole-v1 into cartpole.trace; see recorder.py.

`state` lines follow every step: one that is wrong in the last of 64 bits shows there long before it shows in an
observation of 32."""

import gymnasium
import numpy as np
from recorder import Recording, main

# Physical constants and reset bounds; the names are Gymnasium's and the plugin's.
VARIANTS = [
    ({}, 60),
    ({"sutton_barto_reward": True}, 30),
    ({"kinematics_integrator": "semi-implicit"}, 30),
    ({"gravity": 3.7, "masscart": 1.3, "masspole": 0.27, "length": 0.8, "force_mag": 12.5, "tau": 0.013}, 30),
    ({"theta_threshold_radians": 0.5, "x_threshold": 1.0}, 30),
    ({"low": -0.2, "high": 0.1}, 30),
]


def make(options):
    bounds = {key: options.pop(key) for key in ("low", "high") if key in options}
    env = gymnasium.make("CartPole-v1", sutton_barto_reward=options.pop("sutton_barto_reward", False))
    cart = env.unwrapped
    for key, value in options.items():
        assert hasattr(cart, key), key
        setattr(cart, key, value)
    cart.total_mass = cart.masspole + cart.masscart
    cart.polemass_length = cart.masspole * cart.length
    return env, bounds or None


def bounds(cart):
    """As Gymnasium makes them of the thresholds."""
    high = np.array([cart.x_threshold * 2, np.inf, cart.theta_threshold_radians * 2, np.inf])
    return -high, high


def act(cart, rng, count):
    """At random, but for one episode in thirty: a controller good enough for a long one, with some random pushes."""
    if count % 30 != 7 or rng.random() < 0.1:
        return int(rng.integers(2))
    return int(0.1 * cart.state[0] + 0.3 * cart.state[1] + 2 * cart.state[2] + cart.state[3] > 0)


def state(cart):
    assert np.asarray(cart.state).dtype == np.float64
    return cart.state


main(Recording("CartPole-v1", VARIANTS, make, act, state, bounds, every=1))
