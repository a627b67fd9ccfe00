"""Levels `budget` and `burn`: what came in steps of five minutes, hours and days, and how fast that burns a budget.

Steps are written once in five minutes; how fast it burns, which is little, with each frame.
"""

from __future__ import annotations

import msgspec

from streams.documents.conditions.burn import DAY, MONTH, STEP
from tables.kernel.level import Level

SIZE = 16  # instances in a row


class Step(msgspec.Struct, frozen=True, array_like=True):
    """What came in one stretch of time. `number`: since 1970; `known`: how many steps of five minutes it is made of."""

    number: int
    bad: float
    total: float
    known: int = 1


Steps = tuple[Step, ...]


class ErrorBudget(msgspec.Struct, frozen=True, array_like=True):
    """One instance. `mark`: what it looks at; `fine`, `hours`, `days`: the newest last; `at`: event ms of its last."""

    mark: str
    fine: Steps = ()
    hours: Steps = ()
    days: Steps = ()
    at: int = 0


class BudgetRow(msgspec.Struct, frozen=True):
    """Some instances, by the numbers of their states."""

    budgets: dict[int, ErrorBudget] = {}


class Burn(msgspec.Struct, frozen=True, array_like=True):
    """How fast a budget burns at event ms `at`, over each of `WINDOWS`: as a multiple of what it may, and what is bad.

    `left`: the share of a month's budget that is left, as far as is known, `known`: ms.
    """

    mark: str
    at: int
    rates: tuple[float, ...]
    shares: tuple[float, ...]
    left: float
    known: int


class BurnRow(msgspec.Struct, frozen=True):
    """Some instances, by the numbers of their states."""

    burns: dict[int, Burn] = {}


def budget_deadline(row: BudgetRow) -> int | None:
    """When nothing in it counts any more, ms UTC."""
    newest = [budget.fine[-1].number for budget in row.budgets.values() if budget.fine]
    return (max(newest) + 1) * STEP + MONTH + DAY if newest else None


def burn_deadline(row: BurnRow) -> int | None:
    """When nobody asks for it any more, ms UTC."""
    return max((burn.at for burn in row.burns.values()), default=0) + MONTH if row.burns else None


BUDGET: Level[BudgetRow] = Level("budget", BudgetRow, budget_deadline, wall=True)
BURN: Level[BurnRow] = Level("burn", BurnRow, burn_deadline, wall=True)
