"""Tables of how fast the host is: beside its peers, and beside the limit of the CPU."""

import importlib.util
import statistics
from pathlib import Path

spec = importlib.util.spec_from_file_location("peers_table", Path(__file__).parents[1] / "peers/table.py")
peers_table = importlib.util.module_from_spec(spec)
spec.loader.exec_module(peers_table)


HEAD = ("task", "rl-host, 1; 2 threads", "the peer, by threads", "times faster (quartiles)", "goal", "return", "its", "seeds")


def peers(report: dict, columns: int = len(HEAD)) -> str:
    """One line a task: seconds, ratios, goals, returns; the first columns of it."""
    lines = [HEAD[:columns], *(peer_cells(task)[:columns] for task in report["tasks"])]
    head, *rest = [f"| {' | '.join(cells)} |" for cells in lines]
    return "\n".join([head, "|---" * columns + "|", *rest])


def peer_cells(task: dict) -> list[str]:
    mine = [row for row in task["contenders"] if row["peer"] == "rl-host"]
    theirs = [row for row in task["contenders"] if row["peer"] == task["reference"] and not row["as_installed"]]
    return [
        f"{task['title'].split(',')[0]}, `{task['preset']}`, {task['steps']:,} steps",
        seconds(task, mine),
        f"{peers_table.NAMES[task['reference']]}: {seconds(task, theirs)}",
        "; ".join(peers_table.spread(ratios(task, goal), "x") for goal in compared(task, mine)),
        "; ".join(verdict(task, goal) for goal in task["goals"]),
        mean_returns(task, mine),
        mean_returns(task, theirs),
        str(task["seeds"]),
    ]


def seconds(task: dict, rows: list) -> str:
    """Medians of the rows' training times, by threads."""
    medians = [statistics.median(peers_table.column(task, row["key"], "trainSeconds")) for row in rows]
    return "; ".join(peers_table.number(value) for value in medians) + " s"


def mean_returns(task: dict, rows: list) -> str:
    """The mean return over the seeds of the rows, by threads; once where they are the same."""
    means = [f"{statistics.mean(peers_table.column(task, row['key'], 'return')):.0f}" for row in rows]
    return "; ".join(means if len(set(means)) > 1 else means[:1])


def compared(task: dict, mine: list) -> list:
    """The task's goals; without one, each row of ours."""
    return task["goals"] or [{"key": row["key"]} for row in mine]


def ratios(task: dict, goal: dict) -> list:
    """How many times faster a goal's row is, by seed."""
    slow = goal.get("against") or peers_table.best_reference(task)["key"]
    return peers_table.ratios(task, slow, goal["key"], "trainSeconds")


def verdict(task: dict, goal: dict) -> str:
    met = statistics.median(ratios(task, goal)) >= goal["factor"]
    return f"{goal['factor']:g}x: {'met' if met else '**not met**'}"


def limit(report: dict) -> str:
    """Every row of rl-bench, beside the share of a core's peak."""
    lines = ["| benchmark | median (quartiles) | of a core's peak | goal |", "|---|---|---|---|"]
    for row in report["rows"]:
        share = f"{100 * row['shareOfPeak']['median']:.0f} %" if row.get("shareOfPeak") else ""
        goal = f"{row['goal']}: {'met' if row['isMet'] else '**not met**'}" if row.get("goal") else ""
        lines.append(f"| {row['benchmark']}: {row['name']} | {figure(row)} | {share} | {goal} |")
    return "\n".join(lines)


def figure(row: dict) -> str:
    value = row["value"]
    around = f" ({short(value['lowerQuartile'])} ... {short(value['upperQuartile'])})" if value["count"] > 1 else ""
    return f"{short(value['median'])} {row['unit']}{around}"


def short(value: float) -> str:
    """Three significant digits."""
    return peers_table.number(value) if value >= 1 or value <= 0 else f"{value:.3g}"


def machine(peers_report: dict, bench_report: dict) -> str:
    """What it was measured on, and when."""
    facts, own = peers_report["machine"], bench_report["machine"]
    packages = ", ".join(f"{name} {version}" for name, version in facts["packages"].items())
    measured = sorted({f"{task['date'][:10]} at {task['commit']}" for task in peers_report["tasks"]})
    return (
        f"Machine: {facts['cpu']} (family {facts['family']}, AVX-512 {'yes' if facts['avx512'] else 'no'}), "
        f"{facts['coresAllowed']} cores, peak of a core {own['peakGFLOPS']['median']:.0f} GFLOP/s; matrix products by "
        f"{own['kernels']}. Peers ({packages}) measured {'; '.join(measured)}; the limit {own['date'][:10]}, when other "
        f"programs kept {own['busyAtStart']:.2f} cores busy."
    )
