"""Prometheus and amtool as distributions ship them, unchanged, against the API; where they are installed."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from api.dependencies import Dependencies
from tests.api.conftest import MEMBER

AMTOOL, PROMETHEUS = shutil.which("amtool"), shutil.which("prometheus")
HANG = 60.0  # seconds after which something hangs
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
            [str(AMTOOL), *words, *common], capture_output=True, text=True, timeout=HANG, check=False
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
            until = time.monotonic() + HANG
            while heard._value.get() < 3 and process.poll() is None and time.monotonic() < until:
                time.sleep(0.05)
            assert process.poll() is None, process.stderr and process.stderr.read()
        finally:
            process.terminate()
    (command_sent,) = respond.sent
    verdict = command_sent.action.verdict
    assert (verdict.rule, verdict.message, verdict.severity) == ("AlwaysWrong", "1 is wrong", "critical")
