"""Each provider that speaks to us: how it proves what it says, and what becomes of that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from fastapi.responses import Response

from api.commands.provider_answers import obey
from api.dependencies import Dependencies
from api.routes.way_back import twilio_answers
from sources.intake import opsgenie_webhook, pagerduty_webhook, slack_interaction, twilio
from sources.intake.answers import ProviderAnswer
from streams.channels.opsgenie import OpsgenieEndpoint
from streams.channels.pagerduty import PagerDutyEndpoint
from streams.channels.shared.twilio import TwilioEndpoint
from streams.channels.slack import SlackEndpoint
from streams.channels.sms import SmsEndpoint
from streams.channels.voice import VoiceEndpoint
from streams.documents.endpoint import Endpoint

Answered = Response | dict[str, Any]


class InboundCall(NamedTuple):
    """What a provider sent. `url`: the address as it saw it, "" where that is not known; `now`: ms UTC."""

    url: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw: bytes
    now: int


class Provider(NamedTuple):
    """How a provider proves what it says, and what is done. `secret`: what it signs with, "" where it is unknown."""

    endpoint: type[Endpoint]
    secret: Callable[[Endpoint], str]
    is_signed: Callable[[InboundCall, str], bool]
    take: Callable[[Dependencies, Endpoint, InboundCall], Awaitable[Answered]]


def _secret(field: str) -> Callable[[Endpoint], str]:
    return lambda endpoint: str(getattr(endpoint, field))


def _twilio_proof(endpoint: Endpoint) -> str:
    return endpoint.proof if isinstance(endpoint, TwilioEndpoint) else ""


def _of_twilio(call: InboundCall, secret: str) -> bool:
    return bool(call.url) and twilio.is_signed(call.url, call.raw, call.headers, secret)


def _obeying(
    answers: Callable[[bytes], list[ProviderAnswer]], silent: bool = False
) -> Callable[[Dependencies, Endpoint, InboundCall], Awaitable[Answered]]:
    """What obeys the answers in a body. `silent`: of a provider that shows whatever we answer."""

    async def take(deps: Dependencies, endpoint: Endpoint, call: InboundCall) -> Answered:
        to = f"endpoint/{endpoint.team}/{endpoint.name}"
        decisions = [decision for answer in answers(call.raw) for decision in await obey(deps, to, answer)]
        if silent:
            return Response()
        return {
            "commands": [
                {"id": outcome.id, "status": outcome.status, "reason": outcome.reason}
                for outcome in decisions
            ]
        }

    return take


async def _reply(deps: Dependencies, endpoint: Endpoint, call: InboundCall) -> Answered:
    assert isinstance(endpoint, SmsEndpoint)
    return await twilio_answers.on_message(deps, endpoint, call.query, call.raw)


async def _key(deps: Dependencies, endpoint: Endpoint, call: InboundCall) -> Answered:
    assert isinstance(endpoint, VoiceEndpoint)
    return await twilio_answers.on_call(deps, endpoint, call.query, call.raw)


PROVIDERS = {
    "pagerduty": Provider(
        PagerDutyEndpoint,
        _secret("webhook_secret"),
        lambda call, secret: pagerduty_webhook.is_signed(call.raw, call.headers, secret),
        _obeying(pagerduty_webhook.answers),
    ),
    "opsgenie": Provider(
        OpsgenieEndpoint,
        _secret("webhook_secret"),
        lambda call, secret: opsgenie_webhook.is_signed(call.raw, call.headers, secret),
        _obeying(opsgenie_webhook.answers),
    ),
    "slack": Provider(
        SlackEndpoint,
        _secret("signing_secret"),
        lambda call, secret: slack_interaction.is_signed(call.raw, call.headers, secret, call.now // 1_000),
        _obeying(slack_interaction.answers, silent=True),
    ),
    "sms": Provider(SmsEndpoint, _twilio_proof, _of_twilio, _reply),
    "voice": Provider(VoiceEndpoint, _twilio_proof, _of_twilio, _key),
}
