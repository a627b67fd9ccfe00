"""Verbs that check configuration before it holds: no server, the same input the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from rich.console import Console

from api.cli.context import Surroundings
from api.cli.run import run_in

DOCUMENTS = """\
silences:
  - {name: vendor, covers: 'rule=a, severity!=critical', ends: 2026-12-07T17:00:00Z, owner: anna, reason: ticket}
  - {name: ours, team: payments, covers: rule=a, starts: 2026-12-08T00:00:00Z, ends: 2026-12-09T00:00:00Z,
     owner: anna, reason: move}
maintenance:
  - {name: patch, covers: gateway=prod, starts: 2026-12-06 02:00, lasts: 90m, repeats: weekly, time_zone: Europe/Berlin,
     reason: OS}
  - {name: once, covers: gateway=test, starts: 2026-12-13 02:15, lasts: 1h, time_zone: Europe/Berlin, reason: OS}
schedules:
  - {name: payments, time_zone: Europe/Berlin, rotate: weekly, hand_off: "mon 09:00", starts: 2026-12-07,
     people: [anna, ben], only: "mon-fri 09:00-17:00"}
overrides:
  - {name: xmas, schedule: payments, person: ben, starts: 2026-12-08T10:00:00Z, ends: 2026-12-08T12:00:00Z}
"""
Verb = Callable[..., tuple[int, str]]


@pytest.fixture
def pure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Verb:
    """A verb on the file of documents, where no API and no token is: exit code and all that it printed."""
    (tmp_path / "all.yaml").write_text(DOCUMENTS)

    def run(*words: str) -> tuple[int, str]:
        console = Console(width=200, force_terminal=False)
        given = (*words[:2], str(tmp_path / "all.yaml"), *words[2:])
        code = run_in(given, Surroundings({"TOCSIN_DATA": str(tmp_path / "none")}, lambda _: "", console))
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


def answers(pure: Verb, *words: str) -> list[Any]:
    """What a verb says as JSON, the same at its second run."""
    code, said = pure(*words, "--json")
    assert (code, pure(*words, "--json")) == (0, (0, said)), said
    return [orjson.loads(line) for line in said.splitlines()]


@pytest.mark.parametrize(
    ("labels", "at", "silenced_by", "codes"),
    [
        ("rule=a", "2026-12-07T16:59:59Z", "silence/platform/vendor", {"vendor": "covered", "ours": "other_team"}),
        ("rule=a", "2026-12-07T17:00:00Z", None, {"vendor": "over", "ours": "other_team"}),
        ("rule=a,severity=critical", "2026-12-01T00:00:00Z", None, {"vendor": "labels_differ", "ours": "other_team"}),
        ('{"rule": "a", "team": "payments"}', "2026-12-08T00:00:00Z", "silence/payments/ours",
         {"vendor": "over", "ours": "covered"}),
        ('{"rule": "a", "team": "payments"}', "2026-12-07T18:00:00Z", None, {"vendor": "over", "ours": "not_begun"}),
    ],
)  # fmt: skip
def test_silences_match(
    pure: Verb, labels: str, at: str, silenced_by: str | None, codes: dict[str, str]
) -> None:
    """The one that covers an alert is named, and of each other one why it does not; ends are excluded."""
    (found,) = answers(pure, "silences", "match", "--labels", labels, "--at", at)
    assert found["silenced_by"] == silenced_by
    assert found["silenced"] == (silenced_by is not None)
    assert {each["silence"]: each["code"] for each in found["silences"]} == codes
    assert all(each["reason"] for each in found["silences"])


def test_labels_come_from_a_file(pure: Verb, tmp_path: Path) -> None:
    """One answer a line, at each instant that is asked for."""
    (tmp_path / "alerts.jsonl").write_text('{"rule": "a"}\n\n{"rule": "b", "code": 5}\n')
    asked = (
        "--labels",
        str(tmp_path / "alerts.jsonl"),
        "--at",
        "2026-12-01T00:00:00Z",
        "--at",
        "2027-01-01T00:00:00Z",
    )
    found = answers(pure, "silences", "match", *asked)
    assert [each["silenced"] for each in found] == [True, False, False, False]
    assert [each["labels"] for each in found[1:3]] == [{"rule": "a"}, {"rule": "b", "code": "5"}]
    routed = answers(
        pure, "routes", "test", "--labels", str(tmp_path / "alerts.jsonl"), "--at", "2026-12-01T00:00:00Z"
    )
    assert [len(each["told"]) for each in routed] == [0, 1]  # what is silenced is told to nobody


def test_windows_are_listed_by_their_starts(pure: Verb) -> None:
    """Of all files, in UTC; at an instant all that are open."""
    (found,) = answers(
        pure, "maintenance", "preview", "--from", "2026-12-07T00:00:00Z", "--to", "2026-12-20T01:00:01Z",
        "--at", "2026-12-13T01:30:00Z", "--at", "2026-12-13T02:30:00Z",
    )  # fmt: skip
    assert [(each["name"], each["starts"], each["ends"]) for each in found["occurrences"]] == [
        ("patch", "2026-12-13T01:00:00.000Z", "2026-12-13T02:30:00.000Z"),
        ("once", "2026-12-13T01:15:00.000Z", "2026-12-13T02:15:00.000Z"),
        ("patch", "2026-12-20T01:00:00.000Z", "2026-12-20T02:30:00.000Z"),
    ]
    assert [[each["name"] for each in when["windows"]] for when in found["active"]] == [["once", "patch"], []]
    (two,) = answers(pure, "maintenance", "preview", "--from", "2026-12-07T00:00:00Z", "--count", "2")
    assert two["occurrences"] == found["occurrences"][:2]


def test_who_is_on_call(pure: Verb) -> None:
    """Segments with who has them by what, gaps beside them, together the whole time; local times are the schedule's."""
    (found,) = answers(
        pure, "oncall", "show", "--schedule", "payments", "--from", "2026-12-08", "--to", "2026-12-08T23:00:00Z",
        "--at", "2026-12-08 11:00", "--at", "2026-12-08 17:00",
    )  # fmt: skip
    assert found["segments"] == [
        {
            "from": "2026-12-08T08:00:00.000Z",
            "to": "2026-12-08T10:00:00.000Z",
            "person": "anna",
            "layer": "main",
        },
        {
            "from": "2026-12-08T10:00:00.000Z",
            "to": "2026-12-08T12:00:00.000Z",
            "person": "ben",
            "override": "xmas",
        },
        {
            "from": "2026-12-08T12:00:00.000Z",
            "to": "2026-12-08T16:00:00.000Z",
            "person": "anna",
            "layer": "main",
        },
    ]
    assert found["gaps"] == [
        {"from": "2026-12-07T23:00:00.000Z", "to": "2026-12-08T08:00:00.000Z"},
        {"from": "2026-12-08T16:00:00.000Z", "to": "2026-12-08T23:00:00.000Z"},
    ]
    assert found["at"] == [
        {"at": "2026-12-08T10:00:00.000Z", "person": "ben", "override": "xmas"},
        {"at": "2026-12-08T16:00:00.000Z", "person": None},
    ]


def test_what_people_read_says_the_same(pure: Verb) -> None:
    """In sentences, each with its reason."""
    code, said = pure(
        "oncall", "show", "--schedule", "payments", "--from", "2026-12-08", "--to", "2026-12-09"
    )
    assert (code, "Tue 2026-12-08 11:00 to Tue 2026-12-08 13:00: ben (by override xmas)" in said) == (
        0,
        True,
    ), said
    assert "Tue 2026-12-08 00:00 to Tue 2026-12-08 09:00: nobody" in said
    code, said = pure("maintenance", "preview", "--at", "2026-12-06T01:00:00Z")
    assert (code, said) == (0, "at 2026-12-06T01:00:00Z: patch until 2026-12-06 02:30 UTC\n")
    code, said = pure("silences", "match", "--labels", "rule=b", "--at", "2026-12-06T01:00:00Z")
    assert (
        code,
        'silence vendor of platform does not cover it: rule="a" does not hold (labels_differ)' in said,
    ) == (
        0,
        True,
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("silences", "match", "--labels", "{"), "`--labels`: this is not JSON"),
        (("silences", "match", "--labels", "[1].jsonl"), "[1].jsonl: no such file"),
        (("silences", "match", "--labels", '{"a": ["b"]}'), "`a` must be text"),
        (("silences", "match", "--labels", "a=b", "--at", "now"), "`at`: 'now' is not a time"),
        (("maintenance", "preview", "--count", "0"), "`count` must lie between 1 and"),
        (("maintenance", "preview", "--from", "2026-12-07T00:00:00Z", "--to", "2026-12-06T00:00:00Z"), "`to` must lie"),
        (("oncall", "show", "--schedule", "payments"), "say `--from` and `--to`, or `--at`"),
        (("oncall", "show", "--schedule", "paymets", "--at", "2026-12-07"), "did you mean payments?"),
        (("oncall", "show", "--schedule", "payments", "--at", "soon"), "by the clocks of Europe/Berlin"),
        (("oncall", "show", "--schedule", "payments", "--from", "2026-12-07", "--to", "2026-12-07"), "`to` must lie"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(pure: Verb, words: tuple[str, ...], says: str) -> None:
    """The option and the fix are named, and the exit code tells."""
    code, said = pure(*words)
    assert (code, says in said) == (1, True), said


RULES = """\
rules:
  - {name: high, last: cpu, above: {critical: "8"}, for: 0s}
  - {name: low, last: mem, above: "5", for: 0s}
  - {name: net, last: net, above: "5", for: 0s}
  - {name: disk, last: disk, above: "5", for: 0s}
endpoints: [{name: phone, channel: log}]
people:
  - {name: anna, full_name: Anna, contact: [{endpoint: phone, when: critical}]}
  - {name: ben, full_name: Ben, email: ben@example.com, contact: [{channel: email, through: phone}]}
teams: [{name: duty, members: [anna], leads: ben}]
schedules: [{name: s, time_zone: UTC, rotate: daily, starts: 2026-06-14, people: [anna, ben]}]
overrides: [{name: o, schedule: s, person: anna, starts: 2026-06-15T00:00:00Z, ends: 2026-06-16T00:00:00Z}]
policies: [{name: p, steps: [{notify: user/ben}, {after: 1m, notify: schedule/s}, {after: 1m, notify: team/duty}]}]
routes: [{name: all, to: policy/p, group_wait: 0s}]
silences: [{name: si, covers: rule=low, ends: 2026-12-07T17:00:00Z, owner: anna, reason: x}]
maintenance: [{name: m, covers: rule=net, starts: 2026-06-15 02:00, lasts: 23h, time_zone: UTC, reason: x}]
inhibitions: [{name: i, source: rule=high, target: rule=disk, equal: gateway}]
"""


def test_a_backtest_tells_who_would_have_been_told_and_why_others_were_not(
    tocsin: Any, tmp_path: Path
) -> None:
    """With every kind of document about people: each call by its channel, and a code for whatever was quiet."""
    start = 1_781_506_800_000  # 2026-06-15 07:00 UTC
    rows = [
        {"at": start + 10_000 * n, "gateway": "gw", "series": ["cpu", "mem", "net", "disk"], "values": [9.0] * 4}
        for n in range(12)
    ]  # fmt: skip
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "rows.jsonl").write_bytes(b"\n".join(map(orjson.dumps, rows)))
    asked = ("backtest", str(tmp_path / "rows.jsonl"), "--rules", str(tmp_path / "rules.yaml"), "--told")
    code, said = tocsin(*asked)
    assert (code, tocsin(*asked)) == (0, (0, said))
    entries = [orjson.loads(line) for line in said.splitlines()]
    early = [each for each in entries if each["at"] < "2026-06-15T07:02:00.000Z"]
    calls = [(each["to"], each["channel"], each["what"]) for each in early if each["subject"] == "call"]
    assert ("endpoint/platform/phone", "log", "firing") in calls
    assert ("endpoint/platform/phone", "log", "escalated") in calls
    assert any("schedule s by override → Anna" in each["reason"] for each in early)
    quiet = {each["reason_code"] for each in early if each["subject"] != "call"}
    assert {"silence", "maintenance", "inhibition", "no_contact"} <= quiet
