"""Why what we say of an instance may not hold: its source is lost, its counters are untrusted, its clock is off."""

from __future__ import annotations

from streams.calendar.duration import spell
from tables.detect.health import gateway
from tables.detect.health.state import Gateway


def unknown(entry: Gateway, source: str) -> str:
    """Why the state is held rather than known; "" where it is known."""
    if gateway.is_gone(entry, source):
        return "the gateway does not answer"
    of = entry.sources.get(source)
    if of is None or not of.lost:
        return ""
    return f"nothing has come from {source} for {spell(gateway.patience(of))} or more"


def issues(entry: Gateway, source: str, counts: bool) -> list[str]:
    """All of it in sentences; `counts`: whether the rule reads counters."""
    of, sentences = entry.sources.get(source), list[str]()
    if why := unknown(entry, source):
        sentences.append(f"unknown because {why}: the state is held as it was")
    if of is not None and counts and of.untrusted:
        sentences.append(
            f"blind: counters of {source} alternate between processes, so the value may be wrong"
        )
    if of is not None and (skew := of.skew):
        side = "ahead of" if skew > 0 else "behind"
        spelled = spell(abs(skew) // 1_000 * 1_000)
        sentences.append(
            f"clock skew: the clock of {source} is {spelled} {side} ours; the time of arrival is used instead"
        )
    return sentences


def absent(missed: int) -> str:
    """That what fires sends no value any more."""
    return f"no value comes any more, in {missed} frames although its source is alive: the state is held as it was"
