"""Which network addresses a webhook may reach: the public internet, unless an operator says otherwise.

Whoever may edit an endpoint could else make Tocsin call what only Tocsin can reach: its own host, the
private network, or a cloud's metadata service (server-side request forgery).
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_TRANSLATED = IPv6Network("64:ff9b::/96")  # NAT64, RFC 6052: the last 32 bits are an IPv4 address
_COMPATIBLE = IPv6Network("::/96")  # the deprecated IPv4-compatible form, RFC 4291
_LOCAL = (IPv6Network("64:ff9b:1::/48"), IPv6Network("fec0::/10"), IPv4Network("192.0.0.0/24"))
_METADATA = frozenset({IPv4Address("168.63.129.16")})  # public in form, but answers inside one cloud only


def is_public(address: str) -> bool:
    """Whether `address` (numeric, as a resolver gives it) lies on the public internet, however it is wrapped."""
    one = ip_address(address.partition("%")[0])
    if isinstance(one, IPv6Address) and (inner := _inner(one)) is not None:
        return is_public(str(inner))
    if one in _METADATA or any(one.version == net.version and one in net for net in _LOCAL):
        return False
    return one.is_global and not (one.is_multicast or one.is_reserved or one.is_unspecified)


def _inner(one: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that a packet to `one` may end at."""
    if one.ipv4_mapped or one.sixtofour:
        return one.ipv4_mapped or one.sixtofour
    if one.teredo:
        return one.teredo[1]
    if one in _TRANSLATED or (one in _COMPATIBLE and int(one) > 1):
        return IPv4Address(int(one) & 0xFFFF_FFFF)
    return None
