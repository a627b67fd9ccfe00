"""Ordinary load on a gateway that is well: what people and their agents do all day, and some of the usual mistakes."""

from __future__ import annotations

import itertools
import time

from tests.happenings.access import WRONG
from tests.happenings.stage import NAME, PLAIN, Stage
from tests.happenings.watching import Watching

BEAT = 0.25  # seconds between two requests
MISTAKE = 60  # of so many requests one is a mistake: a tool that fails, a wrong password, an unknown path


def alerts(stage: Stage, seconds: float) -> list[str]:
    """The alerts that came, as sentences."""
    end, people = time.monotonic() + seconds, [stage.user(f"person{n}") for n in range(5)]
    addresses = [stage.address() for _ in people]
    with Watching(stage.ours, NAME) as watching:
        for number in itertools.count():
            if time.monotonic() > end:
                break
            who = (number + number // MISTAKE) % len(people)  # else one person made all mistakes
            _request(stage, number, people[who], addresses[who])
            time.sleep(BEAT)
        stage.say(f"{number} requests")
        return [
            f"{one.alert['rule']} [{one.alert['severity']}] {one.alert['message']}"
            for one in watching.alerts()
        ]


def _request(stage: Stage, number: int, person: str, address: str) -> None:
    upstream = PLAIN[number % len(PLAIN)]
    if number % MISTAKE == MISTAKE - 1:
        _mistake(stage, number // MISTAKE, person, address)
    elif number % 3 == 0:
        stage.ask("GET", "/v1/tools", address=address)
    else:
        stage.call(f"{upstream}-search", {"words": str(number)}, address)


def _mistake(stage: Stage, number: int, person: str, address: str) -> None:
    kinds = (
        lambda: stage.login(person, WRONG, address),
        lambda: stage.call(f"{PLAIN[0]}-fail", {"words": "x"}, address),
        lambda: stage.ask("GET", "/v1/tools", address=address, token="no.such.token"),
        lambda: stage.ask("GET", "/v1/nothing", address=address),
    )
    kinds[number % len(kinds)]()
