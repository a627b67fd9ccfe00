"""The command line: what it says, what it does, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.coverage.coverage import Origin
from deploy.keys import write_private
from streams.codes import SuppressionReason
from streams.errors import Unavailable
from streams.messages.alert import Suppression
from streams.telemetry.layout import layout_of
from tests.api.conftest import NOW

RULES = """\
rules:
  - name: errors
    last: errors
    above: 5%
    severity: critical
    escalation_policy: main
policies:
  - name: main
    steps:
      - notify: endpoint/hook
      - after: 10m
        notify: [endpoint/log]
endpoints:
  - {name: hook, url: https://hooks.example/geheim}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of documents."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "all.yaml").write_text(RULES)
    return tmp_path / "site"


def test_apply(tocsin: Any, file: Path, respond: Any) -> None:
    """What the files say is planned in sentences and carried out, what is referred to first; then nothing is left."""
    code, said = tocsin("apply", str(file), "--yes")
    assert (code, [command.action.type for command in respond.sent]) == (0, ["endpoint", "policy", "rule"])
    assert "create policy main of team platform: endpoint/hook after 0s then endpoint/log after 10m" in said
    assert "geheim" not in said
    assert tocsin("apply", str(file), "--yes") == (0, "0 to do, 3 unchanged\n")


def test_apply_asks_again(tocsin: Any, file: Path, respond: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the broker did not take, of which nothing was changed, is asked for again, and nothing else is."""
    taken, refused = respond.send, ["policy", "policy"]

    async def send(command: Any) -> None:
        if command.action.type in refused:
            refused.remove(command.action.type)
            raise Unavailable("the broker does not take it")
        await taken(command)

    monkeypatch.setattr(respond, "send", send)
    monkeypatch.setattr("api.cli.verbs.apply.time.sleep", lambda _: None)
    code, said = tocsin("apply", str(file), "--yes")
    assert (code, said.splitlines()[-1]) == (0, "3 done")
    assert sorted(command.action.type for command in respond.sent) == ["endpoint", "policy", "rule"]


def test_change(tocsin: Any, file: Path) -> None:
    """A change is said field by field, and of a secret only that it changes."""
    tocsin("apply", str(file), "--yes")
    (file / "all.yaml").write_text(RULES.replace("5%", "7%").replace("geheim", "neu"))
    code, said = tocsin("apply", str(file), "--yes")
    assert "condition.above: 5% → 7%" in said  # as it was written
    assert "change endpoint hook of team platform: url changes" in said
    assert (code, "neu" in said) == (0, False)


def test_own(tocsin: Any, file: Path, served: str, tmp_path: Path) -> None:
    """What files own is read-only to everybody else, until they are applied without owning it."""
    tocsin("apply", str(file), "--yes", "--own")
    headers = {"Authorization": f"Bearer {(tmp_path / 'keys' / 'token.jwt').read_text()}"}
    with httpx.Client(base_url=served, headers=headers) as api:
        (rule,) = api.get("/v1/rules").json()["items"]
        where = f"/v1/rules/{rule['id']}"
        answers = [api.put(where, json=rule), api.delete(where), api.post(f"{where}/disable")]
        assert [one.status_code for one in answers] == [409] * 3
        assert "rule errors is owned by the file all.yaml: change it there" in answers[0].json()["detail"]
        (file / "all.yaml").write_text(RULES.replace("5%", "7%"))
        assert tocsin("apply", str(file), "--yes", "--own")[0] == 0
        assert "file: all.yaml → nothing" in tocsin("apply", str(file), "--yes")[1]
        assert api.post(f"{where}/disable").json()["enabled"] is False


def test_dry_run(tocsin: Any, file: Path, respond: Any) -> None:
    """A dry run shows the plan and changes nothing; without a terminal nothing is done unasked."""
    assert tocsin("apply", str(file), "--dry-run")[0] == 0
    code, said = tocsin("apply", str(file))
    assert (code, "--yes" in said, respond.sent) == (1, True, [])


def test_prune(tocsin: Any, file: Path, respond: Any) -> None:
    """What no file holds stays, and says so, until it is pruned."""
    tocsin("apply", str(file), "--yes")
    (file / "all.yaml").write_text(RULES.replace("name: errors", "name: other"))
    assert "(--prune would delete them): rule errors (platform)" in tocsin("apply", str(file), "--yes")[1]
    code, said = tocsin("apply", str(file), "--yes", "--prune")
    assert (code, respond.sent[-1].action.do, "delete rule errors" in said) == (0, "delete", True)


def test_prune_referenced(tocsin: Any, file: Path) -> None:
    """What something that stays refers to is not pruned."""
    tocsin("apply", str(file), "--yes")
    (file / "all.yaml").write_text(
        RULES.replace("name: hook", "name: other").replace("endpoint/hook", "endpoint/other")
    )
    (file / "b.yaml").write_text("routes: [{name: all, to: endpoint/hook}]\n")
    code, said = tocsin("apply", str(file), "--yes", "--prune")
    assert (code, "endpoint hook cannot be deleted: route all refers to it" in said) == (1, True)


@pytest.mark.parametrize(
    ("wrong", "right", "line", "words"),
    [
        ("severty", "severity", 5, "did you mean `severity`?"),
        ("polices", "policies", 7, "did you mean `policies`?"),
        ("noitfy: end", "notify: end", 10, "did you mean `notify`?"),
        ("above: soon", "above: 5%", 4, "is not a number"),
        ("after: 10 minutes", "after: 10m", 11, "is not a length of time"),
        ("last: errors{", "last: errors", 3, "does not name a metric"),
        (
            "https://hooks.example/geheim, secret: whsec_b2g=}",
            "https://hooks.example/geheim}",
            14,
            "holds 2 bytes",
        ),
        ("notify: endpoint/hok", "notify: endpoint/hook", 10, "did you mean `hook`?"),
    ],
)
def test_errors(tocsin: Any, file: Path, wrong: str, right: str, line: int, words: str) -> None:
    """An error is said with file and line, the nearest valid name and, for a word, the corrected line."""
    (file / "all.yaml").write_text(RULES.replace(right, wrong, 1))
    code, said = tocsin("apply", str(file), "--yes")
    assert (code, f"all.yaml:{line}: " in said, words in said) == (1, True, True), said
    assert "Traceback" not in said


def test_corrected_line(tocsin: Any, file: Path) -> None:
    """The corrected line can be copied."""
    (file / "all.yaml").write_text(RULES.replace("severity", "severty"))
    assert "    instead: severity: critical\n" in tocsin("apply", str(file))[1]


def test_corrected_line_of_a_word_within_another(tocsin: Any, tmp_path: Path) -> None:
    """The word that is wrong is mended, and no longer one that begins like it."""
    (tmp_path / "x.yaml").write_text(
        "routes: [{name: all, to: endpoint/log, orders: a, order: 1, orde: 2}]\n"
    )
    said = tocsin("apply", str(tmp_path / "x.yaml"))[1]
    assert "    instead: routes: [{name: all, to: endpoint/log, orders: a, order: 1, order: 2}]\n" in said


@pytest.mark.parametrize(
    "text", ["rules: [", "- a", "rules: {a: b}", "rules: [a]", "rules:\n  - {name: a, name: b}", "%"]
)
def test_outlines(tocsin: Any, tmp_path: Path, text: str) -> None:
    """A file that is no list of documents is refused with its line."""
    (tmp_path / "x.yaml").write_text(text)
    code, said = tocsin("apply", str(tmp_path / "x.yaml"))
    assert (code, "x.yaml:" in said, "Traceback" in said) == (1, True, False)


def test_twice(tocsin: Any, file: Path) -> None:
    """The same document in two places is an error that names both."""
    (file / "b.yaml").write_text(RULES)
    assert "all.yaml:2 already: keep one" in tocsin("apply", str(file))[1]


def test_blind_rule(tocsin: Any, file: Path, broker: Any) -> None:
    """A rule for a metric that was never seen is taken with a warning and the nearest names."""
    broker.metrics = {"errors_total": {Origin("prod", "s"): 1}}
    code, said = tocsin("apply", str(file), "--yes")
    assert (code, "errors was not seen lately" in said, "errors_total" in said) == (0, True, True)
    share = "rules: [{name: share, anomaly: 'calls{result=\"error\"} / calls'}]"
    (file / "all.yaml").write_text(share)
    assert tocsin("apply", str(file), "--yes")[1].count("calls was not seen lately") == 1


def test_alerts(tocsin: Any, history: Any) -> None:
    """Alerts are listed, taken and resolved by the first characters of their id."""
    history.alert("0a1b2c3d-0000-4000-8000-000000000000")
    assert "0a1b2c3d" in tocsin("alerts", "list")[1]
    assert tocsin("alerts", "ack", "0a1b")[0] == 0
    code, said = tocsin("alerts", "resolve", "0a1b2c3d", "--notes", "disk")
    assert (code, said.startswith("resolved")) == (0, True)
    assert tocsin("alerts", "list")[1] == "0 shown of 0\n"


def test_what_is_suppressed(tocsin: Any, history: Any) -> None:
    """Listed and shown with why nobody is told of it, and until when."""
    why = Suppression(kind=SuppressionReason.SNOOZE, by="ben", until=NOW, reason="ben snoozed it: deploying")
    history.alert("0a1b2c3d", "suppressed", suppression=why, suppressed_since=NOW - 1)
    line = "    nobody is told until 2025-11-24 16:00:00 UTC: ben snoozed it: deploying\n"
    assert line in tocsin("alerts", "list")[1]
    assert line in tocsin("alerts", "show", "0a1b")[1]


def test_any_alert_is_found_by_its_beginning(tocsin: Any, history: Any) -> None:
    """Also where more than a page of worse ones are open; a beginning that fits several is refused."""
    for n in range(501):
        history.alert(f"{n:08d}", severity="critical")
    history.alert("0a1b2c3d")
    code, said = tocsin("alerts", "show", "0a1b")
    assert (code, "0a1b2c3d" in said) == (0, True)
    code, said = tocsin("alerts", "show", "0000")
    assert (code, "501 alerts begin with '0000'" in said) == (1, True)


def test_show(tocsin: Any, history: Any) -> None:
    """One alert says why it fires, what casts doubt on it, until when somebody has it, and what happened."""
    history.alert("0a1b2c3d")
    held = {
        "acknowledged_by": "anna",
        "acknowledged_until": 1_000,
        "data_quality": ["unknown because s is silent"],
    }
    history.alert("0a1b2c3d", "acknowledged", status="acknowledged", version=2, **held)
    said = tocsin("alerts", "show", "0a1b")[1]
    for words in (
        "why: fired for a reason",
        "doubt: unknown because",
        "anna has it until 1970-01-01 00:00:01 UTC",
    ):
        assert words in said
    assert "alert acknowledged by anna — acknowledged for a reason" in said


def test_exit_codes(tocsin: Any, tmp_path: Path) -> None:
    """Wrong usage ends with 2, what is refused with 1; each says one line."""
    assert tocsin("alerts", "ack")[0] == 2
    assert tocsin("alerts", "ack", "nobody")[0] == 1
    assert tocsin("no-such-verb")[0] == 2
    code, said = tocsin("alerts", "ack", "0" * 36)
    assert (code, said.count("\n")) == (1, 1)
    assert tocsin("apply", str(tmp_path / "missing"))[0] == 1


def test_no_api(tocsin: Any) -> None:
    """Where nothing answers, the line names the address and what to do."""
    code, said = tocsin("--api", "http://127.0.0.1:9", "alerts", "list")
    assert (code, "does not answer" in said, "tocsin up" in said) == (1, True, True)


def test_token(tocsin: Any, dependencies: Any) -> None:
    """A token may be made for teams or an administrator, not for nobody."""
    code, said = tocsin("token", "mo@example.com", "--team", "payments", "--lasts", "8h")
    assert (code, said.count(".")) == (0, 2)
    assert tocsin("token", "mo@example.com")[0] == 2


def test_doctor(tocsin: Any, file: Path, broker: Any) -> None:
    """The doctor names what is blind and what is missing, with the fix; it ends with 1 where something is wrong."""
    tocsin("apply", str(file), "--yes")
    broker.metrics = {"error": {Origin("prod", "s"): 1}}
    said = tocsin("doctor")[1]
    assert "! rule errors (platform) is blind: errors was not seen lately; nearest names seen: error" in said
    broker.why = "the broker does not answer: KafkaConnectionError"
    code, said = tocsin("doctor")
    assert (code, "✘ the broker does not answer" in said) == (1, True)


def test_doctor_of_batches_without_a_list(tocsin: Any, broker: Any, dependencies: Any) -> None:
    """Batches that name a list which nobody told are counted; nothing is to be done while the next list is due."""
    broker.unknown = {Origin("prod", "mine"): 3}
    said = tocsin("doctor")[1]
    assert "· gateway prod: 3 of the newest batches of mine name a list of series that is not known" in said
    assert b'tocsin_unlisted_batches{gateway="prod",source="mine"} 3.0' in dependencies.measures.text()
    broker.unknown = {}
    assert "name a list of series" not in tocsin("doctor")[1]
    assert b"tocsin_unlisted_batches{" not in dependencies.measures.text()


def test_doctor_of_what_is_well(tocsin: Any, tmp_path: Path, broker: Any) -> None:
    """A counter that has not begun needs nothing done; the doctor ends with 0, as its help says."""
    (tmp_path / "r.yaml").write_text(
        "rules: [{name: r, increase: 'calls_total{status=\"500\"}', over: 5m, above: 1}]"
    )
    tocsin("apply", str(tmp_path / "r.yaml"), "--yes")
    for name in ("token", "system", "seal"):
        write_private(tmp_path / "keys" / f"{name}.key", "k")
    broker.metrics = {'calls_total{status="200"}': {Origin("prod", "s"): 1}}
    code, said = tocsin("doctor")
    assert (code, "· rule r (platform) sees nothing yet: calls_total is there" in said) == (0, True), said
    broker.metrics = {'calls_total{code="200"}': {Origin("prod", "s"): 1}}
    assert tocsin("doctor")[0] == 1
    assert "Exit code: 0 where nothing is to be mended" in tocsin("doctor", "--help")[1]


def test_doctor_of_a_rule_about_events(tocsin: Any, tmp_path: Path) -> None:
    """It reads no metric; the doctor says which events it waits for."""
    (tmp_path / "r.yaml").write_text("rules: [{name: r, event: [login, ACCOUNT_*]}]")
    tocsin("apply", str(tmp_path / "r.yaml"), "--yes")
    said = tocsin("doctor")[1]
    assert "✔ rule r (platform) waits for events: login, ACCOUNT_*\n" in said
    assert "where its token has admin.user_management" in said


COMPOSED = """rules:
- {name: hot, last: heat, above: 1}
- {name: logins, event: login}
- {name: both, composite: hot and logins}
"""


def test_doctor_of_a_composite_rule(tocsin: Any, tmp_path: Path, broker: Any) -> None:
    """It sees what its members see, and is blind where one of them is, or is not in force."""
    file = tmp_path / "r.yaml"
    file.write_text(COMPOSED)
    tocsin("apply", str(file), "--yes")
    assert "! rule both (platform) is blind: heat was not seen lately" in tocsin("doctor")[1]
    broker.metrics = {"heat": {Origin("prod", "s"): 1}}
    said = tocsin("doctor")[1]
    assert "✔ rule both (platform) waits for events: login\n" in said
    assert "✔ rule both (platform) last saw heat at" in said
    file.write_text(COMPOSED.replace("heat, above: 1", "heat, above: 1, enabled: no"))
    tocsin("apply", str(file), "--yes")
    assert "! rule both (platform) is blind: its rule hot is disabled" in tocsin("doctor")[1]


def test_rules_test_of_what_is_disabled(tocsin: Any, tmp_path: Path) -> None:
    """To test before enabling is what it is for: it is tried, and it is said; the curve has marks where it fires."""
    rule = {"name": "many", "event": "login", "over": "1m", "above": 1, "enabled": False}
    (tmp_path / "r.yaml").write_text(json.dumps({"rules": [rule]}))
    lines = [json.dumps({"at": f"{n}s", "event": "login"}) for n in range(3)]
    (tmp_path / "e.jsonl").write_text("\n".join(lines))
    code, said = tocsin("rules", "test", str(tmp_path / "r.yaml"), "--samples", str(tmp_path / "e.jsonl"))
    assert (code, "rule many is disabled: it is tried" in said, "alert fired" in said) == (0, True, True), (
        said
    )
    assert "█" in said
    (tmp_path / "e.jsonl").write_text('{"at": "0s", "event": ""}')
    code, said = tocsin("rules", "test", str(tmp_path / "r.yaml"), "--samples", str(tmp_path / "e.jsonl"))
    assert (code, "e.jsonl:1: `event`" in said) == (1, True), said


@pytest.mark.parametrize("words", [(), ("--live", "--last", "1h")])
def test_rules_test_says_what_it_needs(tocsin: Any, file: Path, words: tuple[str, ...]) -> None:
    """Exactly one of samples, what is recorded and what is live."""
    code, said = tocsin("rules", "test", str(file), *words)
    assert (code, "say one of --samples FILE, --last 24h" in said) == (1, True), said


def test_rules_test_without_a_broker(tocsin: Any, file: Path) -> None:
    """What is recorded cannot be read without Kafka: one line says so."""
    code, said = tocsin("rules", "test", str(file), "--last", "1h")
    assert (code, "TOCSIN_KAFKA_BOOTSTRAP" in said, said.count("\n")) == (1, True, 1), said


def test_rules_test(tocsin: Any, file: Path, tmp_path: Path) -> None:
    """A rule is tried on samples: when it fires, why, and who would be told."""
    lines = [
        f'{{"at": "{n}s", "series": "errors", "value": {0.5 if n > 20 else 0}}}' for n in range(0, 300, 5)
    ]
    (tmp_path / "samples.jsonl").write_text("\n".join(lines))
    code, said = tocsin("rules", "test", str(file), "--samples", str(tmp_path / "samples.jsonl"))
    assert (code, "alert fired" in said, "endpoint/platform/hook" in said) == (0, True, True), said
    assert said.index("alert fired") < said.index("here the samples end")


TABLE = """\
documents: {rules: [{name: high, last: cpu, above: "5", severity: critical, for: 0s}]}
at:
  - {t: 0s, until: 20s, every: 1s, samples: {series: {cpu: 1}}}
  - {t: 21s, until: 40s, every: 1s, samples: {series: {cpu: 9}}}
until: 40s
expect: [{subject: alert, what: fired, between: [21s, 25s]}]
"""


def test_backtest(tocsin: Any, tmp_path: Path) -> None:
    """A timetable gives the same bytes each time, and its expectations are checked."""
    (tmp_path / "t.yaml").write_text(TABLE)
    first, second = tocsin("backtest", str(tmp_path / "t.yaml")), tocsin("backtest", str(tmp_path / "t.yaml"))
    assert (first[0], first == second) == (0, True), first
    assert '"subject":"call"' in first[1]


def test_backtest_unmet(tocsin: Any, tmp_path: Path) -> None:
    """An expectation that does not hold ends with 1 and says what was found."""
    (tmp_path / "t.yaml").write_text("expect: [{subject: call}]\nuntil: 5s\n")
    code, said = tocsin("backtest", str(tmp_path / "t.yaml"))
    assert (code, "wanted at least once, found 0" in said) == (1, True)


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_backtest_of_samples(tocsin: Any, file: Path, tmp_path: Path, kind: str) -> None:
    """What `rules test` takes, `backtest` takes too, and more of it than fits a trial; a bad line is named."""
    table, day = tmp_path / f"r.{kind}", 86_400
    form = '{{"at": "{}s", "series": "errors", "value": {}}}' if kind == "jsonl" else "{}s,errors,{}"
    head = ["at,series,value"] if kind == "csv" else []
    lines = [form.format(day * n, 0.0) for n in range(9)] + [
        form.format(day * 8 + 5 * n, 0.9) for n in range(60)
    ]
    table.write_text("\n".join(head + lines))
    assert tocsin("rules", "test", str(file), "--samples", str(table))[0] == 1
    code, said = tocsin("backtest", str(table), "--rules", str(file))
    assert (code, '"what":"fired"' in said) == (0, True), said
    table.write_text("\n".join([*head, *lines, form.format("many", 1)]))
    code, said = tocsin("backtest", str(table), "--rules", str(file))
    assert (code, f"{table}:{len(head) + len(lines) + 1}: `at`" in said) == (1, True), said


def test_backtest_recorded(tocsin: Any, file: Path, tmp_path: Path) -> None:
    """Recorded samples run through the whole path."""
    at = 1_764_000_000_000
    batch = '{{"at": {}, "gateway": "prod", "source": "s", "series": ["errors"], "values": [0.9]}}'
    (tmp_path / "r.jsonl").write_text("\n".join(batch.format(at + n * 5_000) for n in range(60)))
    code, said = tocsin("backtest", str(tmp_path / "r.jsonl"), "--rules", str(file))
    assert (code, '"what":"fired"' in said) == (0, True), said


def test_backtest_of_batches_that_name_their_list(tocsin: Any, file: Path, tmp_path: Path) -> None:
    """What was recorded is read as it stands: a list that was told stands for the lines that name it."""
    name, series = layout_of(["errors"]), '"series": ["errors"], '
    line = '{{"at": {}, "gateway": "prod", "source": "s", {}"layout": "{}", "values": [0.9]}}'
    at = 1_764_000_000_000
    lines = [line.format(at + n * 5_000, "" if n else series, name) for n in range(60)]
    (tmp_path / "r.jsonl").write_text("\n".join(lines))
    code, said = tocsin("backtest", str(tmp_path / "r.jsonl"), "--rules", str(file))
    assert (code, '"what":"fired"' in said) == (0, True), said
    (tmp_path / "r.jsonl").write_text("\n".join(lines[1:]))
    code, said = tocsin("backtest", str(tmp_path / "r.jsonl"), "--rules", str(file))
    assert (code, "r.jsonl:1: no line before it tells the list of series" in said) == (1, True), said


def test_backup_says_what_is_not_in_it(tocsin: Any, tmp_path: Path) -> None:
    """The token of a gateway that lies elsewhere is named; a restore goes into an empty folder only."""
    (tmp_path / "gateways.json").write_text(
        json.dumps(
            {"gateways": [{"name": "prod", "url": "https://gw.example", "token_file": "/etc/prod.token"}]}
        )
    )
    target = tmp_path.parent / f"{tmp_path.name}.tar.gz"
    code, said = tocsin("backup", str(target))
    assert (code, "whoever has it has all keys" in said, "lie elsewhere" in said) == (0, True, True)
    assert "/etc/prod.token" in said
    code, said = tocsin("restore", str(target))
    assert (code, "is not empty" in said) == (1, True)
    target.unlink()
