"""The case of every channel, by its name."""

from __future__ import annotations

from tests.sinks.channels.case import Case
from tests.sinks.channels.log.case import CASE as LOG
from tests.sinks.channels.webhook.case import CASE as WEBHOOK

CASES: dict[str, Case] = {
    "webhook": WEBHOOK,
    "log": LOG,
}
