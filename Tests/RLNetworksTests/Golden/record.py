"""Records what PyTorch computes for two small networks: `python record.py > torch.json`.

Forward pass, smooth L1 or squared loss, gradients, their norm, and three steps of Adam and of
RMSProp with the gradient clipped. Recorded with torch 1.13 on a CPU, one thread, float32.
"""

import json

import numpy
import torch
from torch import nn


def numbers(tensor):
    """A tensor as a flat list of the shortest decimals that give back the same floats."""
    return [float(str(x)) for x in tensor.detach().numpy().astype(numpy.float32).ravel()]


def network(activation, initial=None):
    layers = [nn.Linear(4, 9), activation(), nn.Linear(9, 17), activation(), nn.Linear(17, 3)]
    result = nn.Sequential(*layers)
    if initial:
        result.load_state_dict(initial)
    return result


def tensors(values):
    return [{"name": k, "shape": list(v.shape), "values": numbers(v)} for k, v in values.items()]


def steps(model, optimiser, loss, x, y, maximum):
    trace = []
    for _ in range(3):
        optimiser.zero_grad()
        value = loss(model(x), y)
        value.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), maximum)
        optimiser.step()
        trace.append({"loss": float(value), "norm": float(norm)})
    return {"trace": trace, "parameters": tensors(model.state_dict())}


def record(name, activation, loss, maximum):
    model = network(activation)
    initial = {k: v.clone() for k, v in model.state_dict().items()}
    x = torch.randn(10, 4, requires_grad=True)
    y = torch.randn(10, 3) * 2
    output = model(x)
    loss(output, y).backward()
    adam = network(activation, initial)
    rmsprop = network(activation, initial)
    return {
        "activation": name,
        "loss": type(loss).__name__,
        "maximum": maximum,
        "initial": tensors(initial),
        "input": numbers(x),
        "target": numbers(y),
        "output": numbers(output),
        "gradient": tensors({k: p.grad for k, p in model.named_parameters()}),
        "inputGradient": numbers(x.grad),
        "adam": steps(
            adam, torch.optim.Adam(adam.parameters(), lr=0.01), loss, x.detach(), y, maximum),
        "rmsprop": steps(
            rmsprop, torch.optim.RMSprop(rmsprop.parameters(), lr=0.005, alpha=0.95, eps=1e-4),
            loss, x.detach(), y, maximum),
    }


torch.set_num_threads(1)
torch.manual_seed(20)
recordings = [
    record("relu", nn.ReLU, nn.SmoothL1Loss(), 0.2),
    record("tanh", nn.Tanh, nn.MSELoss(), 100.0),
]
print(json.dumps(recordings).replace("}, {", "},\n{"))
