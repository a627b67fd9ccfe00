"""What an alert's whole life says: its first acknowledgement stays, and suppressed time is counted once."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import Engine, select

from sinks.history import schema
from sinks.history.facts import suppressed_for
from sinks.history.projection import Placed
from sinks.history.store import Store


def life(change: Any, snapshot: Any) -> list[Placed]:
    """An alert that is acknowledged, of which that ends, that is acknowledged again and is over."""
    moves: list[tuple[str, int, dict[str, Any]]] = [
        ("fired", 10, {}),
        ("acknowledged", 40, {"status": "acknowledged", "acknowledged_at": 40, "acknowledged_by": "anna"}),
        ("unacknowledged", 60, {}),
        ("acknowledged", 80, {"status": "acknowledged", "acknowledged_at": 80, "acknowledged_by": "ben"}),
        ("resolved", 90, {"status": "resolved", "resolved_at": 90}),
    ]
    return [
        Placed(0, n, change(
            f"c{n}", at, subject="alert", subject_id="a1", alert_id="a1", what=what,
            alert=snapshot(version=n + 1, triggered_at=10, groups=["g1", "g2"], **fields),
        ))
        for n, (what, at, fields) in enumerate(moves)
    ]  # fmt: skip


@pytest.mark.parametrize("cut", range(1, 5))
def test_the_first_acknowledgement_stays(
    store: Store, database: Engine, change: Any, snapshot: Any, cut: int
) -> None:
    """Whichever way the changes are cut into batches, the first one counts, and the alert counts once."""
    changes = life(change, snapshot)
    stands = store.write(changes[:cut], {}, "")
    store.write(changes[cut:], stands, "")
    with database.connect() as connection:
        (alert,) = connection.execute(select(schema.alerts)).mappings().all()
        groups = connection.execute(select(schema.group_rules)).all()
    assert (alert["first_acknowledged_at"], alert["resolved_at"], alert["suppressed_for"]) == (40, 90, 0)
    assert sorted(row.group for row in groups) == ["g1", "g2"]


def test_the_order_of_changes_does_not_matter(
    store: Store, database: Engine, change: Any, snapshot: Any
) -> None:
    """A later acknowledgement that arrives before the first one does not replace it."""
    changes = life(change, snapshot)
    for n, order in enumerate(list(permutations(range(5)))[::17]):
        store.rebase()
        stands = store.write([changes[order[0]]], {}, f"{n}")
        store.write([changes[place] for place in order[1:]], stands, f"{n}")
        with database.connect() as connection:
            assert connection.scalar(select(schema.alerts.c.first_acknowledged_at)) == 40
        with database.begin() as connection:
            connection.execute(schema.alerts.delete())
            connection.execute(schema.timeline.delete())


def test_suppressed_time() -> None:
    """From each `suppressed` to the `released`, or the end, that follows it; in whatever order they are read."""
    moves = [(1, 10, "fired", False), (2, 20, "suppressed", False), (3, 50, "released", False)]
    assert suppressed_for(moves) == suppressed_for(reversed(moves)) == 30
    again = [*moves, (4, 60, "suppressed", False), (5, 65, "doubted", False), (6, 70, "resolved", True)]
    assert suppressed_for(again) == 40
    assert suppressed_for(again[:5]) == 35
    assert suppressed_for([(1, 10, "fired", False), (2, 20, "resolved", True)]) == 0


def test_suppression_is_counted_from_the_timeline(
    store: Store, database: Engine, change: Any, snapshot: Any
) -> None:
    """An alert whose changes say that it was suppressed and released has the time between on its row."""
    told = [("fired", 10), ("suppressed", 20), ("released", 50), ("fired", 55)]
    stands: Any = {}
    for n, (what, at) in enumerate(told):
        placed = Placed(0, n, change(
            f"c{n}", at, subject="alert", subject_id="a1", alert_id="a1", what=what, alert=snapshot(version=n + 1)
        ))  # fmt: skip
        stands = store.write([placed], stands, "")
    with database.connect() as connection:
        assert connection.scalar(select(schema.alerts.c.suppressed_for)) == 30
