"""What an error budget is made of, step by step: pure functions from one value of it to the next, and to how it burns.

A step takes what came in the five minutes before its first frame. A window reaches back over whole steps, and over a
part of the oldest so that it is as long as it says; what nobody saw counts as good.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from streams.documents.conditions.burn import DAY, HOUR, MINUTE, MONTH, PAIRS, STEP
from tables.detect.budget.state import Burn, ErrorBudget, Step, Steps

WINDOWS = (5 * MINUTE, 30 * MINUTE, HOUR, 6 * HOUR, 3 * DAY)  # ms
_FINE, _HOURS, _DAYS = 6 * HOUR // STEP + 2, 3 * 24 + 1, MONTH // DAY + 1  # how many are kept


class Amount(NamedTuple):
    """What came in a window, and how much of the window was seen, ms."""

    bad: float
    total: float
    seen: float


def stepped(budget: ErrorBudget, at: int, bad: float, total: float) -> ErrorBudget:
    """The budget with what came in the five minutes before event ms `at`, where that is the first of its step."""
    number = at // STEP
    if budget.fine and budget.fine[-1].number >= number:
        return budget
    new = min(1.0, (at - budget.at) / STEP)  # the rest of the five minutes is in the step before
    bad, total = new * bad, new * total
    return replace(
        budget,
        at=at,
        fine=_kept((*budget.fine, Step(number, bad, total)), number - _FINE),
        hours=_added(budget.hours, at // HOUR, bad, total, _HOURS),
        days=_added(budget.days, at // DAY, bad, total, _DAYS),
    )


def _added(steps: Steps, number: int, bad: float, total: float, most: int) -> Steps:
    last = steps[-1] if steps and steps[-1].number == number else Step(number, 0.0, 0.0, 0)
    before = steps[:-1] if steps and steps[-1].number == number else steps
    return _kept((*before, Step(number, last.bad + bad, last.total + total, last.known + 1)), number - most)


def _kept(steps: Steps, before: int) -> Steps:
    return tuple(step for step in steps if step.number > before)


def burn(
    budget: ErrorBudget, at: int, bad: float, total: float, allowed: float, settled: Settled | None = None
) -> Burn:
    """How it burns at event ms `at`; `bad`, `total`: of the last five minutes; `allowed`: the share that may be bad.

    `settled`: of this budget and step, where it is known.
    """
    settled, live = settled or settle(budget, at), Amount(bad, total, STEP)
    within = at % STEP / STEP
    amounts = [live, *(_reached(window, live, within) for window in settled.fine), *settled.coarse]
    shares = tuple(amount.bad / amount.total if amount.total > 0 else 0.0 for amount in amounts)
    rates = tuple(
        share / allowed * min(1.0, amount.seen / length)
        for share, amount, length in zip(shares, amounts, WINDOWS, strict=True)
    )
    month = settled.month
    spent = month.bad / month.total / allowed * min(1.0, month.seen / MONTH) if month.total > 0 else 0.0
    return Burn(budget.mark, at, rates, shares, max(0.0, 1.0 - spent), int(month.seen))


class _Fine(NamedTuple):
    """A window of steps of five minutes: those between its newest step and its oldest, and these."""

    between: Amount
    oldest: Amount
    newest: Amount


class Settled(NamedTuple):
    """What of a budget stays as it is until its next step, `number`: by windows longer than a step, over a month."""

    budget: ErrorBudget
    number: int
    fine: tuple[_Fine, ...]
    coarse: tuple[Amount, ...]
    month: Amount


def settle(budget: ErrorBudget, at: int) -> Settled:
    """What of a budget stays as it is from event ms `at` to the end of that step."""
    return Settled(
        budget,
        at // STEP,
        tuple(_fine(budget, at // STEP, length) for length in WINDOWS if STEP < length <= 6 * HOUR),
        tuple(_coarse(budget, at, length) for length in WINDOWS if length > 6 * HOUR),
        _sum([step for step in budget.days if step.number >= at // DAY - MONTH // DAY + 1]),
    )


def _fine(budget: ErrorBudget, newest: int, length: int) -> _Fine:
    oldest = newest - length // STEP + 1
    return _Fine(
        _sum([step for step in budget.fine if oldest < step.number < newest]),
        _sum([step for step in budget.fine if step.number == oldest]),
        _sum([step for step in budget.fine if step.number == newest]),
    )


def _reached(window: _Fine, live: Amount, within: float) -> Amount:
    """What came in a window; `within`: how much of the newest step has passed.

    What came in the newest step and lies in the last five minutes as well counts once.
    """
    between, oldest, newest = window
    before = 1.0 - within
    return Amount(
        live.bad + between.bad + before * oldest.bad + within * newest.bad,
        live.total + between.total + before * oldest.total + within * newest.total,
        live.seen + between.seen + before * oldest.seen + within * newest.seen,
    )


def _coarse(budget: ErrorBudget, at: int, length: int) -> Amount:
    """Over hours, of the oldest as much as has not come yet of the newest."""
    oldest, steps = at // HOUR - length // HOUR, HOUR // STEP
    left = 1.0 - (at // STEP % steps + 1) / steps
    whole = _sum([step for step in budget.hours if step.number > oldest])
    part = _sum([step for step in budget.hours if step.number == oldest])
    return Amount(*(all_of + left * some for all_of, some in zip(whole, part, strict=True)))


def _sum(steps: Sequence[Step]) -> Amount:
    return Amount(
        sum(step.bad for step in steps),
        sum(step.total for step in steps),
        float(sum(step.known for step in steps) * STEP),
    )


def rank(rates: tuple[float, ...]) -> float:
    """What is judged: 2 where a critical pair of windows burns too fast, 1 where one of a warning does, else 0."""
    over = {pair.severity for pair in PAIRS if pace(rates, pair.long, pair.short) > pair.factor}
    return 2.0 if "critical" in over else 1.0 if over else 0.0


def pace(rates: tuple[float, ...], long: int, short: int) -> float:
    """How fast it burns over both windows of a pair: over the slower one."""
    return min(rates[WINDOWS.index(long)], rates[WINDOWS.index(short)])
