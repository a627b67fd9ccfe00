"""What is going to be done with a stage's partitions, or was: for people in lines, for programs as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from tables.repartition.deal import Checksum


@dataclass
class PartitionReport:
    """One old partition. `unread`: inputs that were applied first; `rows`: what each successor gets, by its number."""

    partition: int
    unread: int = 0
    rows: dict[int, int] = field(default_factory=dict)


@dataclass
class GrowthReport:
    """One run. `resumed`: whether an earlier one had come so far that the rows were dealt out; `seconds`: it took."""

    stage: str
    before: int
    after: int
    dry_run: bool
    resumed: bool = False
    partitions: list[PartitionReport] = field(default_factory=list)
    checksum: Checksum = Checksum()
    written: int = 0
    seconds: float = 0.0

    def document(self) -> dict[str, Any]:
        """The report as a JSON object, for programs."""
        known = asdict(self) | {"rows": self.checksum.rows, "sha256_sum": str(self.checksum)}
        del known["checksum"]
        return known

    def lines(self) -> Iterator[str]:
        """The report in lines, for people."""
        for partition in self.partitions:
            rows = ", ".join(f"{count} to {self.stage}-{number}" for number, count in partition.rows.items())
            verb = "waiting" if self.dry_run else "applied"
            yield f"{self.stage}-{partition.partition}: {partition.unread} unread inputs {verb}; rows: {rows}"
        if self.dry_run:
            change = f"{self.stage} goes from {self.before} to {self.after} partitions"
            yield f"nothing was changed; without --dry-run {change}"
        else:
            words = f"{self.stage} has {self.after} partitions, and had {self.before}"
            done = f"{self.checksum.rows} rows, the same as before; {self.seconds:.1f} s"
            yield f"{words}; {done}. Start everything again"
