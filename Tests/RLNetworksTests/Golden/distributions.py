"""Records what SB3's and PyTorch's distributions compute: `python distributions.py > distributions.json`.

Log-probabilities and entropies of given actions, and the gradient of a loss of both at the outputs
and at log_std. Then three steps of SB3's RMSpropTFLike. Recorded with torch 2.13 and
stable-baselines3 2.9 on a CPU, one thread, float32; masked choices as categoricals of the allowed
logits alone.
"""

import json

import numpy
import torch
from stable_baselines3.common import distributions as sb3
from stable_baselines3.common.sb2_compat.rmsprop_tf_like import RMSpropTFLike
from torch.distributions import Beta, Categorical, Normal
from torch.nn.functional import softplus

ROWS, CONTROLS, LATENT = 11, 3, 5


def numbers(tensor):
    """A tensor as a flat list of the shortest decimals that give back the same floats."""
    if tensor is None:
        return []
    return [float(str(x)) for x in tensor.detach().numpy().astype(numpy.float32).ravel()]


def record(name, outputs, values, free=None, latent=None, masks=None, choices=None, controls=None):
    """`values` gives log-probabilities and entropies, [ROWS] each."""
    log_probability, entropy = values()
    slopes = torch.randn(2, ROWS)
    (slopes[0] * log_probability + slopes[1] * entropy).sum().backward()
    return {
        "name": name,
        "outputs": numbers(outputs),
        "free": numbers(free),
        "latent": numbers(latent),
        "masks": [] if masks is None else masks.int().ravel().tolist(),
        "choices": [] if choices is None else choices.int().ravel().tolist(),
        "controls": numbers(controls),
        "logProbabilities": numbers(log_probability),
        "entropies": numbers(entropy),
        "logProbabilitySlopes": numbers(slopes[0]),
        "entropySlopes": numbers(slopes[1]),
        "outputGradient": numbers(outputs.grad),
        "freeGradient": numbers(free.grad if free is not None else None),
    }


def leaf(*shape, scale=1.5):
    return (scale * torch.randn(*shape)).requires_grad_()


def categorical():
    z, a = leaf(ROWS, 5), torch.randint(5, (ROWS,))
    d = sb3.CategoricalDistribution(5).proba_distribution(z)
    return record("categorical", z, lambda: (d.log_prob(a), d.entropy()), choices=a)


def masked_categorical():
    z, a = leaf(ROWS, 5), torch.randint(5, (ROWS,))
    masks = torch.rand(ROWS, 5) < 0.6
    masks[torch.arange(ROWS), a] = True

    def values():
        rows = []
        for row in range(ROWS):
            d = Categorical(logits=z[row][masks[row]])
            index = masks[row][: a[row]].sum()
            rows.append(torch.stack([d.log_prob(index), d.entropy()]))
        return torch.stack(rows).T

    return record("masked categorical", z, values, masks=masks, choices=a)


def multi_discrete():
    z, counts = leaf(ROWS, 25), [3, 20, 2]
    a = torch.stack([torch.randint(n, (ROWS,)) for n in counts], dim=1)
    d = sb3.MultiCategoricalDistribution(counts).proba_distribution(z)
    return record("multiDiscrete", z, lambda: (d.log_prob(a), d.entropy()), choices=a)


def multi_binary():
    z, a = leaf(ROWS, 4, scale=4), torch.randint(2, (ROWS, 4))
    d = sb3.BernoulliDistribution(4).proba_distribution(z)
    return record("multiBinary", z, lambda: (d.log_prob(a.float()), d.entropy()), choices=a)


def gaussian():
    mean, log_std = leaf(ROWS, CONTROLS), leaf(CONTROLS, scale=0.7)
    a = 2 * torch.randn(ROWS, CONTROLS)
    d = sb3.DiagGaussianDistribution(CONTROLS).proba_distribution(mean, log_std)
    return record("gaussian", mean, lambda: (d.log_prob(a), d.entropy()), free=log_std, controls=a)


def state_dependent_gaussian():
    z = leaf(ROWS, 2 * CONTROLS)
    a = 2 * torch.randn(ROWS, CONTROLS)

    def values():
        mean, log_std = z.chunk(2, dim=1)
        d = Normal(mean, log_std.clamp(-20, 2).exp())
        return d.log_prob(a).sum(1), d.entropy().sum(1)

    return record("stateDependentGaussian", z, values, controls=a)


def gsde(use_expln):
    mean, log_std, latent = leaf(ROWS, CONTROLS), leaf(LATENT, CONTROLS, scale=0.8), leaf(ROWS, LATENT)
    a = 2 * torch.randn(ROWS, CONTROLS)
    d = sb3.StateDependentNoiseDistribution(CONTROLS, use_expln=use_expln)
    d.proba_distribution_net(LATENT, latent_sde_dim=LATENT)
    d = d.proba_distribution(mean, log_std, latent)
    return record(
        "gsde expln" if use_expln else "gsde", mean, lambda: (d.log_prob(a), d.entropy()),
        free=log_std, latent=latent, controls=a)


def beta(scale):
    z, a = leaf(ROWS, 2 * CONTROLS, scale=scale), torch.rand(ROWS, CONTROLS) * 0.9 + 0.05

    def values():
        first, second = (softplus(z) + 1).chunk(2, dim=1)
        d = Beta(first, second)
        return d.log_prob(a).sum(1), d.entropy().sum(1)

    return record("beta", z, values, controls=a)


def rmsprop():
    parameters = leaf(40)
    optimiser = RMSpropTFLike([parameters], lr=0.007, alpha=0.99, eps=1e-5)
    steps = []
    for _ in range(3):
        parameters.grad = torch.randn(40)
        steps.append({"parameters": numbers(parameters), "gradient": numbers(parameters.grad)})
        optimiser.step()
    return {"steps": steps, "result": numbers(parameters)}


torch.set_num_threads(1)
torch.manual_seed(4)
recordings = {
    "heads": [
        categorical(), masked_categorical(), multi_discrete(), multi_binary(), gaussian(),
        state_dependent_gaussian(), gsde(False), gsde(True), beta(1.5), beta(6),
    ],
    "rmsprop": rmsprop(),
}
print(json.dumps(recordings).replace("}, {", "},\n{"))
