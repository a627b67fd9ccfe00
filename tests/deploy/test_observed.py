"""What Prometheus and Grafana are asked to show is what the processes tell; each alert comes when it should."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy/prometheus"
RULES = PROMETHEUS / "tocsin.rules.yml"
DASHBOARD: dict[str, Any] = json.loads((ROOT / "deploy/grafana/tocsin.json").read_text())
TELLS = ("agents/worker/metrics.py", "sinks/metrics.py", "sources/metrics.py", "api/health/measures.py")
ADDED = re.compile(r"_(total|bucket|count|sum)$")  # by the exposition, to a name that is counted


def told() -> set[str]:
    """The names of all that the processes tell."""
    sources = "\n".join((ROOT / file).read_text() for file in TELLS)
    return {ADDED.sub("", name) for name in re.findall(r'"(tocsin_\w+)"', sources)}


def asked(text: str) -> set[str]:
    """The names that expressions ask for."""
    return {ADDED.sub("", name) for name in re.findall(r"\btocsin_\w+", text)}


def alerts() -> list[dict[str, Any]]:
    """All alerts on Tocsin itself."""
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def test_nothing_else_is_asked_for() -> None:
    """A metric that nobody tells would never say that anything is wrong."""
    expressions = " ".join(rule["expr"] for rule in alerts())
    assert asked(expressions) <= told()
    shown = " ".join(target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"])
    assert asked(shown) <= told()
    assert told() <= asked(shown) | asked(expressions) | {"tocsin_api_streams"}


def test_every_process_is_read() -> None:
    """Each service that stays, at the port that it is told; under the names that the alerts use."""
    jobs = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())["scrape_configs"]
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    ours = {name: service for name, service in services.items() if service["image"] == "tocsin"}
    port = ours["api"]["environment"]["TOCSIN_METRICS_LISTEN"].rpartition(":")[2]
    read = {job["job_name"]: job["static_configs"][0]["targets"] for job in jobs}
    stay = ours.keys() - {"keys", "topics", "catcher"}
    assert read == {f"tocsin-{name}": [f"{name}:{port}"] for name in stay}


def test_the_manual_says_what_to_do() -> None:
    """Each alert has a row of its own."""
    manual = (ROOT / "docs/observability.md").read_text()
    assert [rule["alert"] for rule in alerts() if f"| `{rule['alert']}` |" not in manual] == []


def test_panels_do_not_overlap() -> None:
    """Each has an id and a place of its own."""
    places = [
        (panel["gridPos"]["x"] + x, panel["gridPos"]["y"] + y)
        for panel in DASHBOARD["panels"]
        for x in range(panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["h"])
    ]
    assert len(set(places)) == len(places)
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


@pytest.mark.parametrize(
    "words",
    [("check", "config", "prometheus.yml"), ("test", "rules", "tocsin.rules.test.yml")],
    ids=lambda words: words[1],
)
def test_prometheus_agrees(words: tuple[str, ...]) -> None:
    """Its own tool reads the files, and plays each alert through."""
    promtool = shutil.which("promtool")
    if not promtool:
        pytest.skip("no promtool on the path: rules are not played through")
    done = subprocess.run([promtool, *words], cwd=PROMETHEUS, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
