"""What tests of deliver share: values to take steps on, and a machine that is told of one notification."""

from __future__ import annotations

from typing import Any

import orjson

from streams.channels.log import LogEndpoint
from streams.codes import CancelReason, NotifyReason
from streams.messages.attempt import Outcome
from streams.messages.config import ConfigRevision
from streams.messages.envelope import Message
from streams.messages.notification import Cancel, Notification
from streams.messages.tick import Tick
from streams.signature import Signer, bound
from streams.topics import NOTIFY
from tables.deliver.context import LOG
from tables.deliver.dispatch.lifecycle import DeliveryState
from tables.deliver.dispatch.state import Dispatch
from tables.deliver.machine import Deliver
from tables.deliver.politeness.decide import Courtesy
from tables.deliver.recipient import Recipient
from tables.kernel.clock import Moment
from tables.kernel.output import Output
from tables.world import KEY
from tests.tables.torture import Log

START = 1_764_547_200_000
USEFUL = 3_600_000  # ms that a notification is of use
GROUP, HOOK = "t/g", "endpoint/platform/hook"
LOGS = LogEndpoint(name="log", channel="log")
ALLOWED = Courtesy(Recipient())  # nothing holds it


def moment(active: int = 1_000_000) -> Moment:
    """An instant on both clocks, which run side by side from START."""
    return Moment(100, START + active, active)


def notification(id: str = "n", **fields: Any) -> Notification:
    """Something critical to tell the log."""
    known: dict[str, Any] = {
        "at": START, "to": LOG, "team": "t", "group": GROUP, "what": "firing", "severity": "critical", "title": "t",
        "reason_code": NotifyReason.FIRST_ALERT, "reason": "r", "step": 0, "count": 1, "alerts": (),
        "deadline": START + USEFUL,
    }  # fmt: skip
    return Notification(id=id, **known | fields)


def outcome(result: Any = "delivered", number: int = 1, id: str = "n", **fields: Any) -> Outcome:
    """What an attempt brought."""
    known: dict[str, Any] = {"at": START, "to": LOG, "notification": id, "reason": "so"}
    return Outcome(id="o", number=number, result=result, **known | fields)


def dispatch(state: DeliveryState = DeliveryState.TRYING, **fields: Any) -> Dispatch:
    """A dispatch after its first attempt; before it, where it waits for its first."""
    known: dict[str, Any] = {
        "to": LOG, "team": "t", "group": GROUP, "notification": "n", "what": "firing", "deadline": START + USEFUL,
        "due_at": 1_000_000, "number": 1,
    }  # fmt: skip
    return Dispatch(state=state, **known | fields)


class Ledger:
    """A machine that is configured and caught up."""

    def __init__(self, *documents: dict[str, Any]) -> None:
        """`documents`: the platform's endpoints."""
        self.machine, self.signer, self.now = Deliver("deliver-0", Signer([KEY])), Signer([KEY]), START
        self.out: list[Output] = []
        self.log: Log = []
        for body in documents:
            of: dict[str, Any] = {
                "owner": "platform",
                "type": "endpoint",
                "name": body["name"],
                "revision": 1,
            }
            self.tell(ConfigRevision(id=str(body["name"]), at=START, body=body, **of))
        complete: dict[str, Any] = {"owner": "", "type": "", "name": "", "revision": 0, "body": None}
        self.tell(ConfigRevision(id="c", at=START, complete=True, **complete))
        self.tick()

    def tell(self, message: Message) -> list[Output]:
        """Apply one message, of which nothing may fail."""
        raw = self.signer.sign(message.encode(), bound(message.kind, NOTIFY))
        self.log.append((self.now, raw))
        self.out = self.machine.apply(self.machine.head.seen + 1, self.now, raw)
        assert [output.reason for output in self.out if output.reason] == []
        return self.out

    def tick(self, seconds: int = 0, step: int = 1) -> list[Output]:
        """Let time pass; all that is said meanwhile."""
        out: list[Output] = []
        for _ in range(0, seconds or 1, step):
            self.now += 1_000 * step if seconds else 0
            out += self.tell(Tick(id="t", at=self.now, processed=self.now))
        return out

    def forget(self, name: str) -> None:
        """An endpoint of the platform is deleted."""
        of: dict[str, Any] = {"owner": "platform", "type": "endpoint", "name": name, "revision": 2}
        self.tell(ConfigRevision(id="gone", at=self.now, body=None, **of))

    def ask(self, id: str = "n", **fields: Any) -> list[Output]:
        """A notification comes, and its first attempt goes out."""
        return self.tell(notification(id, **{"at": self.now, "deadline": self.now + USEFUL} | fields))

    def cancel(self, group: str = GROUP, to: str = LOG) -> list[Output]:
        """Somebody has it."""
        code = CancelReason.ACKNOWLEDGED
        return self.tell(
            Cancel(id="x", at=self.now, to=to, group=group, reason_code=code, reason="anna has it")
        )

    def dispatches(self) -> dict[str, Dispatch]:
        """All dispatches, by the id of their notification."""
        return {row.value.notification: row.value for row in self.machine.scan_sorted("dispatch")}

    def dispatch(self) -> Dispatch:
        """The only dispatch."""
        (only,) = self.dispatches().values()
        return only

    def report(self, result: Any = "delivered", number: int | None = None, **fields: Any) -> list[Output]:
        """An outcome of the newest attempt, or of another."""
        newest = self.dispatch().number if number is None else number
        return self.tell(outcome(result, newest, **{"at": self.now} | fields))


def bodies(out: list[Output], kind: str) -> list[Any]:
    """The messages of a kind among outputs."""
    said = [orjson.loads(output.raw) for output in out if output.raw]
    return [body for body in said if body["kind"] == kind]
