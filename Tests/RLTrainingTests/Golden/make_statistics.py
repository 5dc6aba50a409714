"""Writes statistics.txt: what NumPy and SciPy say of samples, and the bootstrap of a second
implementation of the host's random stream.

    python3 -m venv v && v/bin/pip install numpy==2.4.6 scipy==1.17.1
    v/bin/python make_statistics.py

Each sample is two lines: the values; then seed, resamples, mean, std, median, IQM, low, high, min,
max. Numbers are in Python's shortest form, which every reader turns into the same bits.
"""

import os

import numpy as np
from scipy import stats

MASK = 2**64 - 1


def scramble(x):
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def rotate(x, k):
    return ((x << k) | (x >> (64 - k))) & MASK


def stream(seed, purpose):
    """xoshiro256++, seeded by SplitMix64 from a seed and a purpose's FNV-1a hash."""
    name = 0xCBF29CE484222325
    for byte in purpose.encode():
        name = ((name ^ byte) * 0x100000001B3) & MASK
    state = scramble(scramble((seed + 0x9E3779B97F4A7C15) & MASK) ^ name)
    s = []
    for _ in range(4):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        s.append(scramble(state))
    while True:
        yield (rotate((s[0] + s[3]) & MASK, 23) + s[0]) & MASK
        t = (s[1] << 17) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotate(s[3], 45)


def iqm(values):
    return stats.trim_mean(values, 0.25)


def interval(values, seed, resamples):
    draws = stream(seed, "bootstrap")
    ordered = np.sort(values)
    count = len(values)
    means = [
        iqm(ordered[[next(draws) * count >> 64 for _ in range(count)]]) for _ in range(resamples)
    ]
    return np.quantile(means, [0.025, 0.975])


random = np.random.default_rng(7)
samples = [
    [3.5],
    [2.0, -1.0],
    [1.0, 5.0, 2.0],
    [4.0, 1.0, 1.0, -8.0],
    list(random.normal(size=5)),
    list(random.normal(size=7) * 1e6),
    list(random.normal(size=8)),
    [float(x) for x in np.minimum(random.integers(200, 900, size=100), 500)],
    list(random.exponential(size=101) * -150),
]

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "statistics.txt"), "w") as file:
    for index, sample in enumerate(samples):
        x = np.array(sample)
        seed, resamples = index * 1234567890123, 1000
        low, high = interval(x, seed, resamples)
        if len(x) >= 100:
            # SciPy's own bootstrap draws other resamples: the ends agree but for that noise
            other = stats.bootstrap(
                (x,), iqm, method="percentile", n_resamples=10000, rng=1
            ).confidence_interval
            width = other.high - other.low
            assert abs(low - other.low) < 0.1 * width and abs(high - other.high) < 0.1 * width
        figures = [x.mean(), x.std(), np.median(x), iqm(x), low, high, x.min(), x.max()]
        print(*map(repr, map(float, x)), file=file)
        print(seed, resamples, *map(repr, map(float, figures)), file=file)
