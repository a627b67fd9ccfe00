"""`/a/{token}`: the page behind a message's link. To look changes nothing, since programs look too; its button does."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.commands.answer import accepted
from api.commands.command_client import CommandDecision
from api.commands.provider_answers import obey
from api.dependencies import Dependencies, Deps
from api.queries import groups
from api.queries.groups import OpenAlert
from sources.intake.answers import ProviderAnswer
from streams.errors import Failure
from streams.links.acknowledge_link import PATH, LinkClaim, read_acknowledgement

router = APIRouter(prefix=PATH.rstrip("/"), include_in_schema=False)
SHOWN = 10  # alerts on the page
MINUTE = 60_000  # ms in which a second click is the same one


@router.get("/{token}")
async def look(deps: Deps, token: str) -> HTMLResponse:
    """What the link is about now, and a button."""
    claim = read_acknowledgement(deps.links, token, deps.now())
    if claim is None:
        return _ended()
    alerts = await _open(deps, claim)
    firing = [alert for alert in alerts if alert.status == "firing"]
    if not firing:
        return _page("Nothing to acknowledge", _nothing(alerts))
    lines = "".join(f"<li>{escape(alert.message)}</li>" for alert in firing[:SHOWN])
    more = f"<p>and {len(firing) - SHOWN} more</p>" if len(firing) > SHOWN else ""
    button = '<form method="post"><button type="submit">Acknowledge: I have it</button></form>'
    return _page(f"{len(firing)} firing", f"<ul>{lines}</ul>{more}{button}")


@router.post("/{token}")
async def acknowledge(deps: Deps, token: str) -> HTMLResponse:
    """Acknowledge the group; it is known who was told, not who of them pressed."""
    claim = read_acknowledgement(deps.links, token, deps.now())
    if claim is None:
        return _ended()
    alerts = await _open(deps, claim)
    firing = next((alert for alert in alerts if alert.status == "firing"), None)
    if firing is None:
        return _page("Nothing to acknowledge", _nothing(alerts))
    by = f"somebody by link ({claim.to.rpartition('/')[2]})"
    id = f"link/{firing.id}/{deps.now() // MINUTE}"
    decisions = await obey(deps, claim.to, ProviderAnswer("acknowledge", claim.key, by, id, deps.now()))
    return outcome(decisions)


def outcome(decisions: Sequence[CommandDecision]) -> HTMLResponse:
    """What came of it, of a bundle for each of its groups."""
    done, refused = [], []
    for decision in decisions:
        try:
            done += [decision.reason] * accepted(decision)
        except Failure as why:
            refused.append(str(why))
    left = "".join(f"<li>{escape(why)}</li>" for why in refused[:SHOWN])
    more = f"<p>and {len(refused) - SHOWN} more</p>" if len(refused) > SHOWN else ""
    others = f"<p>{len(refused)} not:</p><ul>{left}</ul>{more}" if refused else ""
    if not done and refused:
        return _page("Not acknowledged", others, 409)
    if not done:
        return _page("Taken", "<p>It is under way: look again in a moment.</p>", 202)
    words = done[0] if len(decisions) == 1 else f"{len(done)} of {len(decisions)} groups"
    return _page("Acknowledged", f"<p>{escape(words)}. Nobody else is called.</p>{others}")


async def _open(deps: Dependencies, claim: LinkClaim) -> list[OpenAlert]:
    return await deps.database.read(lambda c: groups.open_alerts(c, claim.key, claim.to))


def _nothing(alerts: list[OpenAlert]) -> str:
    return "<p>Somebody has it already.</p>" if alerts else "<p>It is over.</p>"


def _ended() -> HTMLResponse:
    words = "<p>It is none of ours, or a day old. Sign in to Tocsin, and acknowledge there.</p>"
    return _page("This link has ended", words, 404)


def _page(title: str, content: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="robots" content="noindex">'
        '<meta name="viewport" content="width=device-width"><title>Tocsin</title></head>'
        f"<body><main><h1>{escape(title)}</h1>{content}</main></body></html>",
        status,
    )
