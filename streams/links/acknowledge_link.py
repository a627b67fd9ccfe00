"""Links in mails by which whoever got the mail acknowledges its group: signed, for one group, for a day."""

from __future__ import annotations

from typing import NamedTuple

from streams.links.signed_links import Links

PATH = "/a/"
LASTS = 86_400_000  # ms from the notification on
_PURPOSE = b"tocsin acknowledge link"


class LinkClaim(NamedTuple):
    """What a link allows: to acknowledge the group of a key (`way_back.group_key`) that `to` was told of."""

    key: str
    to: str
    expires: int  # ms UTC


def acknowledge_link(links: Links, claim: LinkClaim) -> str:
    """The address that carries a claim; "" where nobody could reach it."""
    return links.signed(PATH, _PURPOSE, f"{claim.expires}|{claim.key}|{claim.to}".encode())


def read_acknowledgement(links: Links, token: str, now: int) -> LinkClaim | None:
    """The claim behind the path; None where it is none of ours or has expired. `now`: ms UTC."""
    content = links.content(_PURPOSE, token)
    if content is None:
        return None
    expires, key, to = content.decode().split("|", 2)
    claim = LinkClaim(key, to, int(expires))
    return claim if now < claim.expires else None
