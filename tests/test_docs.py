"""Documentation cannot drift: what is drawn from the code is as the code draws it now, and leaves nothing out."""

from __future__ import annotations

import json
from dataclasses import fields
from enum import Enum
from typing import Any

import pytest

from streams import errors
from streams.documents import registry
from streams.settings import Settings
from streams.topics import TOPICS
from tests.docs import drawing
from tests.docs.codes_page import code_kinds
from tests.docs.parts import explained

DRAWN = drawing.drawn()
SCHEMAS = sorted(name for name in DRAWN if name.startswith("schema/"))


@pytest.mark.parametrize("name", DRAWN)
def test_it_is_as_the_code_draws_it(name: str) -> None:
    """A drawn file is the newest; where this fails, run `python -m tests.docs.drawing` and read what changed."""
    assert (drawing.DOCS / name).read_text() == DRAWN[name]


def test_no_schema_is_left_over() -> None:
    """A kind that no longer exists has no schema."""
    found = sorted(str(file.relative_to(drawing.DOCS)) for file in (drawing.DOCS / "schema").rglob("*.json"))
    assert found == SCHEMAS


@pytest.mark.parametrize("members", [part for machine in drawing.MACHINES for part in machine[2:4]], ids=str)
def test_every_state_and_cause_is_explained(members: type[Enum]) -> None:
    """Each says beside it, in its source, what it means."""
    words = explained(members)
    assert set(words) == set(members.__members__)
    assert [name for name, says in words.items() if not says] == []


@pytest.mark.parametrize("kind", code_kinds(), ids=str)
def test_every_code_is_explained(kind: type[Enum]) -> None:
    """Each says beside it, in its source, what it means."""
    assert set(explained(kind)) == set(kind.__members__)
    assert all(explained(kind).values())


def test_every_topic_is_explained() -> None:
    """Each says in a sentence what is on it."""
    assert [topic.name for topic in TOPICS if not topic.says.endswith(".")] == []
    assert all(f"`{topic.name}`" in DRAWN["topics.md"] for topic in TOPICS)


def test_every_setting_is_explained() -> None:
    """Each is listed with its sentence."""
    listed = DRAWN["settings.md"]
    assert [one.name for one in fields(Settings) if f"`{one.metadata['name']}`" not in listed] == []
    assert [
        one.name for one in fields(Settings) if one.metadata["says"].replace("|", "\\|") not in listed
    ] == []


def test_every_error_is_explained() -> None:
    """Each failure is listed with whose fault it is, here and in the tree on top of its file."""
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.Failure)
    ]
    assert [kind.__name__ for kind in kinds if f"`{kind.__name__}`" not in DRAWN["errors.md"]] == []
    assert [kind.__name__ for kind in kinds if kind.__name__ not in (errors.__doc__ or "")] == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_explains_itself(name: str) -> None:
    """Each is an object with a title and a sentence, and its properties are those of its kind."""
    schema: dict[str, Any] = json.loads(DRAWN[name])
    assert schema["type"] == "object"
    assert schema["title"]
    assert schema["description"]


@pytest.mark.parametrize("kind", registry.KINDS)
def test_a_documents_schema_knows_its_fields(kind: str) -> None:
    """What files may say is what the schema lists, a rule's condition beside its own fields."""
    schema = json.loads(DRAWN[f"schema/documents/{kind}.json"])
    assert set(schema["properties"]) == set(registry.KINDS[kind].fields()) - {"condition"}
    assert schema["additionalProperties"] is False
