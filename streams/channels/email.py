"""The e-mail part of an endpoint document: who gets it, who sends it, and through which server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import getaddresses
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from streams.channels.shared.addresses import address_flaw, inside_host, private_words
from streams.channels.shared.words import WordedEndpoint
from streams.documents.document import Flag
from streams.documents.endpoint import Secret, is_open

MOST = 50  # recipients of one endpoint; servers take at least 100 (RFC 5321, 4.5.3.1.8)
PORTS = {"starttls": 587, "tls": 465, "none": 25}
_SERVER = re.compile(
    r"(?:\[(?P<literal>[0-9a-fA-F:.]+)\]|(?P<host>[^\s:\[\]/@\"'`<>,;]{1,253}))(?::(?P<port>[0-9]{1,5}))?"
)
_HTTPS = re.compile(r"https://[!-;=?-~]+")  # what stands between < and > in a header
_BEYOND = ".example.com"  # makes a name of one's own network, such as corp.local, one that the library judges


def joined(value: Any) -> Any:
    """Several addresses in, the one text that is sealed out: a list may stand there as well."""
    if not isinstance(value, list):
        return value
    several = list[Any](value)  # pyright: ignore[reportUnknownArgumentType] it holds what it likes
    return ", ".join(several) if all(isinstance(each, str) for each in several) else several


@dataclass(frozen=True, slots=True)
class Address:
    """A mail address. `ascii`: as every server takes it, empty where only servers with SMTPUTF8 can."""

    name: str
    plain: str
    ascii: str


def addresses(text: str) -> list[Address]:
    """The addresses in `text`, separated by commas; ValueError says what is wrong with the first that is none."""
    if any(letter < " " or letter == "\x7f" for letter in text):
        raise ValueError("holds a line break or another control character")
    read = [(name, address) for name, address in getaddresses([text]) if name or address]
    if not read:
        raise ValueError("names nobody: write an address such as ops@example.com")
    return [_address(name, address) for name, address in read]


def _address(name: str, address: str) -> Address:
    # late: whoever asks for topics needs no mail
    from email_validator import EmailNotValidError, validate_email

    try:
        valid = validate_email(address + _BEYOND, check_deliverability=False)
    except EmailNotValidError as why:
        words = str(why).replace(_BEYOND, "").rstrip(".")
        raise ValueError(f"holds what is no address: {words}") from None
    ascii_form = (valid.ascii_email or "").removesuffix(_BEYOND)
    return Address(name, valid.normalized.removesuffix(_BEYOND), ascii_form)


class EmailEndpoint(WordedEndpoint):
    """People or lists that get one mail for each notification; the mails of a group form one thread."""

    channel: Literal["email"]  # pyright: ignore[reportIncompatibleVariableOverride]  # frozen
    # one or several addresses
    to: Annotated[Secret, BeforeValidator(joined, json_schema_input_type=str | list[str])] = Field(
        max_length=8_000
    )
    sender: Annotated[str, Field(max_length=320)]  # "Tocsin <tocsin@example.com>"
    server: Annotated[str, Field(max_length=260)]  # host or host:port
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = Field(default="", max_length=320)
    password: Secret = Field(default="", max_length=2_000)
    unsubscribe: Secret = Field(default="", max_length=2_000)  # an https address that takes a one-click POST
    allow_private: Flag = False  # whether the server may have a private address

    @property
    def host(self) -> str:
        """The name or number of the server."""
        match = _SERVER.fullmatch(self.server)
        return (match["literal"] or match["host"]) if match else ""

    @property
    def port(self) -> int:
        """The server's port: what the address says, else the usual one of the security."""
        match = _SERVER.fullmatch(self.server)
        return int(match["port"]) if match and match["port"] else PORTS[self.security]

    def flaws(self) -> list[tuple[str, str]]:
        """Addresses that are none, a server that is none, a password that would travel in clear text."""
        return [(field, says) for field, says in self._looked_at() if says]

    def _looked_at(self) -> Iterator[tuple[str, str]]:
        if is_open(self.to) or not self.to:
            yield "to", _flaw(self.to, MOST)
        yield "sender", _flaw(self.sender, 1)
        if not self.host or not 0 < self.port < 65_536:
            yield "server", "must be a host such as smtp.example.com, or host:port"
        if bool(self.user) != bool(self.password):
            yield (
                "user" if self.password else "password",
                "must be set too: a user and a password go together",
            )
        if self.password and self.security == "none":
            yield (
                "security",
                "must be starttls or tls where there is a `password`, which would travel in clear text",
            )
        if is_open(self.unsubscribe):
            https = _HTTPS.fullmatch(self.unsubscribe) and not address_flaw(self.unsubscribe)
            yield "unsubscribe", "" if https else "must be an address such as https://host/path"

    def private_address(self) -> str:
        """Why no mail leaves, where the server is plainly no public one; empty else."""
        return private_words(inside_host(self.host), self.allow_private)


def _flaw(text: str, most: int) -> str:
    try:
        people = addresses(text)
    except ValueError as why:
        return str(why)
    return "" if len(people) <= most else f"holds {len(people)} addresses: at most {most}"
