"""SMS: parts are counted as networks count them, what matters least goes first, a value stays one in a template."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.channels.message import group_key
from sinks.channels.sms.channel import Sms
from sinks.channels.sms.parts import is_gsm, parts, plain
from sinks.channels.sms.payload import gateway_request, text, twilio_fields
from sinks.channels.words import message_of
from sinks.outcome import Delivered, Rejected
from streams.channels.sms import SmsEndpoint
from streams.documents.document import derived
from streams.documents.registry import read
from streams.errors import Refused
from streams.links.signed_links import Links
from tests.sinks.channels.sms.case import ACCOUNT, GSM, NUMBER, PASSWORD, SENT, SID, counted, twilio
from tests.sinks.harness import closing, nowhere, resources
from tests.sinks.receiver import Receiver

LOGIN = {"sender": "+15005550006", "account": ACCOUNT, "password": PASSWORD}
TWILIO = {"name": "s", "channel": "sms", "to": NUMBER} | LOGIN
HTTP = {"name": "s", "channel": "sms", "provider": "http", "to": NUMBER, "url": "https://g.example/?t={text}"}


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3),
        ("€" * 80, 1), ("€" * 81, 2), ("€" * 152, 2), ("€" * 153, 3),
        ("a" * 152 + "€" + "a" * 152, 3),  # the euro would stand in two parts
        ("ж" * 70, 1), ("ж" * 71, 2), ("ж" * 134, 2), ("ж" * 135, 3),
        ("👩" * 35, 1), ("👩" * 36, 2), ("👩" * 66, 2), ("👩" * 67, 3),
        ("", 1),
    ],
)  # fmt: skip
def test_parts(letters: str, expected: int) -> None:
    """At each bound and one beyond it, in septets and in UTF-16 units; no letter stands in two parts."""
    assert parts(letters) == expected


@given(letters=st.text(alphabet="aé€[ΩÇ{~\n@", max_size=400))
def test_septets_as_another_counts_them(letters: str) -> None:
    """Every letter of the alphabet takes as many septets as another implementation gives it."""
    assert is_gsm(letters)
    assert len(GSM.encode(letters)[0]) == sum(2 if letter in "€[{~" else 1 for letter in letters)
    assert parts(letters) >= counted(letters)


@given(letter=st.characters(max_codepoint=0x24F) | st.sampled_from("ΔΦΓΛΩΠΨΣΘΞ€"))
def test_the_alphabet(letter: str) -> None:
    """A letter is of the alphabet just where another implementation says so."""
    try:
        GSM.encode(letter)
        theirs = True
    except UnicodeError:
        theirs = False
    assert is_gsm(letter) == theirs or letter in "\f\r\x1b"


def test_what_looks_alike() -> None:
    """One curly quotation mark or emoji would make every part half as long, so it is replaced or left out."""
    assert plain("It’s “down” – 5 ≥ 3… `x`\u00a0🔥") == "It's \"down\" - 5 >= 3... 'x' "
    assert plain("жа’🔥") == "жа'🔥"


@given(
    title=st.text(min_size=1, max_size=300),
    message=st.text(max_size=600),
    labels=st.dictionaries(st.text(min_size=1, max_size=20), st.text(max_size=60), max_size=6),
    most=st.integers(1, 3),
)
def test_never_more_parts_than_allowed(
    attempt: Any, title: str, message: str, labels: dict[str, str], most: int
) -> None:
    """Whatever it says, it takes as many parts as the endpoint allows, and its state stands first."""
    words = text(message_of(attempt(title=title, message=message, labels=labels)), most)

    assert parts(words) <= most
    assert words.startswith("FIRING critical: ")


def test_what_goes_first(attempt: Any) -> None:
    """Labels go before the words of the alert, and these before the title; how many alerts there are stays."""
    labels = {f"label{n}": "x" * 30 for n in range(8)}
    made = message_of(attempt(message="m" * 120, labels=labels, lines=3))
    whole, two, one = (text(made, most) for most in (10, 2, 1))

    assert whole.count("label") == 8
    assert 0 < two.count("label") < 8
    assert "m" * 120 in two
    assert one.count("label") == 0
    assert "(3 alerts)" in one


async def test_a_messaging_service(attempt: Any) -> None:
    """A sender that begins with MG is a messaging service, and has another field."""
    async with Receiver(answer=SENT).listening() as receiver, closing(resources()) as shared:
        service = "MG" + "a" * 32
        answer = await Sms(shared).send(attempt({"channel": "sms", **twilio(receiver), "sender": service}))
    form = parse_qs(receiver.got[0].body.decode())

    assert isinstance(answer, Delivered)
    assert answer.reference == SID
    assert form["MessagingServiceSid"] == [service]
    assert "From" not in form


@pytest.mark.parametrize(
    "hostile", ['"}, {"x": "', "a&to=+1555", "line\nbreak", "\\", "{to} {text}", "é 100 %"]
)
def test_templates_are_written_by_their_place(attempt: Any, hostile: str) -> None:
    """In JSON, in a form and in an address a value stays one value, whatever it holds."""
    made = attempt(title=hostile, message=hostile)
    words = text(message_of(made), 2)
    json, form = (
        SmsEndpoint.model_validate(HTTP | {"content_type": kind, "content": body})
        for kind, body in (
            ("application/json", '{"m": "{text}", "n": {"to": "{to}"}}'),
            ("application/x-www-form-urlencoded", "m={text}&to={to}"),
        )
    )

    assert orjson.loads(gateway_request(made, json)[1]) == {"m": words, "n": {"to": NUMBER}}
    assert parse_qs(gateway_request(made, form)[1].decode()) == {"m": [words], "to": [NUMBER]}
    assert parse_qs(gateway_request(made, json)[0].partition("?")[2]) == {"t": [words]}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (TWILIO | {"account": ""}, "needs `account`"),
        (TWILIO | {"url": "https://x"}, "`url` is not for `provider: twilio`"),
        (HTTP | {"url": ""}, "needs `url`"),
        (HTTP | {"account": ACCOUNT}, "`account` is not for `provider: http`"),
        (TWILIO | {"most_parts": 11}, "`most_parts` must be at most 10"),
    ],
)
def test_documents(body: dict[str, Any], words: str) -> None:
    """Each provider needs its own fields and takes no other's."""
    with pytest.raises(Refused, match=words):
        read("endpoint", body)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (TWILIO | {"to": "0170 1234567"}, "to"),
        (TWILIO | {"account": "AC1"}, "account"),
        (TWILIO | {"login": "AC" + "0" * 32}, "login"),
        (HTTP | {"url": "https://g.example/?t={txt}"}, "url"),
        (HTTP | {"url": "https://g.example/"}, "url"),
        (HTTP | {"content": "{number}"}, "content"),
        (HTTP | {"authorization": "a\r\nb"}, "authorization"),
    ],
)
async def test_flaws(attempt: Any, body: dict[str, Any], field: str) -> None:
    """What cannot work is said with its field, before anything is called, and without the number."""
    async with closing(resources(resolve=nowhere)) as shared:
        answer = await Sms(shared).send(attempt(body))

    assert isinstance(answer, Rejected)
    assert f"`{field}`" in answer.reason
    assert "1701234567" not in answer.reason


@pytest.mark.parametrize("most", [1, 2])
@given(title=st.text(max_size=300))
def test_what_to_reply_is_never_cut(attempt: Any, title: str, most: int) -> None:
    """Whatever is shortened, the end says which word and code to reply."""
    made = attempt(title=title, message=title)
    words = text(message_of(made), most, " Reply ACK 4e6ff2")
    assert words.endswith(" Reply ACK 4e6ff2")
    assert parts(words) <= most


@pytest.mark.parametrize(
    ("replies", "what", "asks"),
    [
        ("none", "firing", False),
        ("asked", "firing", True),
        ("pushed", "firing", True),
        ("pushed", "resolved", False),
    ],
)
def test_a_reply_is_asked_for_where_it_is_read(attempt: Any, replies: Any, what: str, asks: bool) -> None:
    """And where there is something to answer."""
    endpoint = SmsEndpoint.model_validate(TWILIO | {"replies": replies})
    made = attempt(what=what)
    body = dict(twilio_fields(made, endpoint))["Body"]
    assert body.endswith(f" Reply ACK {group_key(made)[:6]}") == asks


@pytest.mark.parametrize(("more", "proved"), [({}, True), ({"login": "SK" + "1" * 32}, False)])
async def test_whether_it_arrived_is_said_later(attempt: Any, more: Any, proved: bool) -> None:
    """Twilio gets an address for that, with which attempt it was, where what it says there can be believed."""
    async with Receiver(answer=SENT).listening() as receiver, closing(resources()) as shared:
        reached = replace(shared, links=Links("https://t.example", ()))
        endpoint = {
            **twilio(receiver),
            "login": "",
            "name": "sms",
            "channel": "sms",
            "team": "payments",
            **more,
        }
        await Sms(reached).send(attempt(endpoint, name="n/1", number=2, to="person/payments/anna/sms"))
        form = parse_qs(receiver.got[0].body.decode())
    id = derived("payments", "endpoint", "sms")
    query = "to=person%2Fpayments%2Fanna%2Fsms&notification=n%2F1&number=2"
    wanted = [f"https://t.example/v1/inbound/sms/{id}?{query}"] if proved else None
    assert form.get("StatusCallback") == wanted


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"replies": "pushed", "login": "SK" + "1" * 32}, "auth_token"),
        ({"replies": "pushed", "login": "SK" + "1" * 32, "auth_token": "short"}, "auth_token"),
        ({"replies": "pushed"}, ""),
        ({"replies": "asked", "login": "SK" + "1" * 32}, ""),
    ],
)
def test_replies_have_to_be_proved(more: Any, field: str) -> None:
    """Where they are pushed; who asks for them knows whom it asks."""
    flaws = [name for name, _ in SmsEndpoint.model_validate(TWILIO | more).flaws()]
    assert flaws == [field] * bool(field)
