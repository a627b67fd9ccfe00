"""What the plugin is told: in the gateway's plugin file what is no secret, else in its environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple


class PluginSettings(NamedTuple):
    """`gateway`: its name with Tocsin; `kafka`: host:port[,…]; `client`: how to connect; `key`: what signs, or b""."""

    gateway: str
    kafka: str
    client: Mapping[str, Any]
    key: bytes
    every: float  # seconds between two frames
    instance: str  # tells replicas of one gateway apart


def read_settings(config: Mapping[str, Any], environment: Mapping[str, str]) -> PluginSettings:
    """The settings; ValueError says which one is missing or wrong."""

    def given(name: str, variable: str, default: str = "") -> str:
        return str(config.get(name) or environment.get(variable) or default).strip()

    gateway, kafka = given("gateway", "TOCSIN_GATEWAY"), given("kafka", "TOCSIN_KAFKA_BOOTSTRAP")
    for value, name, variable in (
        (gateway, "gateway", "TOCSIN_GATEWAY"),
        (kafka, "kafka", "TOCSIN_KAFKA_BOOTSTRAP"),
    ):
        if not value:
            raise ValueError(f"`config: {{{name}: …}}` or {variable} is missing")
    if "|" in gateway or len(gateway) > 200:
        raise ValueError("`gateway` must have at most 200 characters, and no `|`")
    every = float(given("every", "TOCSIN_PLUGIN_EVERY", "15"))
    if not 1 <= every <= 60:
        raise ValueError("`every` is a number of seconds from 1 to 60")
    file = given("key_file", "TOCSIN_KEY_FILE")
    key = Path(file).read_bytes().strip() if file else b""
    instance = given("instance", "TOCSIN_PLUGIN_INSTANCE")[:60]
    return PluginSettings(gateway, kafka, _client(environment), key, every, instance)


def _client(environment: Mapping[str, str]) -> dict[str, Any]:
    """How Kafka wants to be spoken to; secrets come from the environment or a file, never from the plugin file."""
    security = environment.get("TOCSIN_KAFKA_SECURITY", "PLAINTEXT")
    client: dict[str, Any] = {"security_protocol": security}
    if security.startswith("SASL"):
        client |= {
            "sasl_mechanism": environment.get("TOCSIN_KAFKA_SASL_MECHANISM", "PLAIN"),
            "sasl_plain_username": environment.get("TOCSIN_KAFKA_USER", ""),
            "sasl_plain_password": _secret(environment, "TOCSIN_KAFKA_PASSWORD"),
        }
    if security.endswith("SSL"):
        import ssl

        client["ssl_context"] = ssl.create_default_context(cafile=environment.get("TOCSIN_KAFKA_CA") or None)
    return client


def _secret(environment: Mapping[str, str], name: str) -> str:
    file = environment.get(f"{name}_FILE")
    return Path(file).read_text().strip() if file else environment.get(name, "")
