"""Thresholds: exact decimals, which read as they were written, also after they were stored."""

from __future__ import annotations

import copy
from decimal import Decimal
from fractions import Fraction
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.calendar.duration import number
from streams.documents import registry
from streams.documents.rule import Rule
from streams.limit import WrittenNumber, exceeds, shifted

DECIMALS = st.decimals(-1_000_000, 1_000_000, allow_nan=False, allow_infinity=False)


def rule(**body: Any) -> Rule:
    """A rule about one metric, or about what `body` says."""
    of = {} if {"ratio", "avg", "last"} & body.keys() else {"last": "m"}
    read = registry.read("rule", {"name": "r", **of, **body})
    assert isinstance(read, Rule)
    return read


@given(DECIMALS, st.sampled_from(["%", " %", " percent"]))
def test_per_cent_are_exact(decimal: Decimal, sign: str) -> None:
    """A share is the float nearest to the hundredth of what stands there, however it is written."""
    assert number(f"{decimal:f}{sign}") == float(Fraction(decimal) / 100)


@pytest.mark.parametrize("part", range(1, 1_000, 7))
def test_so_many_of_a_thousand_are_not_beyond_their_share(part: int) -> None:
    """What is counted and what is written are one number."""
    assert part / 1_000 == number(f"{Decimal(part) / 10}%")


@pytest.mark.parametrize("text", ["1e999%", "nan%", "-inf"])
def test_what_is_not_finite_is_left_to_the_document(text: str) -> None:
    """Reading it is no error; a document refuses it, and names the field."""
    assert not abs(number(text)) < float("inf")


@pytest.mark.parametrize(
    ("said", "of_value", "of_ratio"),
    [
        ("50", 50.0, "50"), ("0.000125", 0.000125, "0.000125"), ("5.8%", "5.8%", 0.058), ("5.8 %", "5.8 %", 0.058),
        ("1.4 percent", "1.4 percent", 0.014), ("5.0", "5.0", "5.0"), ("5.0%", "5.0%", "5.0%"), ("1e9", "1e9", "1e9"),
        ("20 calls", "20 calls", "20 calls"), (0.05, 0.05, 0.05), (50, 50.0, 50.0), ("0" * 50 + "7", 7.0, "7"),
    ],
)  # fmt: skip
def test_a_document_keeps_what_was_written(
    said: str | float, of_value: str | float, of_ratio: str | float
) -> None:
    """Where the number reads the same it is the number; else the text. A text without end is not kept."""
    for kept, of in ((of_value, {"last": "m"}), (of_ratio, {"ratio": "a / b", "over": "1m"})):
        read = rule(above=said, **of)
        assert read.body()["condition"]["above"] == kept
        assert registry.read("rule", orjson.loads(orjson.dumps(read.body()))) == read


def test_a_score_is_a_number() -> None:
    """It has no unit that anybody could have written otherwise."""
    read = registry.read("rule", {"name": "r", "anomaly": "m", "above": {"warning": "90%"}})
    assert read.body()["condition"]["above"] == {"warning": 0.9}


@given(DECIMALS, st.sampled_from(["", "%", " percent"]), st.sampled_from(["last", "ratio"]))
def test_what_is_stored_reads_back(decimal: Decimal, sign: str, kind: str) -> None:
    """Number and text, of a ratio and of a value, survive as often as a document is stored."""
    text = f"{decimal:f}{sign}"
    of: dict[str, Any] = {"last": "m"} if kind == "last" else {"ratio": "a / b", "over": "1m"}
    first = rule(above=text, **of)
    again = registry.read("rule", first.body())
    assert isinstance(again, Rule)
    for read in (first, again):
        limit = read.levels()[0]["warning"]
        assert limit == number(text)
        assert read.condition.in_per_cent(limit) == (sign != "")
    assert again.body() == first.body()


def test_a_copy_reads_the_same() -> None:
    """Whatever copies a rule copies what was written."""
    limit = copy.deepcopy(rule(above="5 %")).levels()[0]["warning"]
    assert isinstance(limit, WrittenNumber)
    assert (limit, limit.text) == (0.05, "5 %")


def test_a_bare_number_of_a_ratio_is_shown_in_per_cent() -> None:
    """JSON knows no per cent: nobody wrote that number otherwise."""
    bare, written = (rule(ratio="a / b", over="1m", above=limit) for limit in (0.05, "0.05"))
    assert bare.condition.in_per_cent(bare.levels()[0]["warning"])
    assert not written.condition.in_per_cent(written.levels()[0]["warning"])
    assert isinstance(written.levels()[0]["warning"], WrittenNumber)


@given(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12), st.sampled_from([1, -1]))
def test_what_is_sent_is_compared_exactly(value: float, limit: float, sign: int) -> None:
    """Without sums there is nothing to forgive."""
    assert exceeds(value, limit, sign, 0.0) == (sign * value > sign * limit)


@given(st.integers(1, 500), st.integers(1, 10_000), st.sampled_from([1, -1]))
def test_a_mean_of_equals_breaches_nothing(count: int, thousandths: int, sign: int) -> None:
    """Seven tenths three times over are neither above 0.7 nor below it."""
    limit = number(f"{Decimal(thousandths) / 1_000}")
    noise = rule(avg="m", over="1m", above="1").condition.noise
    assert not exceeds(sum([limit] * count) / count, limit, sign, noise)
    assert exceeds(limit * (1 + sign * 1e-9), limit, sign, noise)


@pytest.mark.parametrize(
    ("body", "exact"),
    [
        ({"last": "m"}, True), ({"last": "m", "by": "gateway"}, False), ({"max": "m", "by": "gateway"}, True),
        ({"min": "m"}, True), ({"count": "m"}, True), ({"avg": "m"}, False), ({"sum": "m"}, False),
        ({"rate": "m"}, False), ({"increase": "m"}, False), ({"ratio": "a / b"}, False), ({"anomaly": "m"}, True),
    ],
)  # fmt: skip
def test_only_what_is_added_up_is_forgiven(body: dict[str, Any], exact: bool) -> None:
    """A number that was sent is what it is."""
    over = {} if "last" in body else {"over": "1m"}
    read = registry.read("rule", {"name": "r", "above": "0.9", **over, **body})
    assert isinstance(read, Rule)
    assert (read.condition.noise == 0.0) == exact
    assert (shifted(0.9, 1, read.condition.noise) == 0.9) == exact
