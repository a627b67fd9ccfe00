"""A life in which alerts are snoozed, silenced, maintained and inhibited besides."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import strategies as st

from streams.calendar.instant import spell
from streams.messages.command import Principal, Snooze, Unsnooze
from streams.topics import NOTIFY
from tables.kernel.output import Output
from tables.respond.alert.state import Alert, alert_owner
from tables.respond.levels import SUPPRESSION
from tables.respond.suppression.decide import suppress
from tables.respond.suppression.state import suppressed
from tests.tables.respond.life import SEVERITIES, Life, Move, happens, nobody, numbers

COVERED = ('n="0"', 'n=~"0|1"', 'rule=high, severity=~"warning|info"', "team=t")
INHIBITIONS = (('n="0"', 'n=~"1|2"'), ("severity=critical", "severity=warning"), ('n="3"', 'n="0"'))
lengths = st.sampled_from([1, 45, 130, 400])

muted = st.lists(
    st.one_of(
        happens("fires", numbers, st.sampled_from(SEVERITIES)),
        happens("fires", numbers, st.sampled_from(SEVERITIES)),
        happens("ends", numbers),
        happens("acknowledge", numbers, st.sampled_from(["anna", "ben"])),
        happens("resolve", numbers, st.just("anna")),
        happens("snooze", numbers, lengths),
        happens("unsnooze", numbers),
        happens("silence", numbers, st.tuples(st.sampled_from(COVERED), lengths)),
        happens("window", numbers, st.tuples(st.sampled_from(COVERED), lengths, st.booleans())),
        happens("inhibit", nobody, st.sampled_from(INHIBITIONS)),
        happens("drop", numbers, st.sampled_from(["silence", "maintenance", "inhibition"])),
        happens("chunk"),
        happens("wait", how=st.sampled_from([1, 30, 120, 300])),
    ),
    min_size=20,
    max_size=50,
)


class Muted(Life):
    """Documents are the platform's, two of each kind; `wrong`: what was told of an alert that was suppressed."""

    def __init__(self, outcomes: list[str]) -> None:
        """Nothing is suppressed yet."""
        self.revision, self.wrong = 1, list[str]()
        super().__init__(outcomes)

    def hear(self, raw: bytes, stamp: int) -> list[Output]:
        """Apply one message, and see what it tells of whom."""
        out = super().hear(raw, stamp)
        hidden = {alert.occurrence.id for alert in self.alerts() if self.covered(alert) or self.hidden(alert)}
        for body in [orjson.loads(output.raw) for output in out if output.topic == NOTIFY]:
            if body["kind"] == "notification" and body["what"] != "resolved":
                self.wrong += [f"{body['id']} tells of {shown}" for shown in hidden & ids(body)]
        return out

    def drain(self) -> None:
        """All chunks are heard, and two ticks pass."""
        for _ in range(2):
            while self.own:
                self.move(Move("chunk"))
            self.tick(self.now + 1_000)
            self.settle()
        while self.own:
            self.move(Move("chunk"))
        self.tick(self.now + 1_000)

    def covered(self, alert: Alert) -> bool:
        """Whether something suppresses an alert now, whatever is remembered of it."""
        return suppress(self.machine.ctx, alert) is not None

    def hidden(self, alert: Alert) -> bool:
        """Whether it is remembered that nobody is told of an alert."""
        owner = alert_owner(alert.facts.team, alert.facts.fingerprint)
        return suppressed(self.machine.get(SUPPRESSION, owner))

    def _snooze(self, move: Move) -> None:
        until = self.now + 1_000 * move.how
        self.command(Snooze(alert=self.fingerprint(move.n), until=until), Principal(name="anna", admin=True))

    def _unsnooze(self, move: Move) -> None:
        self.command(Unsnooze(alert=self.fingerprint(move.n)), Principal(name="anna", admin=True))

    def _silence(self, move: Move) -> None:
        covers, length = move.how
        self._put("silence", f"d{move.n % 2}", {
            "covers": covers, "ends": _rfc(self.now + 1_000 * length), "owner": "anna", "reason": "known",
        })  # fmt: skip

    def _window(self, move: Move) -> None:
        covers, length, again = move.how
        starts = _rfc(self.now + 20_000).replace("T", " ").removesuffix("Z")
        rule = {"rrule": "FREQ=MINUTELY;INTERVAL=9"} if again else {}
        self._put("maintenance", f"d{move.n % 2}", {
            "covers": covers, "starts": starts, "lasts": f"{length}s", "time_zone": "UTC", "reason": "patches", **rule,
        })  # fmt: skip

    def _inhibit(self, move: Move) -> None:
        source, target = move.how
        body = {"source": source, "target": target, "equal": ["rule"]}
        self._put("inhibition", f"d{INHIBITIONS.index(move.how) % 2}", body)

    def _drop(self, move: Move) -> None:
        self._put(move.how, f"d{move.n % 2}", None)

    def _put(self, kind: str, name: str, body: dict[str, Any] | None) -> None:
        self.revision += 1
        self.configure(kind, name, self.revision, None if body is None else {"name": name, **body})


def ids(body: dict[str, Any]) -> set[str]:
    """The alerts that a notification shows."""
    return {shown["alert_id"] for shown in body["alerts"]}


def _rfc(at: int) -> str:
    return spell(at).replace(" UTC", f":{at // 1_000 % 60:02}Z").replace(" ", "T")
