"""What a gateway's answer is told as."""

from __future__ import annotations

import pytest

from sinks.channels.sms.answers import of_gateway
from sinks.http.client import Response
from sinks.outcome import Rejected
from streams.channels.sms import SmsEndpoint

HTTP = {
    "name": "s", "channel": "sms", "provider": "http", "to": "+491701234567", "url": "https://g.example/?t={text}",
    "expect": "accepted",
}  # fmt: skip


@pytest.mark.parametrize(
    "where",
    [
        {"url": "https://g.example/?key=k3y-of-mine&t={text}"},
        {"url": "https://g.example/k3y-of-mine/send?t={text}"},
        {"url": "https://me:k3y-of-mine@g.example/?t={text}"},
        {"content": '{"login": {"token": "k3y-of-mine"}, "t": "{text}"}'},
        {"content": "key=k3y-of-mine&t={text}", "content_type": "application/x-www-form-urlencoded"},
        {"content": "<sms key='k3y-of-mine'>{text}</sms>", "content_type": "text/plain"},
        {"content": '{"key": "k3y-of-mine", "id": {id}, "t": "{text}"}'},
        {"authorization": "Token k3y-of-mine"},
    ],
)
def test_what_grants_access_is_never_repeated(where: dict[str, str]) -> None:
    """A gateway that repeats a key of the address, the content or the header is quoted without it."""
    endpoint = SmsEndpoint.model_validate(HTTP | where)
    answer = of_gateway(
        Response(200, {}, b"ERR the key k3y-of-mine is blocked", "https://g.example"), endpoint, 0
    )
    assert isinstance(answer, Rejected)
    assert answer.reason.endswith("ERR the key … is blocked")


def test_a_short_key_of_the_header_is_no_less_a_secret() -> None:
    """However short it is."""
    endpoint = SmsEndpoint.model_validate(HTTP | {"authorization": "Token k3y"})
    answer = of_gateway(Response(200, {}, b"ERR the key k3y is blocked", "https://g.example"), endpoint, 0)
    assert isinstance(answer, Rejected)
    assert answer.reason.endswith("ERR the key … is blocked")
