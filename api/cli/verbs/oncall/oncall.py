"""`tocsin oncall VERB`: who is on call when, by files or now; somebody stands in for somebody else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli import times
from api.cli.context import surroundings
from api.cli.json_lines import put_out
from api.cli.printable import printable
from api.cli.verbs.apply import gathered
from api.trials.oncall_trial import NamedSchedule, named_schedule
from streams.documents.oncall.schedule import Segment, Shift, spelled
from streams.errors import Refused

app = typer.Typer(help="Who is on call.", no_args_is_help=True)
LOCAL = f"{times.FORM}, or 2026-12-07 09:00 by the schedule's clocks"


@app.command()
def now(
    context: typer.Context,
    at: Annotated[str, typer.Option(help=f"At another instant: {times.FORM}.")] = "",
    team: Annotated[str, typer.Option(help="Of this team's schedules.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Tell who is on call by each schedule, until when, and who is next."""
    around = surroundings(context)
    asked = {name: value for name, value in (("at", at), ("team", team)) if value}
    duties = around.talk().ask("GET", "/v1/oncall", params=asked)
    if as_json:
        put_out(duties)
        return
    for each in duties["items"]:
        source, override = each.get("override") or each.get("layer", ""), "override" in each
        words = named(each["person"] or "", source, override)
        then = f", then {each['next']['person'] or 'nobody'}" if each["next"] else ""
        around.say(printable(f"{each['schedule']} of {each['team']}: {words} until {each['until']}{then}"))
    if not duties["items"]:
        around.say("there is no schedule that you may see")


@app.command()
def show(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="YAML with the schedule, and overrides beside it.")],
    schedule: Annotated[str, typer.Option(help="Its name, or TEAM/NAME where several teams have it.")],
    first: Annotated[str, typer.Option("--from", help=LOCAL)] = "",
    last: Annotated[str, typer.Option("--to", help=f"{LOCAL}; excluded.")] = "",
    at: Annotated[list[str] | None, typer.Option(help=f"Who is on call then: {LOCAL}.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Tell who is on call by a schedule of FILES, shift by shift, and when nobody is."""
    around = surroundings(context)
    known = named_schedule([document for _, document in gathered(around, files)], schedule)
    place = known.schedule.zone
    if bool(first) != bool(last) or not (first or at):
        raise Refused("say `--from` and `--to`, or `--at`, or all of them")
    segments: list[Segment] | None = None
    if first:
        ends = (times.local_or_instant(first, "from", place), times.local_or_instant(last, "to", place))
        segments = known.segments(*ends)
    instants = [times.local_or_instant(when, "at", place) for when in at or ()]
    shifts = [(when, known.on_call(when)) for when in instants]
    if as_json:
        put_out(shown(known, segments, shifts))
        return
    for line in lines(known, segments, shifts):
        around.say(printable(line))


def shown(
    known: NamedSchedule, segments: Sequence[Segment] | None, shifts: Sequence[tuple[int, Shift]]
) -> dict[str, Any]:
    """The answer for programs: shifts with who has them by which layer or override, gaps, and who is on call when."""
    answer: dict[str, Any] = {"schedule": known.schedule.name, "team": known.schedule.team}
    if segments is not None:
        answer["segments"] = [_span(each) | _holder(each) for each in segments if each.person]
        answer["gaps"] = [_span(each) for each in segments if not each.person]
    if shifts:
        answer["at"] = [{"at": times.spell(when)} | _holder(shift) for when, shift in shifts]
    return answer


def _span(segment: Segment) -> dict[str, Any]:
    return {"from": times.spell(segment.begins), "to": times.spell(segment.ends)}


def _holder(shift: Segment | Shift) -> dict[str, Any]:
    """Who has it, by which layer or override; null where nobody has."""
    by = {"override" if shift.override else "layer": shift.source} if shift.person else {}
    return {"person": shift.person or None} | by


def lines(
    known: NamedSchedule, segments: Sequence[Segment] | None, shifts: Sequence[tuple[int, Shift]]
) -> Iterator[str]:
    """The same for people, by the clocks of the schedule."""
    place = known.schedule.zone
    for each in segments or ():
        span = f"{spelled(each.begins, place)} to {spelled(each.ends, place)}"
        yield f"{span}: {named(each.person, each.source, each.override)}"
    for when, shift in shifts:
        yield f"at {spelled(when, place)}: {named(shift.person, shift.source, shift.override)}"


def named(person: str, source: str, override: bool) -> str:
    """Who is on call, by what, in words."""
    by = f"by override {source}" if override else f"layer {source}"
    return f"{person} ({by})" if person else "nobody"
