"""What is said without Kafka, as any other notification, so that each channel can say it: words in, an attempt out."""

from __future__ import annotations

from streams.calendar.duration import spell
from streams.codes import NotifyReason
from streams.documents.document import PLATFORM
from streams.documents.endpoint import Endpoint
from streams.messages.alert import AlertExcerpt, AlertStatus
from streams.messages.attempt import Attempt
from streams.messages.notification import Notification

GROUP = f"{PLATFORM}/canary"
USEFUL = 3_600_000  # ms
NEXT = "look at `tocsin doctor`, at the logs of Kafka, detect, respond, deliver and sinks, and at the disk"


def lost(missing: int, of: int, oldest: float, hindrance: str) -> str:
    """One sentence about canaries that do not arrive. `oldest`: seconds; `hindrance`: what Kafka said, if it did."""
    some = (
        "no canary has"
        if missing == of
        else f"{missing} of {of} canaries {'has' if missing == 1 else 'have'} not"
    )
    why = f"; Kafka takes none: {hindrance}" if hindrance else ""
    return f"Tocsin may not tell you of alerts: {some} arrived for {spell(round(oldest) * 1_000)}{why}"


def back(seconds: float) -> str:
    """One sentence about canaries that arrive again, after so many seconds."""
    return f"Tocsin tells you of alerts again: all canaries arrive, after {spell(round(seconds) * 1_000)}"


def attempt(endpoint: Endpoint, id: str, words: str, since: int, now: int, *, over: bool) -> Attempt:
    """The call that tells an endpoint. `id`: the same for what begins and ends together; instants: ms UTC."""
    status = AlertStatus.RESOLVED if over else AlertStatus.FIRING
    excerpt = AlertExcerpt(
        alert_id=id, status=status, severity="critical", message=words if over else f"{words}. What to do: {NEXT}",
        labels={"gateway": "tocsin"}, since=since,
    )  # fmt: skip
    notification = Notification(
        id=f"{id}/{status}", at=now, to=f"endpoint/{PLATFORM}/canary-{endpoint.name}", team=PLATFORM,
        group=f"{GROUP}/{id}", what="resolved" if over else "firing", severity="critical", title=words,
        reason_code=NotifyReason.CANARY, reason="Tocsin watches itself, and says this without Kafka", step=0, count=1,
        alerts=(excerpt,), deadline=now + USEFUL,
    )  # fmt: skip
    return Attempt(
        id=f"{id}/{status}/attempt", at=now, notification=notification, channel=endpoint.channel,
        endpoint=endpoint.body(), number=1, deadline=now + USEFUL,
    )  # fmt: skip
