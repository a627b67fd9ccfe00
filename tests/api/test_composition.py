"""What `tocsin up` starts, in which order, and what it tells each process."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from api.auth.issued_tokens import IssuedTokens
from api.auth.revocation import Revocations
from api.auth.signin import SignIn
from api.cli.composition import MEASURED, Composition
from api.cli.verbs.operate.demonstration import STARTER, documents
from api.cli.verbs.token import link, own_token
from api.documents.reference import dangling, key
from api.files.yaml_documents import read
from deploy.embedded.broker import Broker
from deploy.embedded.runtime import install
from streams.documents.registry import read as document
from streams.settings import Settings


def made(tmp_path: Path, catcher: int = 0, **environ: str) -> Composition:
    """A composition on an external Kafka."""
    settings = Settings(data=str(tmp_path), bootstrap="kafka:9092", demonstration=bool(catcher))
    return Composition(settings, environ, None, catcher)


def test_order(tmp_path: Path) -> None:
    """Topics come before all that reads them; without a demonstration nothing of it runs."""
    children = {child.name: child for child in made(tmp_path).children()}
    assert {"detect", "respond", "deliver", "sinks", "history", "bridge", "api"} <= set(children)
    assert all("topics" in children[name].after for name in ("detect", "history", "bridge"))
    assert not {"demonstration", "catcher"} & set(children)
    assert "demonstration" in {child.name for child in made(tmp_path, catcher=8401).children()}


def test_embedded(tmp_path: Path) -> None:
    """The embedded Kafka comes first, is asked to end rather than killed, and its topics are told that it is one."""
    broker = Broker(tmp_path, install(os.environ))
    first, topics, *_ = Composition(Settings(data=str(tmp_path)), {}, broker, 0).children()
    broker.stop()
    assert (first.name, first.parting, topics.after) == ("broker", signal.SIGTERM, ("broker",))
    assert "--embedded" in topics.argv
    assert "--embedded" not in made(tmp_path).children()[0].argv


def test_keys(tmp_path: Path) -> None:
    """Keys reach the processes as files, unless the environment gives them already; never as text."""
    env = made(tmp_path, TOCSIN_SEAL_KEYS="abc").children()[0].env
    assert env["TOCSIN_SYSTEM_KEYS_FILE"] == str(tmp_path / "keys" / "system.key")
    assert "TOCSIN_SEAL_KEYS_FILE" not in env
    assert not {"TOCSIN_SYSTEM_KEYS", "TOCSIN_TOKEN_KEY"} & set(env)


def test_metrics(tmp_path: Path) -> None:
    """Each process that is measured answers at a port of its own, the API at that of the settings."""
    receiver = "http://127.0.0.1:4318/v1/traces"
    settings = Settings(data=str(tmp_path), metrics=("127.0.0.1", 9464), traces=receiver)
    children = Composition(settings, {}, None, 8401).children()
    told = {child.name: child.env.get("TOCSIN_METRICS_LISTEN") for child in children}
    ports = {name: place for name, place in told.items() if place}
    assert ports["api"] == "127.0.0.1:9464"
    assert len(set(ports.values())) == len(ports) == len(MEASURED)
    assert not any("TOCSIN_METRICS_LISTEN" in child.env for child in made(tmp_path).children())


def test_link(tmp_path: Path) -> None:
    """The printed link's code signs in once as administrator."""
    settings = Settings(data=str(tmp_path))
    code = link(settings).partition("/#code=")[2]
    first, second = SignIn(tmp_path).redeem(code, 0), SignIn(tmp_path).redeem(code, 0)
    assert first is not None
    assert (first.admin, second) == (True, None)


def test_own_token(tmp_path: Path) -> None:
    """The machine's own token is made once, and anew where it is good no more."""
    settings = Settings(data=str(tmp_path))
    first = own_token(settings).read_text()
    assert own_token(settings).read_text() == first
    (known,) = IssuedTokens(tmp_path).all(0)
    assert (known.name, known.admin, known.kind) == ("operator", True, "token")
    Revocations(tmp_path).add(known.id, known.expires, 0)
    second = own_token(settings).read_text()
    assert second != first
    own_token(settings).write_text("spoiled")
    assert own_token(settings).read_text() not in ("spoiled", second)


def test_demonstration() -> None:
    """The demonstration's documents are whole, and refer to nothing outside of its own team."""
    found = [document(body.pop("type"), body) for body in documents(8401)]
    known = {key(one): one for one in found}
    assert [wrong for one in found for wrong in dangling(one, known)] == []
    assert {one.team for one in found} == {"demonstration"}


def test_starter_rules() -> None:
    """The rules that come with it can be read."""
    for file in STARTER.glob("*.yaml"):
        written, troubles = read(file.read_text(), file.name)
        assert (troubles, len(written) > 5) == ([], True)


def test_traces_are_off(tmp_path: Path) -> None:
    """Nobody runs for them who was not asked for."""
    plain = Composition(Settings(data=str(tmp_path)), {}, None, 0).children()
    traced = Composition(Settings(data=str(tmp_path), traces="http://t/v1/traces"), {}, None, 0).children()
    assert {child.name for child in traced} - {child.name for child in plain} == {"traces"}


def test_a_link_to_an_address_of_ipv6(tmp_path: Path) -> None:
    """It stands in brackets, or its end would be taken for the port."""
    assert link(Settings(data=str(tmp_path), host="::1", port=8400)).startswith("http://[::1]:8400/#code=")
