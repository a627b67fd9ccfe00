"""How the code is laid out (HOUSE, section 4): circles, folders, names, and what decides."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests import layout

ROOT = Path(__file__).parents[1]
ROOMS = ("streams", "tables", "agents", "sinks", "sources", "api", "deploy")
MODULES = 15  # of one folder
# Not clean yet; each is an issue of its own. Whoever cleans one takes it from here: a test says so.
NOT_YET: dict[str, set[str]] = {
    "circles": set(),
    "folders": set(),
    "packed": set(),
}
# What reads words, and may: the read model of release 1 holds reasons and no codes; a field is named once in a message.
READERS = {
    "sinks/history/earlier.py", "sinks/history/migrations/versions/r0002_typed.py",
    "streams/documents/conditions/condition.py",
}  # fmt: skip


@cache
def trees(room: str) -> dict[str, ast.Module]:
    """The modules of a room, as Python reads them."""
    return {layout.module_name(file): ast.parse(file.read_text()) for file in files(room)}


@cache
def files(room: str) -> tuple[Path, ...]:
    """The files of a room, sorted."""
    return tuple(sorted((ROOT / room).rglob("*.py")))


def within(place: str, what: str) -> bool:
    """Whether a module or file lies where something is not clean yet."""
    return any(place == folder or place.startswith((f"{folder}.", f"{folder}/")) for folder in NOT_YET[what])


def everything() -> Iterator[tuple[str, ast.Module]]:
    """Every file, as a person names it, with what it holds."""
    for room in ROOMS:
        for file in files(room):
            yield str(file.relative_to(ROOT)), ast.parse(file.read_text())


@pytest.mark.parametrize("room", ROOMS)
def test_no_circle_of_imports(room: str) -> None:
    """A module can be read after those that it imports, those for type checkers included."""
    rings = layout.circles(layout.imports(trees(room)))
    assert [ring for ring in rings if not all(within(module, "circles") for module in ring)] == []


def test_a_folder_can_be_looked_over() -> None:
    """At most fifteen modules; what is more has rooms."""
    sizes = Counter(str(Path(name).parent) for name, _ in everything() if not name.endswith("__init__.py"))
    many = {folder for folder, size in sizes.items() if size > MODULES}
    assert many == NOT_YET["folders"]


@pytest.mark.parametrize("room", ["tables/respond", "tables/deliver"])
def test_state_and_decisions_have_types(room: str) -> None:
    """Nothing there is of no type: a wrong field is found before it runs."""
    lines = [f"{module}:{line}" for module, tree in trees(room).items() for line in layout.names_any(tree)]
    assert lines == []


def test_nothing_is_decided_by_words() -> None:
    """Why something was told, refused or buried is a code; its words are for people, and may be changed by anybody."""
    rooms = ("streams/", "tables/", "sinks/", "api/")
    hits = {
        name: [f"{name}:{line} {code}" for line, code in layout.branches_on_text(tree)]
        for name, tree in everything()
        if name.startswith(rooms)
    }
    assert [hit for name, some in hits.items() if name not in READERS for hit in some] == []
    assert [name for name in sorted(READERS) if not hits[name]] == []


def test_an_assignment_is_one_thought() -> None:
    """More than three values side by side are a row of things that have nothing to do with each other."""
    hits = {
        name: [f"{name}:{line} {code}" for line, code in layout.packed(tree)] for name, tree in everything()
    }
    assert [hit for name, some in hits.items() if not within(name, "packed") for hit in some] == []


@pytest.mark.parametrize("what", ["circles", "packed"])
def test_what_has_been_cleaned_is_not_excused_any_more(what: str) -> None:
    """The list of what is not clean yet names nothing that is."""
    for place in NOT_YET[what]:
        room = place.replace(".", "/")
        if what == "circles":
            assert layout.circles(layout.imports(trees(room))), f"{place} is clean: take it from the list"
        else:
            assert any(list(layout.packed(tree)) for tree in trees(room).values()), f"{place} is clean"


# Names that stand for several things today. Whoever renames one takes it from here; nobody adds one.
DOUBLE = frozenset({
    "Anomaly", "Answer", "Cause", "Client", "Columns", "Context", "Entry", "Feed", "Gateway",
    "Kind", "Limits", "Manifest", "Member", "Message", "Network", "Origin",
    "Part", "Phase", "Plan", "Progress", "Record", "Resolution", "Rows", "Shape", "State", "Step",
    "Store", "Stored", "Unavailable", "Upstream", "Verdict", "View", "Watch",
})  # fmt: skip


def test_no_two_classes_have_one_name() -> None:
    """One word, one meaning: whoever finds a class by its name finds the right one."""
    everywhere = {module: tree for room in ROOMS for module, tree in trees(room).items()}
    twice = {name for name, modules in layout.classes(everywhere).items() if len(modules) > 1}
    assert sorted(twice - DOUBLE) == []
    assert sorted(DOUBLE - twice) == []


def tree(text: str) -> ast.Module:
    """A file of these lines."""
    return ast.parse(text)


def test_circles_are_found() -> None:
    """By whatever way a module is imported, and however long the way round is."""
    files = {
        "a": tree("import b"),
        "b": tree("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from c import C"),
        "c": tree("def f():\n    from a import x"),
        "d": tree("import a"),
        "p": tree(""),
        "p.q": tree("from p import r"),
        "p.r": tree("from p import q"),
    }
    assert layout.circles(layout.imports(files)) == [["a", "b", "c"], ["p.q", "p.r"]]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('if answer.reason.startswith("conflict: "): pass', True),
        ('x = 409 if "conflict" in reason else 422', True),
        ('if entry["reason"] == "late": pass', True),
        ('if entry.get("reason", "") != other: pass', True),
        ('y = "gone" in str(why)', True),
        ('if answer.reason_code == "conflict": pass', False),
        ('if reason == "": pass', False),
        ('text = f"{reason}; again"', False),
        ("if reason: pass", False),
    ],
)
def test_branches_on_text_are_found(code: str, found: bool) -> None:
    """Whether a reason is looked into; whether there is one is no such look."""
    assert bool(list(layout.branches_on_text(tree(code)))) == found


@pytest.mark.parametrize(
    ("code", "found"),
    [("a, b, c, d = 1, 2, 3, 4", True), ("a, b, c = 1, 2, 3", False), ("a, b, c, d = row", False)],
)
def test_packed_assignments_are_found(code: str, found: bool) -> None:
    """To take a sequence apart is one thought."""
    assert bool(list(layout.packed(tree(code)))) == found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("from typing import Any", True),
        ("x: dict[str, Any] = {}", True),
        ("x = any(y)", False),
        ('"Any day"', False),
    ],
)
def test_what_has_no_type_is_found(code: str, found: bool) -> None:
    """Wherever the name stands."""
    assert bool(list(layout.names_any(tree(code)))) == found
