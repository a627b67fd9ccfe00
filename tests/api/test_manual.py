"""What the manual promises is what there is."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from api.files.yaml_check import check
from api.files.yaml_documents import read
from api.health.measures import Measures
from streams.access import LEAST_OF_DOCUMENT, TeamRole
from streams.documents.registry import KINDS, SECTIONS

Tocsin = Callable[..., tuple[int, str]]
DOCS = Path(__file__).parents[2] / "docs"


def test_example() -> None:
    """The manual's example can be read, with each kind of document in it."""
    example = (DOCS / "configure.md").read_text().split("```yaml\n")[1].split("```")[0]
    written, troubles = read(example, "configure.md")
    assert troubles == []
    assert {one.kind for one in written} == set(KINDS) == set(SECTIONS.values())
    for one in written:
        KINDS[one.kind].read(one.body)
    assert yaml.safe_load(example)


PAGES = ("channels", "escalation", "people", "rules", "schedules", "silences")


@pytest.mark.parametrize("page", PAGES)
def test_examples_are_taken_as_they_stand(page: str) -> None:
    """Whoever copies an example into a file gets no complaint about a field of it, secrets included."""
    examples = re.findall(r"```yaml\n(.*?)```", (DOCS / f"{page}.md").read_text(), re.DOTALL)
    assert [trouble for example in examples for trouble in troubles_of(example)] == []


def troubles_of(text: str) -> list[str]:
    """What `tocsin apply` says of the fields of a file before it asks anybody."""
    written, troubles = read(text, "example.yaml")
    checked = [check(document, text) for document in written]
    return [trouble.says for each in (troubles, *checked) if isinstance(each, list) for trouble in each]


@pytest.mark.parametrize("name", ["requests", "request_seconds", "commands", "streams"])
def test_measures(name: str) -> None:
    """Every measure is in the manual."""
    found = [metric.name for metric in Measures().registry.collect() if metric.name == f"tocsin_api_{name}"]
    assert len(found) == 1
    assert f"tocsin_api_{name}" in (DOCS / "api.md").read_text()


@pytest.mark.parametrize("kind", LEAST_OF_DOCUMENT)
def test_permissions_of_documents(kind: str) -> None:
    """What it takes to write a kind of document that is not as usual stands in the manual, in the role's column."""
    (row,) = [
        line
        for line in (DOCS / "permissions.md").read_text().splitlines()
        if f"`{kind}`" in line and "|" in line
    ]
    cells = [cell.strip() for cell in row.strip("|").split("|")][1:]
    allowed = [role for role, cell in zip(TeamRole, cells, strict=False) if cell == "yes"]
    assert allowed == list(TeamRole)[list(TeamRole).index(LEAST_OF_DOCUMENT[kind]) :]
