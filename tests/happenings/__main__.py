"""`python -m tests.happenings [NUMBER…]`: make the thirty happenings on a real gateway, and see what becomes of each.

A real ContextForge (1.0.7 on Python 3.11, 1.1.0 on 3.12 and 3.13), real upstreams, and the whole product with the rules
that ship. `--healthy MINUTES` makes none of them: it puts ordinary load on the gateway, and no alert may come.
All of it on loopback. Exit code 0: at least 24 of all were told in time; with `--healthy`: nothing was.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.happenings import healthy
from tests.happenings.catalogue import HAPPENINGS, ORDER, chosen
from tests.happenings.made import make
from tests.happenings.stage import Stage
from tests.happenings.table import in_time, table

WANTED = 24


def say(words: str) -> None:
    """What goes on, with the time of day."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {words}\n")


def main() -> int:
    """As the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.happenings")
    parser.add_argument("numbers", nargs="*", type=int, metavar="NUMBER", help="which; default: all")
    parser.add_argument("--healthy", type=float, metavar="MINUTES", help="ordinary load instead")
    parser.add_argument(
        "--gateway",
        type=Path,
        default=Path("tocsin-data/contextforge"),
        help="where it is installed, or shall be",
    )
    words = parser.parse_args()
    if odd := sorted(set(words.numbers) - set(ORDER)):
        known = {happening.number: happening for happening in HAPPENINGS}
        parser.error("; ".join(f"{n}: {known[n].blind if n in known else 'there are thirty'}" for n in odd))
    with tempfile.TemporaryDirectory() as folder, Stage(Path(folder), words.gateway.resolve(), say) as stage:
        if words.healthy:
            told = healthy.alerts(stage, words.healthy * 60)
            print("\n".join(told) or "no alert")
            return int(bool(told))
        outcomes = make(stage, chosen(frozenset(words.numbers)))
        print(table(stage.release, outcomes))
        return int(in_time(outcomes) < min(WANTED, len(outcomes)))


if __name__ == "__main__":
    sys.exit(main())
