"""What Twilio says of its telephones: a reply by SMS, a pressed key, and what became of a message or call. Pure.

From=+4917…&Body=ack+4e6ff2&MessageSid=SM…     Digits=1&CallSid=CA…     MessageStatus=undelivered&ErrorCode=30003
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from sources.intake.answers import same
from streams.errors import Refused

SIGNATURE = "x-twilio-signature"
# sent where a SharedKey signs, whose secret is the token then
SETTINGS = "x-twilio-webhooks-signature-settings"
_HASHES = {"HMAC_SHA1": hashlib.sha1, "HMAC_SHA256": hashlib.sha256}
FIELDS = 200  # of one request; Twilio sends some thirty
_PORTS = {"https": 443, "http": 80}
_WORDS: dict[str, Literal["acknowledge", "resolve", "escalate"]] = {
    **dict.fromkeys(("ack", "acknowledge", "acknowledged", "ok", "yes", "1"), "acknowledge"),
    **dict.fromkeys(("escalate", "next", "no", "2"), "escalate"),
    **dict.fromkeys(("resolve", "resolved", "done", "fixed"), "resolve"),
}  # STOP, START and HELP are Twilio's own
_KEYS: dict[str, Literal["acknowledge", "escalate"]] = {"1": "acknowledge", "2": "escalate"}
_REPLY = re.compile(r"\W*([a-z]+|[12])\b\W*([0-9a-f]{6})?\W*", re.IGNORECASE)
FAILED = frozenset({"undelivered", "failed", "busy", "no-answer", "canceled"})


class SmsReply(NamedTuple):
    """What somebody answered by SMS. `code`: how the group's key begins, "" where it is not said; `at`: ms UTC."""

    do: Literal["acknowledge", "resolve", "escalate"]
    code: str
    number: str
    id: str
    at: int | None = None


class NotDelivered(NamedTuple):
    """That a message or a call did not arrive after all. `status`: Twilio's word; `error`: its number, or ""."""

    status: str
    error: str


def fields(raw: bytes) -> Mapping[str, str]:
    """The form of a request, the first of fields that come twice; Refused where it has more than Twilio sends."""
    return dict(reversed(_pairs(raw)))


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=FIELDS)
    except ValueError:
        raise Refused("the body holds more fields than Twilio sends") from None


def is_signed(url: str, raw: bytes, headers: Mapping[str, str], token: str) -> bool:
    """Whether Twilio has signed the form for this address. `token`: the account's auth token.

    Twilio sees the address with or without the usual port, and does not say which.
    """
    given = headers.get(SIGNATURE, "")
    content = "".join(name + value for name, value in sorted(set(_pairs(raw))))
    hashed = _HASHES.get(_algorithm(headers.get(SETTINGS, "")))
    if hashed is None:
        return False
    macs = (hmac.new(token.encode(), (each + content).encode(), hashed) for each in _spellings(url))
    return any(same(base64.b64encode(mac.digest()).decode(), given) for mac in macs)


def _algorithm(settings: str) -> str:
    """How a request is signed: `key=…,algorithm=HMAC_SHA256` where a key of its own signs, else as ever."""
    named = (part.partition("=") for part in settings.split(","))
    return next(
        (value.strip().upper() for name, _, value in named if name.strip() == "algorithm"), "HMAC_SHA1"
    )


def _spellings(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    host, port = parts.netloc.partition(":")[0], parts.port or _PORTS.get(parts.scheme, 443)
    return urlunsplit(parts._replace(netloc=host)), urlunsplit(parts._replace(netloc=f"{host}:{port}"))


def reply(form: Mapping[str, str], at: int | None = None) -> SmsReply | None:
    """What a message asks for; None where it says none of our words. `at`: when it was sent, ms UTC."""
    match = _REPLY.fullmatch(form.get("Body", "").strip())
    do = _WORDS.get(match[1].lower()) if match else None
    if match is None or do is None or "MessageSid" not in form:
        return None
    return SmsReply(do, (match[2] or "").lower(), form.get("From", ""), form["MessageSid"], at)


def pressed(form: Mapping[str, str]) -> Literal["acknowledge", "escalate"] | None:
    """What the pressed key stands for; None where it is none of ours."""
    return _KEYS.get(form.get("Digits", ""))


def failure(form: Mapping[str, str]) -> NotDelivered | None:
    """That it did not arrive; None where it did, or where that is not known yet."""
    status = form.get("MessageStatus") or form.get("CallStatus") or ""
    return NotDelivered(status, form.get("ErrorCode", "")[:10]) if status in FAILED else None


def listed(body: Mapping[str, Any]) -> list[SmsReply]:
    """The replies in a list of messages, as the account's API answers; what was sent by us is no reply."""
    messages = body.get("messages")
    replies: list[SmsReply] = []
    for message in messages if isinstance(messages, list) else []:
        if not isinstance(message, dict) or message.get("direction") != "inbound":
            continue
        form = {"Body": message.get("body"), "From": message.get("from"), "MessageSid": message.get("sid")}
        texts = {name: value for name, value in form.items() if isinstance(value, str)}
        replies += filter(None, [reply(texts, _instant(message.get("date_sent")))])
    return replies


def _instant(text: Any) -> int | None:
    """Ms UTC of an instant as mails write it."""
    try:
        return int(parsedate_to_datetime(text).timestamp() * 1_000)
    except (ValueError, TypeError):
        return None
