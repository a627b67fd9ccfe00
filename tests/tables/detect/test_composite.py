"""Rules about other rules: what an expression says, what is not known, edits, and that no order matters."""

from __future__ import annotations

import random
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.documents import registry
from streams.documents.conditions.composite import Term, parse
from streams.documents.conditions.condition import Condition
from streams.documents.rule import Rule
from streams.errors import Refused
from streams.messages.envelope import encode
from streams.signature import Signer
from streams.telemetry import samples
from streams.topics import TELEMETRY
from tables.detect.composite.truth import Member, MemberInstance, Truth, truths
from tables.detect.machine import Detect
from tables.kernel.level import level_name
from tables.world import KEY, World
from tests.tables.detect.harness import START
from tests.tables.torture import Log, faults, plain

SIGNER = Signer([KEY])
NAMES: tuple[str, ...] = ("a", "b", "c")
STATES: tuple[bool | None, ...] = (True, False, None)
terms = st.recursive(
    st.sampled_from(NAMES),
    lambda inner: st.one_of(
        inner.map(lambda of: f"not {of}" if of in NAMES else f"not ({of})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            lambda of: f"({of[0]}) {of[1]} ({of[2]})"
        ),
    ),
    max_leaves=6,
)


def in_python(text: str, states: dict[str, bool]) -> bool:
    """What Python says of the expression."""
    return bool(eval(text, {"__builtins__": {}}, states))  # noqa: S307 it is of three names and three words


@given(terms)
def test_an_expression_means_what_it_says(text: str) -> None:
    """Where all is known, what Python says; else it is known just where it would be the same either way."""
    term = parse(text)
    for states in product(STATES, repeat=len(NAMES)):
        known = dict(zip(NAMES, states, strict=True))
        ways = {
            in_python(text, dict(zip(NAMES, way, strict=True)))
            for way in product(*((True, False) if one is None else (one,) for one in states))
        }
        found = term.value(known)
        if found is not None:
            assert ways == {found}
        elif None not in states:
            pytest.fail("all is known")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a and", "a rule is missing at its end"),
        ("a b", "'b' is one too many"),
        ("(a or b", "a bracket is not closed"),
        ("a or )", "')' is no name of a rule"),
        ("A or b", "'A' is no name of a rule"),
        ("not a", "holds while no rule fires"),
        ("(" * 12 + "a" + ")" * 12, "nested deeper than 10"),
        (" or ".join(f"r{n}" for n in range(21)), "names 21 rules, at most 20"),
    ],
)
def test_what_is_no_expression_is_refused(text: str, why: str) -> None:
    """With what is wrong and how one is written."""
    with pytest.raises(Refused) as refused:
        registry.read("rule", {"name": "r", "composite": text})
    assert "`composite`" in str(refused.value)
    assert why in str(refused.value)


def test_what_is_said_of_series_is_refused() -> None:
    """It names the field."""
    with pytest.raises(Refused, match="`above` is said of series"):
        registry.read("rule", {"name": "r", "composite": "a or b", "above": 5})


def condition(text: str, **more: Any) -> Condition:
    """That of a composite rule."""
    rule = registry.read("rule", {"name": "r", "composite": text, **more})
    assert isinstance(rule, Rule)
    return rule.condition


def test_groups_are_those_of_the_labels() -> None:
    """What lacks a label counts in every group; a rule without an instance there is not known, or as the rule says."""
    members = {
        "a": Member([MemberInstance({"u": u}, fires) for u, fires in (("x", True), ("y", True), ("x", None))], False),
        "b": Member([MemberInstance({"u": "x"}, False)], False),
        "c": Member([MemberInstance({}, False)], True),
    }  # fmt: skip
    found = truths(condition("a and not b and not c", by="u"), members, [{"u": "gone"}])
    assert [(one.labels["u"], one.holds) for one in found] == [("gone", None), ("x", True), ("y", None)]
    resolved = truths(condition("a and not b", by="u", missing="resolve"), members, [])
    assert [(one.labels["u"], one.holds) for one in resolved] == [("x", True), ("y", True)]
    alerted = truths(condition("a and b", by="u", missing="alert"), members, [])
    assert [(one.labels["u"], one.holds) for one in alerted] == [("x", False), ("y", True)]
    (one,) = truths(condition("a and c"), members, [])
    assert one == Truth({}, False, "a fires, c does not fire")


@settings(max_examples=60)
@given(terms, st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from("xy"), st.sampled_from(STATES)), max_size=12),
       st.randoms())  # fmt: skip
def test_no_order_matters(
    text: str, standings: list[tuple[str, str, bool | None]], rnd: random.Random
) -> None:
    """Neither of instances nor of rules nor of the parts of an expression."""

    def found(some: list[tuple[str, str, bool | None]], term: Term) -> list[Truth]:
        names = sorted(term.names())
        rnd.shuffle(names)
        members = {
            name: Member([MemberInstance({"u": u}, fires) for of, u, fires in some if of == name], False)
            for name in names
        }
        return truths(_Expressed(term), members, [])  # type: ignore[arg-type]

    others = standings.copy()
    rnd.shuffle(others)
    term = parse(text)
    assert found(standings, term) == found(others, turned(term))


class _Expressed:
    """Of a condition what groups need."""

    by, missing = ("u",), "keep"

    def __init__(self, term: Term) -> None:
        self.term = term

    def expression(self) -> Term:
        """The term."""
        return self.term


def turned(term: Term) -> Term:
    """The same with the parts of each term in the other order."""
    return term._replace(parts=tuple(turned(part) for part in reversed(term.parts)))


RULES: list[dict[str, Any]] = [
    {"name": "a", "last": "a", "above": 5, "for": "0s", "keep_firing_for": "0s"},
    {"name": "b", "last": "b", "above": 5, "for": "2s", "keep_firing_for": "2s"},
    {"name": "c", "event": "begins", "by": ["u"], "ends_with": "ends"},
    {"name": "both", "composite": "a and b", "by": ["u"], "for": "1s"},
    {"name": "either", "composite": "(a or b) and not c", "missing": "resolve"},
    {"name": "only", "composite": "a and not b", "by": ["u"], "keep_firing_for": "3s"},
]  # fmt: skip


def log_of(seed: int, seconds: int = 200) -> Log:
    """What detect's partition holds: series and events that come and go, members and composites that are edited."""
    rnd = random.Random(seed)
    world = World([registry.read("rule", rule) for rule in RULES], START)
    for at in range(START, START + 1_000 * seconds, 1_000):
        texts = [f'{name}{{u="{u}"}}' for name in "ab" for u in "xyz" if rnd.random() < 0.95]
        if rnd.random() < 0.9 and not 60_000 <= at - START < 80_000:
            for raw in samples.frame("g", "s", at, texts, [rnd.choice([0, 0, 9, 9, 9]) for _ in texts]):
                world.say(at, TELEMETRY, "g", raw)
        if rnd.random() < 0.2:
            kind, u = rnd.choice(["begins", "ends"]), rnd.choice("xy")
            body = {"gateway": "g", "source": "e", "type": kind, "labels": {"u": u}, "attributes": {}}
            world.say(at, TELEMETRY, "g", encode("event", f"e{at}", at, body))
        if rnd.random() < 0.04:
            rule = rnd.choice(RULES)
            edited = rule | rnd.choice([{"enabled": "no"}, {"severity": "info"}, {"enabled": "yes"}])
            document = None if rnd.random() < 0.2 else registry.read("rule", edited).body()
            world.configure("platform", "rule", rule["name"], at - START + 2, document)
        world.advance(at + 999)
    world.advance(START + 1_000 * (seconds + 60))
    return [(stamp, raw) for stamp, name, _, raw in world.log if name == TELEMETRY]


@pytest.mark.parametrize("seed", range(3))
def test_torture(seed: int) -> None:
    """What is said of other rules is the same after any crash, and much is said."""
    log = log_of(seed)
    undisturbed = out, _ = plain(Detect, log)
    assert sum(b"composite" in output.raw for output in out) > 10
    assert faults(Detect, log, seed, undisturbed=undisturbed) == []


def test_what_was_decided_later_is_not_decided_before() -> None:
    """A crash left the row of an event that came after a rule had ended: the replay sees both, and they never met."""
    rules = [RULES[0], {**RULES[2], "name": "c"}, {"name": "met", "composite": "a and c", "for": "0s"}]
    world = World([registry.read("rule", rule) for rule in rules], START)
    for second in range(34):
        at = START + 1_000 * second
        for raw in samples.frame("g", "s", at, ['a{u="x"}'], [9 if second == 30 else 0]):
            world.say(at, TELEMETRY, "g", raw)
        if second == 32:
            body = {"gateway": "g", "source": "e", "type": "begins", "labels": {"u": "x"}, "attributes": {}}
            world.say(at, TELEMETRY, "g", encode("event", "e", at, body))
        world.advance(at + 999)
    log = [(stamp, raw) for stamp, name, _, raw in world.log if name == TELEMETRY]
    live, stored = Detect("p-0", SIGNER), dict[str, bytes | None]()
    before = next(offset for offset, (stamp, _) in enumerate(log) if stamp >= START + 29_000)
    for offset, (stamp, raw) in enumerate(log):
        if offset == before:
            stored = dict(live.snapshot())
        assert not any(b"composite" in output.raw for output in live.apply(offset, stamp, raw))
    stored |= {key: raw for key, raw in live.snapshot() if level_name(key) in ("composite", "event")}
    again = Detect("p-0", SIGNER, [(key, raw) for key, raw in stored.items() if raw is not None])
    for offset in range(again.head.seen + 1, len(log)):
        assert not any(b"composite" in output.raw for output in again.apply(offset, *log[offset]))
