"""Tables of what the gates' policies reach."""


def steps(gate: dict) -> str:
    """50,000 as 50k, 1,000,000 as 1M."""
    count = gate["steps"]
    return f"{count // 1_000_000}M" if count % 1_000_000 == 0 else f"{count // 1_000}k"


def score(gate: dict) -> str:
    low, high = gate["ci95"]
    few = f", {gate['finished']} seeds" if gate["finished"] < 10 else ""
    return f"{gate['iqm']:.1f} ({low:.1f} ... {high:.1f}){few}"


def table(head: list, rows: list) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" if cells[0] != "---" else "|---" * len(cells) + "|" for cells in lines)


def overview(gates: list) -> str:
    """Every gate that was run, a line each."""
    head = ["environment", "algorithm, preset", "steps", "IQM (95 %)", "the zoo's"]
    rows = [
        [
            gate["environment"],
            f"`{gate['algorithm']}` `{gate['preset']}`",
            steps(gate),
            score(gate),
            f"{gate['reference'][0]:.1f}",
        ]
        for gate in gates
        if gate["finished"]
    ]
    return table(head, rows)


def of_algorithm(gates: list, algorithm: str) -> str:
    """The gates of one algorithm, with the worst seed."""
    head = ["environment, preset", "steps", "IQM (95 %)", "worst seed", "mean of the RL Zoo's agent"]
    rows = [
        [
            f"{gate['environment']}, `{gate['preset']}`",
            steps(gate),
            score(gate),
            f"{gate['worst']:.1f}",
            f"{gate['reference'][0]:.1f}",
        ]
        for gate in gates
        if gate["algorithm"] == algorithm and gate["finished"]
    ]
    return table(head, rows)
