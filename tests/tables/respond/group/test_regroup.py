"""What a moved alert means for a group: its counts, and what has happened in terms of people."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tables.respond.alert.acknowledgement import apply_acknowledgement, clear_acknowledgement
from tables.respond.alert.lifecycle import Cause, Status
from tables.respond.alert.standing import effective_status
from tables.respond.alert.state import Alert, AlertStep, closed
from tables.respond.alert.verdict import on_verdict
from tables.respond.group import bulk
from tables.respond.group.regroup import begin, regroup
from tables.respond.group.state import Group, GroupDelta, place, tidy
from tables.respond.route.state import RouteKey, RouteMatch
from tests.tables.respond.harness import GROUP_KEY, START, VERDICTS, alert, group, moment, operation, verdict

FIRING, HELD = alert(), alert(Status.ACKNOWLEDGED)


def fired(known: Alert | None = None, severity: str = "critical") -> AlertStep:
    """An alert fires, or becomes worse, and has found its groups."""
    step = on_verdict(known, VERDICTS, verdict(9, severity=severity), moment(), 10)
    assert step is not None
    return step._replace(after=replace(step.after, groups=(GROUP_KEY,)))


def cleared(known: Alert) -> AlertStep:
    """An alert is over."""
    return AlertStep(known, closed(known, Cause.CLEAR, "", "", "it is over", moment()), moved=True)


@pytest.mark.parametrize(
    ("before", "step", "counts", "delta"),
    [
        ({}, fired(), {"firing/critical": 1}, GroupDelta(joined=True)),
        (
            {"acknowledged/warning": 2}, fired(), {"acknowledged/warning": 2, "firing/critical": 1},
            GroupDelta(joined=True),
        ),
        ({"firing/critical": 1}, cleared(FIRING), {}, GroupDelta(ended=True)),
        ({"acknowledged/critical": 3}, cleared(HELD), {"acknowledged/critical": 2}, GroupDelta()),
        (
            {"firing/warning": 2}, fired(alert(severity="warning")), {"firing/critical": 1, "firing/warning": 1},
            GroupDelta(worsened=True),
        ),
        (
            {"acknowledged/warning": 1}, fired(alert(Status.ACKNOWLEDGED, "warning")), {"firing/critical": 1},
            GroupDelta(worsened=True),
        ),
        (
            {"acknowledged/critical": 1}, clear_acknowledgement(HELD, moment()), {"firing/critical": 1},
            GroupDelta(ack_expired_by="anna"),
        ),
    ],
    ids=["first", "joins", "last ends", "one ends", "worse", "worse though held", "nobody's any more"],
)  # fmt: skip
def test_each_move_is_counted(
    before: dict[str, int], step: AlertStep, counts: dict[str, int], delta: GroupDelta
) -> None:
    """Counts are those of before without what was and with what is; what people may hear is named."""
    after, happened = regroup(group(before), step)
    assert after.counts == counts
    assert happened._replace(acknowledged_by="") == delta


def test_an_acknowledgement_says_whose_and_until_when() -> None:
    """One alert that obeys by itself."""
    step = apply_acknowledgement(FIRING, operation(), "it", moment())
    assert step is not None
    after, delta = regroup(group(), step)
    ack = step.after.acknowledgement
    assert ack is not None
    assert after.counts == {"acknowledged/critical": 1}
    assert (delta.acknowledged_by, delta.ack_expires_at, delta.notifies) == ("ben", ack.expires, False)


def test_what_obeys_later_has_been_counted() -> None:
    """An alert that stands as acknowledged for its group moves nothing when it obeys."""
    step = apply_acknowledgement(FIRING, operation(), "its group", moment())
    assert step is not None
    held = group({"acknowledged/critical": 1}, operations=(operation(),))
    after, delta = regroup(held, step)
    assert (after.counts, delta.notifies, delta.ack_expires_at) == ({"acknowledged/critical": 1}, False, None)


def test_a_group_that_an_alert_joins_late_counts_it_once() -> None:
    """Worse, an alert may take a further route: in that group it joins, in the old one it became worse."""
    step = fired(alert(severity="warning", groups=("t/other",)))
    step = step._replace(after=replace(step.after, groups=("t/other", GROUP_KEY)))
    new, joined = regroup(group({}), step)
    old, worsened = regroup(group({"firing/warning": 1}, key="t/other"), step)
    assert (new.counts, old.counts) == ({"firing/critical": 1}, {"firing/critical": 1})
    assert (joined.joined, worsened.joined, worsened.worsened) == (True, False, True)


def test_a_group_begins_as_its_first_alert_finds_it() -> None:
    """What its alerts share, its route, and since when; when it empties, that ends."""
    match = RouteMatch(RouteKey("route", "t", "r"), {"severity": "critical", "tool": ""}, ("w",))
    first = begin(GROUP_KEY, match, fired().after)
    assert (first.team, first.title, first.warnings) == ("t", "severity critical, tool (none)", ("w",))
    after, _ = regroup(first, fired())
    assert after.since == START + 1_000_000
    assert regroup(after, cleared(fired().after))[0].since is None
    assert group().title == "high on g"


MOVES = st.lists(st.tuples(st.integers(0, 4), st.sampled_from([*Cause, "group"])), max_size=40)


def moved(known: Alert | None, cause: Cause, turn: int) -> AlertStep | None:
    """What may happen to one alert, if it can."""
    if cause is Cause.FIRE and (known is None or not known.open):
        step = on_verdict(known, VERDICTS, verdict(turn, severity="warning"), moment(turn), 10)
    elif known is None or not known.open:
        return None
    elif cause is Cause.WORSEN:
        step = on_verdict(known, VERDICTS, verdict(turn), moment(turn), 10)
    elif cause in (Cause.CLEAR, Cause.RESOLVE):
        step = AlertStep(known, closed(known, cause, "", "", "so", moment(turn)), moved=True)
    elif cause is Cause.EXPIRE and known.status is Status.ACKNOWLEDGED:
        step = clear_acknowledgement(known, moment())
    else:
        return None
    return step._replace(after=replace(step.after, groups=(GROUP_KEY,))) if step else None


def recount(held: Group, alerts: dict[int, Alert]) -> dict[str, int]:
    """The counts of a group by looking at all its alerts."""
    places = Counter(
        place(effective_status(held.operations, each), each.severity) for each in alerts.values() if each.open
    )
    return tidy(places)


@given(MOVES)
def test_counts_are_what_a_recount_finds(moves: list[tuple[int, Cause | str]]) -> None:
    """Whatever happens to five alerts, with acknowledgements of the group that go through them or do not yet."""
    alerts: dict[int, Alert] = {}
    held = group({})
    for turn, (n, cause) in enumerate(moves, 11):
        if cause == "group":
            asked = operation(turn, at=START + 10**9, chunks=1)
            places = bulk.covered(held, alerts.values(), asked)
            held, _ = bulk.acknowledge(held, asked, places, moment(turn)) if places else (held, None)
        elif cause is Cause.ACKNOWLEDGE and held.operations:
            _obey(alerts, held)
            held = bulk.follow(held, held.operations[0], held.chunk, moment(turn)) or held
        elif isinstance(cause, Cause) and (step := moved(alerts.get(n), cause, turn)):
            held, _ = regroup(held, step)
            alerts[n] = step.after
        assert held.counts == recount(held, alerts)


def _obey(alerts: dict[int, Alert], held: Group) -> None:
    for n, known in alerts.items():
        step = apply_acknowledgement(known, held.operations[0], "its group", moment())
        if step is not None:
            assert regroup(held, step)[0].counts == held.counts
            alerts[n] = step.after
