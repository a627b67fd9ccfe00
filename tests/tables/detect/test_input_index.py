"""What reads a series is found by its labels, and is what a look at every rule would find."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.documents.registry import read
from streams.documents.rule import Rule
from streams.telemetry.series import metric, parse, spell
from tables.detect.aggregate.compiled_rule import CompiledRule
from tables.detect.aggregate.input_index import InputIndex, may_read

VALUES = ("", "a", "b", 'a"b', "a\\b", "gw")
METRICS = ("calls", "errors")
matchers = st.builds(
    lambda label, sign, value: f'{label}{sign}"{value}"',
    st.sampled_from(("tool", "user", "gateway", "xtool")),
    st.sampled_from(("=", "!=", "=~", "!~")),
    st.sampled_from(("", "a", "b", "gw", "a.*", 'a\\"b')),
)
selectors = st.builds(
    lambda name, some: f"{name}{{{','.join(some)}}}", st.sampled_from(METRICS), st.lists(matchers, max_size=3)
)
conditions = st.one_of(
    selectors.map(lambda one: {"last": one}),
    st.tuples(selectors, selectors).map(lambda pair: {"ratio": " / ".join(pair), "over": "1m"}),
)
labels = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(VALUES) for name in ("tool", "user", "xtool")}
)
texts = st.builds(
    lambda name, some: spell(name, {label: value for label, value in some.items() if value}),
    st.sampled_from(METRICS), labels,
)  # fmt: skip


def compiled(number: int, condition: dict[str, str]) -> CompiledRule:
    """A rule made ready."""
    rule = read("rule", {"name": f"r{number}", "above": 1, **condition})
    assert isinstance(rule, Rule)
    return CompiledRule(rule)


@given(
    rules=st.lists(conditions, max_size=6),
    gone=st.sets(st.integers(0, 5)),
    series=st.lists(texts, max_size=6),
)
@settings(max_examples=80)
def test_as_a_look_at_all(rules: list[dict[str, str]], gone: set[int], series: list[str]) -> None:
    """Rules come, and some go: the index finds for every series what each rule that stays reads of it, in order."""
    ready = [compiled(number, condition) for number, condition in enumerate(rules)]
    index = InputIndex(ready)
    for one in (ready[number] for number in gone if number < len(ready)):
        index.remove(one.id)
    staying = sorted((one for n, one in enumerate(ready) if n not in gone), key=lambda one: one.id)
    for text in series:
        found = index.reading(metric(text), known := dict(parse(text).labels) | {"gateway": "gw"})
        assert [(one.compiled.id, one.role) for one in found] == [
            (one.id, role)
            for one in staying
            for role, _, selector in one.inputs
            if selector.name == metric(text) and selector.matches(known)
        ]
    by_metric = {name: [text for text in series if metric(text) == name] for name in METRICS}
    for one in staying:
        reading = {
            text for text in series if one in [each.compiled for each in index.reading(
                metric(text), dict(parse(text).labels) | {"gateway": "gw"})]
        }  # fmt: skip
        assert reading <= may_read(one, by_metric)
    for name in METRICS:
        assert (name in index) == any(name == selector.name for one in staying for *_, selector in one.inputs)
    assert list(InputIndex(staying)) == list(index)


def test_many_rules_cost_no_more() -> None:
    """Of a thousand rules that ask for a value each, only the one whose value a series has is looked at."""
    index = InputIndex(compiled(n, {"last": f'calls{{gateway="gw",tool="{n}"}}'}) for n in range(1_000))
    looked = [one for one in index if one.selector.matches({"gateway": "gw", "tool": "7"})]
    assert index.reading("calls", {"gateway": "gw", "tool": "7"}) == looked
    buckets = index._metrics["calls"]  # pyright: ignore[reportPrivateUsage]
    assert max(map(len, buckets.values())) == 1
