"""Records numpy's default generator into generator.txt, which generator.c compares with that of rlenv_simple.h.

    venv/bin/python Tests/Plugins/golden/generator.py > Tests/Plugins/golden/generator.txt

One line a seed: the seed, then draws in turn: random(), uniform(-3, 7), integers(0, n) for several n."""

import numpy as np

print(f"# numpy {np.__version__}: seed, then 20 times random, uniform(-3, 7), integers of 2, 6, 1000 and 2^31 + 1")
for seed in [0, 1, 42, 12345, 2**31 - 1, 2**32, 2**32 + 5, 2**53 - 1, 2**64 - 1]:
    rng = np.random.default_rng(seed)
    words = []
    for _ in range(20):
        words += [float(rng.random()).hex(), float(rng.uniform(-3, 7)).hex()]
        words += [str(rng.integers(0, n)) for n in (2, 6, 1000, 2**31 + 1)]
    print(seed, *words)
