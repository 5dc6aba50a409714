"""Records how episodes of LunarLander come out in Gymnasium 1.4.0 into lunar_lander.returns, and compares such files.

    python3 -m venv venv && venv/bin/pip install "gymnasium[box2d]==1.4.0" scipy
    venv/bin/python Tests/Plugins/golden/lunar_lander.py > Tests/Plugins/golden/lunar_lander.returns
    venv/bin/python Tests/Plugins/golden/lunar_lander.py 0 5000 > gymnasium.returns       # first seed, episodes
    lunar_lander plugins/lunar_lander.so --play 5000 5000 > plugin.returns                # Tests/Plugins/lunar_lander.c
    venv/bin/python Tests/Plugins/golden/lunar_lander.py compare gymnasium.returns plugin.returns

A file has a line `sample ID POLICY` for each environment and policy, and under it a line for each episode: its seed,
return, length, and place, velocity, angle and angular velocity after 20 steps. Lines that begin with # say where it is
from."""

import sys

import numpy as np

FLIGHT = 20
IDS = ["LunarLander-v3", "LunarLanderContinuous-v3"]
POLICIES = ["random", "pilot"]


def plan(observation):
    """The pilot of Tests/Plugins/lunar_lander.c: what the main and the side engines should do."""
    x, y, x_dot, y_dot, angle, turning, right, left = (float(value) for value in observation)
    if right > 0 or left > 0:
        return -0.5 * y_dot, 0.0
    lean = min(max(0.6 * x + 1.0 * x_dot, -0.35), 0.35)
    turn = 0.5 * (lean - angle) - 1.0 * turning
    return 0.5 * (0.5 * abs(x) - y) - 0.5 * y_dot, turn


def act(policy, continuous, observation, rng):
    if policy == "random":
        if continuous:
            return np.array([rng.uniform(-1, 1), rng.uniform(-1, 1)], np.float32)
        return int(rng.integers(0, 4))
    lift, turn = plan(observation)
    if continuous:
        return np.clip(np.array([20 * lift - 1, -20 * turn]), -1, 1).astype(np.float32)
    if lift > abs(turn) and lift > 0.05:
        return 2
    return 3 if turn < -0.05 else 1 if turn > 0.05 else 0


def episode(env, policy, continuous, seed):
    rng = np.random.default_rng(seed + 1000000)
    observation, _ = env.reset(seed=seed)
    total, length, ended, flight = 0.0, 0, False, None
    while not ended:
        observation, reward, terminated, truncated, _ = env.step(act(policy, continuous, observation, rng))
        total, length, ended = total + float(reward), length + 1, terminated or truncated
        if length == FLIGHT:
            flight = " ".join(f"{value:.9g}" for value in observation[:6])
    return f"{seed} {total:.6f} {length} {flight}"


def record(first, count):
    import Box2D
    import gymnasium

    assert gymnasium.__version__ == "1.4.0", gymnasium.__version__
    print(f"# gymnasium {gymnasium.__version__}, Box2D {Box2D.__version__}, numpy {np.__version__}")
    for id in IDS:
        env = gymnasium.make(id)
        for policy in POLICIES:
            print("sample", id, policy)
            for seed in range(first, first + count):
                print(episode(env, policy, "Continuous" in id, seed))


def read(path):
    samples = {}
    with open(path) as file:
        for line in file:
            if line.startswith("sample "):
                rows = samples.setdefault(line[7:].strip(), [])
            elif not line.startswith("#"):
                rows.append([float(word) for word in line.split()])
    return {name: np.array(rows) for name, rows in samples.items()}


def compare(path, other_path):
    from scipy import stats

    samples, others = read(path), read(other_path)
    for name, rows in samples.items():
        for column, what in [(1, "return"), (2, "length")]:
            a, b = rows[:, column], others[name][:, column]
            ks, u = stats.ks_2samp(a, b), stats.mannwhitneyu(a, b)
            delta = 1 - 2 * u.statistic / len(a) / len(b)
            spread = np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
            error = np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
            print(
                f"{name}, {what}: {len(a)} of mean {a.mean():.2f}, median {np.median(a):.2f}; {len(b)} of mean "
                f"{b.mean():.2f}, median {np.median(b):.2f}; difference {b.mean() - a.mean():.2f} +- {error:.2f}; "
                f"KS {ks.statistic:.4f} p {ks.pvalue:.3f}; U test p {u.pvalue:.3f}; "
                f"Cohen's d {(b.mean() - a.mean()) / spread:.3f}, Cliff's delta {delta:.3f}"
            )


if sys.argv[1:2] == ["compare"]:
    compare(*sys.argv[2:4])
else:
    record(*(int(word) for word in sys.argv[1:3] or ["0", "500"]))
