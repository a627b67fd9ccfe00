"""From messages to spans: what detect judged, respond decided, deliver attempted, and a sink called."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sinks.traces.known import Known
from sinks.traces.span import TraceSpan, span_id, trace_id
from streams.messages.alert import AlertSnapshot
from streams.messages.attempt import Attempt, Outcome
from streams.messages.change import Change
from streams.messages.notification import Notification
from streams.messages.verdict import Verdict, Verdicts

FIRED = "fired"
DETECT, RESPOND = "detect", "respond"
DELIVER, SINK = "deliver", "sink"


class Tracer:
    """Topics are read side by side, so whatever comes first of two messages waits for the other one."""

    def __init__(self) -> None:
        """Nothing has been read."""
        self._judged: Known[str, Verdict] = Known()
        self._fired: Known[str, tuple[AlertSnapshot, int]] = Known()
        self._notified: Known[str, int] = Known()  # when a notification came to deliver, ms UTC
        self._attempts: Known[tuple[str, int], Attempt] = Known()
        self._outcomes: Known[tuple[str, int], Outcome] = Known()
        self._takes: dict[type, Callable[..., Iterator[TraceSpan]]] = {
            Verdicts: self._verdicts, Change: self._change, Notification: self._notification,
            Attempt: self._attempt, Outcome: self._outcome,
        }  # fmt: skip

    def take(self, message: object, stamp: int) -> list[TraceSpan]:
        """The spans that are whole with this message; `stamp`: of its record, ms UTC."""
        return list(self._takes[type(message)](message, stamp))

    def _verdicts(self, verdicts: Verdicts, _: int) -> Iterator[TraceSpan]:
        for verdict in verdicts.verdicts:
            if verdict.state != "firing" or verdict.refresh:
                continue
            if (fired := self._fired.pop(verdict.fingerprint, None)) is not None:
                yield _detected(verdict, *fired)
            else:
                self._judged.keep(verdict.fingerprint, verdict)

    def _change(self, change: Change, stamp: int) -> Iterator[TraceSpan]:
        """A new occurrence; its record has the time at which the verdict lay in respond's inbox."""
        if change.alert is None or change.what != FIRED:
            return
        if (verdict := self._judged.pop(change.alert.fingerprint, None)) is not None:
            yield _detected(verdict, change.alert, stamp)
        else:
            self._fired.keep(change.alert.fingerprint, (change.alert, stamp))

    def _notification(self, notification: Notification, stamp: int) -> Iterator[TraceSpan]:
        self._notified.keep(notification.id, stamp)
        facts = {
            "tocsin.to": notification.to, "tocsin.reason": notification.reason_code.value,
            "tocsin.count": notification.count,
        }  # fmt: skip
        for alert in notification.alerts:
            id, parent = span_id(alert.alert_id, RESPOND, notification.id), span_id(alert.alert_id, DETECT)
            yield TraceSpan(
                trace_id(alert.alert_id), id, parent, f"respond {notification.what}", RESPOND, notification.at,
                max(stamp, notification.at), facts | {"tocsin.alert": alert.alert_id},
            )  # fmt: skip

    def _attempt(self, attempt: Attempt, _: int) -> Iterator[TraceSpan]:
        notification, name = attempt.notification, _name(attempt)
        began = self._notified.get(notification.id, notification.at)
        for alert in notification.alerts:
            id = span_id(alert.alert_id, DELIVER, name)
            yield TraceSpan(
                trace_id(alert.alert_id), id, span_id(alert.alert_id, RESPOND, notification.id),
                f"deliver {attempt.channel}", DELIVER, min(began, attempt.at), attempt.at,
                {"tocsin.to": notification.to, "tocsin.attempt": attempt.number, "tocsin.alert": alert.alert_id},
            )  # fmt: skip
        key = (notification.id, attempt.number)
        if (outcome := self._outcomes.pop(key, None)) is not None:
            yield from _called(attempt, outcome)
        else:
            self._attempts.keep(key, attempt)

    def _outcome(self, outcome: Outcome, _: int) -> Iterator[TraceSpan]:
        key = (outcome.notification, outcome.number)
        if (attempt := self._attempts.pop(key, None)) is not None:
            yield from _called(attempt, outcome)
        else:
            self._outcomes.keep(key, outcome)


def _detected(verdict: Verdict, alert: AlertSnapshot, stamp: int) -> TraceSpan:
    """The first span of an alert: from where the breach began, `for` included, to the verdict in respond's inbox."""
    facts: dict[str, str | int | bool] = {
        "tocsin.alert": alert.id, "tocsin.rule": verdict.rule, "tocsin.gateway": verdict.gateway,
        "tocsin.severity": verdict.severity, "tocsin.team": alert.team,
    }  # fmt: skip
    start = min(verdict.since, stamp)
    return TraceSpan(
        trace_id(alert.id),
        span_id(alert.id, DETECT),
        0,
        f"detect {verdict.rule}",
        DETECT,
        start,
        stamp,
        facts,
    )


def _called(attempt: Attempt, outcome: Outcome) -> Iterator[TraceSpan]:
    """The call of a receiver, and what came of it; its words may hold anything, so only the code is told."""
    for alert in attempt.notification.alerts:
        yield TraceSpan(
            trace_id(alert.alert_id), span_id(alert.alert_id, SINK, _name(attempt)),
            span_id(alert.alert_id, DELIVER, _name(attempt)), f"send {attempt.channel}", SINK,
            outcome.at - outcome.took, outcome.at, {
                "tocsin.to": outcome.to, "tocsin.result": outcome.result, "tocsin.code": outcome.code,
                "tocsin.attempt": outcome.number, "tocsin.alert": alert.alert_id,
            }, outcome.result != "delivered",
        )  # fmt: skip


def _name(attempt: Attempt) -> str:
    return f"{attempt.notification.id}#{attempt.number}"
