"""Which gateways are watched: a file in the data folder that `tocsin connect` writes and the bridge follows.

    {"gateways": [{"name": "prod-eu", "url": "https://gateway.example", "token_file": "/etc/tocsin/prod-eu.token",
                   "interval": "15s", "verify": true, "ca": ""}]}

It holds where a token lies, never the token. Beside `gateways` stands `left`: which are watched no longer, and since
when (ms), so that the bridge can tell, whenever it runs, that nobody is to wait for them.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
from pydantic import Field, ValidationError, field_validator

from sources.shared.choice import PATIENCE, part
from sources.shared.part import SharedPart
from streams.documents.document import TEAM, Flag, Length, Name, Part
from streams.errors import Misconfigured
from streams.settings import Settings
from streams.text.fault import path, sentence

FILE = "gateways.json"
RESERVED = "demonstration"  # the gateway that only pretends
SHORTEST = 2_000  # ms: below that the gateway's limiter would end the watch
EXAMPLE = "write scheme and host, for instance https://gateway.example"
LEFT = 100  # gateways that were left last


class Gateway(Part):
    """One gateway that is watched. `ca`: file of the certificates that sign its own; empty: the system's.

    `team`: whose it is, but for upstreams that have a team in the gateway; empty: nobody's, all rules may read it.
    `key_file`: holds the gateway's own key, which signs what is said of it; else see `sources.telemetry.keyring`.
    """

    name: Name
    url: str = Field(max_length=2000)
    token_file: str
    interval: Length = 15_000
    verify: Flag = True
    ca: str = ""
    team: str = ""
    key_file: str = ""

    @field_validator("name")
    @classmethod
    def _free(cls, name: str) -> str:
        if name == RESERVED:
            raise ValueError(f"{RESERVED!r} is the name of the demonstration; choose another")
        return name

    @field_validator("url")
    @classmethod
    def _plain(cls, url: str) -> str:
        """Scheme, host and, behind a proxy, a path; what is secret in it is not repeated."""
        try:
            parts = urlsplit(url.strip())
            known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            raise ValueError(EXAMPLE) from None
        if not known or any(sign.isspace() for sign in url.strip()):
            raise ValueError(EXAMPLE)
        if "@" in parts.netloc:
            raise ValueError("leave out user and password: the token lies in a file of its own")
        if parts.query or parts.fragment:
            raise ValueError("leave out what follows `?` or `#`: write for instance https://gateway.example")
        return url.strip().rstrip("/")

    @field_validator("team")
    @classmethod
    def _slug(cls, team: str) -> str:
        if team and not TEAM.fullmatch(team):
            raise ValueError("the name of a team, small letters and digits; or empty, where it is nobody's")
        return team

    @field_validator("interval")
    @classmethod
    def _polite(cls, interval: int) -> int:
        if not SHORTEST <= interval <= 600_000:
            raise ValueError("between 2s and 10m")
        return interval

    def authority(self) -> str:
        """The PEM text of `ca`; Misconfigured where it cannot be read."""
        try:
            return Path(self.ca).read_text() if self.ca else ""
        except (OSError, ValueError) as why:
            raise Misconfigured(f"gateway {self.name}: `ca` {self.ca}: {why}") from None

    def encryption(self) -> ssl.SSLContext | bool:
        """Whose certificates are believed; Misconfigured where the file of them cannot be read."""
        if not self.verify:
            return False
        try:
            return ssl.create_default_context(cafile=self.ca) if self.ca else _systems()
        except (OSError, ssl.SSLError) as why:
            raise Misconfigured(f"gateway {self.name}: `ca` {self.ca}: {why}") from None


@cache
def _systems() -> ssl.SSLContext:
    """The system's certificates, read once: it takes a third of a second, and there may be a hundred gateways."""
    return ssl.create_default_context()


class Registry:
    """The file, read anew whenever it was replaced; what is shared besides counts where both name a gateway."""

    def __init__(self, data: str | Path, part: SharedPart | None = None) -> None:
        """`data`: the data folder; the file need not exist yet. `part`: where changes go instead of into the file."""
        self.path, self._part = Path(data) / FILE, part

    @classmethod
    def of(cls, settings: Settings, patience: float = PATIENCE) -> Registry:
        """As the settings keep it; `patience`: seconds to wait for what is shared to be read at first."""
        return cls(settings.data, part(settings, "gateway", patience))

    def stamp(self) -> tuple[int, int, int]:
        """Changes whenever one of both does; zeros while there is none."""
        version = self._part.version if self._part is not None else 0
        try:
            stat = self.path.stat()
        except OSError:
            return (0, 0, version)
        return (stat.st_mtime_ns, stat.st_size, version)

    def read(self) -> dict[str, Gateway]:
        """All gateways by name; Misconfigured names the file, the gateway and what is wrong with it."""
        try:
            gateways = [self._gateway(number, entry) for number, entry in enumerate(self._body()["gateways"])]
        except (KeyError, TypeError) as why:
            raise Misconfigured(f'{self.path}: it must be {{"gateways": […]}} ({why!r})') from None
        return {gateway.name: gateway for gateway in gateways}

    def _gateway(self, number: int, entry: Any) -> Gateway:
        try:
            return Gateway.model_validate(entry)
        except ValidationError as why:
            first = why.errors()[0]
            name = entry.get("name", number) if isinstance(entry, dict) else number
            words = sentence(path(first["loc"]), first)
            raise Misconfigured(f"{self.path}: gateway {name!s:.80}: {words}") from None

    def left(self) -> dict[str, int]:
        """Which gateways are watched no longer, and since when, in ms."""
        left = self._body().get("left", {})
        return left if isinstance(left, dict) else {}

    def put(self, gateway: Gateway) -> None:
        """Watch this gateway from now on; one of the same name is replaced."""
        if self._part is not None:
            entry = {"gateway": gateway.model_dump(mode="json")}
            self._part.change(lambda known: {**known, gateway.name: entry})
            return
        left = {name: at for name, at in self.left().items() if name != gateway.name}
        self._write((self.read() | {gateway.name: gateway}).values(), left)

    def remove(self, name: str, at: int) -> bool:
        """Watch it no longer, from `at` on, in ms; False if nobody did."""
        gateways = self.read()
        known = gateways.pop(name, None) is not None
        if known and self._part is not None:
            self._part.change(lambda shared: {**shared, name: {"left": at}})
        elif known:
            left = {other: since for other, since in self.left().items() if other != name} | {name: at}
            self._write(gateways.values(), dict(list(left.items())[-LEFT:]))
        return known

    def _body(self) -> dict[str, Any]:
        """The file's content, with what is shared in its place."""
        body = self._file()
        if self._part is None:
            return body
        shared = self._part.read()
        own = [
            entry
            for entry in body["gateways"]
            if not (isinstance(entry, dict) and entry.get("name") in shared)
        ]
        gateways = [entry["gateway"] for entry in shared.values() if "gateway" in entry]
        left = {name: at for name, at in body.get("left", {}).items() if name not in shared}
        return {
            "gateways": own + gateways,
            "left": left | {name: entry["left"] for name, entry in shared.items() if "left" in entry},
        }

    def _file(self) -> dict[str, Any]:
        try:
            body = orjson.loads(self.path.read_bytes())
        except FileNotFoundError:
            return {"gateways": []}
        except (OSError, ValueError) as why:
            raise Misconfigured(f'{self.path}: it must be {{"gateways": […]}} ({why!r})') from None
        if not isinstance(body, dict):
            raise Misconfigured(f'{self.path}: it must be {{"gateways": […]}}, not {body!r:.40}')
        return body

    def _write(self, gateways: Iterable[Gateway], left: Mapping[str, int]) -> None:
        """Replace the file in one step, so that the bridge never reads half of it."""
        body = {"gateways": [gateway.model_dump(mode="json") for gateway in gateways], "left": dict(left)}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".new")
        draft.write_bytes(orjson.dumps(body, option=orjson.OPT_INDENT_2) + b"\n")
        draft.replace(self.path)
