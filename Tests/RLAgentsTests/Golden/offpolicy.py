"""Records updates of Stable-Baselines3's DDPG, TD3 and SAC: `python offpolicy.py > offpolicy.json`.

Networks with known weights learn from transitions that are written down here: two lanes, episodes
that terminate and that are cut off, controls with bounds of their own. Stable-Baselines3 computes
the losses, the logged means and the parameters after `train`. Replaced are only what it draws: the
rows, by xoshiro256++ on a ring of rows for each lane, with returns of n steps; and normal numbers,
by quantiles of xoshiro256++'s words.
Recorded with stable-baselines3 2.9.2 and torch 2.13 on a CPU, one thread, float32.
"""

import json
import sys
from statistics import NormalDist

import gymnasium
import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3 import DDPG, SAC, TD3
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.type_aliases import ReplayBufferSamples
from stable_baselines3.common.vec_env import DummyVecEnv

STEPS, LANES, INPUTS, PLANNED, BATCH, UPDATES, GAMMA = 12, 2, 3, 40, 5, 3, 0.9
LOW, HIGH = np.array([-2, 0], np.float32), np.array([2, 1], np.float32)
WORDS = [0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0x0123456789ABCDEF]
MASK = 2**64 - 1


class Xoshiro:
    """xoshiro256++ (Blackman & Vigna 2019)."""

    def __init__(self, words):
        self.s = list(words)

    def next(self):
        s = self.s

        def rotate(x, k):
            return ((x << k) | (x >> (64 - k))) & MASK

        result = (rotate((s[0] + s[3]) & MASK, 23) + s[0]) & MASK
        t = (s[1] << 17) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotate(s[3], 45)
        return result

    def normals(self, shape):
        quantile = NormalDist().inv_cdf
        count = int(np.prod(shape))
        values = [quantile(((self.next() >> 32) + 0.5) / 2**32) for _ in range(count)]
        return torch.tensor(np.array(values, np.float32).reshape(shape))


class Silent(gymnasium.Env):
    """Only its spaces count."""

    def __init__(self):
        self.observation_space = spaces.Box(-9, 9, (INPUTS,), np.float32)
        self.action_space = spaces.Box(LOW, HIGH, dtype=np.float32)

    def reset(self, *, seed=None, options=None):
        return np.zeros(INPUTS, np.float32), {}

    def step(self, action):
        return np.zeros(INPUTS, np.float32), 0.0, False, False, {}


class Replay:
    """Rows of each lane: a transition, or None where an episode's last observation lies."""

    def __init__(self, steps, n, scale):
        self.random = Xoshiro(WORDS)
        self.n = n
        self.scale = scale
        self.rows = [[] for _ in range(LANES)]
        for step in steps:
            for lane in range(LANES):
                self.rows[lane].append((step, lane))
                if step["terminated"][lane] or step["truncated"][lane]:
                    self.rows[lane].append(None)
        # an open lane's head holds the present observation already
        self.rows = [rows + [None] if rows[-1] else rows for rows in self.rows]

    def sample(self, count, env=None):
        longest = max(len(rows) for rows in self.rows)
        drawn = [self.draw(longest) for _ in range(count)]
        columns = [torch.tensor(np.array(column, np.float32)) for column in zip(*drawn)]
        observations, actions, after, ends, rewards, discounts = columns
        return ReplayBufferSamples(
            observations, actions, after, ends[:, None], rewards[:, None], discounts[:, None]
        )

    def draw(self, longest):
        while True:
            lane, place = divmod((LANES * longest * self.random.next()) >> 64, longest)
            if place < len(self.rows[lane]) and self.rows[lane][place]:
                break
        total, discount = 0.0, 1.0
        for entry in self.rows[lane][place : place + self.n]:
            if entry is None:
                break
            step = entry[0]
            total += discount * step["rewards"][lane]
            discount *= GAMMA
            last = step
        first = self.rows[lane][place][0]
        return (
            first["observations"][lane], self.scale(np.array(first["actions"][lane], np.float32)),
            last["next"][lane], last["terminated"][lane], total, discount,
        )


def numbers(values):
    """Nested lists of the shortest decimals that give back the same floats."""
    values = np.asarray(values, np.float32)
    if values.ndim > 1:
        return [numbers(row) for row in values]
    return [float(str(x)) for x in values]


def tensors(model):
    return [
        {"name": k, "shape": list(v.shape), "values": numbers(v.numpy().ravel())}
        for k, v in model.policy.state_dict().items()
    ]


def randomise(model, draw):
    with torch.no_grad():
        for name, parameter in model.policy.named_parameters():
            scale = 0.2 if "bias" in name or name == "actor.log_std" else 0.5
            shift = -1.0 if "log_std" in name and "weight" not in name else 0.0
            if isinstance(model, SAC) and name.startswith(("actor.mu", "actor.log_std")):
                # far from the ends: Stable-Baselines3 adds 1e-6 to 1 - tanh²
                scale *= 0.3
            parameter.copy_(torch.tensor(draw.normal(size=parameter.shape) * scale + shift))


def play(draw):
    """What two lanes saw and did."""
    observation, steps = draw.normal(size=(LANES, INPUTS)), []
    for t in range(STEPS):
        after = draw.normal(size=(LANES, INPUTS))
        terminated = [(t, n) in [(2, 0), (4, 1), (9, 0)] for n in range(LANES)]
        truncated = [(t, n) in [(1, 1), (4, 0), (4, 1), (11, 1)] for n in range(LANES)]
        steps.append({
            "observations": numbers(observation), "next": numbers(after),
            "actions": numbers(LOW + draw.random((LANES, 2)) * (HIGH - LOW)),
            "rewards": numbers(draw.normal(size=LANES)), "terminated": terminated,
            "truncated": truncated,
        })
        ended = np.array([a or b for a, b in zip(terminated, truncated)])
        observation = np.where(ended[:, None], draw.normal(size=(LANES, INPUTS)), after)
    return steps


def draw_from(random):
    """Replaces normal numbers of PyTorch; returns what undoes it."""
    normal, rsample = torch.Tensor.normal_, torch.distributions.Normal.rsample

    def fill(tensor, mean=0.0, std=1.0):
        return tensor.copy_(mean + std * random.normals(tensor.shape))

    def sample(self, shape=()):
        # gSDE draws a matrix for each row too, which a batch does not use
        if shape != ():
            return torch.zeros(tuple(shape) + self.loc.shape)
        return self.loc + self.scale * random.normals(self.loc.shape)

    torch.Tensor.normal_, torch.distributions.Normal.rsample = fill, sample

    def undo():
        torch.Tensor.normal_, torch.distributions.Normal.rsample = normal, rsample

    return undo


def record(name, make, settings, seed):
    draw = np.random.default_rng(seed)
    torch.manual_seed(seed)
    settings = dict(dict(gamma=GAMMA, learning_rate=0.01, tau=0.3, batch_size=BATCH), **settings)
    n = settings.pop("n", 1)
    network = dict(net_arch=dict(pi=[10, 7], qf=[9]), **settings.pop("policy_kwargs", {}))
    model = make(
        "MlpPolicy", DummyVecEnv([Silent] * LANES), device="cpu", buffer_size=100,
        policy_kwargs=network, **settings,
    )
    logger = Logger(None, [])
    model.set_logger(logger)
    randomise(model, draw)
    initial, steps = tensors(model), play(draw)
    model.replay_buffer = Replay(steps, n, model.policy.scale_action)
    model._current_progress_remaining = 1 - STEPS * LANES / PLANNED
    undo = draw_from(Xoshiro(WORDS[1:] + WORDS[:1]))
    try:
        model.train(UPDATES, BATCH)
    finally:
        undo()
    metrics = {k: float(v) for k, v in logger.name_to_value.items() if np.isfinite(v)}
    if getattr(model, "log_ent_coef", None) is not None:
        metrics["final ent_coef"] = float(model.log_ent_coef.detach().exp())
    return {
        "name": name, "algorithm": make.__name__.lower(), "initial": initial, "steps": steps,
        "final": tensors(model), "metrics": metrics,
    }


def linear(start):
    return lambda remaining: remaining * start


def main():
    torch.set_num_threads(1)
    sde = dict(use_sde=True, policy_kwargs=dict(log_std_init=-1))
    runs = [
        ("ddpg", DDPG, {}),
        ("ddpg, three steps", DDPG, dict(n=3)),
        ("td3", TD3, {}),
        ("td3, delay of three", TD3, dict(policy_delay=3, target_policy_noise=0.6)),
        ("td3, tanh and a schedule", TD3, dict(
            policy_delay=1, learning_rate=linear(0.02),
            policy_kwargs=dict(activation_fn=torch.nn.Tanh))),
        ("sac", SAC, {}),
        ("sac, fixed", SAC, dict(ent_coef=0.2)),
        ("sac, from a tenth", SAC, dict(ent_coef="auto_0.1", target_entropy=-0.5)),
        ("sac, three steps", SAC, dict(n=3, target_update_interval=2)),
        ("sac, gsde", SAC, sde),
    ]
    result = {
        "replayWords": [str(w) for w in WORDS],
        "drawWords": [str(w) for w in WORDS[1:] + WORDS[:1]],
        "runs": [record(n, make, s, 90 + i) for i, (n, make, s) in enumerate(runs)],
    }
    json.dump(result, sys.stdout)
    print()


main()
