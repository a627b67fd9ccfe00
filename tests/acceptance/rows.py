"""What tests of conditions share: to apply a file, to be told, and to look for the alerts of a rule."""

from __future__ import annotations

from typing import Any

import httpx

from tests.acceptance.product import Product, Receiver, until
from tests.acceptance.telemetry import Producer, frame, now


def applied(product: Product, name: str, text: str) -> None:
    """Documents, as an operator applies a file of them."""
    file = product.folder / f"{name}.yaml"
    file.write_text(text)
    done = product.run("apply", str(file), "--yes")
    assert done.code == 0, done.text


def in_force(product: Product, admin: httpx.Client, gateway: str) -> Producer:
    """Who sends telemetry of a gateway, once all that was applied before is judged by.

    Documents take effect in their order: a last one, which fires on a sample of its own, shows that the others hold.
    """
    producer, name = Producer(product), f"canary-{gateway}-{now()}"
    metric = name.replace("-", "_")
    made = admin.post(
        "/v1/rules", json={"name": name, "last": metric, "above": 0, "for": "0s", "shadow": True}
    )
    assert made.status_code == 201, made.text

    def heard() -> Any:
        producer.say(frame(gateway, {metric: 1.0}, source="canary"))
        return alerts(admin, name)

    until(heard)
    assert admin.delete(f"/v1/rules/{made.json()['id']}").status_code == 204
    return producer


def told_by(receiver: Receiver, team: str) -> str:
    """An endpoint and a policy of a team, which tell this receiver."""
    return (
        f"endpoints:\n  - {{name: hook, team: {team}, url: '{receiver.address}', allow_private: true}}\n"
        f"policies:\n  - {{name: default, team: {team}, steps: [{{notify: endpoint/hook}}]}}\n"
    )


def alerts(admin: httpx.Client, rule: str, **query: Any) -> list[dict[str, Any]]:
    """Alerts of a rule in the history, the newest first."""
    return list(admin.get("/v1/history", params={"rule": rule, **query}).json()["items"])
