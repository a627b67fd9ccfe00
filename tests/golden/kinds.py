"""Every kind of message and every level of rows, found in the code; and one of each, whole, as bytes."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, NamedTuple

import orjson
import yaml
from msgspec import inspect

import streams.messages
from streams import timetable
from streams.messages.envelope import Message
from streams.signature import Signer
from streams.telemetry.layout import layout_of
from tables.detect.layout.known_list import KnownList
from tables.detect.levels import LEVELS
from tables.detect.series.departed import DepartedBlock
from tables.detect.series.slot_history import Terms
from tables.kernel.level import Level, level_name
from tables.kernel.row import ROW_SCHEMA, Row
from tables.scenario import Play
from tables.stages import STAGES
from tables.world import KEY
from tests.golden.sample import sample
from tests.tables.torture import logs

COMPARED = Path(__file__).parents[1] / "scenarios" / "compared-with-an-hour-earlier.yaml"


class GoldenRow(NamedTuple):
    """One row of a stage under its key. `raw`: as the changelog keeps it."""

    stage: str
    key: str
    raw: bytes


@cache
def kinds() -> dict[str, type[Message]]:
    """Every kind of message by its word."""
    for module in iter_modules(streams.messages.__path__):
        import_module(f"{streams.messages.__name__}.{module.name}")
    return {str(kind.__struct_config__.tag): kind for kind in Message.__subclasses__()}


def messages(later: bool = False) -> Iterator[tuple[type[Message], dict[str, Any]]]:
    """Each kind whole, once for each alternative of a field that may be one of several structs."""
    for _, kind in sorted(kinds().items()):
        info = inspect.type_info(kind)
        assert isinstance(info, inspect.StructType)
        whole = sample(info, later)
        yield kind, whole
        for field in info.fields:
            known = getattr(field.type, "types", ())
            structs = [each for each in known if isinstance(each, inspect.StructType)]
            for alternative in structs[1:]:
                yield kind, whole | {field.encode_name: sample(alternative, later)}


def levels() -> Iterator[tuple[str, Level[Any]]]:
    """Every level with its stage."""
    return ((stage, level) for stage, machine in sorted(STAGES.items()) for level in machine.levels)


def plain_row(level: Level[Any], later: bool = False) -> bytes:
    """A row of a level of structs, whole."""
    deadline = 9 if level.deadline is None else None
    value = sample(inspect.type_info(level.value), later)
    return orjson.dumps([ROW_SCHEMA, 7, 3, 2, deadline, False, None, value])


def rows() -> Iterator[GoldenRow]:
    """One row of each level; those of columns as they were in a life."""
    for stage, level in levels():
        if not level.columnar:
            yield GoldenRow(stage, level.key("owner"), plain_row(level))
    yield from sorted(_columns().values())


def _columns() -> dict[str, GoldenRow]:
    """The smallest row of each level of detect that packs itself."""
    machine = STAGES["detect"]("detect-0", Signer([KEY]))
    for offset, record in enumerate(logs(4, 40, unusual=True, churn=True)["detect"]):
        machine.apply(offset, *record)
    table = timetable.read(yaml.load(COMPARED.read_text(), yaml.BaseLoader))  # noqa: S506 texts only
    play = Play(table)
    play.run()
    lived = [*machine.snapshot(), *play.world.machines["detect"].snapshot(), *_made()]
    found: dict[str, GoldenRow] = {}
    for key, raw in lived:
        level = level_name(key)
        if (
            raw
            and machine.level_of(key).columnar
            and (level not in found or len(raw) < len(found[level].raw))
        ):
            found[level] = GoldenRow("detect", key, raw)
    return found


def _made() -> Iterator[tuple[str, bytes]]:
    """Rows that no short life has: a counter that left a day ago, and a list of series that batches may name."""
    departed, series = DepartedBlock(), ['calls{tool="a"}', 'calls{tool="b"}']
    departed.add(["calls"], 5, 9, Terms())
    listed = KnownList.of(layout_of(series), series)
    for level, owner, value in (("departed", "g/00000", departed), ("layout", "g/0f", listed)):
        known = next(each for each in LEVELS if each.name == level)
        row = Row[Any](known.key(owner), value, 7, 3, 2)
        yield row.key, row.encode(known)


def spelled(row: GoldenRow) -> bytes:
    """A line of the file of rows."""
    return orjson.dumps({"stage": row.stage, "key": row.key, "raw": b64encode(row.raw).decode()})
