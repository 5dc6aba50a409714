"""Records CartPole-v1 of Gymnasium 1.4.0 into cartpole.trace, which cartpole_trace.c replays.

    python3 -m venv venv && venv/bin/pip install gymnasium==1.4.0
    venv/bin/python Tests/Plugins/golden/cartpole.py > Tests/Plugins/golden/cartpole.trace

One line an episode: variant, seed ("-": the generator goes on), steps, actions as hexadecimal bits (first step in
the highest bit), the last state as four hexadecimal numbers, and the hash of everything seen. The hash is FNV-1a
over, at the reset, the state (4 float64) and the observation (4 float32), and at each step the same, the reward
(float64), terminated and truncated (a byte each)."""

import math
import struct
import sys

import gymnasium
import numpy as np

assert gymnasium.__version__ == "1.4.0", gymnasium.__version__

# Physical constants and reset bounds; the names are Gymnasium's and the plugin's.
VARIANTS = [
    {},
    {"sutton_barto_reward": True},
    {"kinematics_integrator": "semi-implicit"},
    {"gravity": 3.7, "masscart": 1.3, "masspole": 0.27, "length": 0.8, "force_mag": 12.5, "tau": 0.013},
    {"theta_threshold_radians": 0.5, "x_threshold": 1.0},
    {"low": -0.2, "high": 0.1},
]


class Hash:
    def __init__(self):
        self.value = 0xCBF29CE484222325

    def add(self, data):
        for byte in data:
            self.value = (self.value ^ byte) * 0x100000001B3 % 2**64


def make(variant):
    values = dict(variant)
    bounds = {key: values.pop(key) for key in ("low", "high") if key in values}
    env = gymnasium.make("CartPole-v1", sutton_barto_reward=values.pop("sutton_barto_reward", False))
    cart = env.unwrapped
    for key, value in values.items():
        assert hasattr(cart, key), key
        setattr(cart, key, value)
    cart.total_mass = cart.masspole + cart.masscart
    cart.polemass_length = cart.masspole * cart.length
    return env, bounds or None


def balanced(state, rng):
    """A controller good enough for long episodes, with some random pushes."""
    if rng.random() < 0.1:
        return int(rng.integers(2))
    return int(0.1 * state[0] + 0.3 * state[1] + 2 * state[2] + state[3] > 0)


def episode(env, bounds, seed, rng, skilled):
    seen, actions = Hash(), []
    observation, _ = env.reset(seed=seed, options=bounds)
    cart = env.unwrapped
    seen.add(np.asarray(cart.state, "<f8").tobytes() + observation.astype("<f4").tobytes())
    while True:
        action = balanced(cart.state, rng) if skilled else int(rng.integers(2))
        observation, reward, terminated, truncated, _ = env.step(action)
        assert observation.dtype == np.float32 and cart.state.dtype == np.float64
        actions.append(action)
        seen.add(np.asarray(cart.state, "<f8").tobytes() + observation.astype("<f4").tobytes())
        seen.add(struct.pack("<dBB", float(reward), terminated, truncated))
        if terminated or truncated:
            return actions, [float(v) for v in cart.state], seen.value


def main():
    rng = np.random.default_rng(20250101)
    print(f"# CartPole-v1, gymnasium {gymnasium.__version__}, numpy {np.__version__}")
    for index, variant in enumerate(VARIANTS):
        print("variant", index, *(f"{k}={str(v).lower()}" for k, v in variant.items()))
    for index, variant in enumerate(VARIANTS):
        env, bounds = make(variant)
        for number in range(120 if index == 0 else 50):
            # Large seeds too; every fifth episode goes on with the generator.
            seed = None if number % 5 == 4 else number if number < 40 else int(rng.integers(2**53))
            actions, last, digest = episode(env, bounds, seed, rng, number % 3 == 2)
            bits = "".join(map(str, actions))
            digits = f"{int(bits.ljust(-(-len(bits) // 4) * 4, '0'), 2):0{-(-len(bits) // 4)}x}"
            print("episode", index, "-" if seed is None else seed, len(actions), digits,
                  *(v.hex() for v in last), f"{digest:016x}")
    print("# numpy and libm agree on sin and cos of 1e5 angles:",
          all(np.cos(a) == math.cos(a) and np.sin(a) == math.sin(a)
              for a in rng.uniform(-0.5, 0.5, 100000)), file=sys.stderr)


main()
