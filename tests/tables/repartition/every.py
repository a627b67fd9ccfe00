"""Every timetable while the stages get more partitions, for a night: `python -m tests.tables.repartition.every`."""

from __future__ import annotations

import sys
from functools import partial

from tables.scenario import Play
from tests.tables.repartition.grown import FOLDER, Grown, read, words

SHARES = {0.5: 4, 0.8: 8}  # of a timetable after which there are so many partitions


def differences(name: str) -> list[str] | None:
    """Lines that only one of the two worlds tells; None where somebody speaks without a key, to one partition only."""
    table = read(name)
    if any(step.action == "raw" for step in table.steps):
        return None
    grows = {table.start + round(table.until * share): count for share, count in SHARES.items()}
    grown, alone = words(Play(table, partial(Grown, grows=grows)).run()), words(Play(table).run())
    return [line for line in {*grown, *alone} if grown.count(line) != alone.count(line)]


def main() -> int:
    """The timetables that are told otherwise; how many there are."""
    different = 0
    for path in sorted(FOLDER.glob("*.yaml")):
        if lines := differences(path.stem):
            different += 1
            print(path.stem, *sorted(lines)[:4], sep="\n  ")  # noqa: T201 a verb
    return different


if __name__ == "__main__":
    sys.exit(main())
