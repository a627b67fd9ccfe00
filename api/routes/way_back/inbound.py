"""`POST /v1/inbound/{provider}/{endpoint}`: what people did at a provider, or on their telephones, comes back.

No token is needed: the provider proves with the endpoint's secret that it speaks. What it says besides is taken and
ignored, since providers stop sending to whoever refuses.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.dependencies import Dependencies, Deps
from api.queries import documents as reading
from api.routes.way_back.providers import PROVIDERS, InboundCall, Provider
from streams.codes import RefusalCode
from streams.documents.endpoint import Endpoint, is_open
from streams.errors import Refused

router = APIRouter(prefix="/v1/inbound", tags=["inbound"])
UNPROVED = (
    "it is not proved that the provider says this: its address needs the id of an endpoint of its channel, and the "
    "endpoint the secret that the provider signs with (docs/channels.md, The way back)"
)


@router.post("/{provider}/{endpoint_id}", response_model=None)
async def inbound(  # noqa: PLR0913, PLR0917  # what of a notification comes back stands in the query
    deps: Deps,
    request: Request,
    provider: str,
    endpoint_id: str,
    key: str = "",
    to: str = "",
    notification: str = "",
    number: str = "",
) -> Response | dict[str, Any]:
    """Take what a provider says, and obey where somebody answered one of our messages.

    `key`, `to`, `notification`, `number`: what of a notification its provider was asked to send back.
    """
    known = PROVIDERS.get(provider)
    query = {"key": key, "to": to, "notification": notification, "number": number}
    call = InboundCall(_seen(deps, request), query, request.headers, await request.body(), deps.now())
    endpoint = await _proved(deps, known, endpoint_id, call) if known else None
    if known is None or endpoint is None:
        raise Refused(UNPROVED, RefusalCode.NOT_SIGNED_IN)
    return await known.take(deps, endpoint, call)


def _seen(deps: Dependencies, request: Request) -> str:
    """The address as the provider saw it, which proxies hide; "" where the settings do not say it."""
    public = deps.settings.public_url.rstrip("/")
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{public}{request.url.path}{query}" if public else ""


async def _proved(
    deps: Dependencies, provider: Provider, endpoint_id: str, call: InboundCall
) -> Endpoint | None:
    """The endpoint whose secret the request proves; None where it does not, or there is nothing to prove with."""
    row = await deps.database.read(lambda c: reading.one(c, endpoint_id, None))
    document = next(iter(reading.readable([row] if row else [], deps.sealer)), None)
    if not isinstance(document, provider.endpoint):
        return None
    secret = provider.secret(document)
    return document if is_open(secret) and provider.is_signed(call, secret) else None
