"""Makes the Markdown table of the gates. Usage: table.py GATES.json"""

import json
import sys

HEAD = (
    "environment", "algorithm, preset", "steps", "seeds", "IQM (95 %)", "goal", "worst seed", "below the floor",
    "the zoo's agent", "training, s", "",
)  # fmt: skip
BESIDE = (
    "environment", "algorithm, preset", "rl-host: IQM (95 %)", "below the floor",
    "Stable-Baselines3 at the same seeds: IQM (95 %)", "below the floor",
)  # fmt: skip


def counted(steps: int) -> str:
    """50,000 as 50k, 1,000,000 as 1M."""
    return f"{steps // 1_000_000}M" if steps % 1_000_000 == 0 else f"{steps // 1_000}k"


def verdict(gate: dict) -> str:
    if gate["iqm"] is None:
        return "not run"
    if gate["finished"] < gate["seeds"]:
        return f"{gate['finished']} of {gate['seeds']} seeds"
    return "met" if gate["passed"] else "**not met**"


def cells(gate: dict) -> list[str]:
    goal = f"{gate['goal']:g}"
    zoo = "mean {:.1f}, IQM {:.1f}".format(*gate["reference"])
    start = [gate["environment"], f"{gate['algorithm']}, {gate['preset']}", counted(gate["steps"])]
    if gate["iqm"] is None:
        return [*start, "0", "", goal, "", f"(floor {gate['floor']:g})", zoo, "", verdict(gate)]
    low, high = gate["ci95"]
    return [
        *start,
        f"{gate['finished']}",
        f"{gate['iqm']:.1f} ({low:.1f} ... {high:.1f})",
        goal,
        f"{gate['worst']:.1f}",
        f"{gate['below']} (floor {gate['floor']:g}, {gate['allowed']} allowed)",
        zoo,
        f"{gate['seconds']:.2g}" if gate["seconds"] < 10 else f"{gate['seconds']:.0f}",
        verdict(gate),
    ]


def beside(gates: list) -> list[str]:
    """The rows that Stable-Baselines3 was trained on too, with the same presets at the same seeds."""
    rows = [gate for gate in gates if gate["sb3"]]
    if not rows:
        return []
    lines = ["", f"| {' | '.join(BESIDE)} |", "|---" * len(BESIDE) + "|"]
    for gate in rows:
        cells = [gate["environment"], f"{gate['algorithm']}, {gate['preset']}"]
        cells += [part for each in (gate, gate["sb3"]) for part in both(each)]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def both(score: dict) -> list[str]:
    """A score's interquartile mean, its number of seeds and of those below the floor."""
    if score["iqm"] is None:
        return ["", ""]
    low, high = score["ci95"]
    return [f"{score['iqm']:.1f} ({low:.1f} ... {high:.1f})", f"{score['below']} of {score['finished']}"]


def render(gates: list) -> str:
    """The whole answer as Markdown."""
    lines = [f"| {' | '.join(HEAD)} |", "|---" * len(HEAD) + "|"]
    lines += [f"| {' | '.join(cells(gate))} |" for gate in gates]
    episodes = gates[0]["episodes"] if gates else 0
    lines += [
        "",
        f"IQM: the interquartile mean over training seeds of the mean return of {episodes} greedy episodes, the same "
        "for all seeds and met by none in training, of the policy that the training ended with; in brackets the "
        "95 % bootstrap over seeds. The zoo's agent: one agent of the RL Baselines3 Zoo, mean and IQM over its "
        "episodes. Training: the median of the seeds, two side by side, on one thread each.",
    ]
    return "\n".join(lines + beside(gates))


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        print(render(json.load(file)["gates"]))
