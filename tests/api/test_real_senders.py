"""Prometheus and amtool as distributions ship them, unchanged, against the API; where they are installed."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from api.dependencies import Dependencies
from streams.messages.command import Principal
from tests.api.conftest import MEMBER, Broker
from tests.patience import PATIENCE

AMTOOL, PROMETHEUS = shutil.which("amtool"), shutil.which("prometheus")
RULES = """
groups:
  - name: g
    interval: 1s
    rules:
      - alert: AlwaysWrong
        expr: vector(1)
        labels: {severity: page, team: payments}
        annotations: {summary: "{{ $value }} is wrong"}
"""


def token_of(dependencies: Dependencies) -> str:
    """One of a member."""
    return dependencies.tokens.issue(MEMBER, int(time.time()), 600)


@pytest.mark.skipif(not AMTOOL, reason="no `amtool` on the path")
def test_amtool(served: str, dependencies: Dependencies, tmp_path: Path) -> None:
    """Raises an alert and lists it; makes a silence, lists it, and ends it."""
    config = tmp_path / "http.yml"
    config.write_text(f"authorization: {{credentials: {token_of(dependencies)}}}\n")

    def amtool(*words: str) -> str:
        common = [f"--alertmanager.url={served}", f"--http.config.file={config}"]
        run = subprocess.run(
            [str(AMTOOL), *words, *common], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert run.returncode == 0, run.stderr
        return run.stdout

    amtool(
        "alert",
        "add",
        "alertname=Slow",
        "severity=critical",
        "team=payments",
        "--annotation=summary=Slow answers",
    )
    (alert,) = json.loads(amtool("alert", "query", "-o", "json", "alertname=Slow"))
    assert (alert["labels"]["alertname"], alert["annotations"]["summary"]) == ("Slow", "Slow answers")
    silence = amtool(
        "silence", "add", "alertname=Slow", "--comment=deploy", "--author=anna", "--duration=2h"
    ).strip()
    (shown,) = json.loads(amtool("silence", "query", "-o", "json"))
    assert (shown["id"], shown["createdBy"], shown["matchers"][0]["name"]) == (silence, "anna", "alertname")
    amtool("silence", "expire", silence)
    assert json.loads(amtool("silence", "query", "-o", "json")) == []


@pytest.mark.skipif(not PROMETHEUS, reason="no `prometheus` on the path")
def test_prometheus(served: str, dependencies: Dependencies, respond: Any, tmp_path: Path) -> None:
    """Evaluates a rule that always fires: we hear of it, once however often it says so."""
    (tmp_path / "rules.yml").write_text(RULES)
    host = served.removeprefix("http://")
    (tmp_path / "prometheus.yml").write_text(
        f"global: {{evaluation_interval: 1s}}\nrule_files: [{tmp_path}/rules.yml]\n"
        f"alerting: {{alertmanagers: [{{authorization: {{credentials: {token_of(dependencies)}}}, "
        f"static_configs: [{{targets: ['{host}']}}]}}]}}\n"
    )
    command = [
        str(PROMETHEUS), f"--config.file={tmp_path}/prometheus.yml", f"--storage.tsdb.path={tmp_path}/data",
        "--web.listen-address=127.0.0.1:0", "--rules.alert.resend-delay=1s", "--log.level=error",
    ]  # fmt: skip
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            heard = dependencies.measures.requests.labels("POST", "200")
            until = time.monotonic() + PATIENCE
            while heard._value.get() < 3 and process.poll() is None and time.monotonic() < until:
                time.sleep(0.05)
            assert process.poll() is None, process.stderr and process.stderr.read()
        finally:
            process.terminate()
    (command_sent,) = respond.sent
    verdict = command_sent.action.verdict
    assert (verdict.rule, verdict.message, verdict.severity) == ("AlwaysWrong", "1 is wrong", "critical")


def pushed(broker: Broker) -> set[tuple[str, str, str, int]]:
    """Gateway, source, series and instant of all that was taken."""
    found: set[tuple[str, str, str, int]] = set()
    for gateway, raw in broker.pushed.copy():
        body = orjson.loads(raw)
        found |= {(gateway, body["source"], text, body["at"]) for text in body["series"]}
    return found


@pytest.mark.skipif(not PROMETHEUS, reason="no `prometheus` on the path")
def test_prometheus_writes(served: str, dependencies: Dependencies, broker: Broker, tmp_path: Path) -> None:
    """Its samples come, those as well that Kafka did not take at first: they are sent again."""
    who = Principal(name="prometheus", teams=("platform",))
    host, token = served.removeprefix("http://"), dependencies.tokens.issue(who, int(time.time()), 600)
    (tmp_path / "prometheus.yml").write_text(
        "global: {scrape_interval: 1s, scrape_timeout: 1s}\n"
        f"scrape_configs: [{{job_name: api, authorization: {{credentials: {token}}}, "
        f"static_configs: [{{targets: ['{host}']}}]}}]\n"
        f"remote_write: [{{url: '{served}/api/v1/write?gateway=prod', authorization: {{credentials: {token}}}, "
        "queue_config: {batch_send_deadline: 200ms, min_backoff: 30ms}}]\n"
    )
    command = [
        str(PROMETHEUS), f"--config.file={tmp_path}/prometheus.yml", f"--storage.tsdb.path={tmp_path}/data",
        "--web.listen-address=127.0.0.1:0", "--log.level=error",
    ]  # fmt: skip
    up = ("prod", f"prometheus/api/{host}", f'up{{instance="{host}",job="api"}}')
    broker.why = "away"
    until = time.monotonic() + PATIENCE
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            refused = dependencies.measures.requests.labels("POST", "503")
            while refused._value.get() < 2 and process.poll() is None and time.monotonic() < until:
                time.sleep(0.05)
            back, broker.why = time.time() * 1000, ""
            while sum(one[:3] == up for one in pushed(broker)) < 3 and time.monotonic() < until:
                time.sleep(0.05)
            assert process.poll() is None, process.stderr and process.stderr.read()
        finally:
            process.terminate()
    instants = sorted(at for *series, at in pushed(broker) if tuple(series) == up)
    assert instants[0] < back  # what was scraped while it was away
    assert len(instants) == len(set(instants)) >= 3
