"""Slack's interactions: somebody has pressed a button below the message of a group. Pure.

payload={"type": "block_actions", "user": {"id": "U1", "username": "anna"}, "container": {"message_ts": "1.2"},
 "actions": [{"action_id": "tocsin_acknowledge", "value": "<the group's key>", "action_ts": "1.3"}]}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal
from urllib.parse import parse_qs

from sources.intake.answers import (
    ProviderAnswer,
    hexadecimal,
    inner,
    instant,
    is_key,
    object_of,
    person,
    same,
)
from streams.errors import Refused

SIGNATURE, STAMP = "x-slack-signature", "x-slack-request-timestamp"
OLDEST = 300  # seconds: an older request may have been recorded
MOST = 20  # buttons of one request; people press one
_ACTIONS: dict[str, Literal["acknowledge", "resolve"]] = {
    "tocsin_acknowledge": "acknowledge",
    "tocsin_resolve": "resolve",
}


def is_signed(raw: bytes, headers: Mapping[str, str], secret: str, now: int) -> bool:
    """Whether Slack has signed the body as it came, in the last five minutes; `now`: seconds UTC."""
    stamp = headers.get(STAMP, "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 15 and abs(now - int(stamp)) <= OLDEST):
        return False
    wanted = f"v0={hexadecimal(secret, f'v0:{stamp}:'.encode() + raw)}"
    return same(wanted, headers.get(SIGNATURE, ""))


def answers(raw: bytes) -> list[ProviderAnswer]:
    """What a person pressed; nothing where the button is none of ours."""
    try:
        fields = parse_qs(raw.decode("utf-8", "replace"), max_num_fields=10)
    except ValueError:
        raise Refused("the body holds more fields than Slack sends") from None
    body = object_of(fields.get("payload", [""])[0].encode())
    if body.get("type") != "block_actions":
        return []
    return list(_pressed(body))


def _pressed(body: Mapping[str, Any]) -> Iterator[ProviderAnswer]:
    user, place = inner(body, "user"), inner(body, "container").get("message_ts")
    who = person(user.get("username") or user.get("name"), "Slack")
    pressed = body.get("actions")
    actions: list[Any] = pressed if isinstance(pressed, list) else []
    for action in actions[:MOST]:
        about: Mapping[str, Any] = action if isinstance(action, dict) else {}
        do, key = _ACTIONS.get(str(about.get("action_id"))), about.get("value")
        if do is not None and is_key(key):
            id = f"{do}/{place}/{user.get('id')}/{about.get('action_ts')}"
            yield ProviderAnswer(do, str(key), who, id, instant(about.get("action_ts")))
