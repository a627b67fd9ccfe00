"""What a tortured log hears: frames, series that come and go, and events that come twice."""

from __future__ import annotations

import random

from streams.messages.event import OWNERS, STOPPED, Event
from streams.telemetry import samples
from streams.topics import TELEMETRY
from tables.world import World


def churned(seed: int, gateway: str, second: int) -> dict[str, float]:
    """Series that come and go, and their values: some come back soon, some late, some never."""
    rnd, found = random.Random(f"{seed}{gateway}{second // 8}"), dict[str, float]()
    for n in range(4):
        who = rnd.randrange([6, 12, 25, 400][n])
        found[f'calls{{r="o",tool="churned-{n}-{who}"}}'] = float(100 * n + second % 8)
        found[f'cpu{{core="churned-{n}-{who}"}}'] = rnd.choice([1.0, 1.0, 9.0])
    return found


def events(world: World, second: int, at: int) -> None:
    """Owners change and sources stop now and then; each event comes twice."""
    for gateway, shift in (("g1", 0), ("g2", 11)):
        what, turn = (STOPPED if second // 20 % 3 == 2 else OWNERS), (second + shift) // 20
        if (second + shift) % 20 in (0, 3):
            team = {"team": ["edge", "", "core"][turn % 3]}
            said = Event(
                id=f"{gateway}/{turn}", at=at, gateway=gateway, source="s", type=what, attributes=team
            )
            world.say(at, TELEMETRY, gateway, said.encode())


def happenings(world: World, rnd: random.Random, at: int) -> None:
    """Events of all kinds, now and then late, and of gateways that are heard in no other way."""
    for n in range(rnd.choice([0, 1, 1, 3])):
        types = ["offline", "online", *["login"] * 6, "heartbeat", "gateway_offline", "gateway_activated"]
        type = rnd.choice(types)
        labels = {"upstream": rnd.choice("abu"), "ip": f"10.0.0.{rnd.randrange(4)}"}
        said = Event(
            id=f"{at}/{n}", at=at - rnd.choice([0, 0, 0, 3_000]), gateway=rnd.choice(["g1", "g2", "g3"]), source="s",
            type=type, labels=labels, attributes={"ok": rnd.random() < 0.3},
        )  # fmt: skip
        world.say(at, TELEMETRY, said.gateway, said.encode())
    for gateway in ("g1", "g2"):
        up = float((at // 1_000 + ord(gateway[1])) % 40 < 30)
        for raw in samples.frame(gateway, "health", at, ["gateway_up"], [up]):
            world.say(at, TELEMETRY, gateway, raw)


def strangers(world: World, rnd: random.Random, at: int) -> None:
    """Gateways that somebody invents: most are heard once, some again, some show what rules read, or just an event."""
    for _ in range(rnd.choice([0, 0, 1, 2])):
        gateway, what = f"invented-{rnd.randrange(40)}", rnd.choice(['cpu{core="0"}', "unread", "event"])
        if what == "event":
            said = Event(id=f"{gateway}/{at}", at=at, gateway=gateway, source="s", type="hello")
            world.say(at, TELEMETRY, gateway, said.encode())
            continue
        for raw in samples.frame(gateway, "s", at, [what], [1.0]):
            world.say(at, TELEMETRY, gateway, raw)


def frame(
    world: World, rnd: random.Random, gateway: str, at: int, said: tuple[dict[str, float], dict[str, float]]
) -> None:
    """One frame of a gateway; `said`: its counters so far, and what comes and goes."""
    counts, churn = said
    texts, values = list(churn), list(churn.values())
    for n in range(rnd.choice([2, 3])):
        texts.append(f'cpu{{core="{n}"}}')
        values.append(rnd.choice([1.0, 5.5, 9.0]))
        for result in ("e", "o"):
            text = f'calls{{r="{result}",tool="t{n}"}}'
            counts[gateway + text] = (
                0.0 if rnd.random() < 0.02 else counts.get(gateway + text, 0.0) + rnd.randrange(8)
            )
            texts.append(text)
            values.append(counts[gateway + text])
    if rnd.random() < 0.8:
        texts.append('upstream_up{upstream="u"}')
        values.append(float(rnd.random() < 0.7))
    for raw in samples.frame(gateway, "s", at, texts, values):
        world.say(max(at, world.now), TELEMETRY, gateway, raw)
