"""What the operator types and reads when a stage is given more partitions."""

from __future__ import annotations

import pytest

from agents.repartition.growth_report import GrowthReport, PartitionReport
from agents.repartition.verb import partitions
from streams.errors import Misconfigured
from streams.settings import Settings
from tables.repartition.deal import Checksum
from tables.respond.machine import Respond
from tests.agents.doubles import SIGNER


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["respond"], "say which stage, and how many partitions"),
        (["respond", "many"], "say which stage, and how many partitions"),
        (["respond", "8", "--quickly"], "say which stage, and how many partitions"),
        (["respond", "4000"], "4000 partitions are more than 1000"),
    ],
)
async def test_usage(words: list[str], said: str) -> None:
    """Wrong words are answered before anything is asked of Kafka."""
    with pytest.raises(Misconfigured, match=said):
        await partitions(words, Settings(), SIGNER, Respond)


def report(dry_run: bool) -> GrowthReport:
    """Of one partition that got two successors."""
    dealt = [PartitionReport(0, 3, {0: 5, 2: 6})]
    return GrowthReport("respond", 2, 4, dry_run, partitions=dealt, checksum=Checksum(11, 255), seconds=1.25)


def test_lines() -> None:
    """What was done, and what comes next; of a plan, that nothing was done."""
    assert list(report(dry_run=False).lines()) == [
        "respond-0: 3 unread inputs applied; rows: 5 to respond-0, 6 to respond-2",
        "respond has 4 partitions, and had 2; 11 rows, the same as before; 1.2 s. Start everything again",
    ]
    planned = list(report(dry_run=True).lines())
    assert "3 unread inputs waiting" in planned[0]
    assert planned[1] == "nothing was changed; without --dry-run respond goes from 2 to 4 partitions"


def test_document() -> None:
    """The same for programs, with the sum of the rows' hashes."""
    document = report(dry_run=False).document()
    assert (document["rows"], document["sha256_sum"]) == (11, f"{255:064x}")
    assert document["partitions"] == [{"partition": 0, "unread": 3, "rows": {0: 5, 2: 6}}]
