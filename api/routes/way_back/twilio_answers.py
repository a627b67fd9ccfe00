"""What Twilio is told back: TwiML that answers a reply, or says in a call what a key has done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from fastapi.responses import Response

from api.commands.provider_answers import obey
from api.dependencies import Dependencies
from api.queries import documents as reading
from api.way_back import telephone
from api.way_back.undelivered import report_failure
from sources.intake import twilio
from sources.intake.answers import ProviderAnswer, is_key, person
from streams.channels.sms import SmsEndpoint
from streams.channels.voice import VoiceEndpoint
from streams.documents.oncall.person import PersonDocument
from streams.documents.registry import identity

Query = Mapping[str, str]


async def on_message(deps: Dependencies, endpoint: SmsEndpoint, query: Query, raw: bytes) -> Response:
    """Somebody replied, or a message did not arrive after all."""
    form = twilio.fields(raw)
    if "MessageStatus" in form:
        return await _status(deps, endpoint, query, form)
    reply = twilio.reply(form)
    if reply is None:
        return _twiml("")
    words = await telephone.answer(deps, endpoint, reply)
    return _twiml(f"<Message>{escape(words)}</Message>" if words else "")


async def on_call(deps: Dependencies, endpoint: VoiceEndpoint, query: Query, raw: bytes) -> Response:
    """Somebody pressed a key, or a call did not arrive after all."""
    form = twilio.fields(raw)
    if "Digits" not in form:
        return await _status(deps, endpoint, query, form)
    do, key, to = twilio.pressed(form), query.get("key", ""), query.get("to", "")
    if do is None or not is_key(key) or not await telephone.tells(deps, endpoint, to):
        return _spoken(endpoint, "Only 1 and 2 mean something here. Nothing was done.")
    who = person(await _name(deps, to), "phone")
    answer = ProviderAnswer(do, key, who, f"{do}/{form.get('CallSid', '')}", None)
    decisions = await obey(deps, to, answer)
    return _spoken(endpoint, telephone.outcome(answer, decisions, "goodbye"))


async def _status(
    deps: Dependencies, endpoint: SmsEndpoint | VoiceEndpoint, query: Query, form: Mapping[str, Any]
) -> Response:
    """Whoever signs for an endpoint speaks of what it sends, and of nobody else's."""
    failed = twilio.failure(form)
    if failed and await telephone.tells(deps, endpoint, query.get("to", "")):
        await report_failure(deps, query, failed)
    return Response(status_code=204)


async def _name(deps: Dependencies, to: str) -> str:
    """Whom a notification has told, in words: a person's name, else the endpoint's."""
    kind, team, name = (*to.split("/"), "", "", "")[:3]
    id_ = str(identity(team, kind, name))
    row = await deps.database.read(lambda c: reading.one(c, id_, None)) if kind == "person" else None
    document = next(iter(reading.readable([row] if row else [], deps.sealer)), None)
    return document.called if isinstance(document, PersonDocument) else name


def _spoken(endpoint: VoiceEndpoint, words: str) -> Response:
    return _twiml(f"<Say language={quoteattr(endpoint.language)}>{escape(words)}</Say><Hangup/>")


def _twiml(content: str) -> Response:
    return Response(f"<Response>{content}</Response>", media_type="text/xml")
