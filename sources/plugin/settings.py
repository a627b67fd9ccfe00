"""What the plugin is told: in the gateway's plugin file what is no secret, else in its environment."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
SECURITY = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
_ADDRESSES = re.compile(r"[^\s,]+:\d+(\s*,\s*[^\s,]+:\d+)*")


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
    if not _ADDRESSES.fullmatch(kafka):
        raise ValueError(f"`kafka` must be host:port[,…], not {kafka!r:.80}")
    every = _seconds(given("every", "TOCSIN_PLUGIN_EVERY", "15"))
    key = _key(given("key_file", "TOCSIN_KEY_FILE"))
    instance = given("instance", "TOCSIN_PLUGIN_INSTANCE")[:60]
    return PluginSettings(gateway, kafka, _client(environment), key, every, instance)


def _seconds(text: str) -> float:
    try:
        every = float(text)
    except ValueError:
        every = 0.0
    if not 1 <= every <= 60:
        raise ValueError(f"`every` must be a number of seconds from 1 to 60, not {text!r:.80}")
    return every


def _key(file: str) -> bytes:
    """What a file holds, b"" where none is named; ValueError where it is empty: all would go unsigned."""
    key = Path(file).read_bytes().strip() if file else b""
    if file and not key:
        raise ValueError(f"`key_file`: {file} is empty: write the gateway's key into it, or name none")
    return key


def _client(environment: Mapping[str, str]) -> dict[str, Any]:
    """How Kafka wants to be spoken to; secrets come from the environment or a file, never from the plugin file."""
    security = _one_of(environment, "TOCSIN_KAFKA_SECURITY", SECURITY)
    client: dict[str, Any] = {"security_protocol": security}
    if security.startswith("SASL"):
        user, password = environment.get("TOCSIN_KAFKA_USER"), _secret(environment, "TOCSIN_KAFKA_PASSWORD")
        if not (user and password):
            raise ValueError("TOCSIN_KAFKA_USER and TOCSIN_KAFKA_PASSWORD: SASL needs both")
        client |= {
            "sasl_mechanism": _one_of(environment, "TOCSIN_KAFKA_SASL_MECHANISM", MECHANISMS),
            "sasl_plain_username": user,
            "sasl_plain_password": password,
        }
    if security.endswith("SSL"):
        file = environment.get("TOCSIN_KAFKA_CA") or None
        try:
            client["ssl_context"] = ssl.create_default_context(cafile=file)
        except OSError as why:
            raise ValueError(f"TOCSIN_KAFKA_CA: {file} cannot be read: {why}") from None
    return client


def _one_of(environment: Mapping[str, str], name: str, known: tuple[str, ...]) -> str:
    """The value of a variable, the first of those that are known where it is not set."""
    value = environment.get(name) or known[0]
    if value not in known:
        raise ValueError(f"{name}: {value!r:.80} is none of {', '.join(known)}")
    return value


def _secret(environment: Mapping[str, str], name: str) -> str:
    file = environment.get(f"{name}_FILE")
    return Path(file).read_text().strip() if file else environment.get(name, "")
