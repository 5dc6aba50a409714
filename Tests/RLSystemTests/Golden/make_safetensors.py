"""Writes the golden files of this folder with the reference implementation of safetensors.

    python3 -m venv v && v/bin/pip install safetensors==0.8.0 numpy==2.4.6
    v/bin/python make_safetensors.py

With at most one metadata key the reference's bytes are fixed; with more, their order is a hash map's.
"""

import os

import numpy as np
from safetensors.numpy import save

here = os.path.dirname(os.path.abspath(__file__))


def write(name, tensors, metadata=None):
    with open(os.path.join(here, name), "wb") as file:
        file.write(save(tensors, metadata))


ramp = np.arange(6)
mixed = {
    "z.weight": (ramp * 0.25 - 1).astype(np.float32).reshape(2, 3),
    "a.weight": (ramp * 0.25 - 1).astype(np.float32).reshape(3, 2),
    "scalar": np.array(np.pi, np.float32),
    "empty": np.zeros((0, 4), np.float32),
    "double": ramp.astype(np.float64) / 3,
    "bytes": np.arange(5, dtype=np.uint8),
    "integers": (ramp * -1000).astype(np.int32),
    "long": (ramp - 3).astype(np.int64) * 2**40,
    "words": np.array([0, 2**64 - 1], np.uint64),
    'quote " slash \\ / tab \t bell \x07 delete \x7f': np.zeros(1, np.uint8),
    "höhe 測 😀": np.zeros(1, np.float32),
}
write("mixed.safetensors", mixed, {'né\n"x"': "a\\b/c \x1f\u2028 \x08\x0c\r ü 😀"})
write("bare.safetensors", {"w": np.array([1.5], np.float32)})
write("empty.safetensors", {})
