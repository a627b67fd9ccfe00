"""The path of what endpoints do: outcomes move a circuit, an open one fails what waits, its owner hears of it."""

from __future__ import annotations

from streams.calendar.duration import spell
from streams.canary.names import canary_channel
from streams.codes import DispatchReason
from streams.documents.endpoint import Endpoint
from streams.messages.attempt import Outcome
from streams.messages.receipt import MissingOutcome
from streams.messages.verdict import Verdict, Verdicts
from streams.topics import INBOX
from tables.deliver.circuit import alarm
from tables.deliver.circuit.lifecycle import CircuitState
from tables.deliver.circuit.state import PATIENT, TRIES, Circuit, counts_as_failure, failed, pause_over
from tables.deliver.context import Context
from tables.deliver.dispatch import steps
from tables.deliver.dispatch.lifecycle import Cause, DeliveryState
from tables.deliver.dispatch.state import OUTCOME_TIMEOUT, Dispatch, via_name
from tables.deliver.levels import BUNDLE, CIRCUIT, DISPATCH
from tables.deliver.publish import carry_out
from tables.kernel.row import Row


def owner_of_circuit(endpoint: Endpoint) -> str:
    """Whose row the circuit of an endpoint is."""
    return f"{endpoint.team}/{endpoint.name}"


def outcome_came(ctx: Context, outcome: Outcome) -> None:
    """An outcome says whether its endpoint works; nobody owns that of a canary."""
    failure = None if canary_channel(outcome.to) else counts_as_failure(outcome)
    endpoint = None if failure is None else ctx.endpoint(outcome.to, unconfirmed=True)
    if endpoint is not None and failure:
        _failed(ctx, endpoint, outcome.reason)
    elif endpoint is not None:
        _close(ctx, endpoint, "it took a message")


def outcome_missing(ctx: Context, missing: MissingOutcome) -> None:
    """No outcome came, which is a failure too."""
    endpoint = None if canary_channel(missing.to) else ctx.endpoint(missing.to, unconfirmed=True)
    if endpoint is not None:
        _failed(ctx, endpoint, f"no outcome within {spell(OUTCOME_TIMEOUT)}")
        fail_over(ctx, missing.to)


def _failed(ctx: Context, endpoint: Endpoint, why: str) -> None:
    row = ctx.open(CIRCUIT, owner_of_circuit(endpoint))
    if row is None:
        return
    known, row.value = row.value, failed(row.value, why, ctx.moment.now)
    if row.value.state is CircuitState.OPEN and (known is None or known.state is CircuitState.CLOSED):
        _tell_owner(ctx, row, endpoint, alarm.opened(endpoint, row.value, ctx.machine_name, ctx.moment))


def _close(ctx: Context, endpoint: Endpoint, why: str) -> None:
    owner = owner_of_circuit(endpoint)
    row = ctx.open(CIRCUIT, owner) if ctx.get(CIRCUIT, owner) is not None else None
    if row is None or row.value is None:
        return
    if row.value.state is not CircuitState.CLOSED:
        machine = row.value.told_by or ctx.machine_name
        _tell_owner(ctx, row, endpoint, alarm.closed(endpoint, why, machine, ctx.moment))
    ctx.mark_deleted(row)


def endpoint_edited(ctx: Context, before: Endpoint) -> None:
    """An endpoint has another document, or none any more: what failed may work."""
    _close(ctx, before, "its document has changed")


def circuit_due(ctx: Context, row: Row[Circuit | None]) -> None:
    """An open circuit may be tried again; failures that lie far back do not count."""
    if row.value is not None and row.value.state is CircuitState.OPEN:
        row.value = pause_over(row.value)
    else:
        ctx.mark_deleted(row)


def fail_over(ctx: Context, to: str) -> None:
    """Where the endpoint of a recipient has an open circuit, what waits for it is failed, so that others are told."""
    endpoint = ctx.endpoint(to, unconfirmed=True)
    circuit = None if endpoint is None else ctx.get(CIRCUIT, owner_of_circuit(endpoint))
    if endpoint is None or circuit is None or circuit.state is not CircuitState.OPEN:
        return
    for level in (DISPATCH, BUNDLE):
        for owner in ctx.owners(level, via_name(owner_of_circuit(endpoint))):
            row = ctx.open(level, owner)
            if row is not None and row.value is not None and stopped(row.value, circuit):
                fail(ctx, row, row.value, circuit, owner_of_circuit(endpoint))


def stopped(dispatch: Dispatch, circuit: Circuit | None) -> bool:
    """Whether a dispatch that is about to make an attempt fails instead, so that others are told at once."""
    still = circuit is not None and circuit.state is CircuitState.OPEN
    return still and dispatch.state is DeliveryState.WAITING and dispatch.what not in PATIENT | TRIES


def waits(dispatch: Dispatch, circuit: Circuit | None) -> int:
    """Until when a dispatch that nobody else would be told of waits for an open circuit, ms UTC; 0: it does not."""
    still = circuit is not None and circuit.state is CircuitState.OPEN and dispatch.what in PATIENT
    return circuit.at if circuit is not None and still else 0


def fail(
    ctx: Context, row: Row[Dispatch | None], dispatch: Dispatch, circuit: Circuit, endpoint: str
) -> None:
    """A dispatch ends, since its endpoint, `team/name`, fails again and again."""
    failing = f"its endpoint has failed {circuit.failures} times in a row ({circuit.why})"
    words = f"{failing}: others are told at once"
    step = steps.finish(dispatch, Cause.CIRCUIT, DispatchReason.CIRCUIT_OPEN, words, ctx.moment)
    change = step.change._replace(until=circuit.at, document=f"endpoint/{endpoint}")
    carry_out(ctx, row, step._replace(change=change))


def _tell_owner(ctx: Context, row: Row[Circuit | None], endpoint: Endpoint, verdict: Verdict) -> None:
    why = f"it owns endpoint {endpoint.name}"
    message = Verdicts(
        id=ctx.next_id(row), at=ctx.moment.now, verdicts=[verdict], team=endpoint.team, why_team=why
    )
    ctx.emit(INBOX, endpoint.team, message)
