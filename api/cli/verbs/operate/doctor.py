"""`tocsin doctor`: is everything there, does it answer, is anything late, and is any rule blind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import typer

from api.cli.context import Surroundings, surroundings
from api.cli.verbs.gateways import LOOK, complaints
from deploy.keys import MAKERS, Keys
from sources.bridge.registry import Registry
from streams.calendar.duration import spell
from streams.canary.receivers import EMAIL, WEBHOOK, canary_receivers
from streams.errors import Failure, Misconfigured, Refused
from streams.settings import Settings

OFF = "MCPGATEWAY_ALERTING_ENABLED"
SHOWN = 3  # gateways in one sentence
CLOSED = 0o077  # what nobody else may do with a key


class Finding(NamedTuple):
    """One thing that was looked at. `sign`: one of the four below; `fix`: what to do, where there is something."""

    sign: str
    says: str
    fix: str = ""


WELL, WRONG = "✔", "✘"
BLIND, NOTE = "!", "·"
SCHEDULE = "schedule"  # a gap in one may be meant
TO_MEND = frozenset({WRONG, BLIND})


def doctor(context: typer.Context) -> None:
    """Check settings, keys, broker, topics, lag, each gateway, and for each rule whether its metrics are seen.

    ✔ is well; ✘, or ! for a rule that is blind, is to be mended; · needs nothing done.
    Exit code: 0 where nothing is to be mended, else 1.
    """
    around = surroundings(context)
    wrong, last = 0, ""
    for finding in findings(around):
        around.say(f"{finding.sign} {finding.says}", "bold" if finding.sign in TO_MEND else "")
        if finding.fix and finding.fix != last:
            around.say(f"    {finding.fix}")
        wrong, last = wrong + (finding.sign in TO_MEND), finding.fix
    if wrong:
        raise Refused(f"to mend: {wrong}")


def findings(around: Surroundings) -> Iterator[Finding]:
    """All findings, in the order in which they depend on each other."""
    settings = around.settings  # an unreadable one ends the verb with its own sentence
    yield Finding(WELL, f"settings can be read; data folder {settings.data}")
    if not Path(settings.data).is_dir():
        yield Finding(
            WRONG, f"data folder {settings.data} is not there", "TOCSIN_DATA names it; `tocsin up` makes it"
        )
    yield from _keys(around)
    yield _canary(settings)
    wrong = "there is no token to ask the API with"
    try:
        talk = around.talk()
        wrong = f"the API does not answer at {talk.address}"
        reasons = talk.read(talk.answer("GET", "/health/ready"))["reasons"]
        wrong = f"the API answers at {talk.address}, and lets us read nothing"
        who = talk.ask("GET", "/v1/session")["name"]
    except (Failure, KeyError, TypeError) as why:
        yield Finding(WRONG, wrong, str(why))
        return
    yield Finding(WELL, f"the API answers at {talk.address}, to {who}")
    for reason in reasons:
        yield Finding(WRONG, reason)
    if any(OFF in told["text"] for told in talk.ask("GET", "/v1/system")["says"]):
        yield Finding(WRONG, "alerting is switched off: nothing is judged, nobody is told", f"set {OFF}=true")
    if not reasons:
        yield Finding(WELL, "broker, topics and read model answer")
        yield from _lag(talk.answer("GET", "/health/lag").json())
        coverage = talk.ask("GET", "/v1/coverage")
        yield from _gateways(around, coverage)
        yield from _unlisted(coverage["unlisted"])
        yield from _rules(coverage)
        yield from _overdue(talk.ask("GET", "/v1/escalations/overdue")["items"])
        yield from _people(talk.ask("GET", "/v1/plan/warnings")["items"])


def _keys(around: Surroundings) -> Iterator[Finding]:
    settings = around.settings
    configured = {"system": settings.system_keys, "seal": settings.seal_keys, "token": settings.token_key}
    keys = Keys(settings.data)
    for name in MAKERS:
        file = keys.path(name)
        if configured[name]:
            yield Finding(WELL, f"the {name} key comes from the settings")
        elif not file.exists():
            yield Finding(
                WRONG,
                f"{file} is missing",
                "`tocsin up` makes it; a lost key cannot be made again: restore it",
            )
        elif file.stat().st_mode & CLOSED:
            yield Finding(WRONG, f"{file} can be read by others", f"chmod 600 {file}")
        else:
            yield Finding(WELL, f"the {name} key lies in {file}")
    token = Path(around.token_path)
    if token.exists() and token.stat().st_mode & CLOSED:
        yield Finding(WRONG, f"{token} can be read by others", f"chmod 600 {token}")


def _canary(settings: Settings) -> Finding:
    """Whether somebody hears where alerts arrive no more."""
    if not settings.canary:
        return Finding(NOTE, "no canary flies: nobody hears where alerts arrive no more", "TOCSIN_CANARY=30s")
    try:
        ways = [receiver.channel for receiver in canary_receivers(settings)]
    except Misconfigured as why:
        return Finding(WRONG, f"nobody hears where alerts arrive no more: {why}")
    if not ways:
        return Finding(NOTE, "nobody hears where alerts arrive no more", f"set {WEBHOOK} or {EMAIL}")
    late = spell(settings.canary_late)
    return Finding(
        WELL, f"where no canary arrives for {late}, a word goes by {' and '.join(ways)}, without Kafka"
    )


def _lag(lag: dict[str, Any]) -> Iterator[Finding]:
    if lag["status"] == "unknown":
        yield Finding(WRONG, "; ".join(lag["reasons"]))
        return
    behind: dict[str, int] = {}
    for reader in lag["readers"]:
        behind[reader["group"]] = behind.get(reader["group"], 0) + reader["behind"]
    words = ", ".join(f"{group} {count}" for group, count in behind.items())
    fix = "" if lag["status"] == "ok" else "look at the log of the one that is late, or give it more CPU"
    yield Finding(
        WELL if lag["status"] == "ok" else WRONG, f"records behind: {words or 'no reader is known yet'}", fix
    )


def _gateways(around: Surroundings, coverage: dict[str, Any]) -> Iterator[Finding]:
    """Each gateway that is connected, or of which something is wrong, in the words of `gateways list`."""
    registry = Registry.of(around.settings)
    known = registry.read()
    others = {name for name in coverage["troubles"] if name not in registry.left()}
    if not known:
        yield Finding(NOTE, "no gateway is connected yet: `tocsin connect URL --token-file F` watches one")
    for name in sorted({*known, *others}):
        told = [
            Finding(NOTE if complaint.chosen else WRONG, f"gateway {name}: {complaint.says}")
            for complaint in complaints(name, known.get(name), coverage)
        ]
        yield from told
        wrong = any(finding.sign == WRONG for finding in told)
        sources = coverage["gateways"].get(name, {})
        if not sources:
            yield Finding(WRONG, f"gateway {name}: nothing was heard of it lately: {LOOK}")
        elif not wrong:
            yield Finding(WELL, f"gateway {name} was last heard at {max(sources.values())}")


def _unlisted(gateways: dict[str, dict[str, int]]) -> Iterator[Finding]:
    """That batches name a list of series that nobody has told: they wait for the next one, or for ever."""
    for name, sources in gateways.items():
        for source, count in sources.items():
            says = f"gateway {name}: {count} of the newest batches of {source} name a list of series that is not known"
            yield Finding(NOTE, says, "its producer repeats the list at least once a minute: docs/gateway.md")


def _rules(coverage: dict[str, Any]) -> Iterator[Finding]:
    """Each rule's metrics; that some counters only exist after the first fault is nobody's fault."""
    if not coverage["rules"]:
        yield Finding(NOTE, "no rules yet: `tocsin apply` brings some")
    for rule in coverage["rules"]:
        name = f"rule {rule['name']} ({rule['team']})" + ("" if rule["enabled"] else ", disabled,")
        unseen = [metric for metric in rule["metrics"] if metric["last_seen"] is None]
        yield from _members(name, rule)
        for metric in unseen:
            if metric["waits"] or not rule["enabled"]:
                yield Finding(NOTE, f"{name} sees nothing yet: {metric['why']}")
            else:
                yield Finding(BLIND, f"{name} is blind: {metric['why']}", metric["fix"])
        if rule["events"]:
            says = f"{name} waits for events: {', '.join(rule['events'])}"
            yield Finding(WELL, says, rule["events_fix"])
        if rule["metrics"] and not unseen:
            yield Finding(WELL, f"{name} last saw {', '.join(map(_seen, rule['metrics']))}")


def _members(name: str, rule: dict[str, Any]) -> Iterator[Finding]:
    """A composite rule holds for nothing while one of those that it names is not in force."""
    sign = BLIND if rule["enabled"] else NOTE
    for member in rule["members"]:
        if member["why"]:
            fix = "take it out of `composite`, or put the rule in force: until then the composite never fires"
            yield Finding(sign, f"{name} is blind: its rule {member['name']} {member['why']}", fix)


def _overdue(items: list[dict[str, Any]]) -> Iterator[Finding]:
    """Steps that were due, and of which nothing was told: a stage that acts no more shows here first."""
    fix = "unless Tocsin was away: look at the records behind, at the dead letters and at the log of respond"
    for each in items[:SHOWN]:
        late = spell(each["late_seconds"] * 1_000)
        yield Finding(
            WRONG, f"{each['message']}: its {each['next']} was due {late} ago, and nobody was told", fix
        )
    if len(items) > SHOWN:
        yield Finding(WRONG, f"and {len(items) - SHOWN} more escalations that should have gone on", fix)
    if not items:
        yield Finding(WELL, "every escalation has gone on when it was due")


def _people(warnings: list[dict[str, Any]]) -> Iterator[Finding]:
    """When nobody is on call, or a step reaches nobody: what is as somebody wants it is only noted."""
    for warning in warnings:
        sign = NOTE if warning["kind"] == SCHEDULE else BLIND
        yield Finding(sign, f"{warning['kind']} {warning['name']} ({warning['team']}): {warning['says']}")
    if not warnings:
        yield Finding(WELL, "every schedule and every step reaches somebody, as far as is looked ahead")


def _seen(metric: dict[str, Any]) -> str:
    where = f" of {', '.join(metric['gateways'][:SHOWN])}" if metric["gateways"] else ""
    more = f" and {len(metric['gateways']) - SHOWN} more" if len(metric["gateways"]) > SHOWN else ""
    return f"{metric['metric']} at {metric['last_seen']} from {metric['source']}{where}{more}"
