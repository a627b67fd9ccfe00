"""What is said of an error budget: how fast it burns over which windows, what is left of it, and for how long."""

from __future__ import annotations

from streams.calendar.duration import spell
from streams.documents.conditions.burn import DAY, HOUR, MONTH, PAIRS, BurnPair
from streams.documents.conditions.threshold import SEVERITIES
from streams.documents.rule import Rule
from streams.text.value_text import value_text
from tables.detect.budget.state import Burn
from tables.detect.budget.steps import WINDOWS, pace


def standing(rule: Rule, burn: Burn, severity: int) -> str:
    """How it burns, in one clause; of the pair of windows over which it is worst, of those of the severity first."""
    pair = worst(burn, severity)
    bad = ", ".join(
        f"{_percent(burn.shares[WINDOWS.index(window)])} bad over {spell(window)}"
        for window in (pair.long, pair.short)
    )
    above = "more than it may" if pair.factor == 1 else f"{pair.factor:g} times"
    side = "" if _over(burn, pair) else f", no longer {above} over both"
    objective = value_text(rule.condition.objective, percent=True)
    return f"the budget of {objective} burns {rate(burn, severity)} as fast as it may ({bad}){side}; {left(burn)}"


def rate(burn: Burn, severity: int) -> str:
    """`20.1 times`: how fast it burns, over the slower window of a pair."""
    return f"{value_text(value(burn, severity), (worst(burn, severity).factor,))} times"


def limit(burn: Burn, severity: int) -> str:
    """`14.4 times`: from where on that is too fast."""
    return f"{worst(burn, severity).factor:g} times"


def holds(burn: Burn, severity: int) -> bool:
    """Whether it still burns as fast as a severity means."""
    return severity >= 0 and _over(burn, worst(burn, severity))


def left(burn: Burn) -> str:
    """What is left of a month's budget, and since when that is known, where not for a month."""
    known = (
        ""
        if burn.known >= MONTH - DAY
        else f", as far as the last {spell(max(burn.known // HOUR, 1) * HOUR)} say"
    )
    return f"{_percent(burn.left)} of a month's budget is left{known}"


def time_left(burn: Burn, severity: int) -> str:
    """When it is all gone at this pace, as a length of time."""
    pair = worst(burn, severity)
    speed = burn.rates[WINDOWS.index(pair.long)]
    if burn.left <= 0:
        return "no time"
    length = burn.left * MONTH / speed if speed > 0 else 2 * MONTH
    unit = DAY if length >= 2 * DAY else HOUR
    return f"about {spell(max(round(length / unit), 1) * unit)}" if length <= MONTH else "more than a month"


def worst(burn: Burn, severity: int) -> BurnPair:
    """The pair of windows that a severity is about: the one over which it burns worst, beside how fast it may."""
    name = SEVERITIES[severity] if severity >= 0 else ""
    own = [pair for pair in PAIRS if pair.severity == name] or list(PAIRS)
    some = [pair for pair in own if _over(burn, pair)] or own
    return max(some, key=lambda pair: pace(burn.rates, pair.long, pair.short) / pair.factor)


def value(burn: Burn, severity: int) -> float:
    """How fast it burns, as a number."""
    pair = worst(burn, severity)
    return pace(burn.rates, pair.long, pair.short)


def _over(burn: Burn, pair: BurnPair) -> bool:
    return pace(burn.rates, pair.long, pair.short) > pair.factor


def _percent(share: float) -> str:
    return value_text(share, percent=True)
