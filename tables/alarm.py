"""Tocsin's alerts about itself, said as verdicts of built-in rules to the platform team."""

from __future__ import annotations

from streams.document import PLATFORM, derived
from streams.said import Severity, Verdict

PREFIX = "tocsin-"  # built-in rules; what fails while handling one of these raises no further alarm


def verdict(
    name: str, gateway: str, key: str, turn: int, at: int, message: str, reason: str,
    severity: Severity | None = "warning", since: int | None = None, labels: dict[str, str] | None = None,
) -> Verdict:  # fmt: skip
    """One verdict of the built-in rule `name`; severity None says that it is over."""
    rule = derived(PLATFORM, "rule", PREFIX + name)
    return Verdict(
        instance=f"{gateway}|{rule}|{key}", turn=turn, state="firing" if severity else "ok", severity=severity or "warning",
        rule_id=str(rule), rule=PREFIX + name, gateway=gateway, labels={"gateway": gateway, **(labels or {})}, at=at,
        since=at if since is None else since, value=None, message=message, reason=reason,
    )  # fmt: skip
