"""Plays environments of Gymnasium 1.4.0 and prints what they answer as a golden trace; README.md describes the format.

    python3 -m venv venv && venv/bin/pip install gymnasium==1.4.0
    venv/bin/python Tests/Plugins/golden/pendulum.py > Tests/Plugins/golden/pendulum.trace

A script beside this one describes a Recording and calls main(). Its first argument, if there is one, multiplies the
episodes: for proofs that are longer than what is worth committing."""

import dataclasses
import hashlib
import struct
import sys
from collections.abc import Callable

import gymnasium
import numpy as np

assert gymnasium.__version__ == "1.4.0", gymnasium.__version__


@dataclasses.dataclass
class Recording:
    """What is played: options are the plugin's, by name; the callables get the environment under its wrappers."""

    id: str
    # Each variant's options and its number of episodes.
    variants: list[tuple[dict, int]]
    # options -> the environment, and reset's options or None.
    make: Callable
    # (environment, generator, the episode's number in its variant) -> an action.
    act: Callable
    # environment -> the numbers of its state, in the order of the plugin's.
    state: Callable
    # environment -> low and high of its observations, if the environment's own space does not follow the options.
    bounds: Callable = lambda env: (env.observation_space.low, env.observation_space.high)
    # A `state` line follows every so many steps, and the last one.
    every: int = 10


def bits(values, code):
    return "".join(struct.pack(">" + code, value).hex() for value in values)


def number(value):
    return str(value).removesuffix(".0")


def numbers(values):
    return " ".join(number(np.float32(value)) for value in values)


def action_bits(env, action):
    return bits([action], "i") if isinstance(env.action_space, gymnasium.spaces.Discrete) else bits(action, "f")


def declare(recording, env, options):
    low, high = recording.bounds(env.unwrapped)
    words = ["options"] + [f"{key}={str(value).lower()}" for key, value in options.items()]
    yield " ".join(words)
    yield f"limit {env.spec.max_episode_steps}"
    yield f'observation "" box f32 {len(low)} low {numbers(low)} high {numbers(high)}'
    space = env.action_space
    if isinstance(space, gymnasium.spaces.Discrete):
        yield f'action "" discrete i32 - count {space.n} start {space.start}'
    else:
        yield f'action "" box f32 {len(space.low)} low {numbers(space.low)} high {numbers(space.high)}'
    yield f"state f64 {len(recording.state(env.unwrapped))}"


def episode(recording, env, bounds, seed, rng, count):
    inner = env.unwrapped
    observation, _ = env.reset(seed=seed, options=bounds)
    assert observation.dtype == np.float32
    yield f"episode {'-' if seed is None else seed}"
    yield f"reset {bits(observation, 'f')}"
    yield f"state {bits(recording.state(inner), 'd')}"
    steps, ended = 0, False
    while not ended:
        action = recording.act(inner, rng, count)
        observation, reward, terminated, truncated, _ = env.step(action)
        assert observation.dtype == np.float32
        steps, ended = steps + 1, terminated or truncated
        word = number(repr(float(reward)))
        yield f"step {action_bits(env, action)} {word} {terminated + 2 * truncated} {bits(observation, 'f')}"
        if ended or steps % recording.every == 0:
            yield f"state {bits(recording.state(inner), 'd')}"


def lines(recording, rng, scale):
    yield "rlenv-trace 1"
    yield f"environment {recording.id}"
    yield f"source gymnasium {gymnasium.__version__}, numpy {np.__version__}"
    for options, episodes in recording.variants:
        env, bounds = recording.make(dict(options))
        env.reset(seed=0, options=bounds)
        yield from declare(recording, env, options)
        for count in range(episodes * scale):
            # Large seeds too; every fifth episode goes on with the generator.
            seed = None if count % 5 == 4 else count if count < 20 else int(rng.integers(2**53))
            yield from episode(recording, env, bounds, seed, rng, count)


def main(recording):
    rng = np.random.default_rng(20250101)
    text = list(lines(recording, rng, int(sys.argv[1]) if len(sys.argv) > 1 else 1))
    body = "".join(line + "\n" for line in text)
    count = {kind: sum(line.startswith(kind + " ") for line in text) for kind in ("episode", "step")}
    sys.stdout.write(f"{body}end {count['episode']} {count['step']} {hashlib.sha256(body.encode()).hexdigest()}\n")
