"""Records what Gymnasium's wrappers make of made-up episodes.

    python3 -m venv v && v/bin/pip install gymnasium==1.4.0 numpy
    v/bin/python gymnasium_wrappers.py > gymnasium.json

The environments play numbers that are simple functions of lane, episode and step, so that the test
plays the same. Three lanes; episodes of lane l have 3 + l steps and are truncated.
"""

import json

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.wrappers import (
    FrameStackObservation,
    NormalizeObservation,
    TimeAwareObservation,
)
from gymnasium.wrappers.vector import NormalizeObservation as VectorNormalizeObservation
from gymnasium.wrappers.vector import NormalizeReward as VectorNormalizeReward

STEPS = 12


def observation(lane, episode, step):
    t = 37 * lane + 11 * episode + step
    return np.array([(t * 7 % 13) / 4 - 1, (t * t % 17) * 2.5, 100 + t % 3], dtype=np.float32)


def reward(lane, episode, step):
    return float((5 * lane + 3 * episode + step * step) % 11) / 2 - 1.75


class Scripted(gym.Env):
    """Episodes of 3 + lane steps; they are truncated, or terminate if `terminates`."""

    observation_space = gym.spaces.Box(-np.inf, np.inf, (3,), np.float32)
    action_space = gym.spaces.Discrete(2)

    def __init__(self, lane, terminates=False):
        self.lane, self.terminates = lane, terminates
        self.episode, self.taken = -1, 0
        self.spec = gym.envs.registration.EnvSpec("Scripted-v0", max_episode_steps=3 + lane)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.episode, self.taken = self.episode + 1, 0
        return observation(self.lane, self.episode, 0), {}

    def step(self, action):
        self.taken += 1
        is_over = self.taken == 3 + self.lane
        return (
            observation(self.lane, self.episode, self.taken),
            reward(self.lane, self.episode, self.taken),
            is_over and self.terminates,
            is_over and not self.terminates,
            {},
        )


def flat(values):
    return [float(v) for v in np.asarray(values).reshape(-1)]


def play(env, steps=STEPS):
    """Observations of an environment with one lane, those of resets among them."""
    rows = [flat(env.reset()[0])]
    for _ in range(steps):
        row, _, terminated, truncated, _ = env.step(0)
        rows.append(flat(row))
        if terminated or truncated:
            rows.append(flat(env.reset()[0]))
    return rows


def normalized_observations():
    env = NormalizeObservation(Scripted(1))
    rows = play(env)
    return {
        "rows": rows,
        "mean": flat(env.obs_rms.mean),
        "variance": flat(env.obs_rms.var),
        "count": float(env.obs_rms.count),
    }


def vector_observations():
    """Before any episode of the three lanes ends."""
    env = VectorNormalizeObservation(SyncVectorEnv([lambda l=l: Scripted(10 + l) for l in range(3)]))
    rows = [flat(env.reset()[0])]
    for _ in range(STEPS):
        rows.append(flat(env.step(np.zeros(3, dtype=np.int64))[0]))
    return {"rows": rows, "mean": flat(env.obs_rms.mean), "variance": flat(env.obs_rms.var)}


def vector_rewards():
    base = SyncVectorEnv(
        [lambda l=l: Scripted(l) for l in range(3)], autoreset_mode=AutoresetMode.SAME_STEP
    )
    env = VectorNormalizeReward(base, gamma=0.9)
    env.reset()
    rows = [flat(env.step(np.zeros(3, dtype=np.int64))[1]) for _ in range(STEPS)]
    return {
        "rows": rows,
        "mean": float(env.return_rms.mean),
        "variance": float(env.return_rms.var),
        "count": float(env.return_rms.count),
    }


def main():
    print(
        json.dumps(
            {
                "gymnasium": gym.__version__,
                "observations": normalized_observations(),
                "severalObservations": vector_observations(),
                "rewards": vector_rewards(),
                "stacked": play(FrameStackObservation(Scripted(1), 3, padding_type="reset")),
                "timed": play(TimeAwareObservation(Scripted(1), flatten=True, normalize_time=True)),
            },
            indent=1,
        )
    )


main()
