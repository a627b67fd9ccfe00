"""Each shipped rule, played in the World beside all others: it fires on what it is for, and only then."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from streams import timetable
from tables.scenario import Play

FILE = Path(__file__).parents[2] / "rules" / "contextforge.yaml"
RULES: list[dict[str, Any]] = yaml.load(FILE.read_text(), yaml.BaseLoader)["rules"]  # noqa: S506  # texts only
EVERY, HEALTHY = 15, 20  # seconds between two polls, and polls before something happens
START = 1_764_547_200  # seconds UTC: when a timetable begins
OK = 'http_requests_total{handler="/rpc",method="POST",status="200"}'
FAST, COUNT = (
    'http_request_duration_highr_seconds_bucket{le="2.0"}',
    "http_request_duration_highr_seconds_count",
)
SIEM = 'siem_events_exported_total{destination="soc",status="%s"}'
CALLS = 'tool_calls_total{result="%s",tool="t",upstream="search"}'
LATE, ALL = (
    f'{name}{{upstream="search"}}' for name in ("tool_calls_slow_total", "tool_call_duration_seconds_count")
)
SHOWN = 'address="192.0.2.7",host="search.test:443",kind="%s"'
DAYS, ISSUED = (f"certificate_{name}{{{SHOWN % 'upstream'}}}" for name in ("days_left", "issued_seconds"))
UNSEEN = f'certificate_fault{{{SHOWN % "%s"},reason="unreachable",why="refused"}}'
INVALID = f'certificate_fault{{{SHOWN % "host"},reason="wrong_name",why="it is not made out to a"}}'
REFUSED = 'gateway_trouble{fix="Give it.",path="/v1/auth/email/admin/events",since="2026-12-01T00:00:00Z",status="403"}'
LIMIT = 'rate_limit_used_ratio{dimension="ip",limit="500"}'
UPSTREAM = 'upstream_up{upstream="search",upstream_id="1"}'
LEVELS = {
    LIMIT: 0.1,
    "gateway_up": 1.0,
    "gateway_ready": 1.0,
    "gateway_telemetry_up": 1.0,
    "health_checker_silent_seconds": 0.0,
    "process_start_time_seconds": 1.7e9,
    "gateway_lifecycle_pending_due": 0.0,
    "upstreams_down_share": 0.0,
    "upstreams_hidden": 0.0,
    UPSTREAM: 1.0,
    DAYS: 80.0,
    ISSUED: 1.79e9,
}
RATES = {
    OK: 90.0,
    FAST: 90.0,
    COUNT: 90.0,
    SIEM % "success": 5.0,
    SIEM % "failure": 0.0,
    CALLS % "ok": 9.0,
    LATE: 0.0,
    ALL: 9.0,
}  # a poll


class Case(NamedTuple):
    """What happens: levels that change, and rates of counters, a poll; which rules must then fire, and for how long."""

    levels: dict[str, float]
    rates: dict[str, float]
    fires: set[str]
    polls: int = 30
    flips: str = ""  # a level that is 0 for two polls and 1 for two


def requests(handler: str, status: str, method: str = "GET") -> str:
    """A series of requests."""
    return f'http_requests_total{{handler="{handler}",method="{method}",status="{status}"}}'


CASES = [
    Case({"gateway_up": 0}, {}, {"gateway-down"}),
    Case({"gateway_ready": 0}, {}, {"gateway-not-ready"}),
    Case({"gateway_telemetry_up": 0}, {}, {"telemetry-lost", "telemetry-lost-for-long"}, 130),
    Case(
        {UPSTREAM: 0},
        {},
        {"upstream-down", "upstream-down-for-long"},
        50,
    ),
    Case({}, {}, {"upstream-down", "upstream-flapping"}, flips=UPSTREAM),
    Case({"upstreams_down_share": 0.5}, {}, {"many-upstreams-down"}),
    Case({"gateway_lifecycle_pending_due": 2}, {}, {"registration-stuck"}, 70),
    Case({}, {requests("/rpc", "500", "POST"): 10}, {"server-errors"}),
    Case({}, {FAST: 10}, {"slow"}, 60),
    Case({}, {requests("/v1/auth/email/login", "401", "POST"): 1}, {"failed-logins"}),
    Case({}, {requests("/v1/tools", "401"): 4}, {"rejected-tokens"}),
    Case({}, {requests("/v1/tools", "403"): 4}, {"requests-forbidden"}),
    Case({}, {requests("/rpc", "429", "POST"): 4}, {"calls-rate-limited"}),
    Case({LIMIT: 0.97}, {}, {"rate-limit-near"}),
    Case({}, {requests("/v1/gateways", "502", "POST"): 1}, {"registration-refused"}),
    Case({"process_start_time_seconds": START + HEALTHY * EVERY - 1.0}, {}, {"gateway-restarted"}),
    Case({"health_checker_silent_seconds": 700}, {}, {"health-checker-stopped"}),
    Case({"upstreams_hidden": 2}, {}, {"upstreams-hidden"}, 70),
    Case({REFUSED: 1}, {}, {"rules-blind"}, 70),
    Case({}, {'content_size_violations_total{content_type="prompt"}': 1}, {"content-too-large"}),
    Case(
        {},
        {'content_type_violations_total{content_type="resource",mime_type="a/b"}': 1},
        {"content-type-refused"},
    ),
    Case({}, {requests("/auth/sso/login/{provider_id}", "404"): 1}, {"sso-failures"}),
    Case({DAYS: 29}, {}, {"certificate-ends"}),
    Case({DAYS: -1}, {}, {"certificate-ends"}),
    Case({INVALID: 1}, {}, {"certificate-invalid"}),
    Case({UNSEEN % "gateway": 1}, {}, {"certificate-unseen"}, 70),
    Case({ISSUED: 1.791e9}, {}, {"certificate-changed"}),
    Case({}, {CALLS % "error": 2}, {"tool-errors"}),
    Case({}, {LATE: 1}, {"tools-slow"}),
    Case({}, {'tool_timeout_total{tool_name="t"}': 1}, {"tool-timeouts"}),
    Case({}, {'circuit_breaker_open_total{tool_name="t"}': 1}, {"circuit-open"}),
    Case({}, {'oauth_verify_events_total{outcome="failed"}': 2}, {"oauth-failures"}),
    Case({}, {SIEM % "success": 0, SIEM % "failure": 1}, {"siem-export-failing"}, 60),
    Case({}, {'server_event_bus_publish_failed_total{reason="redis"}': 1}, {"event-bus-failing"}),
]
SILENT = [
    Case({}, {}, set(), 60),
    Case({UNSEEN % "upstream": 1}, {}, set(), 70),  # whether an upstream answers is the gateway's to say
    Case({}, {SIEM % "failure": 2}, set(), 60),  # some attempts fail, and every event arrives in the end
    Case({}, {requests("/v1/gateways", "422", "POST"): 1, requests("/rpc", "404"): 1}, set()),
    Case({"process_start_time_seconds": 1.7e9}, {OK: 0, FAST: 0, COUNT: 0}, set(), 60),  # nobody calls
]


def fired(case: Case) -> set[str]:
    """Names of the rules that fire where the case follows on health."""
    values: dict[str, float] = dict.fromkeys(RATES | case.rates, 100.0)
    steps: list[dict[str, Any]] = []
    for poll in range(HEALTHY + case.polls):
        sick = poll >= HEALTHY
        rates = RATES | (case.rates if sick else {})
        values |= {series: values[series] + rates.get(series, 0.0) for series in values}
        levels = LEVELS | (case.levels if sick else {})
        levels |= {case.flips: float(poll % 4 < 2)} if sick and case.flips else {}
        steps.append({"t": f"{poll * EVERY}s", "samples": {"source": "bridge", "series": levels | values}})
    table = {"documents": {"rules": judged()}, "at": steps, "until": f"{len(steps) * EVERY}s"}
    timeline = Play(timetable.read(table)).run()
    return {
        entry["rule"] for entry in timeline if entry["subject"] == "alert" and entry["what"] == "fired"
    } - {"tocsin-telemetry-lost"}


@cache
def judged() -> tuple[dict[str, Any], ...]:
    """The rules that need no days of learning."""
    return tuple(rule for rule in RULES if "anomaly" not in rule)


@pytest.mark.parametrize("case", CASES, ids=lambda case: "+".join(sorted(case.fires)))
def test_a_shipped_rule_fires_on_what_it_is_for(case: Case) -> None:
    """Nobody is told of anything else that the same happening looks like."""
    assert fired(case) == case.fires


@pytest.mark.parametrize("case", SILENT, ids=lambda case: str(case.rates or "healthy"))
def test_shipped_rules_are_silent_on_what_is_well(case: Case) -> None:
    """An alert that nobody needs teaches everybody to look away."""
    assert fired(case) == set()


def test_no_shipped_rule_is_left_untried() -> None:
    """But for those that learn, each has a case above, or a test of the source that its samples come from."""
    tried = {name for case in CASES for name in case.fires}
    assert {rule["name"] for rule in judged()} - tried == set()
