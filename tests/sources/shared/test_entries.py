"""Entries fold to the same whatever a compaction has left out, and only from records that are the system's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sources.shared.entries import Entries
from streams.errors import Failure, Forged, Refused
from streams.messages.shared import SharedEntry
from streams.signature import Signer
from streams.topics import SHARED
from tests.sources.shared.memory_log import SIGNER, Line, line

NAMES, TYPES = ("a", "b", "c"), ("gateway", "revoked")
values = st.one_of(st.none(), st.integers(0, 9), st.fixed_dictionaries({"left": st.integers(0, 9)}))
entries = st.builds(
    lambda type_, name, value, claim: SharedEntry(
        id="i", at=0, type=type_, name=name, value=None if claim else value, claim=claim
    ),
    st.sampled_from(TYPES),
    st.sampled_from(NAMES),
    values,
    st.sampled_from(["", "", "x", "y"]),
)


def folded(lines: list[Line]) -> tuple[dict[str, dict[str, object]], list[str]]:
    """Values and claimants after all of these."""
    found = Entries(SIGNER)
    assert [found.take(one) for one in lines] == [None] * len(lines)
    claims = [found.claimant(type_, name) for type_ in TYPES for name in NAMES]
    return {type_: dict(found.of(type_)) for type_ in TYPES}, claims


@given(st.lists(entries, max_size=30), st.data())
def test_a_compaction_changes_nothing(said: list[SharedEntry], data: st.DataObject) -> None:
    """The newest record under each key is enough; a claimant says so once."""
    once = {one.key: n for n, one in reversed(list(enumerate(said)))}  # where each key was said first
    lines = [line(one) for n, one in enumerate(said) if not one.claim or once[one.key] == n]
    kept = [
        one for n, one in enumerate(lines)
        if all(one.key != later.key for later in lines[n + 1 :]) or data.draw(st.booleans())
    ]  # fmt: skip
    assert folded(kept) == folded(lines)


def test_a_value_that_was_given_out_does_not_change() -> None:
    """Who reads entries while others come has the ones that there were."""
    found = Entries(SIGNER)
    found.take(line(SharedEntry(id="i", at=0, type="gateway", name="a", value=1)))
    given_out = found.of("gateway")
    found.take(line(SharedEntry(id="i", at=0, type="gateway", name="a")))
    assert (dict(given_out), dict(found.of("gateway"))) == ({"a": 1}, {})


def test_what_is_not_the_systems_is_passed_over() -> None:
    """Unsigned, signed with another key or for another topic, under another key, or gone: it takes no effect."""
    entry = SharedEntry(id="i", at=0, type="revoked", name="a", value=9)
    raw, found = entry.encode(), Entries(SIGNER)
    foreign = Signer([b"another key that is no key of ours"])
    refusals: list[tuple[Line, type[Failure]]] = [
        (Line(b"revoked/a", raw), Forged),
        (Line(b"revoked/a", foreign.sign(raw, SHARED)), Forged),
        (Line(b"revoked/a", SIGNER.sign(raw, "config")), Forged),
        (Line(b"revoked/b", SIGNER.sign(raw, SHARED)), Refused),
        (Line(b"revoked/a", b""), Forged),
    ]
    for record, kind in refusals:
        assert isinstance(found.take(record), kind)
    assert found.of("revoked") == {}
