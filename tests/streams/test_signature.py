"""Who may say what: signatures over the bytes as they came."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import Forged, Misconfigured
from streams.messages.envelope import decode, encode
from streams.signature import Signer, bound, gateway_key
from streams.topics import TELEMETRY

KEY, OLD = b"k" * 32, b"o" * 32
bodies = st.dictionaries(
    st.text(min_size=1).filter(lambda name: name != "signature"), st.text() | st.integers(-9, 9)
)


@given(bodies)
def test_what_is_signed_is_believed(body: dict[str, object]) -> None:
    """Every signed message verifies, and still reads as the message that it was."""
    raw = encode("tick", "id", 1, body)
    signed = Signer([KEY]).sign(raw, "inbox")
    Signer([KEY]).verify(signed, "inbox")
    assert {**decode(signed), "signature": ""} == {**decode(raw), "signature": ""}


@given(st.data())
def test_any_changed_byte_is_forged(data: st.DataObject) -> None:
    """No byte can be changed, whether of the message or of its signature."""
    signed = bytearray(Signer([KEY]).sign(encode("tick", "id", 1, {"processed": 1}), "inbox"))
    place = data.draw(st.integers(0, len(signed) - 2))  # the last byte closes the object for both
    signed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Forged):
        Signer([KEY]).verify(bytes(signed), "inbox")


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"kind":"tick"}', b'{"signature":"' + b"0" * 64 + b'"}'])
def test_unsigned_is_forged(raw: bytes) -> None:
    """A message without a signature is not the system's, however short."""
    with pytest.raises(Forged, match=r"no signature|does not match"):
        Signer([KEY]).verify(raw, "inbox")


def test_keys_rotate_without_a_stop() -> None:
    """Signed with the old key, believed by who holds both; signed with the new one, refused by who holds the old."""
    raw = encode("tick", "id", 1, {})
    Signer([KEY, OLD]).verify(Signer([OLD]).sign(raw, "inbox"), "inbox")
    Signer([KEY, OLD]).verify(Signer([KEY, OLD]).sign(raw, "inbox"), "inbox")
    with pytest.raises(Forged, match="wrong key"):
        Signer([OLD]).verify(Signer([KEY, OLD]).sign(raw, "inbox"), "inbox")


def test_what_is_signed_for_one_topic_is_not_believed_on_another() -> None:
    """A message that was captured on one topic says nothing on another, whatever follows the topic's name."""
    signer, raw = Signer([KEY]), encode("attempt", "id", 1, {})
    with pytest.raises(Forged, match=r"another topic than send\.webhook\.critical"):
        signer.verify(signer.sign(raw, "send.webhook"), "send.webhook.critical")


def test_a_document_is_signed_for_the_topic_that_it_is_published_on() -> None:
    """It travels from `config` into the logs of all machines as it is; nothing else travels."""
    assert [bound(kind, "inbox") for kind in ("config", "tick", "command")] == ["config", "inbox", "inbox"]


def test_outside_producers_sign_with_their_gateways_key() -> None:
    """Where it is required, only the key of the very gateway is believed; the reason names setting and fix."""
    strict, raw = Signer([KEY], strict=True), encode("samples", "id", 1, {"gateway": "prod"})
    own = Signer([gateway_key(KEY, "prod")])
    strict.admit(own.sign(raw, "telemetry"), "prod")
    Signer([KEY]).admit(raw, "prod")
    for said, gateway in (
        (raw, "prod"),
        (own.sign(raw, "telemetry"), "other"),
        (own.sign(raw, "inbox"), "prod"),
    ):
        with pytest.raises(Forged, match=r"TOCSIN_REQUIRE_SIGNED_PRODUCERS .* deploy keys --gateway"):
            strict.admit(said, gateway)


def test_a_rotated_system_key_keeps_the_gateways_old_ones() -> None:
    """A gateway's key that derives from an older key of the system is believed as long as that one is."""
    raw = Signer([OLD]).of("prod").sign(encode("samples", "id", 1, {}), "telemetry")
    Signer([KEY, OLD], strict=True).admit(raw, "prod")


@pytest.mark.parametrize("keys", [[], [b""], [KEY, b"fifteen bytes.."]])
def test_a_key_that_is_none_is_refused(keys: list[bytes]) -> None:
    """An empty file would sign what everybody can sign."""
    with pytest.raises(Misconfigured, match="16 bytes or more"):
        Signer(keys)


def test_a_reserved_name_is_signed_in_any_case() -> None:
    """A message of a source of ours is refused unsigned, also where outside producers need not sign."""
    raw = encode("samples", "id", 1, {"gateway": "prod", "source": "recording"})
    signer = Signer([KEY])
    signer.admit(raw, "prod")
    with pytest.raises(Forged, match="give the producer another name"):
        signer.admit(raw, "prod", reserved=True)
    signer.admit(signer.of("prod").sign(raw, TELEMETRY), "prod", reserved=True)
