"""Makes the Markdown table from a report of run.py. Usage: table.py REPORT.json"""

import json
import statistics
import sys

NAMES = {
    "rl-host": "**rl-host**",
    "sb3": "Stable-Baselines3",
    "clean_rl": "CleanRL",
    "rltools": "RLtools",
    "puffer": "PufferLib",
}


def quartiles(values: list) -> tuple[float, float, float]:
    """Lower quartile, median, upper quartile."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def number(value: float) -> str:
    """Three significant digits, thousands with commas."""
    if value >= 1000:
        return f"{round(value, 2 - len(str(int(value))) + 1):,.0f}"
    return f"{value:.{0 if value >= 99.95 else 1 if value >= 9.995 else 2}f}"


def spread(values: list, unit: str = "") -> str:
    """The median, with the quartiles where there are several values."""
    low, middle, high = quartiles(values)
    around = f" ({number(low)} ... {number(high)})" if len(values) > 1 else ""
    return f"{number(middle)}{unit}{around}"


def column(task: dict, key: str, name: str) -> list:
    """The values of a row, by seed."""
    runs = sorted((run for run in task["runs"] if run["contender"] == key), key=lambda run: run["seed"])
    return [run[name] for run in runs]


def label(report: dict, row: dict) -> str:
    words = [f"{row['threads']} thread{'s' if row['threads'] > 1 else ''}"]
    if row["peer"] != "rl-host" and len(report["torch"]) > 1:
        words.append("MKL as installed" if row["as_installed"] else "MKL with AVX-512")
    return f"{NAMES.get(row['peer'], row['peer'])}, {', '.join(words)}"


def best_reference(task: dict) -> dict:
    """The reference's row with the lowest median of the training time."""
    rows = [row for row in task["contenders"] if row["peer"] == task["reference"]]
    return min(rows, key=lambda row: statistics.median(column(task, row["key"], "trainSeconds")))


def ratios(task: dict, slow: str, fast: str, name: str) -> list:
    """How many times faster, seed by seed: seconds a step, for rows end with whole bursts of updates."""
    columns = (column(task, key, each) for key in (slow, fast) for each in (name, "steps"))
    return [theirs * steps / (ours * their_steps) for theirs, their_steps, ours, steps in zip(*columns)]


def speed_rows(report: dict, task: dict) -> list[str]:
    lines = [
        "| | training, s | whole process, s | steps/s | return |",
        "|---|---|---|---|---|",
    ]
    marks = 0
    for row in task["contenders"]:
        seconds = column(task, row["key"], "trainSeconds")
        rates = [steps / each for steps, each in zip(column(task, row["key"], "steps"), seconds)]
        marks += bool(row["note"])
        cells = [
            label(report, row) + ("\\*" * marks if row["note"] else ""),
            spread(seconds),
            spread(column(task, row["key"], "processSeconds")),
            number(statistics.median(rates)),
            ", ".join(f"{value:.0f}" for value in column(task, row["key"], "return")),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def verdict(goal: dict, factor: float, quick: bool) -> str:
    stretch = goal.get("stretch")
    wanted = f"{goal['factor']:g}x" + (f", stretch {stretch:g}x" if stretch else "")
    if quick:
        return f"{wanted}: not judged by a quick run"
    if stretch and factor >= stretch:
        return f"{wanted}: stretch met"
    return f"{wanted}: {'met' if factor >= goal['factor'] else '**not met**'}"


def ratio_rows(report: dict, task: dict, reference: dict, goals: list) -> list[str]:
    """The rows of ours that are compared with one row of the reference."""
    installed = [row for row in task["contenders"] if row["peer"] == task["reference"] and row["as_installed"]]
    head = [f"times faster than {label(report, reference)}", "training", "whole process", "goal for training"]
    head += [f"training, against {label(report, row)}" for row in installed]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    rows = {row["key"]: row for row in task["contenders"]}
    for goal in goals:
        training = ratios(task, reference["key"], goal["key"], "trainSeconds")
        process = ratios(task, reference["key"], goal["key"], "processSeconds")
        cells = [
            label(report, rows[goal["key"]]),
            spread(training, "x"),
            spread(process, "x"),
            verdict(goal, statistics.median(training), report["quick"]),
        ]
        cells += [spread(ratios(task, row["key"], goal["key"], "trainSeconds"), "x") for row in installed]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def ratio_tables(report: dict, task: dict) -> list[list[str]]:
    """A table for each row of the reference that goals are set against."""
    rows = {row["key"]: row for row in task["contenders"]}
    against: dict = {}
    for goal in task["goals"]:
        against.setdefault(goal.get("against") or best_reference(task)["key"], []).append(goal)
    return [ratio_rows(report, task, rows[key], goals) for key, goals in against.items()]


def step_note(report: dict, task: dict) -> list[str]:
    """Which rows made other numbers of steps than asked for."""
    others = {row["key"]: column(task, row["key"], "steps")[0] for row in task["contenders"]}
    words = [
        f"{label(report, row)}: {others[row['key']]:,}"
        for row in task["contenders"]
        if others[row["key"]] != task["steps"]
    ]
    return [f"Steps made, where they end with a whole burst of updates: {'; '.join(words)}."] if words else []


def notes(report: dict, task: dict) -> list[str]:
    noted = [row for row in task["contenders"] if row["note"]]
    marks = ["\\*" * (index + 1) for index in range(len(noted))]
    lines = [f"{mark} {label(report, row)}: {row['note']}." for mark, row in zip(marks, noted)]
    seeds = f"{task['seeds']} seed{'s' if task['seeds'] > 1 else ''}"
    lines.append(
        f"Medians of {seeds} (quartiles), the rows in turns; ratios are medians over the seeds' pairs, "
        f"against the row of {NAMES[task['reference']]} with the lowest median. Return: mean of {task['episodes']} "
        "greedy episodes of each seed's final policy."
    )
    busy = max(run["busy"] for run in task["runs"])
    lines.append(
        f"Measured {task['date']} ({task['commit']}) in {task['minutes']:.0f} minutes; other programs kept {busy:.2f} "
        "cores busy at most before a run."
    )
    return lines + step_note(report, task)


def torch_line(name: str, facts: dict) -> str:
    return (
        f"torch {facts['torch']} {name}: {facts['blas'].upper()} {facts['mkl']}, oneDNN {facts['onednn']}, "
        f"element-wise {facts['capability']}, {facts['parallel']}; a layer at 64x256x256 "
        f"{facts['layer64x256x256']:.0f} GFLOP/s, at 1024x1024x1024 {facts['layer1024x1024x1024']:.0f} GFLOP/s, "
        f"one thread. MKL says: {facts['mklSays'] or 'nothing'}."
    )


def foot(report: dict) -> list[str]:
    machine = report["machine"]
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    lines = [
        f"Machine: {machine['cpu']} (family {machine['family']}, AVX-512 {'yes' if machine['avx512'] else 'no'}), "
        f"{machine['coresAllowed']} of {machine['cores']} cores allowed, nothing pinned; {machine['system']}.",
        f"Software: rl-host {machine['host']}; Python {machine['python']}, {packages}.",
        *(torch_line(name, facts) for name, facts in report["torch"].items()),
    ]
    if machine["busyBefore"] > machine["busyAbove"]:
        lines.append("**The machine was busy when this started: the figures do not hold.**")
    if report["quick"]:
        lines.append("**A quick run: it shows that everything works, and no speed.**")
    return lines


def render(report: dict) -> str:
    """The whole answer as Markdown."""
    blocks = []
    for task in report["tasks"]:
        blocks.append([f"### {task['title']}, {task['steps']:,} steps"])
        blocks += [speed_rows(report, task), *ratio_tables(report, task)]
        blocks += [[line] for line in notes(report, task)]
    blocks += [[line] for line in foot(report)]
    return "\n\n".join("\n".join(block) for block in blocks)


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        print(render(json.load(file)))
