"""Settings: read once from a mapping; a mistake names the variable and the fix."""

from __future__ import annotations

from dataclasses import fields

import pytest

from streams.errors import Misconfigured
from streams.settings import Settings

SECRETS = [one.metadata["name"] for one in fields(Settings) if one.metadata["secret"]]


def test_defaults_stand() -> None:
    """Without any variable, and with empty ones, every setting has its default."""
    assert Settings.read({}) == Settings() == Settings.read({"TOCSIN_PORT": ""})


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("TOCSIN_PORT", "9000", "port", 9000),
        ("TOCSIN_SESSION", "1m", "session", 60_000),
        ("TOCSIN_DEMONSTRATION", "Off", "demonstration", False),
        ("MCPGATEWAY_ALERTING_ENABLED", "false", "enabled", False),
        ("TOCSIN_HOST", "::1", "host", "::1"),
    ],
)
def test_a_variable_is_parsed(name: str, text: str, field: str, value: object) -> None:
    """Numbers, lengths, flags and texts are read as what they are."""
    assert getattr(Settings.read({name: text}), field) == value


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("TOCSIN_PORT", "http", "TOCSIN_PORT: 'http' cannot be read"),
        ("TOCSIN_SESSION", "10", "TOCSIN_SESSION: '10' cannot be read .*write for instance 90s"),
        ("TOCSIN_DEMONSTRATION", "maybe", "neither true nor false"),
        ("TOCSIN_PROT", "1", "TOCSIN_PROT: there is no such setting; did you mean TOCSIN_PORT"),
        ("TOCSIN_XYZZY", "1", "there is no such setting; see docs/settings.md"),
    ],
)
def test_a_mistake_names_the_variable(name: str, text: str, words: str) -> None:
    """What was read and what would do are said; an unknown name comes with the nearest one."""
    with pytest.raises(Misconfigured, match=words):
        Settings.read({name: text})


def test_variables_of_others_are_left_alone() -> None:
    """What does not begin with our name is none of our business."""
    assert Settings.read({"PATH": "/bin", "MCPGATEWAY_UI_ENABLED": "x"}) == Settings()


def test_a_value_may_lie_in_a_file() -> None:
    """`…_FILE` names it; the variable itself goes before; without a reader files are not looked at."""
    kept = {"/run/key": "abc\n"}
    environment = {"TOCSIN_TOKEN_KEY_FILE": "/run/key"}
    assert Settings.read(environment, kept.__getitem__).token_key == "abc"
    assert Settings.read(environment | {"TOCSIN_TOKEN_KEY": "own"}, kept.__getitem__).token_key == "own"
    assert Settings.read(environment).token_key == ""


@pytest.mark.parametrize("name", SECRETS)
def test_secrets_are_never_shown(name: str) -> None:
    """Neither the settings' own text nor an error holds a secret's value."""
    settings = Settings.read({name: "hunter2"})
    assert "hunter2" in [getattr(settings, one.name) for one in fields(Settings)]
    assert "hunter2" not in repr(settings)


def test_every_setting_explains_itself() -> None:
    """Each has a name of its own and a sentence."""
    names = [one.metadata["name"] for one in fields(Settings)]
    assert len(set(names)) == len(names)
    assert all(one.metadata["says"].endswith(".") for one in fields(Settings))
