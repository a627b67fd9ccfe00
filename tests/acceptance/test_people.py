"""Rows 10 and 20: users and teams hear by their own contact methods; a schedule calls who is on call now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.acceptance.harness import Provider, Providers, applied, told
from tests.acceptance.product import Product

pytestmark = pytest.mark.cluster


def mail_person(name: str) -> dict[str, Any]:
    """Somebody who is reached by mail, at an address that has been seen to work."""
    contact = [{"channel": "email", "through": "mail", "confirmed": True}]
    return {"name": name, "email": f"{name}@example.com", "contact": contact}


def called(mailbox: Provider, alert: str, count: int) -> list[str]:
    """To whom the first mails about an alert went, once there are so many."""
    return sorted(one.recipients[0] for one in told(mailbox, alert, count))


def test_row_10_users_and_teams(product: Product, providers: Providers) -> None:
    """A route to a user reaches that person's own mailbox, one to a team all its members, each by their own way."""
    mailbox, phone = providers.open("email"), providers.open("sms")
    applied(
        product,
        "row-10",
        endpoints=[mailbox.endpoint("mail", "row-10"), phone.endpoint("ben-phone", "row-10")],
        people=[
            mail_person("anna"),
            {"name": "ben", "contact": [{"endpoint": "ben-phone", "when": "critical"}]},
            mail_person("chidi"),
        ],
        teams=[{"name": "row-10", "members": ["anna", "ben"], "leads": "anna"}],
        routes=[
            {"name": "one", "when": "rule=row-10-user", "to": "user/chidi", "order": 1},
            {"name": "all", "to": "team/row-10", "order": 2},
        ],
    )
    product.raised("row-10-user", team="row-10")
    assert called(mailbox, "row-10-user", 1) == ["chidi@example.com"]
    product.raised("row-10-team", team="row-10")
    assert called(mailbox, "row-10-team", 1) == ["anna@example.com"]
    assert len(told(phone, "row-10-team", 1)) == len(phone.place.messages()) == 1


def test_row_20_on_call(product: Product, providers: Providers) -> None:
    """Of a rotation whoever has the shift now is called, nobody else; while an override runs, only its person is."""
    mailbox = providers.open("email")
    today = datetime.now(UTC).date()
    shift = {"time_zone": "UTC", "rotate": "weekly", "people": ["anna", "ben", "chidi"]}
    hour = timedelta(hours=1)
    start, end = ((datetime.now(UTC) + by).strftime("%Y-%m-%d %H:%M") for by in (-hour, hour))
    applied(
        product,
        "row-20",
        endpoints=[mailbox.endpoint("mail", "row-20")],
        people=[mail_person(name) for name in ("anna", "ben", "chidi", "dora")],
        schedules=[
            {"name": "rota", **shift, "starts": str(today - timedelta(days=10)), "owner": "user/anna"},
            {
                "name": "covered", **shift, "starts": str(today - timedelta(days=10)), "owner": "user/anna",
                "overrides": [{"person": "dora", "starts": start, "ends": end, "reason": "swapped"}],
            },
        ],
        routes=[
            {"name": "rota", "when": "rule=row-20-rota", "to": "schedule/rota"},
            {"name": "covered", "when": "rule=row-20-covered", "to": "schedule/covered"},
        ],
    )  # fmt: skip
    for alert, person in (("row-20-rota", "ben"), ("row-20-covered", "dora")):
        product.raised(alert, team="row-20")
        assert called(mailbox, alert, 1) == [f"{person}@example.com"]
    assert len(mailbox.place.messages()) == 2
