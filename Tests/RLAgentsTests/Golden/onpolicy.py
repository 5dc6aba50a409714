"""Records updates of Stable-Baselines3's PPO and A2C: `python onpolicy.py > onpolicy.json`.

Networks with known weights learn from a rollout that is written down here: two lanes, episodes that
terminate and that are cut off, log-probabilities that differ from the policy's own, so that ratios
leave the clip range. Stable-Baselines3 computes the advantages, the losses, the logged means and the
parameters after `train`. Only its shuffling is replaced, by xoshiro256++ and Fisher and Yates.
Recorded with stable-baselines3 2.9.2 and torch 2.13 on a CPU, one thread, float32.
"""

import json
import sys

import gymnasium
import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3 import A2C, PPO
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.sb2_compat.rmsprop_tf_like import RMSpropTFLike
from stable_baselines3.common.vec_env import DummyVecEnv

STEPS, LANES, INPUTS, PLANNED = 7, 2, 3, 40
WORDS = [0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0x0123456789ABCDEF]


class Xoshiro:
    """xoshiro256++ (Blackman & Vigna 2019)."""

    def __init__(self, words):
        self.s = list(words)

    def next(self):
        s, mask = self.s, 2**64 - 1

        def rotate(x, k):
            return ((x << k) | (x >> (64 - k))) & mask

        result = (rotate((s[0] + s[3]) & mask, 23) + s[0]) & mask
        t = (s[1] << 17) & mask
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotate(s[3], 45)
        return result


class Shuffle:
    """Permutations in place of NumPy's; row [t, n] is t * LANES + n, in the buffer n * STEPS + t."""

    def __init__(self):
        self.random = Xoshiro(WORDS)
        self.rows = list(range(STEPS * LANES))

    def __call__(self, count):
        for last in range(count - 1, 0, -1):
            other = ((last + 1) * self.random.next()) >> 64
            self.rows[last], self.rows[other] = self.rows[other], self.rows[last]
        return np.array([row % LANES * STEPS + row // LANES for row in self.rows])


class Silent(gymnasium.Env):
    """Only its spaces count."""

    def __init__(self, action):
        self.observation_space = spaces.Box(-9, 9, (INPUTS,), np.float32)
        self.action_space = action

    def reset(self, *, seed=None, options=None):
        return np.zeros(INPUTS, np.float32), {}

    def step(self, action):
        return np.zeros(INPUTS, np.float32), 0.0, False, False, {}


def numbers(values):
    """A flat list of the shortest decimals that give back the same floats."""
    return [float(str(x)) for x in np.asarray(values, np.float32).ravel()]


def tensors(model):
    return [
        {"name": k, "shape": list(v.shape), "values": numbers(v.numpy())}
        for k, v in model.policy.state_dict().items()
    ]


def randomise(model, draw):
    with torch.no_grad():
        for name, parameter in model.policy.named_parameters():
            scale = 0.2 if "bias" in name or name == "log_std" else 0.5
            shift = -0.4 if name == "log_std" else 0.0
            parameter.copy_(torch.tensor(draw.normal(size=parameter.shape) * scale + shift))


def draw_action(space, draw):
    if isinstance(space, spaces.Box):
        return draw.normal(size=space.shape).astype(np.float32)
    if isinstance(space, spaces.Discrete):
        return np.array([draw.integers(space.n)])
    if isinstance(space, spaces.MultiDiscrete):
        return draw.integers(space.nvec)
    return draw.integers(0, 2, space.n)


def play(model, space, draw):
    """Fills the model's rollout; returns the steps as the environment and the policy told them."""
    buffer, policy = model.rollout_buffer, model.policy
    buffer.reset()
    observation = draw.normal(size=(LANES, INPUTS)).astype(np.float32)
    starts, steps = np.ones(LANES), []
    for t in range(STEPS):
        actions = np.stack([draw_action(space, draw) for _ in range(LANES)])
        with torch.no_grad():
            given = torch.tensor(actions, dtype=torch.float32)
            if isinstance(space, spaces.Discrete):
                given = given.long().flatten()
            values, exact, _ = policy.evaluate_actions(torch.tensor(observation), given)
        exact = exact + torch.tensor(draw.normal(size=LANES) * 0.25, dtype=torch.float32)
        rewards = draw.normal(size=LANES).astype(np.float32)
        terminated = np.array([(t, n) in [(2, 0), (4, 1)] for n in range(LANES)])
        truncated = np.array([(t, n) in [(1, 1), (4, 0), (4, 1), (6, 1)] for n in range(LANES)])
        after = draw.normal(size=(LANES, INPUTS)).astype(np.float32)
        steps.append({
            "observations": numbers(observation), "next": numbers(after),
            "actions": numbers(actions), "logProbabilities": numbers(exact.numpy()),
            "rewards": numbers(rewards), "terminated": terminated.tolist(),
            "truncated": truncated.tolist(),
        })
        bootstrapped = rewards.copy()
        for n in range(LANES):
            if truncated[n] and not terminated[n]:
                with torch.no_grad():
                    final = policy.predict_values(torch.tensor(after[n : n + 1]))[0]
                bootstrapped[n] += model.gamma * final.numpy()[0]
        buffer.add(observation, actions, bootstrapped, starts, values, exact)
        starts = (terminated | truncated).astype(np.float32)
        observation = np.where(
            starts[:, None] > 0, draw.normal(size=(LANES, INPUTS)).astype(np.float32), after
        )
    with torch.no_grad():
        last = policy.predict_values(torch.tensor(observation))
    buffer.compute_returns_and_advantage(last_values=last, dones=starts)
    return steps


def record(name, make, space, settings, seed):
    draw = np.random.default_rng(seed)
    torch.manual_seed(seed)
    settings = dict(settings)
    network = settings.pop("policy_kwargs", {})
    network.setdefault("net_arch", dict(pi=[10, 7], vf=[9]))
    model = make(
        "MlpPolicy", DummyVecEnv([lambda: Silent(space)] * LANES), n_steps=STEPS, device="cpu",
        policy_kwargs=network, **settings,
    )
    logger = Logger(None, [])
    model.set_logger(logger)
    randomise(model, draw)
    initial = tensors(model)
    steps = play(model, space, draw)
    advantages = numbers(model.rollout_buffer.advantages)
    returns = numbers(model.rollout_buffer.returns)
    model._current_progress_remaining = 1 - STEPS * LANES / PLANNED
    original, np.random.permutation = np.random.permutation, Shuffle()
    try:
        model.train()
    finally:
        np.random.permutation = original
    return {
        "name": name, "initial": initial, "steps": steps, "advantages": advantages,
        "returns": returns, "final": tensors(model),
        "metrics": {k: float(v) for k, v in logger.name_to_value.items() if np.isfinite(v)},
    }


def linear(start):
    return lambda remaining: remaining * start


def main():
    torch.set_num_threads(1)
    common = dict(gamma=0.9, gae_lambda=0.8, learning_rate=0.01, batch_size=5, n_epochs=3)
    box = spaces.Box(-1, 1, (2,), np.float32)
    four = spaces.Discrete(4)
    ppo = [
        ("discrete", four, dict(common, ent_coef=0.02, max_grad_norm=0.4)),
        ("schedules", four, dict(common, learning_rate=linear(0.02), clip_range=linear(0.3))),
        ("values clipped", four, dict(common, clip_range_vf=0.1, vf_coef=0.8)),
        ("early stop", four, dict(common, target_kl=0.06)),
        ("advantages as they are", four, dict(common, normalize_advantage=False)),
        ("continuous", box, dict(common, ent_coef=0.01)),
        ("continuous, values clipped", box, dict(common, clip_range_vf=0.1)),
        ("several", spaces.MultiDiscrete([3, 2]), dict(common, ent_coef=0.01)),
        ("binary", spaces.MultiBinary(3), dict(common, ent_coef=0.01)),
        ("gsde", box, dict(common, use_sde=True, ent_coef=0.01)),
        ("relu", four, dict(common, policy_kwargs=dict(activation_fn=torch.nn.ReLU))),
        ("one batch of all", box, dict(common, batch_size=64)),
    ]
    a2c_common = dict(gamma=0.9, learning_rate=0.01)
    tensorflow = dict(optimizer_class=RMSpropTFLike, optimizer_kwargs=dict(alpha=0.99, eps=1e-5))
    a2c = [
        ("discrete", four, dict(a2c_common, policy_kwargs=dict(tensorflow), ent_coef=0.02)),
        ("pytorch", four, dict(a2c_common)),
        ("adam", four, dict(a2c_common, use_rms_prop=False, gae_lambda=0.7)),
        ("normalised", box, dict(
            a2c_common, policy_kwargs=dict(tensorflow), normalize_advantage=True, gae_lambda=0.9)),
        ("continuous", box, dict(a2c_common, policy_kwargs=dict(tensorflow), vf_coef=0.4)),
    ]
    result = {
        "words": [str(word) for word in WORDS],
        "ppo": [record(n, PPO, s, k, 30 + i) for i, (n, s, k) in enumerate(ppo)],
        "a2c": [record(n, A2C, s, k, 60 + i) for i, (n, s, k) in enumerate(a2c)],
    }
    json.dump(result, sys.stdout)
    print()


main()
