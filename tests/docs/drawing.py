"""What of `docs/` is drawn from the code itself; `python -m tests.docs.drawing` writes it, tests/test_docs.py compares.

States come from the transition tables, topics and settings from where they are listed, errors from their
tree, and the shapes of messages and documents as JSON Schema. A sentence that is missing there is missing here.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from enum import Enum
from pathlib import Path
from typing import Any

import msgspec
from pydantic import BaseModel

import streams.messages
from streams import errors
from streams.calendar.duration import spell
from streams.documents.conditions.condition import Condition
from streams.documents.registry import KINDS
from streams.documents.rule import Rule
from streams.messages import envelope
from streams.messages.envelope import NAME
from streams.settings import Settings
from streams.telemetry.samples import PARTS
from streams.topics import TOPICS
from tables.deliver.dispatch import lifecycle as dispatch
from tables.detect.instances import lifecycle as instance_lifecycle
from tables.respond.alert import lifecycle
from tables.respond.escalation import lifecycle as escalation
from tests.docs.codes_page import codes_page
from tests.docs.parts import MADE, explained, table

DOCS = Path(__file__).parents[2] / "docs"
MACHINES: tuple[tuple[str, str, type[Enum], type[Enum], Mapping[tuple[Any, Any], Any]], ...] = (
    (
        "An instance of a rule (detect)",
        "tables/detect/instances/lifecycle.py",
        instance_lifecycle.State,
        instance_lifecycle.Cause,
        instance_lifecycle.TRANSITIONS,
    ),
    (
        "An alert (respond)",
        "tables/respond/alert/lifecycle.py",
        lifecycle.Status,
        lifecycle.Cause,
        lifecycle.TRANSITIONS,
    ),
    (
        "An escalation (respond)",
        "tables/respond/escalation/lifecycle.py",
        escalation.State,
        escalation.Cause,
        escalation.TRANSITIONS,
    ),
    (
        "A dispatch (deliver)",
        "tables/deliver/dispatch/lifecycle.py",
        dispatch.DeliveryState,
        dispatch.Cause,
        dispatch.TRANSITIONS,
    ),
)


def states() -> str:
    """The three state machines as diagrams and tables."""
    parts = ["# States", "", MADE, "", "What is not drawn does not happen."]
    for title, file, state, cause, moves in MACHINES:
        parts += ["", f"## {title}", "", f"From `{file}`.", "", "```mermaid", "stateDiagram-v2"]
        parts += [f"    [*] --> {_word(next(iter(moves))[0])}"]
        parts += [
            f"    {_word(before)} --> {_word(after)}: {_word(why)}" for (before, why), after in moves.items()
        ]
        parts += ["```", ""]
        parts += table(("state", "meaning"), explained(state).items())
        parts += ["", *table(("cause", "meaning"), explained(cause).items())]
    return "\n".join(parts) + "\n"


def _word(member: Enum) -> str:
    return member.name.lower()


def topics() -> str:
    """Every topic: what is on it, what keys it, how long it is kept."""
    rows = (
        (
            f"`{topic.name}`",
            topic.says,
            topic.key,
            "of its stage" if topic.partitions == "stage" else "1",
            spell(topic.keep) if topic.keep else "newest of each key",
            "broker's" if topic.broker_time else "producer's",
        )
        for topic in TOPICS
    )
    head = ("topic", "what is on it", "key", "partitions", "kept", "clock")
    words = "From `streams/topics.py`; made by `python -m deploy topics` before any worker starts."
    return "\n".join(["# Topics", "", MADE, "", words, "", *table(head, rows)]) + "\n"


def settings() -> str:
    """Every setting with its default and its sentence."""
    rows = ((f"`{one.metadata['name']}`", _default(one), _says(one)) for one in fields(Settings))
    words = "Variables of the environment, from `streams/settings.py`. Append `_FILE` to name a file with the value."
    return (
        "\n".join(["# Settings", "", MADE, "", words, "", *table(("variable", "default", "meaning"), rows)])
        + "\n"
    )


def _default(one: Any) -> str:
    if one.metadata["parse"].__name__ == "milliseconds":
        return f"`{spell(one.default)}`"
    text = str(one.default).lower() if isinstance(one.default, bool) else str(one.default)
    return f"`{text}`" if text else ""


def _says(one: Any) -> str:
    return f"{one.metadata['says']}{' *Secret.*' if one.metadata['secret'] else ''}"


def failures() -> str:
    """The error tree, and whose fault each is."""
    lines = [
        f"{'  ' * depth}- `{kind.__name__}`: {_sentence(kind)}" for kind, depth in _tree(errors.Failure, 0)
    ]
    words = "From `streams/errors.py`: each branch says whose fault it is, which decides what happens next."
    return "\n".join(["# Errors", "", MADE, "", words, "", *lines]) + "\n"


def _tree(kind: type[Exception], depth: int) -> Iterator[tuple[type[Exception], int]]:
    yield kind, depth
    for inner in kind.__subclasses__():
        yield from _tree(inner, depth + 1)


def _sentence(kind: type[Exception]) -> str:
    text = inspect.cleandoc(kind.__doc__ or "").split("\n\n", maxsplit=1)[0].replace("\n", " ")
    return text[:1].lower() + text[1:]


def messages() -> dict[str, dict[str, Any]]:
    """The schema of every message by its kind."""
    for module in pkgutil.iter_modules(streams.messages.__path__):
        importlib.import_module(f"streams.messages.{module.name}")
    kinds = {str(kind.__struct_config__.tag): kind for kind in _kinds(envelope.Message)}
    return {name: _message(name, kind) for name, kind in sorted(kinds.items())} | {"samples": _samples()}


def _kinds(kind: type[envelope.Message]) -> Iterator[type[envelope.Message]]:
    for inner in kind.__subclasses__():
        if inner.__module__.split(".")[0] == "streams":
            yield inner
        yield from _kinds(inner)


def _message(name: str, kind: type[envelope.Message]) -> dict[str, Any]:
    """Its schema, whole, with those of its parts beside it."""
    (reference,), parts = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    whole: dict[str, Any] = parts.pop(reference["$ref"].rpartition("/")[2])
    whole["properties"] |= {"kind": {"const": name}}
    return whole | ({"$defs": parts} if parts else {})


def _samples() -> dict[str, Any]:
    """Samples are read column by column, without a model; so their shape is written here."""
    name = {"type": "string", "pattern": f"^{NAME.pattern}$"}
    properties: dict[str, Any] = {
        "kind": {"const": "samples"},
        "id": {"type": "string"},
        "at": {"type": "integer", "description": "Milliseconds since 1970, UTC."},
        "schema": {"type": "integer", "default": 1},
        "gateway": name,
        "source": name,
        "part": {
            "type": "array",
            "prefixItems": [{"type": "integer"}, {"type": "integer", "maximum": PARTS}],
        },
        "series": {"type": "array", "items": {"type": "string"}},
        "layout": {
            "type": "string",
            "pattern": "^[0-9a-f]{32}$",
            "description": "The name of `series`: 32 hexadecimal digits of the SHA-256 of its texts, a line each.",
        },
        "values": {"type": "array", "items": {"type": ["number", "null"]}},
    }
    required = ["kind", "gateway", "source", "at", "values"]
    about = "One part of a frame: `series` and `values` are columns of equal length; `layout` may name known `series`."
    return {
        "title": "Samples",
        "description": about,
        "type": "object",
        "properties": properties,
        "required": required,
        "anyOf": [{"required": ["series"]}, {"required": ["layout"]}],
    }


def documents() -> dict[str, dict[str, Any]]:
    """The schema of every configuration document by its kind, as files and the API hold it."""
    return {name: _flat(kind) if kind is Rule else _plain(kind) for name, kind in KINDS.items()}


def _plain(kind: type[BaseModel]) -> dict[str, Any]:
    schema: dict[str, Any] = _valid(kind.model_json_schema(by_alias=True))
    return schema


def _flat(rule: type[BaseModel]) -> dict[str, Any]:
    """A rule with its condition's fields beside its own."""
    whole, inner = _plain(rule), _plain(Condition)
    kept = {name: field for name, field in whole["properties"].items() if name != "condition"}
    definitions = {name: one for name, one in whole.get("$defs", {}).items() if name != "Condition"}
    required = [name for name in whole["required"] if name != "condition"]
    return whole | {"properties": kept | inner["properties"], "required": required, "$defs": definitions}


def _valid(schema: Any) -> Any:
    """Without the bounds of parsed values, which say nothing about the texts that they are parsed from."""
    if isinstance(schema, dict):
        return {
            name: _valid(part) for name, part in schema.items() if name not in ("ge", "le", "allow_inf_nan")
        }
    return [_valid(part) for part in schema] if isinstance(schema, list) else schema


def _json(schemas: Callable[[], dict[str, dict[str, Any]]], folder: str) -> dict[str, str]:
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {
        f"schema/{folder}/{name}.json": json.dumps(draft | schema, indent=2, ensure_ascii=False) + "\n"
        for name, schema in schemas().items()
    }


def drawn() -> dict[str, str]:
    """Every drawn file by its path below `docs/`."""
    pages = {"states.md": states(), "topics.md": topics(), "settings.md": settings()}
    pages |= {"errors.md": failures(), "codes.md": codes_page()}
    return pages | _json(messages, "messages") | _json(documents, "documents")


def write() -> None:
    """Write all of it; schemas of what no longer exists go."""
    for old in (DOCS / "schema").rglob("*.json"):
        old.unlink()
    for name, text in drawn().items():
        (DOCS / name).parent.mkdir(parents=True, exist_ok=True)
        (DOCS / name).write_text(text)


if __name__ == "__main__":
    write()
