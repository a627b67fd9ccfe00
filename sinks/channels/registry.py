"""Every channel by its name: what makes its sender. What its endpoints hold stands in `streams/channels`."""

from __future__ import annotations

from collections.abc import Callable

from sinks.channel import Channel
from sinks.channels.apprise.channel import Apprise
from sinks.channels.email.channel import Email
from sinks.channels.log.channel import Log
from sinks.channels.ntfy.channel import Ntfy
from sinks.channels.opsgenie.channel import Opsgenie
from sinks.channels.pagerduty.channel import PagerDuty
from sinks.channels.pushover.channel import Pushover
from sinks.channels.resources import Resources
from sinks.channels.slack.channel import Slack
from sinks.channels.sms.channel import Sms
from sinks.channels.teams.channel import Teams
from sinks.channels.voice.channel import Voice
from sinks.channels.webhook.channel import Webhook

REGISTRY: dict[str, Callable[[Resources], Channel]] = {
    "webhook": Webhook,
    "log": lambda _: Log(),
    "email": Email,
    "slack": Slack,
    "pagerduty": PagerDuty,
    "opsgenie": Opsgenie,
    "sms": Sms,
    "teams": Teams,
    "ntfy": Ntfy,
    "pushover": Pushover,
    "voice": Voice,
    "apprise": Apprise,
}
