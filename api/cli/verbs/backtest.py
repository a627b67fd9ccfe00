"""`tocsin backtest`: timetables, or recorded samples, through the whole path in memory; JSON out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
import yaml

from api.cli.context import Surroundings, surroundings
from api.cli.file import text
from api.cli.samples import read
from api.cli.verbs.apply import gathered
from api.trials.trial import tried
from api.trials.trial_input import AFTER, TrialInput, framed
from streams import timetable
from streams.errors import Failure, Refused, Unlisted
from streams.messages.envelope import decode
from streams.telemetry import samples
from streams.telemetry.layout_memory import LayoutMemory
from streams.telemetry.samples import frame
from streams.topics import TELEMETRY

GATEWAY = "trial"  # of samples that name none
QUIET = frozenset({"suppressed", "not sent", "warning", "unreached", "failed", "cancelled", "held"})
WHAT = "recorded samples, or batches of them, one a line"
FORM = '{"at": ms, "gateway": "…", "source": "…", "series": ["…"], "values": [1.0]}'


def backtest(
    context: typer.Context,
    files: Annotated[
        list[Path], typer.Argument(help="Timetables (.yaml), or recorded samples (.jsonl, .csv).")
    ],
    rules: Annotated[
        list[Path] | None, typer.Option(help="Documents for recorded samples; may be repeated.")
    ] = None,
    scores: Annotated[bool, typer.Option(help="Also what anomaly rules made of every recorded row.")] = False,
    told: Annotated[
        bool, typer.Option("--told", help="Only who is told of what, and why others are not.")
    ] = False,
) -> None:
    """Run each file in memory and print its timeline, one JSON object a line; same input, same bytes."""
    around, wrong = surroundings(context), 0
    for file in files:
        timeline, failed = (
            _played(file)
            if file.suffix in (".yaml", ".yml")
            else (_recorded(around, file, rules or [], scores), [])
        )
        for entry in filter(_concerns_people, timeline) if told else timeline:
            typer.echo(orjson.dumps({"file": file.name, **entry}, option=orjson.OPT_SORT_KEYS).decode())
        for words in failed:
            typer.echo(f"{file}: {words}", err=True)
        wrong += len(failed)
    if wrong:
        raise Refused(f"{wrong} expectations are not met")


def _concerns_people(entry: dict[str, Any]) -> bool:
    """Whether somebody is told by it for the first time, or it says why somebody is not."""
    return bool(entry.get("number") == 1 if entry["subject"] == "call" else entry["what"] in QUIET)


def _played(file: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """The timeline of a timetable, times in ms from its start, and which of its expectations do not hold."""
    from tables.scenario import Play, unmet  # late: the other verbs start sooner without the machines

    try:
        table = timetable.read(yaml.load(text(file, "a timetable"), yaml.BaseLoader) or {})  # noqa: S506  # it makes only text
        timeline = Play(table).run()
    except yaml.YAMLError as why:
        raise Refused(f"{file}: this is not YAML: {str(why).splitlines()[-1].strip()}") from None
    except Failure as why:
        raise Refused(f"{file}: {why}") from None
    except (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError) as why:
        words = f"an entry has not the shape of a timetable's ({type(why).__name__}: {why!s:.80})"
        raise Refused(f"{file}: {words}: see tests/scenarios for some") from None
    return timeline, [words for expected in table.expect if (words := unmet(expected, timeline))]


def _recorded(around: Surroundings, file: Path, rules: list[Path], scores: bool) -> list[dict[str, Any]]:
    """The timeline of recorded batches, times in RFC 3339."""
    if not rules:
        raise Refused(f"{file}: say with --rules which documents to run on it")
    documents = [document for _, document in gathered(around, rules)]
    messages = _samples(file) if _single(file) else sorted(_batches(file), key=lambda message: message.at)
    if not messages:
        raise Refused(f"{file}: it holds no samples")
    outcome = tried(documents, messages, messages[-1].at + AFTER)
    rows = [{"subject": "score", **row} for row in outcome.rows] if scores else []
    return sorted([*outcome.timeline, *rows], key=lambda entry: str(entry["at"]))


def _single(file: Path) -> bool:
    """Whether it holds one sample a line, as `tocsin rules test` takes them, and not batches of a gateway."""
    if file.suffix == ".csv":
        return True
    first = next((line for line in text(file, WHAT).splitlines() if line.strip()), "")
    with suppress(orjson.JSONDecodeError):
        sample = orjson.loads(first)
        return isinstance(sample, dict) and isinstance(sample.get("series"), str)
    return False


def _samples(file: Path) -> list[TrialInput]:
    recorded = read(file)
    if recorded.troubles:
        raise Refused(f"{recorded.troubles[0]}\n{len(recorded.troubles)} lines to mend")
    return list(framed(GATEWAY, recorded.samples))


def _batches(file: Path) -> Iterator[TrialInput]:
    lists = LayoutMemory()
    for n, line in enumerate(text(file, WHAT).splitlines(), 1):
        if not line.strip():
            continue
        try:
            message = _batch(orjson.loads(line))
            batch = lists.read(message, message["at"])
            for raw in frame(batch.gateway, batch.source, batch.at, batch.series, batch.values):  # type: ignore[arg-type]
                samples.read(decode(raw))
                yield TrialInput(batch.at, TELEMETRY, batch.gateway, raw)
        except Unlisted:
            raise Refused(
                f"{file}:{n}: no line before it tells the list of series that it names: {FORM}"
            ) from None
        except Refused as why:
            raise Refused(f"{file}:{n}: {why}: write {FORM}") from None
        except (AttributeError, KeyError, TypeError, ValueError):
            raise Refused(f"{file}:{n}: this is no batch of samples: write {FORM}") from None


def _batch(line: Mapping[str, Any]) -> dict[str, Any]:
    """A line as a message; people write less than a producer does."""
    names = {"gateway": str(line["gateway"]), "source": str(line.get("source", "recorded"))}
    return {**line, **names, "kind": "samples", "at": int(line["at"]), "values": list(line["values"])}
