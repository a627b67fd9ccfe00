"""The Apprise channel: one notification to one address of Apprise, which says yes or no and nothing more."""

from __future__ import annotations

import asyncio
import importlib
import logging
from types import ModuleType

from sinks.channels.message import Message
from sinks.channels.plain_text import plain_text
from sinks.channels.resources import Resources
from sinks.channels.words import message_of
from sinks.http.client import CALL
from sinks.outcome import Answer, Delivered, Rejected, Retry
from streams.channels.apprise import AppriseEndpoint
from streams.messages.attempt import Attempt
from streams.outcome_code import OutcomeCode

ABSENT = (
    "the package `apprise` is not installed where the sinks run: install Tocsin with the extra `apprise`, "
    "or `pip install apprise`, and start the sinks again"
)
_HOSTS = ("{host}", "{domain}", "{hostname}", "{fqdn}")  # in an address: a server of whoever wrote it
_TYPES = {"critical": "failure", "warning": "warning", "info": "info"}


class Apprise:
    """Sends by Apprise. Why it failed is not told, so every failure is tried again, and may be a second message."""

    def __init__(self, resources: Resources) -> None:
        """`resources`: what opens endpoints, and whether private addresses are allowed to all."""
        self._unsealer, self._network = resources.unsealer, resources.network

    async def send(self, attempt: Attempt) -> Answer:
        """Send it in a thread, since Apprise blocks; the library is loaded with the first notification."""
        endpoint = self._unsealer.document(AppriseEndpoint, attempt.endpoint)
        if isinstance(endpoint, Rejected):
            return endpoint
        try:
            library = await asyncio.to_thread(_library)
        except ImportError:
            return Rejected(ABSENT, OutcomeCode.MISCONFIGURED)
        target = await asyncio.to_thread(library.Apprise.instantiate, endpoint.url)
        if target is None:
            words = f"the endpoint's `url` is no address that Apprise knows of {endpoint.service}://"
            return Rejected(words, OutcomeCode.MISCONFIGURED)
        if _names_host(target) and not (endpoint.allow_private or self._network.allow_private):
            words = f"{endpoint.service}:// calls a server of your own: set `allow_private: true` (administrators only)"
            return Rejected(words, OutcomeCode.PRIVATE_ADDRESS)
        return await _notify(library, target, message_of(attempt), endpoint.service)


def _library() -> ModuleType:
    """The library, told to write no addresses to the log."""
    for name in ("apprise", "urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return importlib.import_module("apprise")


def _names_host(target: object) -> bool:
    templates = [str(template) for template in getattr(target, "templates", ())]
    return any(host in template for template in templates for host in _HOSTS)


async def _notify(library: ModuleType, target: object, message: Message, service: str) -> Answer:
    sender = library.Apprise(asset=library.AppriseAsset(plugin_paths=[], interpret_emojis=False))
    sender.add(target)
    kind = "success" if message.over else _TYPES[message.severity]
    words = {
        "title": message.headline,
        "body": plain_text(message),
        "notify_type": kind,
        "body_format": "text",
    }
    try:
        async with asyncio.timeout(CALL):
            taken = bool(await sender.async_notify(**words))
    except TimeoutError:
        return Retry(None, f"Apprise heard nothing of {service} within {CALL:.0f} s", OutcomeCode.UNKNOWN)
    except Exception as why:  # noqa: BLE001  # of some hundred plug-ins: a fault of one is no bug of ours
        return Retry(None, f"Apprise failed at {service}: {type(why).__name__}", OutcomeCode.UNKNOWN)
    if taken:
        return Delivered(f"Apprise says that {service} has taken it", OutcomeCode.ACCEPTED)
    return Retry(None, f"Apprise says that {service} has not taken it, and not why", OutcomeCode.UNKNOWN)
