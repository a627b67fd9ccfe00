"""What a person may choose on the command line."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from tests.bench.load import MIXED, SHAPES


@dataclass(frozen=True)
class Options:
    """`names` of benchmarks; `rounds` of both systems in turn; `seconds` of each account; `folder` for all files.

    `rules`: the shape of the rules whose cost `cpu` measures.
    """

    names: list[str]
    rounds: int
    seconds: float
    warm: float
    gateways: int
    series: int
    alerts: int
    breaches: int
    theirs: bool
    rules: str
    folder: Path


def read(words: list[str], known: list[str], folder: Path) -> Options:
    """The options in `words`; without names all that are `known`."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Prints one JSON object.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}, anomaly; default: all but anomaly"
    )
    parser.add_argument("--rounds", type=int, default=2, help="of both systems, in turn")
    parser.add_argument("--seconds", type=float, default=60.0, help="of each account of processor time")
    parser.add_argument(
        "--warm", type=float, default=20.0, help="seconds before it, when all gateways are there"
    )
    parser.add_argument("--gateways", type=int, default=50)
    parser.add_argument("--series", type=int, default=2_000, help="of each gateway; a multiple of 100")
    parser.add_argument("--alerts", type=int, default=100_000, help="that are open, for `open`")
    parser.add_argument("--breaches", type=int, default=200)
    parser.add_argument("--rules", choices=[*SHAPES, MIXED], default="last", help="what `cpu` evaluates")
    parser.add_argument("--ours-alone", dest="theirs", action="store_false")
    parser.add_argument(
        "--folder", type=Path, default=folder, help="of logs and data; by default a temporary one"
    )
    given = parser.parse_args(words)
    if unknown := sorted(set(given.names) - set(known)):
        parser.error(f"no benchmark is called {', '.join(unknown)}: there are {', '.join(known)} and anomaly")
    return Options(**vars(given) | {"names": given.names or known})
