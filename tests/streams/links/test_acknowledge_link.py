"""Links by which a mail's group is acknowledged: nobody can make one, and each ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.links.acknowledge_link import PATH, LinkClaim, acknowledge_link, read_acknowledgement
from streams.links.signed_links import Links

CLAIM = LinkClaim("0" * 32, "endpoint/payments/ops", 2_000)
LINKS = Links("https://tocsin.example.com/", ["new", "old"])


def token(link: str) -> str:
    """What stands behind the path."""
    return link.partition(PATH)[2]


def test_it_carries_its_claim() -> None:
    """Below the address that people reach, until it expires."""
    link = acknowledge_link(LINKS, CLAIM)
    assert link.startswith("https://tocsin.example.com/a/")
    assert read_acknowledgement(LINKS, token(link), 1_999) == CLAIM
    assert read_acknowledgement(LINKS, token(link), 2_000) is None
    assert len(link) < 250


def test_keys_rotate() -> None:
    """What an older key has signed is believed while the key is listed."""
    old = token(acknowledge_link(Links("https://t.example", ["old"]), CLAIM))
    assert read_acknowledgement(LINKS, old, 0) == CLAIM
    assert read_acknowledgement(Links("https://t.example", ["new"]), old, 0) is None


@pytest.mark.parametrize("links", [Links("", ["k"]), Links("https://t.example", [])])
def test_no_address_no_link(links: Links) -> None:
    """Nor without a key."""
    assert acknowledge_link(links, CLAIM) == ""


@given(st.text(max_size=80), st.integers(0, 200))
def test_nobody_else_makes_one(text: str, place: int) -> None:
    """Whatever stands there is no claim, nor is one of ours with a letter changed."""
    assert read_acknowledgement(LINKS, text, 0) is None
    good = token(acknowledge_link(LINKS, CLAIM))
    at = place % len(good)
    other = "A" if good[at] != "A" else "B"
    changed = read_acknowledgement(LINKS, good[:at] + other + good[at + 1 :], 0)
    assert changed in (None, CLAIM)  # the last letter of base 64 has bits that say nothing
    assert changed is None or at == len(good) - 1


def test_another_installation() -> None:
    """Does not believe it."""
    assert (
        read_acknowledgement(Links("https://t.example", ["other"]), token(acknowledge_link(LINKS, CLAIM)), 0)
        is None
    )
