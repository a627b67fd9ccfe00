"""The levels of respond, upstream first."""

from __future__ import annotations

import msgspec

from tables.kernel.configuration import CONFIG
from tables.kernel.level import Level
from tables.kernel.machine import ALARM, HEAD
from tables.respond import digest
from tables.respond.alert import state as alert
from tables.respond.contact import codes
from tables.respond.document.write import OwnDocument
from tables.respond.escalation import state as escalation
from tables.respond.group import state as group
from tables.respond.oncall import path_watch, shift
from tables.respond.report import state as report
from tables.respond.suppression import cover
from tables.respond.suppression import state as suppression


class Team(msgspec.Struct, frozen=True):
    """The entry row of a team. `commands`: the newest ids, so that a repeated request is answered once."""

    commands: tuple[str, ...] = ()


TEAM = Level("team", Team)
CONTACT = Level("contact", codes.ContactCodes, codes.deadline, wall=True)
DOCUMENT = Level("document", OwnDocument)
SHIFT = Level("shift", shift.ShiftRow, shift.deadline, emits=True, wall=True)
PATH = Level("path", path_watch.PathWatch, path_watch.deadline, emits=True, wall=True)
REPORT = Level("report", report.ReportRow, report.deadline, emits=True, wall=True)
ALERT = Level("alert", alert.Alert, alert.deadline, alert.index)
COVER = Level("cover", cover.Cover, cover.deadline, cover.index, wall=True)
SUPPRESSION = Level(
    "suppression", suppression.AlertSuppression, suppression.deadline, suppression.index, wall=True
)
GROUP = Level("group", group.Group, group.deadline)
ESCALATION = Level("escalation", escalation.Escalation, escalation.deadline, escalation.index, emits=True)
DIGEST = Level("digest", digest.Digest, digest.deadline, emits=True)
LEVELS = (
    HEAD,
    CONFIG,
    TEAM,
    CONTACT,
    DOCUMENT,
    SHIFT,
    PATH,
    REPORT,
    ALERT,
    COVER,
    SUPPRESSION,
    GROUP,
    ESCALATION,
    DIGEST,
    ALARM,
)
