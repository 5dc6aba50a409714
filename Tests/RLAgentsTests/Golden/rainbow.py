"""Records updates of DQN with every option at once: `python rainbow.py > rainbow.json`.

Double Q, dueling streams, returns of three steps, prioritised replay, action masks, two lanes. All
of it is written from the papers' equations, in float64 with NumPy, on plain lists of episodes:
no ring, no sum tree, no shared layers. Recorded with NumPy 2.4.
"""

import json

import numpy as np

INPUTS, ACTIONS, HIDDEN, LANES, STEPS, BATCH, UPDATES = 3, 4, [10, 7], 2, 30, 6, 3
GAMMA, N, RATE, CLIP = 0.9, 3, 0.01, 0.7
ALPHA, BETA_START, BETA_END, EPSILON, PLANNED = 0.7, 0.3, 0.9, 0.02, 100
WORDS = [0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0x0123456789ABCDEF]

draw = np.random.default_rng(20)


def single(x):
    """Rounded to float32, as the tested code is given it."""
    return np.asarray(x, np.float32).astype(np.float64)


class Xoshiro:
    """xoshiro256++ (Blackman & Vigna 2019)."""

    def __init__(self, words):
        self.s = list(words)

    def uniform(self):
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
        return (result >> 11) * 2.0**-53


def network():
    """Weights of a trunk and two streams."""
    shapes = {
        "trunk.0": (HIDDEN[0], INPUTS),
        "value_stream.0": (HIDDEN[1], HIDDEN[0]),
        "value_stream.2": (1, HIDDEN[1]),
        "advantage_stream.0": (HIDDEN[1], HIDDEN[0]),
        "advantage_stream.2": (ACTIONS, HIDDEN[1]),
    }
    result = {}
    for name, shape in shapes.items():
        result[name + ".weight"] = single(draw.normal(size=shape) * 0.6)
        result[name + ".bias"] = single(draw.normal(size=shape[0]) * 0.3)
    return result


def linear(p, name, x):
    return p[name + ".weight"] @ x + p[name + ".bias"]


def forward(p, x):
    """Q, and all that its gradient needs."""
    trunk = np.maximum(linear(p, "trunk.0", x), 0)
    v = np.maximum(linear(p, "value_stream.0", trunk), 0)
    a = np.maximum(linear(p, "advantage_stream.0", trunk), 0)
    value, advantage = linear(p, "value_stream.2", v), linear(p, "advantage_stream.2", a)
    return value[0] + advantage - advantage.mean(), (x, trunk, v, a)


def add_gradient(g, p, kept, action, slope):
    """Adds `slope` times dQ(action)/dp."""
    x, trunk, v, a = kept

    def back(name, d, x):
        g[name + ".weight"] += np.outer(d, x)
        g[name + ".bias"] += d
        return p[name + ".weight"].T @ d

    d_advantage = slope * (np.eye(ACTIONS)[action] - 1 / ACTIONS)
    d_v = back("value_stream.2", np.array([slope]), v) * (v > 0)
    d_a = back("advantage_stream.2", d_advantage, a) * (a > 0)
    d_trunk = back("value_stream.0", d_v, trunk) + back("advantage_stream.0", d_a, trunk)
    back("trunk.0", d_trunk * (trunk > 0), x)


def mask():
    result = draw.integers(0, 2, ACTIONS)
    result[draw.integers(ACTIONS)] = 1
    return result


def play():
    """Steps of one lane."""
    steps, observation, allowed = [], single(draw.normal(size=INPUTS)), mask()
    for _ in range(STEPS):
        step = {
            "observation": observation, "mask": allowed,
            "choice": int(draw.choice(np.flatnonzero(allowed))),
            "reward": single(draw.normal()), "terminated": bool(draw.random() < 0.12),
            "truncated": bool(draw.random() < 0.12),
            "next": single(draw.normal(size=INPUTS)), "nextMask": mask(),
        }
        steps.append(step)
        observation, allowed = step["next"], step["nextMask"]
        if step["terminated"] or step["truncated"]:
            observation, allowed = single(draw.normal(size=INPUTS)), mask()
    return steps


def target(online, frozen, steps, start):
    """y of the transition `start` of a lane."""
    total, power = 0.0, 1.0
    for step in steps[start : start + N]:
        total += power * step["reward"]
        power *= GAMMA
        if step["terminated"]:
            return total
        if step["truncated"]:
            break
    q = np.where(step["nextMask"] == 1, forward(online, step["next"])[0], -np.inf)
    return total + power * forward(frozen, step["next"])[0][int(np.argmax(q))]


def update(online, frozen, moments, lanes, leaves, random, t, beta):
    """One gradient step; returns the mean loss and the gradient's norm."""
    flat = np.concatenate(leaves)
    edges = np.cumsum(flat)
    drawn = [
        int(np.searchsorted(edges, (b + random.uniform()) * edges[-1] / BATCH, side="right"))
        for b in range(BATCH)
    ]
    weights = (len(flat) * flat[drawn] / edges[-1]) ** -beta
    weights /= weights.max()
    gradient = {k: np.zeros_like(v) for k, v in online.items()}
    loss, errors = 0.0, []
    for row, weight in zip(drawn, weights):
        steps, start = lanes[row // STEPS], row % STEPS
        q, kept = forward(online, steps[start]["observation"])
        choice = steps[start]["choice"]
        error = q[choice] - target(online, frozen, steps, start)
        errors.append(error)
        size = abs(error)
        loss += weight * (0.5 * size**2 if size <= 1 else size - 0.5) / BATCH
        add_gradient(gradient, online, kept, choice, weight * np.clip(error, -1, 1) / BATCH)
    norm = np.sqrt(sum((g**2).sum() for g in gradient.values()))
    scale = min(1, CLIP / (norm + 1e-6))
    for name, g in gradient.items():
        first, second = moments[name]
        first[...] = 0.9 * first + 0.1 * scale * g
        second[...] = 0.999 * second + 0.001 * (scale * g) ** 2
        online[name] -= RATE * (first / (1 - 0.9**t)) / (
            np.sqrt(second / (1 - 0.999**t)) + 1e-8)
    for row, error in zip(drawn, errors):
        leaves[row // STEPS][row % STEPS] = (abs(error) + EPSILON) ** ALPHA
    return float(loss), float(norm), drawn


def tensors(p):
    return [{"name": k, "shape": list(v.shape), "values": v.ravel().tolist()}
            for k, v in p.items()]


def main():
    online, frozen = network(), network()
    lanes = [play() for _ in range(LANES)]
    leaves = [single(draw.uniform(0.1, 1, STEPS)) for _ in range(LANES)]
    record = {
        "online": tensors(online), "target": tensors(frozen),
        "words": [str(word) for word in WORDS],
        "lanes": [[{k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in step.items()}
                   for step in steps] for steps in lanes],
        "priorities": [values.tolist() for values in leaves], "updates": [],
    }
    beta = BETA_START + (BETA_END - BETA_START) * LANES * STEPS / PLANNED
    moments = {k: (np.zeros_like(v), np.zeros_like(v)) for k, v in online.items()}
    random = Xoshiro(WORDS)
    for t in range(1, UPDATES + 1):
        loss, norm, drawn = update(online, frozen, moments, lanes, leaves, random, t, beta)
        record["updates"].append({
            "loss": loss, "norm": norm, "drawn": drawn, "parameters": tensors(online),
            "priorities": [values.tolist() for values in leaves]})
    print(json.dumps(record))


main()
