"""Silences and the labels of an alert in, out which of them cover it at an instant: by the code that enforces them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from streams.calendar.instant import spell
from streams.codes import CoverReason
from streams.documents.document import PLATFORM, Owned
from streams.documents.suppression.silence import Silence
from tables.respond.route.state import owners
from tables.respond.suppression.suppressors import Suppressors


class SilenceVerdict(NamedTuple):
    """What one silence means for an alert: whether it covers it now, and why or why not."""

    silence: str
    team: str
    covers: bool
    code: CoverReason
    reason: str


class SilenceTrial(NamedTuple):
    """What suppresses an alert, `silence/team/name` or "", until when, and what each silence means for it."""

    suppressed_by: str
    until: int | None
    reason: str
    silences: tuple[SilenceVerdict, ...]


def try_silences(documents: Sequence[Owned], labels: Mapping[str, str], at: int) -> SilenceTrial:
    """What becomes of an alert with these labels at an instant, ms UTC; it is of the team that its labels name."""
    team = labels.get("team", PLATFORM)
    own = {**labels, "team": team}
    silencing = Suppressors(documents).silencing(owners(team), own, at)
    silences = sorted(_silences(documents), key=lambda silence: (silence.team, silence.name))
    verdicts = tuple(_verdict(silence, own, team, at) for silence in silences)
    if silencing is None:
        return SilenceTrial("", None, "", verdicts)
    return SilenceTrial(
        silencing.document, silencing.suppression.until, silencing.suppression.reason, verdicts
    )


def _silences(documents: Iterable[Owned]) -> list[Silence]:
    return [document for document in documents if isinstance(document, Silence)]


def _verdict(silence: Silence, labels: Mapping[str, str], team: str, at: int) -> SilenceVerdict:
    if silence.team not in owners(team):
        code, words = CoverReason.OTHER_TEAM, f"it is of team {silence.team}, the alert of {team}"
    elif (unmet := silence.unmet(labels)) is not None:
        code, words = CoverReason.LABELS_DIFFER, f"{unmet.text} does not hold"
    elif at < silence.starts_at:
        code, words = CoverReason.NOT_BEGUN, f"it begins at {spell(silence.starts_at)}"
    elif at >= silence.ends_at:
        code, words = CoverReason.OVER, f"it ended at {spell(silence.ends_at)}"
    else:
        code, words = CoverReason.COVERED, f"it covers the alert until {spell(silence.ends_at)}"
    return SilenceVerdict(silence.name, silence.team, code is CoverReason.COVERED, code, words)
