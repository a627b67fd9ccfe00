"""The cases of every channel, by its name and what is special about the case."""

from __future__ import annotations

from tests.sinks.channels.apprise.case import CASE as APPRISE
from tests.sinks.channels.case import Case
from tests.sinks.channels.email.case import CASE as EMAIL
from tests.sinks.channels.log.case import CASE as LOG
from tests.sinks.channels.ntfy.case import CASE as NTFY
from tests.sinks.channels.opsgenie.case import CASE as OPSGENIE
from tests.sinks.channels.pagerduty.case import CASE as PAGERDUTY
from tests.sinks.channels.pushover.case import CASE as PUSHOVER
from tests.sinks.channels.slack.case import BOT as SLACK_BOT
from tests.sinks.channels.slack.case import CASE as SLACK
from tests.sinks.channels.sms.case import CASE as SMS
from tests.sinks.channels.sms.case import GATEWAY as SMS_GATEWAY
from tests.sinks.channels.teams.case import CASE as TEAMS
from tests.sinks.channels.voice.case import CASE as VOICE
from tests.sinks.channels.webhook.case import CASE as WEBHOOK

CASES: dict[str, Case] = {
    "webhook": WEBHOOK,
    "log": LOG,
    "email": EMAIL,
    "slack": SLACK,
    "slack (bot)": SLACK_BOT,
    "pagerduty": PAGERDUTY,
    "opsgenie": OPSGENIE,
    "sms": SMS,
    "sms (gateway)": SMS_GATEWAY,
    "teams": TEAMS,
    "ntfy": NTFY,
    "pushover": PUSHOVER,
    "voice": VOICE,
    "apprise": APPRISE,
}
