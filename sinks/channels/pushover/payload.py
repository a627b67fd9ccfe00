"""A notification as the form that Pushover takes, within its limits."""

from __future__ import annotations

from urllib.parse import urlencode

from sinks.channels.message import answerable, group_key
from sinks.channels.plain_text import plain_text
from sinks.channels.text import cut
from sinks.channels.words import message_of
from streams.channels.pushover import PushoverEndpoint
from streams.messages.attempt import Attempt

TITLE, MESSAGE, ADDRESS = 250, 1_024, 512  # characters
# Priorities: it sounds until it is acknowledged; it sounds once; it does not.
EMERGENCY, NORMAL, QUIET = 2, 0, -1
OVER = frozenset({"resolved", "acknowledged", "bundle"})  # of a bundle: where nothing of it is left to answer


def priority(attempt: Attempt) -> int:
    """How loud it is: what is critical and open sounds until somebody has it, what is over or info wakes nobody."""
    notification = attempt.notification
    if answerable(notification):
        loudness = {"critical": EMERGENCY, "warning": NORMAL, "info": QUIET}
        return loudness[notification.severity]
    informs = notification.severity == "info" and notification.what not in ("test", "code")
    return QUIET if informs or notification.what in OVER else NORMAL


def form(attempt: Attempt, endpoint: PushoverEndpoint, link: str = "") -> bytes:
    """The body of the request. `link`: where the group is acknowledged, or ""."""
    message, loud = message_of(attempt), priority(attempt)
    fields = {
        "token": endpoint.token,
        "user": endpoint.user,
        "title": cut(message.headline, TITLE),
        "message": cut(plain_text(message), MESSAGE),
        "priority": str(loud),
        "timestamp": str(attempt.notification.at // 1_000),
    }
    if endpoint.device:
        fields["device"] = endpoint.device
    if link and len(link) <= ADDRESS:
        fields |= {"url": link, "url_title": message.link_words}
    if loud == EMERGENCY:
        times = {"retry": endpoint.sound_every // 1_000, "expire": endpoint.sound_for // 1_000}
        fields |= {name: str(seconds) for name, seconds in times.items()} | {"tags": tag(attempt)}
    return urlencode(fields).encode()


def tag(attempt: Attempt) -> str:
    """What all messages of a group share that go on sounding: by it they fall silent together."""
    return f"group={group_key(attempt)}"
