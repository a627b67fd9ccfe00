"""The alert about an endpoint that fails again and again, for the team that owns it."""

from __future__ import annotations

from streams.documents.endpoint import Endpoint
from streams.messages.verdict import Verdict
from tables.deliver.circuit.state import Circuit
from tables.kernel.alarm import Alarm
from tables.kernel.clock import Moment

RULE = "endpoint-failing"


def opened(endpoint: Endpoint, circuit: Circuit, machine: str, moment: Moment) -> Verdict:
    """It fails: nothing goes by it, and others are told at once."""
    named = f"endpoint {endpoint.name} of {endpoint.team} ({endpoint.channel})"
    words = f"{named} has failed {circuit.failures} times in a row: {circuit.why}"
    why = "others are told at once; what comes after a pause tries it again, or `tocsin endpoints test`"
    return _alarm(endpoint, machine, (words[:500], why), False).verdict(
        moment.offset + 1, moment.now, {"endpoint": endpoint.name, "channel": endpoint.channel}
    )


def closed(endpoint: Endpoint, why: str, machine: str, moment: Moment) -> Verdict:
    """It is trusted again."""
    words = f"endpoint {endpoint.name} of {endpoint.team} ({endpoint.channel}) works again"
    return _alarm(endpoint, machine, (words, why), True).verdict(
        moment.offset + 1, moment.now, {"endpoint": endpoint.name, "channel": endpoint.channel}
    )


def _alarm(endpoint: Endpoint, machine: str, says: tuple[str, str], over: bool) -> Alarm:
    message, reason = says
    key = f"{machine}/{endpoint.team}/{endpoint.name}"
    return Alarm(RULE, "tocsin", key, message, reason, None if over else "warning")
