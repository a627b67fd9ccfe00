"""Tocsin's alerts about itself, said as verdicts of built-in rules."""

from __future__ import annotations

from dataclasses import dataclass

from streams.calendar.duration import spell
from streams.documents.document import PLATFORM, derived
from streams.messages.envelope import Severity
from streams.messages.verdict import Verdict

PREFIX = "tocsin-"  # built-in rules


@dataclass(frozen=True, slots=True)
class Alarm:
    """What a built-in rule says. `severity` None: it is over; `key` tells its instances on a gateway apart."""

    rule: str
    gateway: str
    key: str
    message: str
    reason: str
    severity: Severity | None = "warning"

    def verdict(self, sequence: int, at: int, labels: dict[str, str] | None = None) -> Verdict:
        """The verdict of the instance's `sequence`, at an instant, ms UTC."""
        rule = identity(self.rule)
        return Verdict(
            fingerprint=f"{self.gateway}|{rule}|{self.key}",
            sequence=sequence,
            state="firing" if self.severity else "ok",
            severity=self.severity or "warning",
            rule_id=rule,
            rule=PREFIX + self.rule,
            gateway=self.gateway,
            labels={"gateway": self.gateway, **(labels or {})},
            at=at,
            since=at,
            value=None,
            message=self.message,
            valued_at=at,
            reason=self.reason,
            rule_type="internal",
        )


def identity(rule: str) -> str:
    """The UUID of a built-in rule."""
    return str(derived(PLATFORM, "rule", PREFIX + rule))


# What fails while it is heard raises no further alarm, or that would go round for ever.
LETTERS = identity("dead-letter")


def dead_letter(machine: str, sequence: int, at: int, words: str) -> Verdict:
    """The alert about an input of ours, or a row, that could not be handled; `words`: which, and why."""
    return Alarm("dead-letter", "tocsin", machine, words, "it is in the dead-letter topic").verdict(
        sequence, at
    )


def quiet(machine: str, sequence: int, at: int, length: int) -> Verdict:
    """The end of that alert after `length` ms without a letter: those that came stay, and nobody is called."""
    words = f"{machine} handles everything again"
    why = f"no new dead letter for {spell(length)}; those that came are kept, until they are redriven"
    return Alarm("dead-letter", "tocsin", machine, words, why, None).verdict(sequence, at)
