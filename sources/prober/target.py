"""What is looked at: addresses that speak TLS, and certificates that a gateway holds itself. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from sources.contextforge.upstream import Upstream
from streams.documents.probe import PORT, Probe, place

Kind = Literal["gateway", "upstream", "host", "ca", "client"]


@dataclass(frozen=True, slots=True)
class Target:
    """A host that speaks TLS. `authority`: PEM text that is trusted besides the system's certificates.

    `judged`: whether its chain is judged; where a gateway reaches an upstream, the gateway has judged it already.
    """

    kind: Kind
    host: str
    port: int
    upstream: str = ""
    authority: str = ""
    judged: bool = True

    @property
    def place(self) -> tuple[str, str, int, str]:
        """What stays where it is asked in another way."""
        return self.kind, self.host, self.port, self.upstream

    @property
    def labels(self) -> dict[str, str]:
        """By which its samples are told apart."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return {"kind": self.kind, "host": f"{host}:{self.port}"} | _named(self.upstream)


@dataclass(frozen=True, slots=True)
class Stored:
    """Certificates that the gateway holds for an upstream, as PEM text."""

    kind: Kind
    upstream: str
    pem: str

    @property
    def labels(self) -> dict[str, str]:
        """By which their samples are told apart, but for each certificate's own name."""
        return {"kind": self.kind} | _named(self.upstream)


def of_url(
    kind: Kind, url: str, authority: str = "", judged: bool = True, upstream: str = ""
) -> Iterator[Target]:
    """The target of an address, where that is encrypted."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or PORT
    except ValueError:
        return
    if parts.scheme in ("https", "wss") and host:
        yield Target(kind, host, port, upstream, authority, judged)


def of_upstreams(upstreams: Iterable[Upstream]) -> Iterator[Target | Stored]:
    """What a gateway's list of upstreams names: their own certificates, and those that the gateway holds for them."""
    for upstream in upstreams:
        if not upstream.watched:
            continue
        judged = not upstream.reachable
        yield from of_url("upstream", upstream.url, upstream.authority, judged, upstream.name)
        if upstream.authority:
            yield Stored("ca", upstream.name, upstream.authority)
        if "BEGIN CERTIFICATE" in upstream.client:
            yield Stored("client", upstream.name, upstream.client)


def of_probe(probe: Probe) -> Iterator[Target]:
    """The hosts of a probe document as targets."""
    for text in probe.hosts:
        yield Target("host", *place(text), authority=probe.authority)


def _named(upstream: str) -> dict[str, str]:
    return {"upstream": upstream} if upstream else {}
