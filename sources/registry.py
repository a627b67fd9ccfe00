"""Which gateways are watched: a file in the data folder that `tocsin connect` writes and the bridge follows.

    {"gateways": [{"name": "prod-eu", "url": "https://gateway.example", "token_file": "/etc/tocsin/prod-eu.token",
                   "interval": "15s", "verify": true, "ca": ""}]}

It holds where a token lies, never the token.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from pathlib import Path

import orjson
from pydantic import Field, ValidationError, field_validator

from streams.document import Flag, Length, Name, Part
from streams.errors import Misconfigured

FILE = "gateways.json"
RESERVED = "demonstration"  # the gateway that only pretends
SHORTEST = 2_000  # ms: below that the gateway's limiter would end the watch


class Gateway(Part):
    """One gateway that is watched. `ca`: file of the certificates that sign its own; empty: the system's."""

    name: Name
    url: str = Field(pattern=r"^https?://[^\s/]+", max_length=2000)
    token_file: str
    interval: Length = 15_000
    verify: Flag = True
    ca: str = ""

    @field_validator("name")
    @classmethod
    def _free(cls, name: str) -> str:
        if name == RESERVED:
            raise ValueError(f"{RESERVED!r} is the name of the demonstration; choose another")
        return name

    @field_validator("interval")
    @classmethod
    def _polite(cls, interval: int) -> int:
        if not SHORTEST <= interval <= 600_000:
            raise ValueError("between 2s and 10m")
        return interval

    def encryption(self) -> ssl.SSLContext | bool:
        """Whose certificates are believed; Misconfigured where the file of them cannot be read."""
        if not self.verify:
            return False
        try:
            return ssl.create_default_context(cafile=self.ca or None)
        except (OSError, ssl.SSLError) as why:
            raise Misconfigured(f"gateway {self.name}: `ca` {self.ca}: {why}") from None


class Registry:
    """The file, read anew whenever it was replaced."""

    def __init__(self, data: str | Path) -> None:
        """`data`: the data folder; the file need not exist yet."""
        self.path = Path(data) / FILE

    def stamp(self) -> tuple[int, int]:
        """Changes whenever the file does; zeros while there is none."""
        try:
            stat = self.path.stat()
        except OSError:
            return (0, 0)
        return (stat.st_mtime_ns, stat.st_size)

    def read(self) -> dict[str, Gateway]:
        """All gateways by name; Misconfigured names the file, the gateway and what is wrong with it."""
        try:
            entries = orjson.loads(self.path.read_bytes())["gateways"]
            gateways = [Gateway.model_validate(entry) for entry in entries]
        except FileNotFoundError:
            return {}
        except ValidationError as why:
            first = why.errors()[0]
            where, said = ".".join(map(str, first["loc"])), first["msg"].removeprefix("Value error, ")
            raise Misconfigured(f"{self.path}: `{where}`: {said}") from None
        except (OSError, ValueError, KeyError, TypeError) as why:
            raise Misconfigured(f'{self.path}: it must be {{"gateways": […]}} ({why!r})') from None
        return {gateway.name: gateway for gateway in gateways}

    def put(self, gateway: Gateway) -> None:
        """Watch this gateway from now on; one of the same name is replaced."""
        self._write((self.read() | {gateway.name: gateway}).values())

    def remove(self, name: str) -> bool:
        """Watch it no longer; False if nobody did."""
        gateways = self.read()
        known = gateways.pop(name, None) is not None
        self._write(gateways.values())
        return known

    def _write(self, gateways: Iterable[Gateway]) -> None:
        """Replace the file in one step, so that the bridge never reads half of it."""
        body = {"gateways": [gateway.model_dump(mode="json") for gateway in gateways]}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".new")
        draft.write_bytes(orjson.dumps(body, option=orjson.OPT_INDENT_2) + b"\n")
        draft.replace(self.path)
