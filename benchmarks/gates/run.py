"""Trains every preset on many seeds, evaluates the policies they end with, and judges the returns.

    make gates                                       # what is missing; a finished seed is never trained again
    make gates ARGS="--only ppo Acrobot --seeds 3"   # --help lists the rest

Exit codes: 0 when every gate holds, 1 when one is missed or a run failed, 64 usage, 65 damaged results,
66 a program is missing, 130 interrupted: the same command goes on.
"""

import argparse
import json
import sys
from pathlib import Path

import table
from gates import Gates, say
from host import Host
from peer import Peer
from rows import ROWS
from store import Damaged, Store

RESULTS = Path("benchmarks/results")
PEERS = Path(".bench-peers/bin/python")
USAGE, DAMAGED, MISSING, INTERRUPTED = 64, 65, 66, 130


class Parser(argparse.ArgumentParser):
    def error(self, message: str):
        self.exit(USAGE, f"error: {message}; --help lists the options\n")


def count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a count of at least 1")
    return int(text)


def parse(words: list | None) -> argparse.Namespace:
    lines = __doc__.splitlines()
    parser = Parser(prog="make gates", description=lines[0], epilog=" ".join(lines[5:]).strip())
    parser.add_argument("--only", nargs="+", metavar="WORD", help="rows whose name contains one of the words")
    parser.add_argument("--seeds", type=count, metavar="N", help="seeds of each row, in place of its own number")
    parser.add_argument("--jobs", type=count, default=2, metavar="N", help="runs side by side (%(default)s)")
    parser.add_argument("--threads", type=count, default=1, metavar="N", help="threads of each run (%(default)s)")
    parser.add_argument("--sb3", action="store_true", help="train missed rows with Stable-Baselines3 too, and tell both")
    parser.add_argument("--list", action="store_true", help="print the rows and what is finished; train nothing")
    parser.add_argument("--json", action="store_true", help="print the gates as JSON in place of the table")
    parser.add_argument("--host", type=Path, default=Path(".build/release/rl-host"), help="(%(default)s)")
    parser.add_argument("--plugins", type=Path, default=Path("plugins"), help="folder of the plugins (%(default)s)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the results (%(default)s)")
    return parser.parse_args(words)


def selected(only: list | None) -> list:
    """The rows whose name contains one of the words; none if there is no such row."""
    return [row for row in ROWS if only is None or any(word.lower() in row.name.lower() for word in only)]


def listing(told: list) -> str:
    return "\n".join(
        f"{gate['name']:<28} {gate['preset']:<12} {table.counted(gate['steps']):>4} steps  "
        f"goal {gate['goal']:>4g}, floor {gate['floor']:>4g}  "
        f"{gate['finished']:>2} of {gate['seeds']:>2} seeds  {gate['key'] or 'cannot run'}"
        for gate in told
    )


def write(gates: Gates, folder: Path) -> None:
    """What every row came to, as JSON and as a table."""
    every = [gates.gate(row) for row in ROWS]
    gates.store.gates = every
    gates.store.save()
    folder.joinpath("gates.md").write_text(table.render(every) + "\n")


def train(gates: Gates, rows: list, options: argparse.Namespace) -> bool:
    """Whether it came to its end."""
    try:
        gates.train(rows, options.seeds, options.jobs)
        if options.sb3:
            gates.compare(rows, options.seeds, options.jobs, Peer(PEERS, options.host))
        return True
    except KeyboardInterrupt:
        say("interrupted: finished seeds are kept; the same command goes on")
        return False
    finally:
        write(gates, options.results)


def tell(gates: Gates, rows: list, options: argparse.Namespace) -> list:
    """Prints the rows, and what kept one from running; returns them."""
    told = [gates.gate(row, options.seeds) for row in rows]
    text = listing(told) if options.list else table.render(told)
    print(json.dumps(told, indent=1) if options.json else text, flush=True)
    for row in rows:
        if row.name in gates.failures:
            say(f"error: {row.name}: {gates.failures[row.name]}")
    return told


def judged(told: list) -> int:
    """Says what was missed; returns the exit code."""
    missed = [gate["name"] for gate in told if not gate["passed"]]
    if missed:
        say(f"{len(missed)} of {len(told)} gates missed: {', '.join(missed)}")
    return 1 if missed else 0


def main(words: list | None = None) -> int:
    options = parse(words)
    rows = selected(options.only)
    if not rows:
        say(f"error: no gate is called {' or '.join(options.only)}; there is {', '.join(row.name for row in ROWS)}")
        return USAGE
    if not options.host.exists():
        say(f"error: {options.host} is missing: `make build plugins` makes it")
        return MISSING
    if options.sb3 and not PEERS.exists():
        say(f"error: {PEERS} is missing: benchmarks/peers/setup.sh makes it")
        return MISSING
    try:
        store = Store(options.results / "gates.json")
    except Damaged as damaged:
        say(f"error: {damaged}")
        return DAMAGED
    gates = Gates(Host(options.host, options.plugins, options.threads), store)
    if not options.list and not train(gates, rows, options):
        return INTERRUPTED
    told = tell(gates, rows, options)
    return 0 if options.list else judged(told)


if __name__ == "__main__":
    sys.exit(main())
