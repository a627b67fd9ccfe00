"""`tocsin doctor`: is everything there, does it answer, is anything late, and is any rule blind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import typer

from api.cli.context import Surroundings, surroundings
from api.cli.talk import Talk
from deploy.keys import MAKERS, Keys
from streams.errors import Failure, Refused

SHOWN = 3  # gateways in one sentence
CLOSED = 0o077  # what nobody else may do with a key


class Finding(NamedTuple):
    """One thing that was looked at. `well` None: worth a look, no fault; `fix`: what to do where it is not well."""

    well: bool | None
    says: str
    fix: str = ""


SIGNS = {True: "✔", False: "✘", None: "!"}


def doctor(context: typer.Context) -> None:
    """Check settings, keys, broker, topics, lag, and for each rule whether its metrics are seen."""
    around = surroundings(context)
    wrong, last = 0, ""
    for one in findings(around):
        around.say(f"{SIGNS[one.well]} {one.says}", "" if one.well else "bold")
        if one.fix and one.fix != last:
            around.say(f"    {one.fix}")
        wrong, last = wrong + (one.well is False), one.fix
    if wrong:
        raise Refused(f"{wrong} things to mend")


def findings(around: Surroundings) -> Iterator[Finding]:
    """All findings, in the order in which they depend on each other."""
    settings = around.settings  # an unreadable one ends the verb with its own sentence
    yield Finding(True, f"settings can be read; data folder {settings.data}")
    yield from _keys(around)
    try:
        talk = around.talk()
        reasons = talk.read(talk.answer("GET", "/health/ready"))["reasons"]
        who = talk.ask("GET", "/v1/session")["name"]
    except (Failure, KeyError, TypeError) as why:
        yield Finding(False, "the API does not answer us", str(why))
        return
    yield Finding(True, f"the API answers at {talk.address}, to {who}")
    for reason in reasons:
        yield Finding(False, reason)
    if not reasons:
        yield Finding(True, "broker, topics and read model answer")
        yield from _lag(talk.answer("GET", "/health/lag").json())
        yield from _rules(talk)


def _keys(around: Surroundings) -> Iterator[Finding]:
    settings = around.settings
    said = {"system": settings.system_keys, "seal": settings.seal_keys, "token": settings.token_key}
    keys = Keys(settings.data)
    for name in MAKERS:
        file = keys.path(name)
        if said[name]:
            yield Finding(True, f"the {name} key comes from the settings")
        elif not file.exists():
            yield Finding(
                False,
                f"{file} is missing",
                "`tocsin up` makes it; a lost key cannot be made again: restore it",
            )
        elif file.stat().st_mode & CLOSED:
            yield Finding(False, f"{file} can be read by others", f"chmod 600 {file}")
        else:
            yield Finding(True, f"the {name} key lies in {file}")
    token = Path(around.token_path)
    if token.exists() and token.stat().st_mode & CLOSED:
        yield Finding(False, f"{token} can be read by others", f"chmod 600 {token}")


def _lag(lag: dict[str, Any]) -> Iterator[Finding]:
    if lag["status"] == "unknown":
        yield Finding(False, "; ".join(lag["reasons"]))
        return
    behind: dict[str, int] = {}
    for one in lag["readers"]:
        behind[one["group"]] = behind.get(one["group"], 0) + one["behind"]
    words = ", ".join(f"{group} {count}" for group, count in behind.items())
    fix = "" if lag["status"] == "ok" else "look at the log of the one that is late, or give it more CPU"
    yield Finding(lag["status"] == "ok", f"records behind: {words or 'no reader is known yet'}", fix)


def _rules(talk: Talk) -> Iterator[Finding]:
    """Each rule's metrics; one that sees nothing is worth a look: some counters only exist after the first fault."""
    rules = talk.ask("GET", "/v1/sights")["rules"]
    if not rules:
        yield Finding(True, "no rules yet: `tocsin apply` brings some")
    for rule in rules:
        name = f"rule {rule['name']} ({rule['team']})" + ("" if rule["enabled"] else ", disabled,")
        blind = [one for one in rule["metrics"] if one["last_seen"] is None]
        for one in blind:
            yield Finding(None, f"{name} is blind: {one['why']}", one["fix"])
        if not blind:
            yield Finding(True, f"{name} last saw {', '.join(map(_seen, rule['metrics']))}")


def _seen(one: dict[str, Any]) -> str:
    where = f" of {', '.join(one['gateways'][:SHOWN])}" if one["gateways"] else ""
    more = f" and {len(one['gateways']) - SHOWN} more" if len(one["gateways"]) > SHOWN else ""
    return f"{one['metric']} at {one['last_seen']} from {one['source']}{where}{more}"
