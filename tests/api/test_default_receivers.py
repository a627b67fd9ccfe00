"""The five settings: each gives a working receiver, several share, and what cannot work is refused by name."""

from __future__ import annotations

import logging
from dataclasses import fields, replace
from typing import Any

import pytest

from api.commands.keep_defaults import PUTTING, keep_defaults
from api.documents.default_receivers import default_receivers
from streams.documents.policy import Policy
from streams.errors import Misconfigured
from streams.settings import Settings

PAGERDUTY = {"MCPGATEWAY_PAGERDUTY_API_KEY": "R0123456789abcdef0123456789abcde"}
OPSGENIE = {"MCPGATEWAY_OPSGENIE_API_KEY": "eb243592-faa2-4ba2-a551-1afdf565c889"}
WEBHOOK = {"MCPGATEWAY_ALERT_WEBHOOK_URL": "https://hooks.example/geheim"}
EMAIL = {
    "MCPGATEWAY_ALERT_EMAIL_ENABLED": "true",
    "TOCSIN_EMAIL_SERVER": "smtp.example.com",
    "TOCSIN_EMAIL_FROM": "Tocsin <tocsin@example.com>",
    "TOCSIN_EMAIL_TO": "ops@example.com, head@example.com",
}


def told(*given: dict[str, str]) -> dict[str, list[str]]:
    """Which endpoints hear of each severity."""
    environment = {name: text for each in given for name, text in each.items()}
    policies = (one for one in default_receivers(Settings.read(environment)) if isinstance(one, Policy))
    return {
        policy.name.removeprefix("default-"): [
            place.removeprefix("endpoint/").removeprefix("default-") for place in policy.steps[0].notify
        ]
        for policy in policies
    }


@pytest.mark.parametrize(
    ("given", "name"),
    [(WEBHOOK, "webhook"), (EMAIL, "email"), (PAGERDUTY, "pagerduty"), (OPSGENIE, "opsgenie")],
)
def test_alone(given: dict[str, str], name: str) -> None:
    """One setting is enough: its receiver hears of everything, only that nobody is paged for info."""
    info = ["log"] if name in ("pagerduty", "opsgenie") else [name]
    assert told(given) == {"critical": [name], "warning": [name], "info": info}


def test_together() -> None:
    """Critical goes to pagers and all others, a warning to webhook and mail, info to the log."""
    assert told(WEBHOOK, EMAIL, PAGERDUTY, OPSGENIE) == {
        "critical": ["pagerduty", "opsgenie", "webhook", "email"],
        "warning": ["webhook", "email"],
        "info": ["log"],
    }
    assert told(PAGERDUTY, OPSGENIE)["warning"] == ["pagerduty", "opsgenie"]
    assert told(WEBHOOK, EMAIL)["info"] == ["log"]
    assert told() == {}


@pytest.mark.parametrize(
    ("url", "channel"),
    [
        ("https://hooks.slack.com/services/T0/B0/geheim", "slack"),
        ("https://HOOKS.slack.com/services/T0/B0/geheim", "slack"),
        ("https://a.westeurope.logic.azure.com/geheim?sig=x", "teams"),
        ("https://default1.environment.api.powerplatform.com/geheim", "teams"),
        ("https://hooks.slack.com.example/geheim", "webhook"),
        ("https://hooks.example/hooks.slack.com", "webhook"),
    ],
)
def test_slack_and_teams_are_known_by_their_hosts(url: str, channel: str) -> None:
    """And by nothing else in the address."""
    endpoint = default_receivers(Settings(webhook_url=url))[0]
    assert getattr(endpoint, "channel", "") == channel


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (PAGERDUTY | {"MCPGATEWAY_PAGERDUTY_API_KEY": "geheim"}, "MCPGATEWAY_PAGERDUTY_API_KEY: .*REST"),
        (OPSGENIE | {"MCPGATEWAY_OPSGENIE_API_KEY": "geheim"}, "MCPGATEWAY_OPSGENIE_API_KEY: .*36"),
        (OPSGENIE | {"TOCSIN_OPSGENIE_SERVICE": "jira"}, "TOCSIN_OPSGENIE_SERVICE: 'jira' is none of"),
        (
            PAGERDUTY | {"TOCSIN_PAGERDUTY_REGION": "asia"},
            "TOCSIN_PAGERDUTY_REGION: 'asia' is none of us, eu",
        ),
        (
            PAGERDUTY | {"TOCSIN_PAGERDUTY_URL": "http://pd.example"},
            "TOCSIN_PAGERDUTY_URL: must begin with https",
        ),
        (OPSGENIE | {"TOCSIN_OPSGENIE_URL": "geheim"}, "TOCSIN_OPSGENIE_URL: must be an address"),
        ({"MCPGATEWAY_ALERT_WEBHOOK_URL": "geheim"}, "MCPGATEWAY_ALERT_WEBHOOK_URL: must be an address"),
        (
            {"MCPGATEWAY_ALERT_WEBHOOK_URL": "https://[geheim"},
            "MCPGATEWAY_ALERT_WEBHOOK_URL: must be an addr",
        ),
        (
            {"MCPGATEWAY_ALERT_WEBHOOK_URL": "https://x.webhook.office.com/geheim"},
            "MCPGATEWAY_ALERT_WEBHOOK_URL: .*retired: make a workflow",
        ),
        (
            {"MCPGATEWAY_ALERT_WEBHOOK_URL": "https://h.example/geheim "},
            "MCPGATEWAY_ALERT_WEBHOOK_URL: begins or ends with a blank",
        ),
        *(
            (
                {"MCPGATEWAY_ALERT_WEBHOOK_URL": f"{address}"},
                "MCPGATEWAY_ALERT_WEBHOOK_URL: .*incoming webhook",
            )
            for address in (
                "https://hooks.slack.com/",
                "https://hooks.slack.com/workflows/T0/A0/1/geheim",
                "http://hooks.slack.com/services/T0/B0/geheim",
                "https://hooks.slack.com/services/geheim",
            )
        ),
        *(
            (given | {name: "sealed:geheim"}, f"{name}: must be the plain text")
            for given, name in (
                (WEBHOOK, "MCPGATEWAY_ALERT_WEBHOOK_URL"),
                (PAGERDUTY, "MCPGATEWAY_PAGERDUTY_API_KEY"),
                (OPSGENIE | {"TOCSIN_OPSGENIE_SERVICE": "jsm"}, "MCPGATEWAY_OPSGENIE_API_KEY"),
                (EMAIL, "TOCSIN_EMAIL_TO"),
            )
        ),
        (EMAIL | {"TOCSIN_EMAIL_SERVER": "'geheim'"}, "TOCSIN_EMAIL_SERVER: must be a host"),
        ({"MCPGATEWAY_ALERT_EMAIL_ENABLED": "true"}, "TOCSIN_EMAIL_SERVER .*TOCSIN_EMAIL_FROM .*EMAIL_TO"),
        (EMAIL | {"TOCSIN_EMAIL_TO": "geheim"}, "TOCSIN_EMAIL_TO: holds what is no address"),
        (EMAIL | {"TOCSIN_EMAIL_SERVER": "a b"}, "TOCSIN_EMAIL_SERVER: must be a host"),
        (EMAIL | {"TOCSIN_EMAIL_USER": "u"}, "TOCSIN_EMAIL_PASSWORD: must be set"),
        (EMAIL | {"TOCSIN_EMAIL_SECURITY": "ssl"}, "TOCSIN_EMAIL_SECURITY: 'ssl' is none of"),
    ],
)
def test_refused_by_name(given: dict[str, str], names: str) -> None:
    """Each wrong value is refused with the name of its setting, and no secret stands in the refusal."""
    with pytest.raises(Misconfigured, match=f"(?s){names}") as why:
        default_receivers(Settings.read(given))
    assert "geheim" not in str(why.value)


@pytest.mark.parametrize(("given", "name"), [(PAGERDUTY, "PAGERDUTY"), (OPSGENIE, "OPSGENIE")])
def test_called_elsewhere(given: dict[str, str], name: str) -> None:
    """A provider is called where its setting says, inside only where all webhooks may; else at its own address."""
    url = {f"TOCSIN_{name}_URL": "http://127.0.0.1:9"}
    inside = {"TOCSIN_ALLOW_PRIVATE_WEBHOOKS": "true"}
    places = [default_receivers(Settings.read(given | more))[0].body() for more in ({}, inside, url | inside)]
    assert [place["api_url"] for place in places] == ["", "", "http://127.0.0.1:9"]
    assert [place["allow_private"] for place in places] == [False, False, True]


def test_secrets() -> None:
    """Every key, address and password of a receiver is a secret of the settings."""
    secret = {one.metadata["name"] for one in fields(Settings) if one.metadata["secret"]}
    assert secret >= {*PAGERDUTY, *OPSGENIE, *WEBHOOK, "TOCSIN_EMAIL_TO", "TOCSIN_EMAIL_PASSWORD"}


def wired(dependencies: Any, *given: dict[str, str]) -> Any:
    """The API with these settings."""
    read = Settings.read({name: text for each in given for name, text in each.items()})
    return replace(dependencies, settings=replace(read, data=dependencies.settings.data))


def asked(respond: Any) -> list[tuple[str, str]]:
    """What respond was asked for, and forget it."""
    said = [(command.action.do, command.action.name) for command in respond.sent]
    respond.sent.clear()
    return said


async def test_put_once(dependencies: Any, respond: Any, caplog: pytest.LogCaptureFixture) -> None:
    """The documents are put with their secrets sealed, endpoints first; a second start puts nothing."""
    deps = wired(dependencies, WEBHOOK, PAGERDUTY, OPSGENIE, EMAIL)
    with caplog.at_level(logging.DEBUG):
        await keep_defaults(deps)
    bodies = str([command.action.body for command in respond.sent])
    secrets = (*PAGERDUTY.values(), *OPSGENIE.values(), *WEBHOOK.values(), EMAIL["TOCSIN_EMAIL_TO"])
    assert [secret for secret in secrets if secret in bodies + caplog.text] == []
    kinds = [command.action.type for command in respond.sent]
    assert kinds == ["endpoint"] * 4 + ["policy"] * 3
    assert {command.team for command in respond.sent} == {"platform"}
    asked(respond)
    await keep_defaults(deps)
    assert asked(respond) == []


async def test_gone(dependencies: Any, respond: Any) -> None:
    """A setting that is unset takes its receiver away, and those of the rest are told anew."""
    await keep_defaults(wired(dependencies, WEBHOOK, PAGERDUTY))
    asked(respond)
    await keep_defaults(wired(dependencies, WEBHOOK))
    assert asked(respond) == [
        ("put", "default-critical"),
        ("put", "default-info"),
        ("delete", "default-pagerduty"),
    ]
    await keep_defaults(dependencies)
    gone = ["default-critical", "default-warning", "default-info", "default-webhook"]
    assert asked(respond) == [("delete", name) for name in gone]


async def test_theirs(dependencies: Any, respond: Any, admin: Any) -> None:
    """What a person has changed is not put again, nor deleted."""
    await keep_defaults(wired(dependencies, WEBHOOK))
    (policy,) = (await admin.get("/v1/policies?name=default-critical")).json()["items"]
    changed = policy | {"description": "mine"}
    assert (await admin.put(f"/v1/policies/{policy['id']}", json=changed)).status_code == 200
    asked(respond)
    await keep_defaults(wired(dependencies, WEBHOOK, PAGERDUTY))
    assert ("put", "default-critical") not in asked(respond)
    await keep_defaults(dependencies)
    assert ("delete", "default-critical") not in asked(respond)


async def test_nothing_set(dependencies: Any, respond: Any) -> None:
    """Without the settings nothing is put."""
    await keep_defaults(dependencies)
    assert respond.sent == []


async def test_not_ready_without_them(dependencies: Any, respond: Any, admin: Any) -> None:
    """An alert that came before would be told by nothing; so nobody is asked for one yet."""
    deps = wired(dependencies, WEBHOOK)
    dependencies.awaited.add(PUTTING)
    early = await admin.get("/health/ready")
    assert (early.status_code, early.json()["reasons"]) == (503, [PUTTING])
    await keep_defaults(deps)
    assert (await admin.get("/health/ready")).status_code == 200
    assert asked(respond) != []
