"""Keys, sealing, and where the read model lies."""

from __future__ import annotations

import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import URL, Engine, event, make_url

from api.documents.seal import Sealer
from api.queries.database import address, reader, writer
from deploy.keys import Keys, completed
from sinks.channels.unseal import Unsealer
from sinks.history.database import address as written
from sinks.history.database import engine
from streams.channels.webhook import WebhookEndpoint
from streams.database import PATIENCE
from streams.errors import Misconfigured
from streams.settings import Settings


def test_made_once(tmp_path: Path) -> None:
    """A key is made once, also when several processes ask at once, and only its owner can read it."""
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: Keys(tmp_path).text("system"), range(16)))
    assert len(set(made)) == 1
    assert stat.S_IMODE(Keys(tmp_path).path("system").stat().st_mode) == 0o600


def test_settings_win(tmp_path: Path) -> None:
    """A key of the settings is used, and then none is made."""
    found = completed(Settings(data=str(tmp_path), token_key="t" * 32, seal_keys="s", system_keys="k"))
    assert (found.token_key, list(tmp_path.iterdir())) == ("t" * 32, [])


def test_rotation() -> None:
    """What an older key sealed opens as long as that key is listed; the newest seals."""
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed = Sealer([old]).seal("geheim")
    assert Sealer([new, old]).open(sealed) == "geheim"
    assert Sealer([new]).open(sealed) is None
    assert Sealer([new]).mask("secret", sealed) == "••••••"


def test_sinks_open_it() -> None:
    """What the API seals, the sinks open."""
    key = Fernet.generate_key().decode()
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = Sealer([key]).sealed("endpoint", {"url": "https://a.example", "secret": secret}, None)
    endpoint = Unsealer([key]).document(WebhookEndpoint, body)
    assert isinstance(endpoint, WebhookEndpoint)
    assert (endpoint.url, endpoint.secret, endpoint.allow_private) == ("https://a.example", secret, False)


def test_bad_key() -> None:
    """A key that is none is named by its setting."""
    with pytest.raises(Misconfigured, match="TOCSIN_SEAL_KEYS"):
        Sealer(["short"])


@pytest.mark.parametrize("database", ["", "postgresql://u:p@h/d", "sqlite:////tmp/x.db"])
def test_address(database: str) -> None:
    """The API reads where the history sink writes."""
    settings = Settings(data="/data", database=database)
    assert address(settings) == written(settings)


@pytest.mark.parametrize("database", ["mysql://u:geheim@h/d", "geheim"])
def test_bad_address(database: str) -> None:
    """An address that cannot be used is refused without being repeated."""
    with pytest.raises(Misconfigured) as why:
        address(Settings(database=database))
    assert "geheim" not in str(why.value)


@pytest.mark.parametrize("opened", [reader, writer, engine])
def test_no_database_is_waited_for_for_ever(opened: Callable[[URL], Engine]) -> None:
    """One that says nothing, or is gone without a word, is given up: a wait holds a reading thread, or history."""

    def note(_dialect: Any, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
        raise RuntimeError(sorted(parameters.keys() & PATIENCE.keys()))

    made = opened(make_url("postgresql+psycopg://u@db.example/d"))
    event.listen(made, "do_connect", note)
    with pytest.raises(RuntimeError, match="'connect_timeout', 'tcp_user_timeout'"):
        made.connect()
