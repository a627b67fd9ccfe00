"""The Helm chart: what it renders may do no more than it must, beats, is bounded, and is told only what there is.

Rendering needs `helm` on the path; what can be read without it is read without it. Where `kubernetes_validate` is
installed, each manifest is held against Kubernetes' own schema as well.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from sources.bridge.registry import Gateway
from streams.settings import Settings
from streams.topics import STAGES

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy/helm/tocsin"
SCHEMA = json.loads((CHART / "values.schema.json").read_text())
VALUES: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())
TEMPLATES = "\n".join(file.read_text() for file in sorted((CHART / "templates").iterdir()))
KUBERNETES = "1.31.0"
SLOTS = {*STAGES, "sinks", "history"}
STAY = {*SLOTS, "bridge", "api"}
LEAST: dict[str, Any] = {
    "kafka": {"bootstrap": "kafka:9092"},
    "database": {"url": "postgresql://tocsin@postgres/tocsin"},
    "keys": {"existingSecret": "tocsin-keys"},
}
MOST: dict[str, Any] = {
    "kafka": {"bootstrap": "a:9093,b:9093", "security": "SASL_SSL", "user": "tocsin", "existingSecret": "kafka",
              "files": ["ca.crt", "client.pem"]},
    "database": {"url": "postgresql://tocsin@postgres/tocsin", "existingSecret": "database"},
    "keys": {"system": "s", "seal": "f", "token": "t"},
    "archive": {"enabled": True, "existingClaim": "archive"},
    "bridge": {"gateways": [{"name": "prod", "url": "https://gateway.example", "token_file": "/gateways/prod"}],
               "tokensSecret": "gateways"},
    "ingress": {"enabled": True, "host": "tocsin.example", "tlsSecret": "tls", "class": "nginx"},
    "metrics": {"serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}}},
    "settings": {"TOCSIN_LOG_LEVEL": "debug"},
    "secretSettings": [{"name": "TOCSIN_EMAIL_PASSWORD", "secret": "mail", "key": "password"}],
    "networkPolicy": {"apiFrom": [{"namespaceSelector": {}}], "metricsFrom": [{"namespaceSelector": {}}]},
    "canary": {"existingSecret": "canary"}, "traces": {"endpoint": "http://collector:4318/v1/traces"},
    "publicUrl": "https://tocsin.example", "storage": {"class": "fast"}, "image": {"pullSecrets": ["registry"]},
}  # fmt: skip
RENDERED: dict[str, tuple[dict[str, Any], set[str]]] = {
    "least": (LEAST, STAY | {"canary"}),
    "most": (MOST, STAY | {"canary", "traces"}),
    "without": (LEAST | {"canary": {"enabled": False}, "storage": {"enabled": False}}, STAY),
}


def helm(*words: str, values: Mapping[str, Any], into: Path) -> subprocess.CompletedProcess[str]:
    """Run helm on the chart with these values."""
    found = shutil.which("helm")
    if not found:
        pytest.skip("no helm on the path: the chart is not rendered")
    (into / "values.yaml").write_text(yaml.safe_dump(dict(values)))
    words = (*words, str(CHART), "--values", str(into / "values.yaml"), "--kube-version", KUBERNETES)
    return subprocess.run([found, *words], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module", params=RENDERED)
def rendered(request: Any, tmp_path_factory: Any) -> tuple[list[dict[str, Any]], set[str]]:
    """What the chart renders, and which processes stay: with few values, with all, and without what can be left out."""
    values, stay = RENDERED[request.param]
    done = helm("template", "shop", values=values, into=tmp_path_factory.mktemp("chart"))
    assert done.returncode == 0, done.stderr
    return [manifest for manifest in yaml.safe_load_all(done.stdout) if manifest], stay


@pytest.fixture(scope="module")
def manifests(rendered: tuple[list[dict[str, Any]], set[str]]) -> list[dict[str, Any]]:
    """All that the chart renders."""
    return rendered[0]


@pytest.fixture(scope="module")
def stay(rendered: tuple[list[dict[str, Any]], set[str]]) -> set[str]:
    """The processes that stay."""
    return rendered[1]


def pods(manifests: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The pod of each process by its name."""
    return {
        manifest["metadata"]["labels"]["app.kubernetes.io/component"]: manifest["spec"]["template"]["spec"]
        for manifest in manifests
        if manifest["kind"] in ("StatefulSet", "Deployment", "Job")
    }


def test_what_it_needs_is_said(tmp_path: Path) -> None:
    """Without values it renders nothing, and names the one that is missing; a misspelt one is refused."""
    assert "kafka.bootstrap is required" in helm("template", "shop", values={}, into=tmp_path).stderr
    wrong = LEAST | {"kafka": {"boostrap": "kafka:9092"}}
    assert "'boostrap' not allowed" in helm("template", "shop", values=wrong, into=tmp_path).stderr
    without = {name: value for name, value in LEAST.items() if name != "keys"}
    assert "keys.system is required" in helm("template", "shop", values=without, into=tmp_path).stderr


def test_lint(tmp_path: Path) -> None:
    """Helm itself has nothing to say against it."""
    done = helm("lint", "--strict", values=MOST, into=tmp_path)
    assert done.returncode == 0, done.stdout


def test_it_is_what_kubernetes_takes(manifests: list[dict[str, Any]]) -> None:
    """Each manifest is of the schema of its kind, and has no field that the kind does not know."""
    if not importlib.util.find_spec("kubernetes_validate"):
        pytest.skip("no kubernetes_validate: manifests are not held against Kubernetes' schema")
    schema = importlib.import_module("kubernetes_validate")
    for manifest in manifests:
        if manifest["kind"] != "ServiceMonitor":  # of an operator
            schema.validate(manifest, KUBERNETES.rpartition(".")[0], strict=True)


def test_every_process_is_there(manifests: list[dict[str, Any]], stay: set[str]) -> None:
    """Each stage and sink, and the Job that makes topics, runs a room of ours."""
    found = pods(manifests)
    assert found.keys() == stay | {"topics"}
    commands = {name: pod["containers"][0]["command"][2:] for name, pod in found.items()}
    assert all((ROOT / command[0] / "__main__.py").is_file() for command in commands.values())
    assert {stage: commands[stage] for stage in STAGES} == {stage: ["agents", stage] for stage in STAGES}


def test_no_container_may_do_more_than_it_must(manifests: list[dict[str, Any]]) -> None:
    """Nobody's process is root's, writes into its image, gets a privilege or speaks to Kubernetes."""
    for pod in pods(manifests).values():
        assert (pod["automountServiceAccountToken"], pod["enableServiceLinks"]) == (False, False)
        who = pod["securityContext"]
        assert (who["runAsNonRoot"], who["runAsUser"], who["runAsGroup"]) == (True, 10001, 10001)
        assert who["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in pod["containers"]:
            may = container["securityContext"]
            assert (may["readOnlyRootFilesystem"], may["allowPrivilegeEscalation"]) == (True, False)
            assert may["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"]["limits"]["memory"]
            assert container["resources"]["requests"]


def test_each_is_asked_whether_it_beats(manifests: list[dict[str, Any]]) -> None:
    """By the file that it touches; what ends by itself is not asked."""
    for name, pod in pods(manifests).items():
        (container,) = pod["containers"]
        probes = {
            probe for probe in ("startupProbe", "livenessProbe", "readinessProbe") if probe in container
        }
        assert len(probes) == (0 if name == "topics" else 3)
        pulse = next(one["value"] for one in container["env"] if one["name"] == "TOCSIN_PULSE")
        assert name == "topics" or pulse in container["livenessProbe"]["exec"]["command"][-1]


def test_the_settings_are_ours(manifests: list[dict[str, Any]]) -> None:
    """A process would refuse one that is misspelt; no value is written into a manifest that is secret."""
    secret = {one.metadata["name"] for one in fields(Settings) if one.metadata["secret"]} - {
        "TOCSIN_DATABASE"
    }
    for name, pod in pods(manifests).items():
        env = {one["name"]: one.get("value") for one in pod["containers"][0]["env"]}
        ours = {name: "" for name in env if name.startswith(("TOCSIN_", "MCPGATEWAY_"))}
        Settings.read(ours)
        assert not [name for name in secret if env.get(name)]
        assert ("TOCSIN_SLOT" in env) == (name in SLOTS)


def of_kind(manifests: list[dict[str, Any]], kind: str, name: str) -> dict[str, Any]:
    """The manifest of a kind that belongs to a process."""
    (found,) = (
        manifest
        for manifest in manifests
        if manifest["kind"] == kind
        and manifest["metadata"]["labels"].get("app.kubernetes.io/component", manifest["metadata"]["name"])
        in (name, f"shop-tocsin-{name}")
    )
    return found


def test_canaries_find_their_way(manifests: list[dict[str, Any]], stay: set[str]) -> None:
    """Sinks bring them to a Service of the one pod that watches, which they alone may reach; or none flies at all."""
    env = {
        name: {each["name"]: each.get("value") for each in pod["containers"][0]["env"]}
        for name, pod in pods(manifests).items()
    }
    if "canary" not in stay:
        assert {settings["TOCSIN_CANARY"] for settings in env.values()} == {"0s"}
        return
    service, port = of_kind(manifests, "Service", "canary"), 8499
    assert env["sinks"]["TOCSIN_CANARY_URL"] == f"http://{service['metadata']['name']}:{port}/"
    assert env["canary"]["TOCSIN_CANARY_LISTEN"] == f"0.0.0.0:{port}"
    assert port in {each["port"] for each in service["spec"]["ports"]}
    assert of_kind(manifests, "StatefulSet", "canary")["spec"]["replicas"] == 1
    ways_in = of_kind(manifests, "NetworkPolicy", "canary")["spec"]["ingress"]
    (from_sinks,) = (way for way in ways_in if way["ports"][0]["port"] == port)
    (peer,) = from_sinks["from"]
    assert peer["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "sinks"


def test_one_tells_of_traces(manifests: list[dict[str, Any]], stay: set[str]) -> None:
    """Where a receiver is named; never two, since each would tell of all."""
    if "traces" in stay:
        spec = of_kind(manifests, "Deployment", "traces")["spec"]
        assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
        env = {each["name"]: each.get("value") for each in spec["template"]["spec"]["containers"][0]["env"]}
        assert env["TOCSIN_TRACES"] == MOST["traces"]["endpoint"]
    else:
        assert not re.search("TOCSIN_TRACES", json.dumps(manifests))


def test_each_has_a_policy_and_a_budget(manifests: list[dict[str, Any]], stay: set[str]) -> None:
    """Which pods they are of is told by the labels that these pods have."""
    for kind, names in (("NetworkPolicy", stay | {"topics"}), ("PodDisruptionBudget", stay)):
        found = [manifest["spec"] for manifest in manifests if manifest["kind"] == kind]
        chosen = [spec.get("podSelector", spec.get("selector"))["matchLabels"] for spec in found]
        assert {labels["app.kubernetes.io/component"] for labels in chosen} == names


def test_what_calls_out_may() -> None:
    """Receivers and gateways are anywhere. The API asks gateways too (`connect`, whose a token is), and providers."""
    (names,) = re.findall(r"if has \$name \(list ([^)]*)\) }}\n *- {}", TEMPLATES)
    assert set(re.findall(r'"(\w+)"', names)) == {"api", "sinks", "bridge", "canary", "traces"}


def test_the_values_are_documented_and_checked() -> None:
    """The defaults are of the schema, and the schema knows every value and no other."""
    jsonschema_rs.validate(SCHEMA, VALUES)
    assert SCHEMA["properties"].keys() - {"global"} == VALUES.keys()
    for name, value in VALUES.items():
        known = SCHEMA["properties"][name].get("properties")
        if isinstance(value, dict) and known:
            assert known.keys() == value.keys(), name


def test_templates_name_settings_that_there_are() -> None:
    """Each that is spelled in them, as the settings spell it."""
    spelled = {name.removesuffix("_FILE") for name in re.findall(r"name: (TOCSIN_\w+)", TEMPLATES)}
    assert spelled - {one.metadata["name"] for one in fields(Settings)} == set()
    assert len(spelled) > 15


def test_a_gateway_of_the_values_is_one_of_the_registry() -> None:
    """The chart takes what `gateways.json` takes."""
    item = SCHEMA["properties"]["bridge"]["properties"]["gateways"]["items"]
    assert item["properties"].keys() == Gateway.model_fields.keys()
