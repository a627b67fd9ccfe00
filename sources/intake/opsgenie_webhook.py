"""Webhooks of Opsgenie and of JSM Operations: somebody has acknowledged or closed the alert of a group. Pure.

{"action": "Acknowledge", "source": {"type": "web"}, "alert": {"alertId": "…", "alias": "<the group's key>",
 "username": "anna@…", "updatedAt": 1795000000000000000}}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from sources.intake.answers import ProviderAnswer, inner, instant, is_key, object_of, person, same

HEADER = "x-tocsin-secret"  # they sign nothing, and send what headers they are told to
_ACTIONS: dict[str, Literal["acknowledge", "resolve"]] = {"Acknowledge": "acknowledge", "Close": "resolve"}


def is_signed(raw: bytes, headers: Mapping[str, str], secret: str) -> bool:  # noqa: ARG001  # nothing is signed
    """Whether the request carries the endpoint's secret."""
    return same(secret, headers.get(HEADER, ""))


def answers(raw: bytes) -> list[ProviderAnswer]:
    """What a person did; nothing where it came by the API, which may have been us, or concerns no group of ours."""
    body = object_of(raw)
    do, alert = _ACTIONS.get(str(body.get("action"))), inner(body, "alert")
    by_api = str(inner(body, "source").get("type")).lower() == "api"
    key = alert.get("alias")
    if do is None or not is_key(key) or by_api:
        return []
    at = instant(alert.get("updatedAt"))
    id = "/".join(str(alert.get(name)) for name in ("alertId", "updatedAt"))
    return [ProviderAnswer(do, str(key), person(alert.get("username"), "Opsgenie"), f"{do}/{id}", at)]
