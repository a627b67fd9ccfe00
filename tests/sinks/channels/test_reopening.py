"""PagerDuty's own law, by the World and the real channel: whoever is to hear of something, hears of it."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import orjson
import yaml

from sinks.channels.pagerduty.channel import PagerDuty
from sinks.channels.resources import Resources
from sinks.channels.unseal import Unsealer
from sinks.http.client import HttpClient, Request, Response
from sinks.http.network import Network
from sinks.outcome import report
from streams.messages.attempt import Attempt
from streams.timetable import read
from tables.scenario import Play
from tables.world import Answer, World

MINUTE = 60_000
TIMETABLE = """
claim: x
documents:
  rules: [{name: high, last: cpu, above: "5", severity: critical, for: 0s, keep_firing_for: 0s, escalation_policy: ops}]
  endpoints: [{name: pager, channel: pagerduty, routing_key: "0123456789abcdef0123456789abcdef"}]
  policies: [{name: ops, steps: [{notify: endpoint/pager}]}]
at:
  - {t: 1s, until: 70m, every: 10s, samples: {series: {'cpu{n="1"}': 9}}}
  - {t: 1m, acknowledge: {rule: high, by: anna}}
  - {t: 70m, until: 71m, every: 10s, samples: {series: {'cpu{n="1"}': 1}}}
until: 71m
expect: [{subject: call, what: firing}]
"""


class Account:
    """PagerDuty as it documents itself: people are called when an incident opens, by nothing that is added to it."""

    def __init__(self) -> None:
        """No incident is open."""
        self.state: dict[str, str] = {}
        self.called: list[str] = []

    def now(self) -> int:
        """Nobody asks."""
        return 0

    async def exchange(self, request: Request) -> Response:
        """Take an event."""
        event = orjson.loads(request.content)
        key, doing = event["dedup_key"], event["event_action"]
        if doing == "trigger" and key not in self.state:
            self.state[key] = "triggered"
            self.called.append(event["payload"]["summary"])
        elif doing == "acknowledge" and key in self.state:
            self.state[key] = "acknowledged"
        elif doing == "resolve":
            self.state.pop(key, None)
        return Response(202, {}, b"{}", "https://events.pagerduty.com")


def test_people_hear_again_when_an_acknowledgement_ends() -> None:
    """Once when it fires, not while anna has it, and again an hour later, when nobody has it any more."""
    account, calls = Account(), list[tuple[int, int]]()
    http = cast(HttpClient, account)
    channel = PagerDuty(Resources(Unsealer([]), Network(), http))

    def receive(attempt: Attempt) -> Answer:
        outcome = report(attempt, asyncio.run(channel.send(attempt)), 0)
        calls.append((attempt.notification.at, len(account.called)))
        return Answer(outcome.result, outcome.reason, reference=outcome.reference)

    def world(documents: Any, start: int, _: Any) -> World:
        return World(documents, start, receive)

    table = read(yaml.safe_load(TIMETABLE))
    Play(table, world).run()
    when = [at - table.start for n, (at, count) in enumerate(calls) if count > (calls[n - 1][1] if n else 0)]
    assert [at // MINUTE for at in when] == [0, 61]
    assert account.state == {}
