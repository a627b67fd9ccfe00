"""What is remembered of a report: when it is due next."""

from __future__ import annotations

import msgspec


class ReportRow(msgspec.Struct, frozen=True):
    """When a report is due next, ms UTC; None: never again."""

    due: int | None


def deadline(report: ReportRow) -> int | None:
    """When it is due, ms UTC."""
    return report.due
