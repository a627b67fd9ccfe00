"""Error budgets: windows of days from steps of five minutes against all that came, and what is said of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from streams.documents import registry
from streams.documents.conditions.burn import DAY, HOUR, MINUTE, MONTH, STEP
from streams.errors import Refused
from streams.signature import Signer
from streams.telemetry import samples
from streams.topics import TELEMETRY
from tables.detect.budget.state import BudgetRow, Burn, ErrorBudget
from tables.detect.budget.steps import WINDOWS, burn, rank, stepped
from tables.detect.machine import Detect
from tables.detect.verdicts import burn_text
from tables.kernel.row import LARGEST_ROW
from tables.world import KEY, World
from tests.tables.torture import Log, faults, plain

START = 1_764_547_200_000  # the beginning of a day
BLANK = ErrorBudget("m")


def lived(bad: Sequence[float], total: Sequence[float], allowed: float) -> tuple[ErrorBudget, Burn]:
    """A budget after so many minutes, with how it burns then; a minute's numbers come at its end."""
    budget, last = BLANK, (0.0, 0.0)
    for n in range(1, len(bad) + 1):
        some = slice(max(0, n - 5), n)
        last = sum(bad[some]), sum(total[some])
        budget = stepped(budget, START + n * MINUTE, *last) if n >= 5 else budget
    return budget, burn(budget, START + len(bad) * MINUTE, *last, allowed)


@settings(max_examples=20, phases=[Phase.generate])
@given(st.integers(1, 30), st.integers(0, 8), st.integers())
def test_windows_of_steps_hold_what_came(hours: int, steps: int, seed: int) -> None:
    """At the end of a step each window is what it says; what nobody saw is good."""
    rnd, minutes = random.Random(seed), 60 * hours + 5 * steps
    total = [float(rnd.choice([0, 1, 5, 100])) for _ in range(minutes)]
    bad = [float(rnd.randint(0, int(n))) for n in total]
    _, found = lived(bad, total, 0.01)
    for window, rate, share in zip(WINDOWS, found.rates, found.shares, strict=True):
        n = window // MINUTE
        wanted = sum(bad[-n:]) / max(sum(total[-n:]), 1e-9)
        assert share == pytest.approx(wanted)
        assert rate == pytest.approx(wanted / 0.01 * min(1, minutes / n), rel=1e-6)


@settings(max_examples=20, phases=[Phase.generate])
@given(st.integers(61, 400), st.integers())
def test_within_a_step_a_window_lies_between_its_neighbours(minutes: int, seed: int) -> None:
    """Its oldest step counts by the part that lies within."""
    rnd = random.Random(seed)
    total = [float(rnd.randrange(100)) for _ in range(minutes)]
    _, found = lived(total, total, 0.5)
    _, some = lived([n / 2 for n in total], total, 0.5)
    assert found.shares[2] == pytest.approx(1)
    assert some.shares[2] == pytest.approx(0.5)
    assert found.rates[2] == pytest.approx(2)


def test_days_are_remembered_and_no_more() -> None:
    """Over three days one in a hundred is bad; of a month as many days as there are. A row stays small."""
    budget, found = lived([0.1] * 4 * 1_440, [10.0] * 4 * 1_440, 0.01)
    assert found.rates == pytest.approx((1, 1, 1, 1, 1))
    assert found.known == 4 * DAY
    assert found.left == pytest.approx(1 - 4 / 30)
    full = msgspec.structs.replace(budget, days=tuple(budget.days[0] for _ in range(31)))
    assert len(msgspec.json.encode(BudgetRow(dict.fromkeys(range(16), full)))) < LARGEST_ROW
    assert (len(budget.fine), len(budget.hours)) == (6 * HOUR // STEP + 2, 73)


@pytest.mark.parametrize(
    ("rates", "wanted"),
    [
        ((15, 0, 15, 0, 0), 2), ((15, 0, 14, 0, 0), 0), ((0, 7, 0, 7, 0.5), 2), ((20, 5, 5, 5, 2), 1),
        ((20, 20, 5, 0.9, 20), 0), ((0, 0, 20, 0, 0), 0),
    ],
)  # fmt: skip
def test_both_windows_of_a_pair_must_burn(rates: tuple[float, ...], wanted: int) -> None:
    """The long one says that it matters, the short one that it goes on."""
    assert rank(rates) == wanted


def test_what_is_said_is_true_of_the_pair() -> None:
    """The pair over which it burns worst; when all is gone at that pace; of a month that is not known, since when."""
    hot = Burn("m", START, (30, 30, 20, 5, 1), (0.03, 0.03, 0.02, 0.005, 0.001), 0.5, 2 * DAY)
    rule = registry.read("rule", {"name": "r", "burn_rate": "a / b", "objective": "99.9%"})
    assert burn_text.standing(rule, hot, 2) == (  # type: ignore[arg-type]
        "the budget of 99.9% burns 20 times as fast as it may (2% bad over 1h, 3% bad over 5m); "
        "50% of a month's budget is left, as far as the last 2d say"
    )
    assert burn_text.time_left(hot, 2) == "about 18h"
    cool = msgspec.structs.replace(hot, rates=(1, 30, 20, 5, 1), known=MONTH)
    assert "no longer 6 times over both" in burn_text.standing(rule, cool, 2)  # type: ignore[arg-type]
    assert not burn_text.holds(cool, 2)
    assert burn_text.left(cool) == "50% of a month's budget is left"


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"objective": "0"}, "write for instance 99.9%"),
        ({"objective": "100%"}, "write for instance 99.9%"),
        ({"above": 5}, "`burn_rate` says by itself what is wrong"),
        ({"over": "5m"}, "`burn_rate` has windows of its own"),
        ({"burn_rate": "a"}, "`burn_rate` is written `numerator / denominator`"),
        ({"at_least": 5}, "leave it out"),
        ({"compared_to": "1d"}, "`burn_rate` has none to keep"),
    ],
)
def test_what_is_no_objective_is_refused(fields: dict[str, Any], why: str) -> None:
    """With the field and what to write."""
    with pytest.raises(Refused) as refused:
        registry.read("rule", {"name": "r", "burn_rate": "a / b", "objective": "99%", **fields})
    assert why in str(refused.value)


def test_only_objectives_have_an_objective() -> None:
    """It names the field."""
    with pytest.raises(Refused, match="`objective` belongs to a condition `burn_rate`"):
        registry.read("rule", {"name": "r", "last": "a", "above": 5, "objective": "99%"})


RULES: list[dict[str, Any]] = [
    {"name": "api", "burn_rate": 'c_total{r="bad"} / c_total', "objective": "99%", "by": ["u"], "for": "0s"},
    {
        "name": "good",
        "burn_rate": 'c_total{r="good"} / c_total',
        "counts": "good",
        "objective": "95%",
        "for": "1m",
    },
]


def log_of(seed: int) -> Log:
    """An hour of two upstreams whose calls fail now and then, in frames that come and do not."""
    rnd, counts = random.Random(seed), dict[str, float]()
    world = World([registry.read("rule", rule) for rule in RULES], START, tick=30_000)
    for at in range(START, START + HOUR, 30_000):
        fails = 0.3 if at // (20 * MINUTE) % 2 == 1 else 0.002
        for u in "xy":
            bad = rnd.randrange(100) if rnd.random() < fails else 0
            for r, more in (("good", 100 - bad), ("bad", bad)):
                text = f'c_total{{r="{r}",u="{u}"}}'
                counts[text] = counts.get(text, 0.0) + more
        if rnd.random() < 0.95:
            for raw in samples.frame("g", "s", at, list(counts), list(counts.values())):
                world.say(at, TELEMETRY, "g", raw)
        if rnd.random() < 0.02:
            rule = rnd.choice(RULES) | rnd.choice([{"objective": "98%"}, {"for": "0s"}, {"by": ["r", "u"]}])
            body = registry.read("rule", rule).body()
            world.configure("platform", "rule", rule["name"], at - START + 2, body)
        world.advance(at + 29_999)
    return [(stamp, raw) for stamp, name, _, raw in world.log if name == TELEMETRY]


@pytest.mark.parametrize("seed", [1])
def test_torture(seed: int) -> None:
    """Budgets are the same after any crash, and much is said of them."""
    log = log_of(seed)
    undisturbed = out, rows = plain(Detect, log)
    assert sum(b"as fast as it may" in output.raw for output in out) > 3
    assert {key.partition("/")[0] for key in rows} >= {"budget", "burn"}
    assert faults(Detect, log, seed, undisturbed=undisturbed) == []


def test_counters_near_the_end_of_numbers() -> None:
    """What adds up to more than a number holds is kept as a number: the rows can be read again."""
    rule = {"name": "api", "burn_rate": 'c_total{r="bad"} / c_total', "objective": "99%", "for": "0s"}
    world = World([registry.read("rule", rule)], START)
    texts = [f'c_total{{r="{r}",u="{u}"}}' for r in ("bad", "good") for u in range(12)]
    for second in range(0, 720, 30):
        for raw in samples.frame(
            "g", "s", START + 1_000 * second, texts, [min(1.7e308, 1e307 * second / 30)] * len(texts)
        ):
            world.say(START + 1_000 * second, TELEMETRY, "g", raw)
        world.advance(START + 1_000 * second + 29_999)
    log = [(stamp, raw) for stamp, name, _, raw in world.log if name == TELEMETRY]
    machine = Detect("p-0", Signer([KEY]))
    for offset, (stamp, raw) in enumerate(log):
        machine.apply(offset, stamp, raw)
    rows = [(key, raw) for key, raw in machine.snapshot() if raw is not None]
    assert any(key.startswith("budget/") for key, _ in rows)
    assert Detect("p-0", Signer([KEY]), rows).rows.keys() == machine.rows.keys()
