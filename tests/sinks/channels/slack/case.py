"""Slack under contract: Slack's own models read the blocks, and every limit that they do not know is counted."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import orjson
from slack_sdk.models.blocks import Block

from sinks.outcome import Delivered, Rejected, Retry
from streams.outcome_code import OutcomeCode as Code
from tests.sinks.channels.case import Case, Row, http_place
from tests.sinks.receiver import Receiver, Request, responding
from tests.sinks.specs import spec

TOKEN, PATH = "xoxb-1234-abcdefSECRET", "T000/B000/hook-s3cret"
POSTED = responding("200 OK", body='{"ok":true,"channel":"C024BE91L","ts":"1401383885.000061"}')
SCHEMA = spec("slack-message.schema.json")
FORMS = {"&amp;", "&lt;", "&gt;"}


def hook(receiver: Receiver) -> dict[str, Any]:
    """An incoming webhook."""
    return {"url": f"http://127.0.0.1:{receiver.port}/services/{PATH}", "allow_private": True}


def bot(receiver: Receiver) -> dict[str, Any]:
    """A bot's token."""
    return {"token": TOKEN, "conversation": "#alerts", "api_url": f"http://127.0.0.1:{receiver.port}/api",
            "allow_private": True}  # fmt: skip


def oracle(request: Request) -> None:
    """What Slack's models, its types and its limits say of a message; nothing from outside is live."""
    body = orjson.loads(request.body)
    if SCHEMA:
        jsonschema_rs.validate(SCHEMA, body)
    blocks = body.get("blocks", [])
    for block in Block.parse_all(blocks):
        assert type(block) is not Block
        block.validate_json()
    assert 0 < len(body["text"]) <= 4_000
    assert len(blocks) <= 50
    texts = [element for block in blocks for element in block.get("elements") or [block["text"]]]
    assert sum(len(each["text"]) for each in texts) <= 13_000
    assert all(0 < len(each["text"]) <= 3_000 for each in texts)
    for live in [body["text"], *(each["text"] for each in texts if each["type"] == "mrkdwn")]:
        assert "<" not in live
        assert ">" not in live
        assert all(
            live[place:].startswith(tuple(FORMS)) for place, letter in enumerate(live) if letter == "&"
        )


def bot_oracle(request: Request) -> None:
    """The same, with the token where Slack wants it and nowhere else."""
    oracle(request)
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert TOKEN.encode() not in request.body
    assert orjson.loads(request.body)["channel"]
    assert request.line.split()[1] in ("/api/chat.postMessage", "/api/chat.update")


def refused(error: str, *headers: str) -> str:
    """Slack's normal error: HTTP 200."""
    return responding("200 OK", *headers, body=f'{{"ok":false,"error":"{error}"}}')


SHARED = (
    Row(responding("429 Slow", "Retry-After: 30"), Retry, Code.BUSY, 30_000),
    Row(responding("500 Oops"), Retry, Code.UNAVAILABLE),
    Row(responding("503 Down"), Retry, Code.UNAVAILABLE),
)
CASE = Case(
    place=http_place("slack", hook, responding("200 OK", body="ok")),
    oracle=oracle,
    secrets=("hook-s3cret",),
    table=(
        Row(responding("200 OK", body="ok"), Delivered, Code.DELIVERED),
        Row(responding("200 OK", body="<html>Sign in</html>"), Retry, Code.UNKNOWN),
        Row(refused("invalid_blocks"), Rejected, Code.REFUSED),
        *(
            Row(responding("400 Bad", body=word), Rejected, Code.REFUSED)
            for word in ("invalid_payload", "no_text")
        ),
        Row(responding("403 No", body="invalid_token"), Rejected, Code.CREDENTIALS),
        Row(responding("403 No", body="action_prohibited"), Rejected, Code.CREDENTIALS),
        Row(responding("404 No", body="no_service"), Rejected, Code.GONE),
        Row(responding("404 No", body="channel_not_found"), Rejected, Code.GONE),
        Row(responding("410 No", body="channel_is_archived"), Rejected, Code.GONE),
        Row(responding("500 Oops", body="rollup_error"), Retry, Code.UNAVAILABLE),
        *SHARED,
    ),
)
BOT = Case(
    place=http_place("slack", bot, POSTED),
    oracle=bot_oracle,
    secrets=(TOKEN,),
    table=(
        Row(POSTED, Delivered, Code.DELIVERED),
        *(Row(refused(error), Rejected, Code.CREDENTIALS)
          for error in ("invalid_auth", "token_revoked", "missing_scope", "account_inactive")),
        *(Row(refused(error), Rejected, Code.RECIPIENT)
          for error in ("channel_not_found", "not_in_channel", "is_archived")),
        *(Row(refused(error), Rejected, Code.REFUSED) for error in ("invalid_blocks", "msg_too_long", "new_error")),
        Row(refused("ratelimited", "Retry-After: 5"), Retry, Code.BUSY, 5_000),
        Row(refused("internal_error"), Retry, Code.UNAVAILABLE),
        Row(refused("fatal_error"), Retry, Code.UNKNOWN),
        Row(responding("200 OK", body="<html>"), Retry, Code.UNKNOWN),
        *SHARED,
    ),
)  # fmt: skip
