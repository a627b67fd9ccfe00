"""What the documentation names is there: files, tests, modules to run, and verbs of `make`."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\(([^)\s#]+)[^)]*\)")
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"(?:streams|tables|agents|sinks|sources|api|deploy|docs|tests|rules)/[\w./-]+")
MODULE = re.compile(r"python3? -m ([\w.]+)")
VERB = re.compile(r"make ([a-z-]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_names_is_there(page: Path) -> None:
    """A reader who opens what is named, or types what is shown, finds it."""
    assert absent(page.read_text(), page.parent) == []


@pytest.mark.parametrize(
    "text",
    [
        "[x](gone.md)",
        "[x](gone.md#part)",
        "`tables/gone.py`",
        "`pytest tests/gone.py -q`",
        "`python -m gone`",
        "`make gone`",
    ],
)
def test_what_is_absent_is_named(text: str) -> None:
    """One sentence each: what is not there is told from what is."""
    assert len(absent(text, ROOT / "docs")) == 1


def test_what_is_there_is_not_named() -> None:
    """Links to the web, files, tests, modules and verbs that exist."""
    text = "[x](https://example.org) [x](../README.md#top) `tests/test_docs.py` `python -m tests.bench cpu` `make up`"
    assert absent(text, ROOT / "docs") == []


def absent(text: str, folder: Path) -> list[str]:
    """The links, paths, modules and verbs of a page that lead nowhere. `folder`: where the page lies."""
    links = [link for link in LINK.findall(text) if "://" not in link and not (folder / link).exists()]
    codes = CODE.findall(text)
    paths = [path for code in codes for path in PATH.findall(code) if code.startswith((path, "pytest"))]
    modules = [name for code in codes for name in MODULE.findall(code)]
    named = [match[1] for code in codes if (match := VERB.fullmatch(code))]
    verbs = re.findall(r"^([a-z -]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    return [
        *links,
        *(path for path in paths if not (ROOT / path).exists()),
        *(name for name in modules if not _is_module(name)),
        *(name for name in named if name not in " ".join(verbs).split()),
    ]


def _is_module(name: str) -> bool:
    folder = ROOT / name.replace(".", "/")
    return (
        folder.is_dir() or folder.with_suffix(".py").is_file() or importlib.util.find_spec(name) is not None
    )


def test_the_glossary_explains_each_word_once() -> None:
    """One word, one meaning: two rows of one word would sooner or later say two things."""
    rows = [
        line.split("|")[1].strip()
        for line in (ROOT / "docs/glossary.md").read_text().splitlines()
        if "|" in line
    ]
    assert sorted(word for word in set(rows) if rows.count(word) > 1) == []
