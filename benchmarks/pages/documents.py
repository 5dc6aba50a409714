"""Writes the last results into the documents: the algorithms' pages, "How fast, and how we know", and the README.

    python3 benchmarks/pages/documents.py            # `make tables`; `make how-fast` ends with it
    python3 benchmarks/pages/documents.py --check    # exit code 1 where a document is not what the results come to

What stands between `<!-- NAME -->` and `<!-- end -->` is replaced; the rest is written by hand.
"""

import argparse
import json
import re
import sys
from pathlib import Path

import returns
import speed

ROOT = Path(__file__).resolve().parents[2]
CATALOG = ROOT / "Sources/RLAgents/RLAgents.docc"
RESULTS = ROOT / "benchmarks/results"
MARK = re.compile(r"<!-- ([a-z0-9 ]+) -->\n.*?<!-- end -->", re.DOTALL)


def documents() -> list[Path]:
    """Every document that may have places for results."""
    return [ROOT / "README.md", *sorted(CATALOG.glob("*.md"))]


def parts(results: Path = RESULTS) -> dict:
    """The text of every place, by its name."""
    gates, peers, bench = (json.loads((results / f"{name}.json").read_text()) for name in ("gates", "peers", "bench"))
    algorithms = dict.fromkeys(gate["algorithm"] for gate in gates["gates"])
    return {
        "returns": returns.overview(gates["gates"]),
        **{f"returns {name}": returns.of_algorithm(gates["gates"], name) for name in algorithms},
        "speed": speed.peers(peers, columns=4),
        "peers": speed.peers(peers),
        "limit": speed.limit(bench),
        "machine": speed.machine(peers, bench),
    }


def filled(text: str, parts: dict) -> str:
    """The document with every place filled anew."""

    def place(match: re.Match) -> str:
        if match[1] not in parts:
            raise SystemExit(f"error: there are no results called {match[1]}; there are {', '.join(parts)}")
        return f"<!-- {match[1]} -->\n{parts[match[1]]}\n<!-- end -->"

    return MARK.sub(place, text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 where a document is old")
    options = parser.parse_args()
    texts = parts()
    old = {file: text for file in documents() if (text := file.read_text()) != filled(text, texts)}
    for file, text in old.items():
        if options.check:
            print(f"error: {file.relative_to(ROOT)} is not what the results come to", file=sys.stderr)
        else:
            file.write_text(filled(text, texts))
    return 1 if options.check and old else 0


if __name__ == "__main__":
    sys.exit(main())
