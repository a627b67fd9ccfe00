"""What tests of conditions share: to apply a file, to be told, and to look for the alerts of a rule."""

from __future__ import annotations

from typing import Any

import httpx

from tests.acceptance.product import Product, Receiver


def applied(product: Product, name: str, text: str) -> None:
    """Documents, as an operator applies a file of them."""
    file = product.folder / f"{name}.yaml"
    file.write_text(text)
    done = product.tocsin("apply", str(file), "--yes")
    assert done.code == 0, done.text


def told_by(receiver: Receiver, team: str) -> str:
    """An endpoint and a policy of a team, which tell this receiver."""
    return (
        f"endpoints:\n  - {{name: hook, team: {team}, url: '{receiver.address}', allow_private: true}}\n"
        f"policies:\n  - {{name: default, team: {team}, steps: [{{notify: endpoint/hook}}]}}\n"
    )


def alerts(admin: httpx.Client, rule: str, **query: Any) -> list[dict[str, Any]]:
    """Alerts of a rule in the history, the newest first."""
    return list(admin.get("/v1/history", params={"rule": rule, **query}).json()["items"])
