"""`POST /v1/inbound/{provider}/{endpoint}`: what people did in PagerDuty, Opsgenie or Slack comes back.

No token is needed: the provider proves with the endpoint's secret that it speaks. What it says besides is taken and
ignored, since providers stop sending to whoever refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.commands.provider_answers import obey
from api.dependencies import Dependencies, Deps
from api.queries import documents as reading
from sources.intake import opsgenie_webhook, pagerduty_webhook, slack_interaction
from sources.intake.answers import ProviderAnswer
from streams.channels.opsgenie import OpsgenieEndpoint
from streams.channels.pagerduty import PagerDutyEndpoint
from streams.channels.slack import SlackEndpoint
from streams.codes import RefusalCode
from streams.documents.endpoint import Endpoint, is_open
from streams.errors import Refused

router = APIRouter(prefix="/v1/inbound", tags=["inbound"])


class Provider(NamedTuple):
    """How a provider proves what it says, and what that means."""

    endpoint: type[Endpoint]
    secret: str  # the field that holds it
    is_signed: Callable[[bytes, Mapping[str, str], str, int], bool]
    answers: Callable[[bytes], list[ProviderAnswer]]


PROVIDERS = {
    "pagerduty": Provider(
        PagerDutyEndpoint,
        "webhook_secret",
        lambda raw, headers, secret, _: pagerduty_webhook.is_signed(raw, headers, secret),
        pagerduty_webhook.answers,
    ),
    "opsgenie": Provider(
        OpsgenieEndpoint,
        "webhook_secret",
        lambda raw, headers, secret, _: opsgenie_webhook.is_signed(raw, headers, secret),
        opsgenie_webhook.answers,
    ),
    "slack": Provider(
        SlackEndpoint, "signing_secret", slack_interaction.is_signed, slack_interaction.answers
    ),
}
UNPROVED = (
    "it is not proved that the provider says this: its address needs the id of an endpoint of its channel, and the "
    "endpoint the secret that the provider signs with (docs/channels.md, The way back)"
)


@router.post("/{provider}/{endpoint_id}", response_model=None)
async def inbound(deps: Deps, request: Request, provider: str, endpoint_id: str) -> Response | dict[str, Any]:
    """Take what a provider says of its incidents, and obey where somebody acknowledged or resolved one of ours."""
    raw = await request.body()
    known = PROVIDERS.get(provider)
    endpoint = await _proved(deps, known, endpoint_id, raw, request.headers) if known else None
    if known is None or endpoint is None:
        raise Refused(UNPROVED, RefusalCode.NOT_SIGNED_IN)
    to = f"endpoint/{endpoint.team}/{endpoint.name}"
    decisions = [decision for answer in known.answers(raw) for decision in await obey(deps, to, answer)]
    if provider == "slack":
        return Response()  # it shows whatever else stands here
    return {"commands": [{"id": one.id, "status": one.status, "reason": one.reason} for one in decisions]}


async def _proved(
    deps: Dependencies, provider: Provider, endpoint_id: str, raw: bytes, headers: Mapping[str, str]
) -> Endpoint | None:
    """The endpoint whose secret the request proves; None where it does not, or there is nothing to prove with."""
    row = await deps.database.read(lambda c: reading.one(c, endpoint_id, None))
    document = next(iter(reading.readable([row] if row else [], deps.sealer)), None)
    if not isinstance(document, provider.endpoint):
        return None
    secret = str(getattr(document, provider.secret))
    if not is_open(secret) or not provider.is_signed(raw, headers, secret, deps.now() // 1_000):
        return None
    return document
