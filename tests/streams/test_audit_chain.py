"""Whatever is done to an export of the audit, but for cutting off its end, is seen."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from streams.audit_chain import AuditLine, canonical, digest, exported

WORDS = st.text(max_size=6)
COUNTS = st.integers(min_value=2, max_value=6)


def chain(count: int, team: str = "payments") -> list[dict[str, Any]]:
    """A chain of so many lines, as an export holds it."""
    rows, previous = list[dict[str, Any]](), ""
    for place in range(1, count + 1):
        text = digest(canonical({"above": place}))
        line = AuditLine(place, team, "rule", "errors", "d1", place, "changed", "ada", 1_000 * place, text)
        rows.append(line._asdict() | {"previous": previous, "hash": line.hash(previous)})
        previous = rows[-1]["hash"]
    return rows


@given(COUNTS)
def test_a_chain_holds(count: int) -> None:
    """As it was written, and without its beginning, which goes by age; two teams have one each."""
    whole, other = chain(count), chain(count, "search")
    assert [check.fault for check in exported(whole + other)] == [None, None]
    (rest,) = exported(whole[1:])
    assert (rest.fault, rest.first, rest.head) == (None, 2, whole[-1]["hash"])


@given(COUNTS, st.data())
def test_what_was_altered_is_seen(count: int, data: st.DataObject) -> None:
    """One field of one line, whichever, is another: the check names that line."""
    rows = chain(count)
    place = data.draw(st.integers(0, count - 1))
    field = data.draw(st.sampled_from([name for name in AuditLine._fields if name not in ("team", "place")]))
    before = rows[place][field]
    after = data.draw(WORDS if isinstance(before, str) else st.integers(0, 1 << 40))
    rows[place] |= {field: after}
    (check,) = exported(rows)
    assert (check.fault is None) is (after == before)
    assert check.fault is None or check.fault.place == place + 1


@given(COUNTS, st.data())
def test_what_was_taken_out_is_seen(count: int, data: st.DataObject) -> None:
    """A line in the middle is missing, or two have changed places."""
    rows = chain(count + 1)
    place = data.draw(st.integers(1, count - 1))
    without = rows[:place] + rows[place + 1 :]
    turned = [*rows[: place - 1], rows[place], rows[place - 1], *rows[place + 1 :]]
    for wrong in (without, turned):
        (check,) = exported(wrong)
        assert check.fault is not None


def test_a_line_that_is_hashed_anew_does_not_fit_the_next() -> None:
    """Whoever alters a line and its hash would have to write all that follow anew, and the head that was noted."""
    rows = chain(3)
    forged = AuditLine(*(rows[1][name] for name in AuditLine._fields))._replace(by="nobody")
    rows[1] |= forged._asdict() | {"hash": forged.hash(rows[1]["previous"])}
    (check,) = exported(rows)
    assert check.fault is not None
    assert (check.fault.place, check.fault.why) == (3, "it is not built on the line before")


@given(st.dictionaries(WORDS, st.integers() | WORDS, max_size=4))
def test_a_text_has_one_spelling(body: dict[str, Any]) -> None:
    """The order in which fields were written is no change."""
    assume_small = {
        name: value for name, value in body.items() if not isinstance(value, int) or abs(value) < 1 << 53
    }
    assert canonical(assume_small) == canonical(dict(reversed(assume_small.items())))
    assert digest(canonical(None)) == ""
