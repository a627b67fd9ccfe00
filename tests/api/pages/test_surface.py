"""What all pages share, by itself: times, forms of trials, drawings, documents as YAML, files of others."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from api.files.yaml_check import check
from api.files.yaml_documents import YamlDocument
from api.files.yaml_documents import read as read_yaml
from api.files.yaml_spelling import spelled, written
from api.pages.surface import drawing, trial_form
from api.pages.surface.editor import HOMES, beginning
from api.pages.surface.reader_zone import lasted, moment
from api.trials.trial import tried
from api.trials.trial_input import inputs
from streams.documents.document import Owned
from streams.documents.oncall import feed
from streams.documents.registry import SECTIONS
from streams.documents.rule import Rule
from streams.errors import Refused
from tests.api.conftest import NOW

ROOT = Path(__file__).parents[3]
PAGES = ROOT / "api" / "pages"
BERLIN = ZoneInfo("Europe/Berlin")
TEMPLATES = sorted((PAGES / "templates").glob("*.html"))


def files() -> list[tuple[str, YamlDocument]]:
    """Every document of the shipped rules and of the manual's example, with its text."""
    manual = (ROOT / "docs/configure.md").read_text().split("```yaml\n")[1].split("```")[0]
    texts = [manual, *(file.read_text() for file in sorted((ROOT / "rules").glob("*.yaml")))]
    return [(text, source) for text in texts for source in read_yaml(text, "file")[0]]


@pytest.mark.parametrize(("text", "source"), files(), ids=lambda each: getattr(each, "kind", ""))
def test_a_document_comes_back_as_it_was_spelled(text: str, source: YamlDocument) -> None:
    """What an editor shows is, read again, the very document, whatever its kind."""
    document = check(source, text)
    assert isinstance(document, Owned)
    section = next(section for section, kind in SECTIONS.items() if kind == source.kind)
    again = spelled(document, {})
    back = written(again, section)
    assert isinstance(back, YamlDocument)
    assert check(back, again) == document


@pytest.mark.parametrize("section", SECTIONS)
def test_every_kind_can_be_begun(section: str) -> None:
    """A new document has a beginning that can be read, and a page to return to."""
    source = written(beginning(section), section)
    assert isinstance(source, YamlDocument)
    assert isinstance(check(source, beginning(section)), Owned)
    assert HOMES[section].startswith("/")


@pytest.mark.parametrize("word", ["", "TOKEN", "calendar", "secret", "test", "token"])
def test_a_calendar_begins_with_an_address_that_nobody_knows(word: str) -> None:
    """Whoever saves it as it stands has told nobody where it is read."""
    assert feed.digest(word) not in beginning("calendars")


@pytest.mark.parametrize(
    ("at", "words"),
    [(NOW, "17:00:00"), (NOW - 86_400_000, "Sun 23 Nov 17:00"), (NOW - 400 * 86_400_000, "2024-10-20 18:00")],
)
def test_a_moment(at: int, words: str) -> None:
    """As the reader's clocks show it, with as much of the day as is needed."""
    assert moment(at, NOW, BERLIN) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "–"), (0.2, "0 s"), (59.6, "1 min"), (61, "1 min 1 s"), (3_600, "1 h"), (90_000, "1 d 1 h"),
        (86_401, "1 d"),
    ],
)  # fmt: skip
def test_a_length(seconds: float | None, words: str) -> None:
    """In its two largest units, without those that are nothing."""
    assert lasted(seconds) == words


def test_waves() -> None:
    """A line is a series with values, each as often as it says; labels may hold colons."""
    (wave,) = trial_form.waves('up{at="a:b"}: 1 x3, 0.5,+2x2\n\n', "30s")
    assert (wave.series, wave.values, wave.every) == ('up{at="a:b"}', [1.0, 1.0, 1.0, 0.5, 2.5, 4.5], 30_000)


@pytest.mark.parametrize(
    "fields",
    [
        {"last": "errors", "above": "5%"}, {"last": "up", "below": 0.5, "for": "30s"},
        {"avg": "seconds", "above": 2, "over": "5m"}, {"ratio": "bad / all", "above": "5%", "over": "5m"},
        {"last": "errors", "above": {"critical": 10, "warning": 5}}, {"unreachable": "gateway", "for": "1m"},
        {"event": "login", "where": "success=false", "above": 3, "over": "5m"}, {"event": "gone.*", "ends_after": "1m"},
        {"rate": "errors", "above": 2, "over": "2m"}, {"increase": "errors", "above": 10, "over": "5m"},
    ],
)  # fmt: skip
def test_suggested_values_make_the_rule_fire_and_end(fields: dict[str, Any]) -> None:
    """What the form of a trial begins with shows the rule at work."""
    rule = Rule.read({"name": "errors", **fields})
    waves = trial_form.waves(trial_form.suggested(rule), trial_form.EVERY)
    happened = trial_form.events(trial_form.suggested(rule), trial_form.EVERY)
    messages, until = inputs("trial", [sample for wave in waves for sample in wave.samples()], happened)
    entries = [entry for entry in tried([rule], messages, until).timeline if entry.get("rule") == "errors"]
    assert [entry["what"] for entry in entries if entry["subject"] == "alert"] == ["fired", "resolved"]


def test_a_curve_fits_its_ground() -> None:
    """Everything is drawn within it, limits and stretches of time included; nothing at all is a drawing as well."""
    made = drawing.curve([[(0, 1.0), (10, 3.0)]], [5.0], [drawing.TimeSpan(5, 20, "fired")])
    assert made.lines[1].points == "0.0,154.0 360.0,80.0"
    assert made.lines[0].points.startswith("0,6.0 ")
    assert (made.bars[0].x, made.bars[0].width) == (180.0, 540.0)
    assert drawing.curve([], [5.0], []).lines == []


def test_columns_are_as_high_as_their_numbers() -> None:
    """The highest fills the ground but its edge; what is nothing is not drawn."""
    made = drawing.columns([[("a", 2), ("b", 2)], [("a", 1), ("b", 0)]], ["one", "two"])
    assert [bar.height for bar in made.bars] == [77.0, 77.0, 38.5]
    assert [bar.title for bar in made.bars] == ["one", "one", "two"]


def test_files_of_others_are_what_was_reviewed() -> None:
    """Each lies here with the hash of the lock, and none lies here without a line."""
    lines = [
        line.split() for line in (PAGES / "vendor.lock").read_text().splitlines() if not line.startswith("#")
    ]
    assert {ROOT / line[3] for line in lines} == set((PAGES / "static/vendor").iterdir())
    for _, _, licence, file, digest in lines:
        assert hashlib.sha256((ROOT / file).read_bytes()).hexdigest() == digest
        assert f"| {licence} |" in (ROOT / "LICENSES.md").read_text()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_a_template_needs_no_exception_of_the_policy(template: Path) -> None:
    """No script, handler or style stands in a page, none is taken from elsewhere, and nothing is shown unescaped."""
    text = template.read_text()
    assert not re.search(
        r"""\sstyle=|\son\w+=|<style|hx-on|javascript:|\|\s*safe|autoescape|src="http""", text
    )
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


def test_a_wave_that_is_no_length() -> None:
    """The field is named."""
    with pytest.raises(Refused, match="every"):
        trial_form.waves("errors: 1", "often")
