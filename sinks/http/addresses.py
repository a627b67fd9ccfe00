"""Which network addresses an endpoint may reach: the public internet, unless an operator says otherwise.

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
    number = ip_address(address.partition("%")[0])
    if isinstance(number, IPv6Address) and (inner := _inner(number)) is not None:
        return is_public(str(inner))
    if number in _METADATA or any(number.version == net.version and number in net for net in _LOCAL):
        return False
    return number.is_global and not (number.is_multicast or number.is_reserved or number.is_unspecified)


def _inner(outer: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that a packet to `outer` may end at."""
    if outer.ipv4_mapped or outer.sixtofour:
        return outer.ipv4_mapped or outer.sixtofour
    if outer.teredo:
        return outer.teredo[1]
    if outer in _TRANSLATED or (outer in _COMPATIBLE and int(outer) > 1):
        return IPv4Address(int(outer) & 0xFFFF_FFFF)
    return None
