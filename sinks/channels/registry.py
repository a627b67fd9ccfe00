"""Every channel by its name: what makes its sender. What its endpoints hold stands in `streams/channels`."""

from __future__ import annotations

from collections.abc import Callable

from sinks.channel import Channel
from sinks.channels.log.channel import Log
from sinks.channels.resources import Resources
from sinks.channels.webhook.channel import Webhook

REGISTRY: dict[str, Callable[[Resources], Channel]] = {
    "webhook": Webhook,
    "log": lambda _: Log(),
}
