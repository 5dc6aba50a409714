"""Prints what torch computes with, as JSON on the last line; MKL's own words on its kernels come before it."""

import json
import re
import time

import torch

torch.set_num_threads(1)


def speed(rows: int, inputs: int, outputs: int) -> float:
    """GFLOP/s of a layer's forward pass on one thread: the best of 10 samples of about 20 ms."""
    x, weight, bias = torch.randn(rows, inputs), torch.randn(outputs, inputs), torch.randn(outputs)
    operations = 2 * rows * inputs * outputs
    repeats = max(1, int(2e9 / operations))
    best = 0.0
    for _ in range(10):
        start = time.perf_counter()
        for _ in range(repeats):
            torch.nn.functional.linear(x, weight, bias)
        best = max(best, operations * repeats / (time.perf_counter() - start) / 1e9)
    return best


def line(pattern: str) -> str:
    found = re.search(pattern, torch.__config__.show())
    return found.group(1).strip() if found else "unknown"


with torch.no_grad():
    if torch.backends.mkl.is_available():
        with torch.backends.mkl.verbose(torch.backends.mkl.VERBOSE_ON):
            torch.mm(torch.randn(64, 64), torch.randn(64, 64))
    facts = {
        "torch": torch.__version__,
        "blas": line(r"BLAS_INFO=(\w+)"),
        "mkl": line(r"(?:Intel\(R\) )?oneAPI Math Kernel Library Version ([\d.]+)"),
        "onednn": line(r"MKL-DNN v([^\s]+)"),
        "capability": line(r"CPU capability usage: (\w+)"),
        "parallel": next(
            (each.split(":")[1].strip() for each in torch.__config__.parallel_info().splitlines() if "backend" in each),
            "unknown",
        ),
        "layer64x256x256": speed(64, 256, 256),
        "layer1024x1024x1024": speed(1024, 1024, 1024),
    }
print("\n" + json.dumps(facts))
