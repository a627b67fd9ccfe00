"""Prometheus and Alertmanager as the benchmarks run them: the system's packages, the same series and rules."""

from __future__ import annotations

import shutil
import time
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

import httpx
import orjson
import yaml

from deploy.ports import answers, free_port
from deploy.supervisor.process import Process
from tests.bench.load import LIMIT, expressions, name

ABSENT = "Prometheus or Alertmanager is not installed: apt-get install prometheus prometheus-alertmanager"
PROGRAMS = ("prometheus", "prometheus-alertmanager")
GROUPS = {"group_wait": "0s", "group_interval": "1s"}


def present() -> bool:
    """Whether both programs are installed."""
    return all(map(shutil.which, PROGRAMS))


class _Programs:
    """Programs on loopback, each with the port on which it answers."""

    def __init__(self, folder: Path, commands: dict[str, list[str]], ports: Iterable[int]) -> None:
        """`commands`: by name; all are up once all `ports` answer."""
        self._folder, self._ports = folder, tuple(ports)
        self._processes = {name: Process(words, folder / f"{name}.log") for name, words in commands.items()}

    @property
    def pids(self) -> dict[str, int]:
        """What is counted."""
        return {name: process.pid for name, process in self._processes.items() if process.pid}

    def __enter__(self) -> Self:
        """Start them and wait until they answer."""
        for process in self._processes.values():
            process.start()
        until = time.monotonic() + 30
        while not all(map(answers, self._ports)):
            if time.monotonic() > until:
                self.__exit__()
                raise TimeoutError(f"they did not start; see {self._folder}")
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        """End them."""
        for process in self._processes.values():
            process.stop(20)


class Alertmanager(_Programs):
    """Alertmanager alone, which is sent alerts as Prometheus sends them."""

    def __init__(self, folder: Path, webhook: int, groups: Mapping[str, str] = GROUPS) -> None:
        """`webhook`: port of the receiver; `groups`: group_wait and group_interval of its one route."""
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        _write(folder / "alertmanager.yml", _alertmanager(webhook, groups))
        super().__init__(folder, {"alertmanager": _manager_words(folder, self.port)}, [self.port])

    def post(self, alerts: list[dict[str, Any]]) -> None:
        """Give it alerts in one request."""
        httpx.post(f"http://127.0.0.1:{self.port}/api/v2/alerts", json=alerts, timeout=30).raise_for_status()


class Theirs(_Programs):
    """Both programs on loopback, scraping and evaluating once a second, group_wait 0."""

    def __init__(
        self,
        folder: Path,
        webhook: int,
        targets: int,
        gateways: int,
        probes: bool = False,
        shape: str = "last",
    ) -> None:
        """`webhook`: port of the receiver, scraped too where it has `probes`; `targets`: port of the gateways.

        `shape`: of the rules.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.port, manager = free_port(), free_port()
        jobs = [_job(name(n), f"/{n}", targets, {"gateway": name(n)}) for n in range(gateways)]
        jobs += [_job("probes", "/", webhook, {})] if probes else []
        _write(folder / "rules.yml", _rules(shape))
        _write(folder / "alertmanager.yml", _alertmanager(webhook, GROUPS))
        _write(folder / "prometheus.yml", _prometheus(jobs, manager))
        commands = {
            "prometheus": _prometheus_words(folder, self.port),
            "alertmanager": _manager_words(folder, manager),
        }
        super().__init__(folder, commands, (self.port, manager))

    def query(self, expression: str) -> float:
        """The sum of an instant query; 0 where there is nothing."""
        address = f"http://127.0.0.1:{self.port}/api/v1/query?query={urllib.request.quote(expression)}"  # type: ignore[attr-defined]
        with urllib.request.urlopen(address, timeout=10) as answer:
            return sum(float(one["value"][1]) for one in orjson.loads(answer.read())["data"]["result"])

    def counters(self) -> dict[str, float]:
        """Its own counters: samples taken in, evaluations missed; and the longest group of rules, seconds."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        wanted = {
            "appended": "prometheus_tsdb_head_samples_appended_total",
            "missed": "prometheus_rule_group_iterations_missed_total",
            "evaluation_seconds": "prometheus_rule_group_last_duration_seconds",
        }
        return {
            key: sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(metric))
            for key, metric in wanted.items()
        }


def _write(file: Path, what: dict[str, Any]) -> None:
    file.write_text(yaml.safe_dump(what))


def _prometheus_words(folder: Path, port: int) -> list[str]:
    given = {
        "config.file": folder / "prometheus.yml",
        "storage.tsdb.path": folder / "data",
        "web.listen-address": f"127.0.0.1:{port}",
        "log.level": "warn",
    }
    return [PROGRAMS[0], *(f"--{option}={value}" for option, value in given.items())]


def _manager_words(folder: Path, port: int) -> list[str]:
    given = {
        "config.file": folder / "alertmanager.yml",
        "storage.path": folder / "alertmanager",
        "web.listen-address": f"127.0.0.1:{port}",
        "cluster.listen-address": "",
        "log.level": "warn",
    }
    return [PROGRAMS[1], *(f"--{option}={value}" for option, value in given.items())]


def _job(job: str, path: str, port: int, labels: dict[str, str]) -> dict[str, Any]:
    return {
        "job_name": job,
        "metrics_path": path,
        "static_configs": [{"targets": [f"127.0.0.1:{port}"], "labels": labels}],
    }


def _prometheus(jobs: list[dict[str, Any]], manager: int) -> dict[str, Any]:
    return {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": ["rules.yml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{manager}"]}]}]},
        "scrape_configs": jobs,
    }


def _rules(shape: str) -> dict[str, Any]:
    gauges = [{"alert": name, "expr": of, "for": "10s"} for name, of in expressions(shape).items()]
    probe = {"alert": "bench-probe", "expr": f"bench_probe > {LIMIT}"}
    return {"groups": [{"name": "bench", "rules": gauges}, {"name": "probe", "rules": [probe]}]}


def _alertmanager(webhook: int, groups: Mapping[str, str]) -> dict[str, Any]:
    route = {
        "receiver": "catcher",
        "group_by": ["alertname", "gateway"],
        "repeat_interval": "4h",
        **groups,
    }
    catcher = {"name": "catcher", "webhook_configs": [{"url": f"http://127.0.0.1:{webhook}/"}]}
    return {"route": route, "receivers": [catcher]}
