"""Reads policy.safetensors, which is `sampleFile()` as the host writes it, with the reference
implementation of safetensors, and recomputes its self-test. Silent when all is well.

    python3 -m venv v && v/bin/pip install safetensors==0.8.0 numpy==2.4.6
    v/bin/python check_policy.py
"""

import hashlib
import json
import os

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "policy.safetensors")
tensors = load_file(path)
with safe_open(path, framework="numpy") as file:
    metadata = file.metadata()

assert metadata["format"] == "rl-host/policy/1"
assert metadata["algo"] == "linear" and metadata["env_id"] == "Sample-v1"
assert metadata["config.gamma"] == "0.99" and metadata["policy.activation"] == "relu"
space = json.loads(metadata["obs_space"])
assert space["leaves"][0]["kind"]["box"]["low"] == [-4.8, "-inf", -0.418, "-inf"]
assert json.dumps(space, sort_keys=True, separators=(",", ":")) == metadata["obs_space"]

weight = tensors["q_net.q_net.0.weight"]
ramp = np.arange(8, dtype=np.float32) * np.float32(0.375) - np.float32(1.2)
assert np.array_equal(weight.ravel(), ramp)
rows = tensors["self_test.observations"].view(np.float32)
outputs = tensors["self_test.outputs"]
assert rows.shape == (16, 4) and outputs.shape == (16, 2)
assert np.allclose(rows @ weight.T + tensors["q_net.q_net.0.bias"], outputs, rtol=1e-6, atol=1e-6)

# the digest is that of the file without it
raw = open(path, "rb").read()
length = int.from_bytes(raw[:8], "little")
entry = '"content_sha256":"%s",' % metadata["content_sha256"]
header = raw[8 : 8 + length].decode().rstrip(" ").replace(entry, "").encode()
header += b" " * (-len(header) % 8)
content = len(header).to_bytes(8, "little") + header + raw[8 + length :]
assert hashlib.sha256(content).hexdigest() == metadata["content_sha256"]
