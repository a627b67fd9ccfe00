"""The house rules of DESIGN section 5, held by tests rather than by memory."""

from __future__ import annotations

import ast
import importlib.util
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("streams", "tables", "agents", "sinks", "sources", "api", "deploy")
PURE = ("streams", "tables")
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "service", "base", "misc"}
IMPURE = {"asyncio", "logging", "os", "random", "secrets", "socket", "subprocess", "threading", "time"}
ERRORS_ALLOWED_ELSEWHERE: frozenset[str] = frozenset()
# Addresses of registries, and folders of one person's machine, lead a reader's tools somewhere else than ours.
# They stand here backwards, so that no line of this file looks like one.
REGISTRIES = tuple(
    name[::-1] for name in ("ipyp", "detsohnohtyp", "nevam", "sjmpn", "setarc", "naibed", "gnalog")
)
ENDINGS, PERSONAL = ("org", "com", "io", "net"), ("home/[a-z]", "root/")
LEAKS = re.compile(
    rf"({'|'.join(REGISTRIES)})[.]({'|'.join(ENDINGS)})|repo1?[.][a-z.]*{REGISTRIES[2]}|/({'|'.join(PERSONAL)})"
)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the repository, committed or about to be."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
    return tuple(file for name in names if name and (file := ROOT / name).is_file())


@cache
def sources(*folders: str) -> tuple[Path, ...]:
    """The Python files of these top-level folders, sorted."""
    python = (file for file in tracked() if file.suffix == ".py")
    return tuple(sorted(file for file in python if file.relative_to(ROOT).parts[0] in folders))


@cache
def tree(file: Path) -> ast.Module:
    """The file as Python reads it."""
    return ast.parse(file.read_text())


def name(file: Path) -> str:
    """The file as a person names it."""
    return str(file.relative_to(ROOT))


def functions(file: Path) -> Iterator[Function]:
    """Every function of a file, methods and inner ones included."""
    yield from (node for node in ast.walk(tree(file)) if isinstance(node, Function))


@cache
def code_lines(file: Path) -> frozenset[int]:
    """The numbers of the lines that hold code: no comments, no blank lines."""
    skipped = {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    }
    tokens = tokenize.generate_tokens(io.StringIO(file.read_text()).readline)
    held = (range(token.start[0], token.end[0] + 1) for token in tokens if token.type not in skipped)
    return frozenset(line for lines in held for line in lines)


def length(file: Path, function: Function) -> int:
    """How many code lines a function has, without its docstring and the functions inside it, which count themselves."""
    lines = _span(function)
    if ast.get_docstring(function) is not None:
        lines -= _span(function.body[0])
    for inner in ast.walk(function):
        if isinstance(inner, Function) and inner is not function:
            lines -= _span(inner)
    return len(lines & code_lines(file))


def _span(node: ast.stmt) -> set[int]:
    return set(range(node.lineno, (node.end_lineno or node.lineno) + 1))


def long_ones(file: Path, most: int) -> list[str]:
    """The functions of a file that are longer than that; only those with so many lines of any kind are looked into."""
    tall = (each for each in functions(file) if (each.end_lineno or each.lineno) - each.lineno >= most)
    sizes = ((function, length(file, function)) for function in tall)
    return [
        f"{name(file)}:{function.lineno} {function.name} ({size})" for function, size in sizes if size > most
    ]


def undocumented(file: Path) -> Iterator[str]:
    """What is public in a file and is not explained by a full sentence."""
    nodes: list[tuple[str, ast.Module | ast.ClassDef | Function]] = [("module", tree(file))]
    classes = [node for node in ast.walk(tree(file)) if isinstance(node, ast.ClassDef)]
    public = [node for node in classes if not node.name.startswith("_")]
    holders: list[ast.Module | ast.ClassDef] = [tree(file), *public]
    nodes += [(node.name, node) for node in classes]
    nodes += [(each.name, each) for node in holders for each in node.body if isinstance(each, Function)]
    for called, node in nodes:
        if not called.startswith("_") and not is_sentence(ast.get_docstring(node) or ""):
            yield f"{name(file)}: {called}"


def is_sentence(text: str) -> bool:
    """Whether the first paragraph begins with a capital, a figure or a quotation, and ends as sentences do."""
    first = text.split("\n\n", maxsplit=1)[0].strip()
    return bool(re.match(r"[A-ZÄÖÜ0-9`\"'(]", first)) and first[-1] in ".:?!…" and " " in first


def test_files_are_small() -> None:
    """None over 250 lines: a file is one concept."""
    sizes = {name(file): len(file.read_text().splitlines()) for file in sources(*ROOMS)}
    assert [f"{file} ({size})" for file, size in sizes.items() if size > 250] == []


def test_functions_are_short() -> None:
    """None over 40 code lines; how many there are is nobody's business."""
    assert [line for file in sources(*ROOMS) for line in long_ones(file, 40)] == []


def test_a_file_is_named_after_the_noun_it_owns() -> None:
    """A drawer for everything is not a concept."""
    found = [
        name(file) for file in sources(*ROOMS, "tests") if BANNED_NAMES & {file.stem, *file.parent.parts}
    ]
    assert found == []


@pytest.mark.parametrize("room", ROOMS)
def test_everything_public_is_explained(room: str) -> None:
    """Each module, public class and public function has a docstring that begins with a full sentence."""
    assert [line for file in sources(room) for line in undocumented(file)] == []


def test_there_is_one_error_tree() -> None:
    """Exception classes live in streams/errors.py alone, where whose fault they are is drawn."""
    found = [
        f"{name(file)}: {node.name}"
        for file in sources(*ROOMS)
        for node in ast.walk(tree(file))
        if isinstance(node, ast.ClassDef) and is_error(node) and name(file) != "streams/errors.py"
    ]
    assert set(found) <= ERRORS_ALLOWED_ELSEWHERE


def is_error(node: ast.ClassDef) -> bool:
    """Whether a class is, or descends from, something that is raised."""
    words = [node.name, *(ast.unparse(each).split(".")[-1] for each in node.bases)]
    known = {
        "Failure",
        "Refused",
        "Forged",
        "Conflict",
        "Misconfigured",
        "Broken",
        "Gap",
        "Rewound",
        "Exception",
    }
    return any(word in known or word.endswith(("Error", "Exception")) for word in words)


@pytest.mark.parametrize("room", [room for room in ROOMS if sources(room)])
def test_a_room_is_ours(room: str) -> None:
    """No installed package answers to the room's name."""
    found = importlib.util.find_spec(room)
    assert found
    places = [found.origin] if found.origin else list(found.submodule_search_locations or [])
    assert all(Path(place or "").is_relative_to(ROOT) for place in places)


@pytest.mark.parametrize("room", PURE)
def test_a_pure_room_has_no_clock_no_chance_and_no_world(room: str) -> None:
    """Replay equals live only where nothing but the message decides."""
    found = [f"{name(file)}: {what}" for file in sources(room) for what in impurities(tree(file))]
    assert found == []


def impurities(module: ast.Module) -> Iterator[str]:
    """What reaches out of a pure file."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names if each.name.split(".")[0] in IMPURE)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in IMPURE:
            yield str(node.module)
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"}:
            yield from (["clock"] if ast.unparse(node.value).split(".")[-1] in {"datetime", "date"} else [])


def test_pure_rooms_are_tested_without_doubles() -> None:
    """What needs a mock there is not pure; elsewhere only HTTP's transport is doubled."""
    pure = [file for file in sources("tests") if file.relative_to(ROOT).parts[1] in PURE]
    assert [name(file) for file in pure if re.search(r"\bmock", file.read_text(), re.IGNORECASE)] == []
    shells = [file for file in sources("tests") if file not in pure and file != Path(__file__)]
    assert [name(file) for file in shells if re.search(r"(?i)\bmock(?!transport)", file.read_text())] == []


def test_tests_make_claims() -> None:
    """Each test says its claim in a docstring."""
    tests = [
        (file, each) for file in sources("tests") for each in functions(file) if each.name.startswith("test_")
    ]
    silent = [
        f"{name(file)}: {each.name}" for file, each in tests if not is_sentence(ast.get_docstring(each) or "")
    ]
    assert silent == []


def test_no_test_looks_into_another() -> None:
    """What several need is a harness of their folder, a fixture, or a module that is no test."""
    found = [
        f"{name(file)}: {node.module}"
        for file in sources("tests")
        for node in ast.walk(tree(file))
        if isinstance(node, ast.ImportFrom) and (node.module or "").rpartition(".")[2].startswith("test_")
    ]
    assert found == []


STARTS_KAFKA = re.compile(
    r"^from tests\.(acceptance|chaos|sinks)\.\w+ import .*\b(Ground|Product)\b", re.MULTILINE
)


def test_whoever_starts_a_kafka_says_so() -> None:
    """Without its mark a test runs among those that need none, and starts there a second one for itself alone."""
    texts = {name(file): file.read_text() for file in sources("tests") if file.name.startswith("test_")}
    starting = [file for file, text in texts.items() if STARTS_KAFKA.search(text)]
    assert len(starting) > 20
    assert [file for file in starting if "pytest.mark.cluster" not in texts[file]] == []


def test_no_file_leads_to_a_registry_or_to_somebodys_machine() -> None:
    """Where packages come from is the operator's business, and paths are relative."""
    texts = [file for file in tracked() if file.stat().st_size < 2_000_000 and file != Path(__file__)]
    found = ((name(file), LEAKS.search(file.read_text(errors="replace"))) for file in texts)
    assert [f"{file}: {leak[0]}" for file, leak in found if leak] == []


def test_the_lock_pins_nothing_that_would_take_our_names() -> None:
    """PyTables is called `tables`, and the OpenAI agents kit `agents`; pandas would look for the former."""
    pinned = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    assert not pinned & {"tables", "openai-agents", "pandas"}
    assert set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "deploy/run.lock").read_text(), re.MULTILINE)) <= pinned


def test_the_makefile_fits_a_screen() -> None:
    """A verb is a line or two; what it does lies elsewhere."""
    assert len((ROOT / "Makefile").read_text().splitlines()) <= 40
