"""All documents as YAML: `apply` takes it back and finds nothing to do; no secret stands in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from api.files.yaml_export import Exported, exported
from streams.documents.registry import SECTIONS
from streams.documents.rule import Rule
from tests.api.conftest import History, Respond
from tests.api.harness import HOOK, created
from tests.api.pages.harness import BODIES

CONDITIONS: tuple[dict[str, Any], ...] = (
    {"ratio": "bad / all", "above": 0.05, "over": "5m"}, {"ratio": "bad / all", "above": "5%", "over": "5m"},
    {"ratio": "bad / all", "outside": ["0.1", 0.3], "over": "5m"}, {"last": "x", "above": 5},
    {"last": "x", "above": "5.0"}, {"ratio": "bad / all", "above": "5%", "at_least": 1e-9, "over": "5m"},
    {"last": "x", "above": {"warning": 0.1, "critical": "20 %"}}, {"anomaly": "x", "above": 0.9},
    {"last": "x", "above": 1e22}, {"last": "x", "below": -0.5, "missing": "alert", "for": "90s"},
)  # fmt: skip
MORE: dict[str, dict[str, Any]] = {
    "dismissals": {"instance": "prod|x|y", "at": "2025-11-20T00:00:00Z"},
    "probes": {"hosts": ["example.com"]},
    "views": {"shows": "severity=critical&q=a%20b"},
    "overrides": {
        "schedule": "x", "person": "somebody", "starts": "2026-12-06T02:00:00Z", "ends": "2026-12-07T02:00:00Z",
    },
    "calendars": {"shows": "schedule/x", "digest": "0" * 64},
    "reports": {"to": "endpoint/x", "starts": "2025-11-24 08:00", "repeats": "weekly", "time_zone": "UTC"},
}  # fmt: skip

MADE = 3 + len(CONDITIONS)  # documents besides one of each kind


async def furnished(admin: httpx.AsyncClient) -> None:
    """A document of each kind, with secrets, and one that a file owns."""
    await created(admin, "endpoints", HOOK | {"team": "platform", "description": "10:00: yes # no\n'x'"})
    await created(
        admin, "people", {"name": "somebody", "email": "geheim@example.com", "contact": [{"endpoint": "log"}]}
    )
    order = ("endpoints", "people", "teams", "schedules")
    every = {**BODIES, **MORE, "policies": {"steps": [{"notify": "endpoint/x"}]}}
    every["routes"] = {"when": 'severity=critical, a="b, c"', "to": "endpoint/x"}
    for section in (*order, *(name for name in SECTIONS if name not in order)):
        await created(admin, section, every[section] | {"name": "x", "team": "platform"})
    await created(admin, "rules", {"name": "filed", "last": "errors", "above": 1e-7, "file": "rules.yaml"})
    for number, condition in enumerate(CONDITIONS):
        await created(admin, "rules", {"name": f"c{number}", **condition})


@pytest.fixture
async def everything(admin: httpx.AsyncClient) -> None:
    """A document of each kind."""
    await furnished(admin)


def test_apply_takes_it_back_unchanged(
    tocsin: Any, everything: None, tmp_path: Path, respond: Respond
) -> None:
    """A file for each kind; applied it changes nothing, and one that was edited keeps the secret behind its mask."""
    folder = tmp_path / "exported"
    code, said = tocsin("export", str(folder))
    assert (code, len(said.splitlines())) == (0, len(SECTIONS))
    text = "".join(file.read_text() for file in folder.iterdir())
    assert "geheim" not in text
    assert "sealed:" not in text
    code, said = tocsin("apply", str(folder), "--yes", "--prune")
    assert (code, said.splitlines()[-1]) == (0, f"0 to do, {len(SECTIONS) + MADE} unchanged")

    file = folder / "endpoints.yaml"
    file.write_text(file.read_text().replace("10:00", "11:00"))
    code, said = tocsin("apply", str(folder), "--yes")
    assert (code, said.splitlines()[-2:]) == (0, [f"1 to do, {len(SECTIONS) + MADE - 1} unchanged", "1 done"])
    sent: Any = respond.sent[-1].action
    before: Any = next(one.action for one in respond.sent if getattr(one.action, "name", "") == "hook")
    assert (sent.body["url"], sent.body["secret"]) == (before.body["url"], before.body["secret"])
    code, said = tocsin("export", str(folder))
    assert (code, "is not empty" in said) == (1, True)


def test_one_section_on_the_screen(tocsin: Any, everything: None) -> None:
    """What is asked for, and no more; a section that there is not is refused by name."""
    code, said = tocsin("export", "--section", "silences,routes")
    assert (code, list(yaml.safe_load(said))) == (0, ["silences", "routes"])
    code, said = tocsin("export", "--section", "silence")
    assert (code, "`section`: 'silence' is none of rules, " in said) == (1, True)


def test_a_mask_elsewhere_is_no_secret(tocsin: Any, tmp_path: Path) -> None:
    """Where there is no such document yet, the mask has to be replaced, and it is said of which field."""
    (tmp_path / "x.yaml").write_text(
        'endpoints:\n- {name: hook, url: "https://hooks.example/••••••", secret: "••••••"}\n'
    )
    code, said = tocsin("apply", str(tmp_path / "x.yaml"), "--yes")
    assert (code, "`url`: holds the mask" in said, "`secret`: holds the mask" in said) == (1, True, True)


async def test_of_ones_own_teams(admin: httpx.AsyncClient, member: httpx.AsyncClient) -> None:
    """A member's file has the member's teams' documents only; another team's is refused."""
    for team in ("payments", "search"):
        await created(admin, "rules", {"name": team, "team": team, "last": "errors", "above": 1})
    answer = await member.get("/v1/export")
    assert [rule["name"] for rule in yaml.safe_load(answer.text)["rules"]] == ["payments"]
    assert answer.headers["content-type"].startswith("application/yaml")
    assert (await member.get("/v1/export?team=search")).status_code == 403


async def test_what_cannot_be_read_is_said(
    admin: httpx.AsyncClient, history: History, respond: Respond
) -> None:
    """A document that an earlier Tocsin stored otherwise is named, and hides none of the others."""
    await created(admin, "rules", {"name": "good", "last": "errors", "above": 1})
    await created(admin, "rules", {"name": "odd", "last": "errors", "above": 1})
    with history.store._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE documents SET body = '{\"name\": \"odd\"}' WHERE name = 'odd'")
    text = (await admin.get("/v1/export")).text
    assert "# rule odd of team platform is left out" in text
    assert [rule["name"] for rule in yaml.safe_load(text)["rules"]] == ["good"]


def test_thousands_are_one_list() -> None:
    """However many there are, they stand below one heading, as a file must have them."""
    rules = [Rule.read({"name": f"r{n}", "last": "errors", "above": n}) for n in range(450)]
    text = "".join(exported([Exported(rule, rule.body(), ()) for rule in rules]))
    assert [rule["name"] for rule in yaml.safe_load(text)["rules"]] == [f"r{n}" for n in range(450)]
