"""Records squashed Gaussians and critics of PyTorch: `python squashed.py > squashed.json`.

A policy with known weights draws actions from known noise, in float64: with a log-std from the
network as `TransformedDistribution(Normal, TanhTransform)` computes it, and with gSDE written from
Raffin et al. 2021 (full std, features learned, means clipped to 2, variance floor 1e-6). Autograd
gives the gradient of mean(alpha ln p - min(q1, q2)), the critics being known too. Recorded with
torch 2.13.
"""

import json

import numpy as np
import torch
from torch import nn
from torch.distributions import Independent, Normal, TanhTransform, TransformedDistribution

INPUTS, HIDDEN, CONTROLS, ROWS, ALPHA = 3, [7, 5], 2, 6, 0.3
torch.set_default_dtype(torch.float64)
draw = np.random.default_rng(7)


def single(x):
    """Rounded to float32, as the tested code is given it."""
    return torch.tensor(np.asarray(x, np.float32).astype(np.float64))


def network(sizes, prefix):
    """Weights of `Linear`s with a tanh between them."""
    result = {}
    for i, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        result[f"{prefix}{2 * i}.weight"] = single(draw.normal(size=(outputs, inputs)) * 0.6)
        result[f"{prefix}{2 * i}.bias"] = single(draw.normal(size=outputs) * 0.3)
    return result


def linear(p, name, x):
    return x @ p[name + ".weight"].T + p[name + ".bias"]


def critic(p, prefix, x):
    x = torch.tanh(linear(p, f"{prefix}0", x))
    return linear(p, f"{prefix}2", x)[:, 0]


def policy(uses_sde, p, observations, noise):
    """Actions and their log-probabilities."""
    latent = torch.tanh(linear(p, "actor.latent_pi.0", observations))
    latent = torch.tanh(linear(p, "actor.latent_pi.2", latent))
    if uses_sde:
        mean = nn.functional.hardtanh(linear(p, "actor.mu.0", latent), -2.0, 2.0)
        std = p["actor.log_std"].exp()
        spread = (latent**2 @ std**2 + 1e-6).sqrt()
        u = mean + latent @ (noise * std)
    else:
        mean = linear(p, "actor.mu", latent)
        spread = linear(p, "actor.log_std", latent).clamp(-20, 2).exp()
        u = mean + spread * noise
    transform = TanhTransform(cache_size=1)
    squashed = Independent(TransformedDistribution(Normal(mean, spread), transform), 1)
    actions = transform(u)
    return actions, squashed.log_prob(actions)


def case(name, uses_sde, wide=False):
    p = network([INPUTS] + HIDDEN, "actor.latent_pi.")
    head = network([HIDDEN[-1], CONTROLS], "x.")
    suffix = ".0" if uses_sde else ""
    scale = 4.0 if wide else 1.0
    p[f"actor.mu{suffix}.weight"] = single(head["x.0.weight"] * scale)
    p[f"actor.mu{suffix}.bias"] = head["x.0.bias"]
    if uses_sde:
        p["actor.log_std"] = single(draw.normal(size=(HIDDEN[-1], CONTROLS)) * 0.4 - 0.5)
        noise = single(draw.normal(size=(HIDDEN[-1], CONTROLS)))
    else:
        spread = network([HIDDEN[-1], CONTROLS], "x.")
        p["actor.log_std.weight"] = single(spread["x.0.weight"] * scale)
        p["actor.log_std.bias"] = single(spread["x.0.bias"] - 0.5)
        noise = single(draw.normal(size=(ROWS, CONTROLS)))
    for index in range(2):
        p |= network([INPUTS + CONTROLS, 8, 1], f"critic.qf{index}.")
    observations = single(draw.normal(size=(ROWS, INPUTS)))
    trained = [v.requires_grad_() for k, v in p.items() if k.startswith("actor.")]
    actions, log_probabilities = policy(uses_sde, p, observations, noise)
    together = torch.cat([observations, actions], dim=1)
    values = torch.minimum(
        critic(p, "critic.qf0.", together), critic(p, "critic.qf1.", together)
    )
    loss = (ALPHA * log_probabilities - values).mean()
    gradients = torch.autograd.grad(loss, trained)
    names = [k for k in p if k.startswith("actor.")]

    def numbers(x):
        return np.asarray(x.detach()).ravel().tolist()

    return {
        "name": name, "usesSDE": uses_sde, "observations": numbers(observations),
        "noise": numbers(noise), "actions": numbers(actions),
        "logProbabilities": numbers(log_probabilities), "values": numbers(values),
        "loss": float(loss.detach()),
        "tensors": [{"name": k, "shape": list(v.shape), "values": numbers(v)} for k, v in p.items()],
        "gradient": [
            {"name": k, "shape": list(g.shape), "values": numbers(g)}
            for k, g in zip(names, gradients)
        ],
    }


print(json.dumps([
    case("plain", False), case("plain, wide", False, wide=True), case("gsde", True),
    case("gsde, means clipped", True, wide=True),
]))
