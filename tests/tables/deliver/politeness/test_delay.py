"""A contact with a delay waits so long, once for all that is told of a group meanwhile."""

from __future__ import annotations

from streams.codes import HoldReason
from streams.documents.oncall.person import PersonDocument
from tables.deliver.contacts import Addressee
from tables.deliver.politeness.delay import Delay, deadline, delayed
from tests.tables.deliver.harness import moment


def addressee(delay: str) -> Addressee:
    """Ben, by a contact with a delay."""
    person = PersonDocument.read({"name": "ben", "contact": [{"endpoint": "phone", "delay": delay}]})
    return Addressee(person, person.contact[0])


def test_it_waits_from_the_first_on() -> None:
    """What comes while it waits does not wait longer; what comes later waits anew."""
    found = delayed([addressee("5m")], None, moment(1_000))
    assert found is not None
    delay, hold = found
    assert (delay.until, deadline(delay), hold.code) == (301_000, 301_000, HoldReason.DELAYED)
    assert hold.until - moment(1_000).now == 300_000
    assert hold.document == "person/platform/ben"
    again, later = (delayed([addressee("5m")], delay, moment(at)) for at in (200_000, 301_000))
    assert again is not None
    assert later is not None
    assert (again[0], later[0]) == (delay, Delay(601_000))


def test_the_shortest_of_several_counts() -> None:
    """And where one wants it at once, nothing waits."""
    found = delayed([addressee("5m"), addressee("1m")], None, moment(0))
    assert found is not None
    assert found[0] == Delay(60_000)
    assert delayed([addressee("5m"), addressee("0s")], None, moment(0)) is None
    assert delayed([], None, moment(0)) is None
