"""Records CartPole-v1 of Gymnasium 1.4.0 into cartpole.trace; README.md describes the format.

    python3 -m venv venv && venv/bin/pip install gymnasium==1.4.0
    venv/bin/python Tests/Plugins/golden/cartpole.py > Tests/Plugins/golden/cartpole.trace

`state` lines hold x, x_dot, theta, theta_dot in 64 bits: a step that is wrong in the last of them shows there long
before it shows in an observation of 32 bits."""

import hashlib
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


def bits(values, code):
    return "".join(struct.pack(">" + code, value).hex() for value in values)


def number(value):
    text = repr(float(value))
    return text.removesuffix(".0")


def declare(env, variant):
    """The bounds are as Gymnasium makes them of the thresholds, in 32 bits."""
    cart = env.unwrapped
    high = [np.float32(cart.x_threshold * 2), np.inf, np.float32(cart.theta_threshold_radians * 2), np.inf]
    words = ["options"] + [f"{key}={str(value).lower()}" for key, value in variant.items()]
    yield " ".join(words)
    yield f"limit {env.spec.max_episode_steps}"
    low = " ".join(str(-value).removesuffix(".0") for value in high)
    yield f'observation "" box f32 4 low {low} high {" ".join(str(value).removesuffix(".0") for value in high)}'
    yield f'action "" discrete i32 - count {env.action_space.n} start {env.action_space.start}'
    yield "state f64 4"


def balanced(state, rng):
    """A controller good enough for long episodes, with some random pushes."""
    if rng.random() < 0.1:
        return int(rng.integers(2))
    return int(0.1 * state[0] + 0.3 * state[1] + 2 * state[2] + state[3] > 0)


def episode(env, bounds, seed, rng, skilled):
    observation, _ = env.reset(seed=seed, options=bounds)
    cart = env.unwrapped
    yield f"episode {'-' if seed is None else seed}"
    yield f"reset {bits(observation, 'f')}"
    yield f"state {bits(cart.state, 'd')}"
    while True:
        action = balanced(cart.state, rng) if skilled else int(rng.integers(2))
        observation, reward, terminated, truncated, _ = env.step(action)
        assert observation.dtype == np.float32 and cart.state.dtype == np.float64
        yield f"step {bits([action], 'i')} {number(reward)} {terminated + 2 * truncated} {bits(observation, 'f')}"
        yield f"state {bits(cart.state, 'd')}"
        if terminated or truncated:
            return


def lines(rng):
    yield "rlenv-trace 1"
    yield "environment CartPole-v1"
    yield f"source gymnasium {gymnasium.__version__}, numpy {np.__version__}"
    for index, variant in enumerate(VARIANTS):
        env, bounds = make(variant)
        yield from declare(env, variant)
        for count in range(60 if index == 0 else 30):
            # Large seeds too; every fifth episode goes on with the generator.
            seed = None if count % 5 == 4 else count if count < 20 else int(rng.integers(2**53))
            yield from episode(env, bounds, seed, rng, count % 30 == 7)


def main():
    rng = np.random.default_rng(20250101)
    text = list(lines(rng))
    body = "".join(line + "\n" for line in text)
    count = {kind: sum(line.startswith(kind + " ") for line in text) for kind in ("episode", "step")}
    sys.stdout.write(f"{body}end {count['episode']} {count['step']} {hashlib.sha256(body.encode()).hexdigest()}\n")
    print("# numpy and libm agree on sin and cos of 1e5 angles:",
          all(np.cos(a) == math.cos(a) and np.sin(a) == math.sin(a)
              for a in rng.uniform(-0.5, 0.5, 100000)), file=sys.stderr)


main()
