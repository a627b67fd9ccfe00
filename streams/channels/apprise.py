"""The Apprise part of an endpoint document: an address of one of the services that the library Apprise speaks to."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field

from streams.channels.shared.words import WordedEndpoint
from streams.documents.document import Flag
from streams.documents.endpoint import Secret, is_open

# What shows something on the sink's own machine, or reads its files: nothing that a document may ask for.
LOCAL = frozenset({
    "blink1", "dbus", "fcm", "file", "gio", "glib", "gnome", "kde", "macosx", "qt", "syslog", "vapid", "windows",
})  # fmt: skip
_ADDRESS = re.compile(r"([a-z0-9]{1,40})://\S+", re.IGNORECASE)


class AppriseEndpoint(WordedEndpoint):
    """A service that has no channel of its own here, by the library Apprise, an extra that has to be installed."""

    channel: Literal["apprise"]  # pyright: ignore[reportIncompatibleVariableOverride]  # frozen
    url: Secret = Field(min_length=1, max_length=4_000)  # tgram://…, discord://…
    allow_private: Flag = False  # whether a server of one's own may be called, wherever it is

    @property
    def service(self) -> str:
        """The service: what stands before `://`; "" where it cannot be read."""
        match = _ADDRESS.fullmatch(self.url)
        return match[1].lower() if match else ""

    def flaws(self) -> list[tuple[str, str]]:
        """An address that is none, or that stays on the machine."""
        if not is_open(self.url):
            return []
        if not self.service:
            return [("url", "must be an address of Apprise, such as tgram://TOKEN/CHAT")]
        says = "is none that leaves this machine: choose a service"
        return [("url", says)] if self.service in LOCAL else []
