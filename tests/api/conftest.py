"""Real doubles for the API's outside: a respond that answers at once, a read model in a file, a broker that is well."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import httpx
import msgspec
import pytest
import uvicorn
from cryptography.fernet import Fernet
from rich.console import Console
from sqlalchemy import URL

from api.auth.issued_tokens import IssuedTokens
from api.auth.revocation import Revocations
from api.auth.signin import SignIn
from api.auth.token import Tokens
from api.cli.context import Surroundings
from api.cli.run import run_in
from api.commands.command_client import CommandClient
from api.coverage.coverage import Origin, Seen
from api.coverage.readable import Owners
from api.dependencies import Dependencies
from api.documents.seal import Sealer
from api.health.lag import Behind
from api.health.measures import Measures
from api.http.app import create
from api.queries import commands
from api.queries.database import Database, reader, writer
from api.queries.read_marks import ReadMarks
from deploy.keys import write_private
from sinks.history.database import engine
from sinks.history.projection import Placed
from sinks.history.store import Position, Store
from streams.codes import DocumentReason
from streams.documents.document import derived
from streams.errors import Conflict, Refused, Unavailable
from streams.messages.alert import AlertSnapshot
from streams.messages.change import Change, CommandSnapshot, DocumentSnapshot, Subject
from streams.messages.command import (
    Acknowledge,
    Command,
    DeleteDocument,
    Emit,
    Principal,
    PutDocument,
    Resolve,
    TryEndpoint,
)
from streams.messages.event import Event
from streams.messages.verdict import Verdict
from streams.settings import Settings
from tables.respond.endpoint_trial import trial_id
from tests.api.browser import PROGRAM, Browser, called, chromium
from tests.api.harness import SYSTEM_KEY
from tests.api.letters import Letters, letter_of

NOW = 1_764_000_000_000
ADMIN = Principal(name="ada@example.com", admin=True)
MEMBER = Principal(name="mo@example.com", teams=("payments",))


@cache
def _empty() -> bytes:
    """The file of an empty read model: made once, since its tables come about by all migrations one after the other."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "empty.sqlite"
        made = engine(URL.create("sqlite", database=str(file)))
        Store(made).prepare()
        made.dispose()
        return file.read_bytes()


class History:
    """Writes changes as the projection does; one partition, offsets from 0."""

    def __init__(self, file: Path) -> None:
        """`file`: of the read model, made with its tables."""
        known = file.exists()
        if not known:
            file.write_bytes(_empty())
        self.store = Store(engine(URL.create("sqlite", database=str(file))))
        if known:
            self.store.prepare()
        self.next = 0
        self.stands: dict[int, Position] = {}
        self.alerts: dict[str, AlertSnapshot] = {}

    def write(self, *changes: Change) -> None:
        """Add changes, each at the next offset, in one transaction."""
        placed = [Placed(0, self.next + number, change) for number, change in enumerate(changes)]
        self.stands = self.store.write(placed, self.stands, "")
        self.next += len(placed)

    def alert(self, alert_id: str, what: str = "fired", **fields: Any) -> AlertSnapshot:
        """One change of an alert, which carries it as it is then."""
        self.write(self.change(alert_id, what, **fields))
        return self.alerts[alert_id]

    def change(self, alert_id: str, what: str = "fired", **fields: Any) -> Change:
        """The same, to be written."""
        usual: dict[str, Any] = {
            "fingerprint": f"prod|{alert_id}", "rule_id": "r1", "rule": "tool-errors", "status": "firing",
            "severity": "warning", "message": f"{alert_id} is wrong", "triggered_at": NOW, "team": "payments",
            "why_team": "its rule's", "gateway": "prod", "labels": {"upstream": alert_id}, "groups": ("g1",),
            "version": 1,
        }  # fmt: skip
        alert = msgspec.convert({"id": alert_id} | usual | fields, AlertSnapshot)
        self.alerts[alert_id] = alert
        return Change(
            id=f"{alert_id}.{self.next}", at=NOW, team=alert.team, subject="alert", subject_id=alert_id,
            what=what, reason=f"{what} for a reason", by=getattr(alert, f"{what}_by", "") or "",
            alert_id=alert_id, group=alert.groups[0] if alert.groups else "", alert=alert,
        )  # fmt: skip

    def document(self, type_: str, name: str, body: dict[str, Any]) -> str:
        """Put a document of payments into the read model as another version, or an attack, has left it; its id."""
        id_ = str(derived("payments", type_, name))
        whole = {"name": name, "team": "payments", **body}
        document = DocumentSnapshot(type=type_, name=name, owner="payments", id=id_, revision=1, body=whole)
        self.write(
            Change(
                id=f"stored-{name}", at=NOW, team="payments", subject="document", subject_id=id_, what="created",
                reason="as it was", by="mallory", document=document,
            )
        )  # fmt: skip
        return id_


class Respond:
    """The inbox as a test sees it: decides as respond does, or keeps silent, or refuses with given words."""

    def __init__(self, history: History) -> None:
        """Nothing has been sent."""
        self.history, self.silent = history, False
        self.sent: list[Command] = []
        self.refusal: Refused | None = None
        self.deliveries: list[tuple[Subject, str, str]] = []  # what becomes of a test
        self.revisions: dict[str, int] = {}  # of each document that exists
        self.numbers: dict[str, int] = {}  # of the newest revision, which a deleted document keeps

    async def send(self, command: Command) -> None:
        """Take the command, and unless silent, publish what it changes and the decision."""
        self.sent.append(command)
        if self.silent:
            return
        why = self.refusal or self._obeys(command)
        result: Literal["accepted", "refused"] = "refused" if why else "accepted"
        answer = CommandSnapshot(
            command=command.id, result=result, do=command.action.do, digest=command.digest
        )
        self._say(
            command, subject="command", subject_id=command.id, what=result, command=answer,
            reason=str(why or ""), reason_code=str(why.code) if why else "",
        )  # fmt: skip

    async def stop(self) -> None:
        """Nothing to close."""

    def _obeys(self, command: Command) -> Refused | None:
        match command.action:
            case Acknowledge(alert_id=id):
                self._alert(command, id, "acknowledged", {})
            case Resolve(alert_id=id, notes=notes):
                self._alert(command, id, "resolved", {"resolution_notes": notes or None})
            case TryEndpoint():
                self._tried(command)
            case Emit(verdict=verdict):
                self._emitted(command, verdict)
            case PutDocument(body=body) as action:
                return self._document(command, action, body)
            case DeleteDocument() as action:
                return self._document(command, action, None)
        return None

    def _document(
        self, command: Command, action: PutDocument | DeleteDocument, body: dict[str, Any] | None
    ) -> Refused | None:
        named, known = str(derived(command.team, action.type, action.name)), self.revisions
        if action.revision != known.get(named, 0):
            return Conflict(
                f"{action.type} {action.name} is at revision {known.get(named, 0)}: read it again"
            )
        number = self.numbers[named] = max(known.get(named, 0), self.numbers.get(named, 0)) + 1
        what = DocumentReason.DELETED if body is None else DocumentReason.CHANGED
        known[named] = 0 if body is None else number
        document = DocumentSnapshot(
            type=action.type, name=action.name, owner=command.team, id=named, revision=number, body=body
        )
        self._say(command, subject="document", subject_id=named, what=what, reason="asked", document=document)
        return None

    def _tried(self, command: Command) -> None:
        for number, (subject, what, reason) in enumerate(self.deliveries):
            id = f"{command.id}/{number}"
            about: dict[str, Any] = {"team": command.team, "subject": subject, "what": what, "reason": reason}
            self.history.write(Change(id=id, at=NOW, subject_id=trial_id(command.id), **about))

    def _emitted(self, command: Command, verdict: Verdict) -> None:
        firing = verdict.state == "firing"
        names = ("fingerprint", "rule_id", "rule", "severity", "message", "gateway", "labels")
        fields = {name: getattr(verdict, name) for name in names} | {"team": command.team}
        ended = {} if firing else {"resolved_at": NOW}
        id = str(derived("emitted", verdict.fingerprint))
        version = {"version": 100 + self.history.next}
        self.history.alert(
            id,
            "fired" if firing else "resolved",
            status="firing" if firing else "resolved",
            **fields,
            **ended,
            **version,
        )

    def _alert(self, command: Command, alert_id: str, status: str, more: dict[str, Any]) -> None:
        before = msgspec.structs.asdict(self.history.alerts[alert_id])
        done = {f"{status}_at": NOW, f"{status}_by": command.by.name, "status": status}
        fields = before | done | more | {"version": 100 + self.history.next}
        del fields["id"]
        self.history.alert(alert_id, status, **fields)

    def _say(self, command: Command, /, subject: Subject, **fields: Any) -> None:
        id, by = f"{subject}/{command.id}", command.by.name
        self.history.write(Change(id=id, at=NOW, team=command.team, subject=subject, by=by, **fields))


class Broker:
    """A watch and telemetry that say what a test gave them."""

    def __init__(self) -> None:
        """All is well and nothing was seen."""
        self.why, self.places, self.metrics, self.events = "", [], {}, []
        self.hangs = False
        self.pushed: list[tuple[str, bytes]] = []  # gateway and message
        self.unknown: dict[Origin, int] = {}
        self.inventories: dict[str, Any] = {}

    async def send(self, event: Event) -> None:
        """Keep the event, or say that nobody takes it."""
        if self.why:
            raise Unavailable(self.why)
        self.events.append(event)

    async def push(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Keep the samples, or say that nobody takes them."""
        if self.why:
            raise Unavailable(self.why)
        self.pushed += messages

    why: str
    events: list[Event]
    places: list[Behind]
    metrics: Seen

    async def reachable(self) -> str:
        """What the test says, as soon as it lets it."""
        while self.hangs:  # noqa: ASYNC110 - it is asked in the loop of another thread
            await asyncio.sleep(0.02)
        return self.why

    async def lag(self, projected: Mapping[int, int]) -> list[Behind]:
        """What the test says."""
        return self.places

    async def seen(self) -> Seen:
        """What the test says."""
        return self.metrics

    def unlisted(self) -> Mapping[Origin, int]:
        """What the test says."""
        return self.unknown

    def owners(self) -> Owners:
        """What the test says."""
        return self.inventories


@pytest.fixture
def history(tmp_path: Path) -> History:
    """An empty read model."""
    return History(tmp_path / "history.sqlite")


@pytest.fixture
def respond(history: History) -> Respond:
    """The inbox."""
    return Respond(history)


@pytest.fixture
def broker() -> Broker:
    """The broker's state."""
    return Broker()


@pytest.fixture
def database(history: History, tmp_path: Path) -> Iterator[Database]:
    """The read model as the API reads it."""
    opened = Database(reader(URL.create("sqlite", database=str(tmp_path / "history.sqlite"))))
    yield opened
    opened.close()


def wired(folder: Path, database: Database, respond: Respond, broker: Broker) -> Dependencies:
    """The API wired to the doubles, with all that it keeps in `folder`; patience is short."""
    return Dependencies(
        settings=Settings(data=str(folder), demonstration=False, system_keys=SYSTEM_KEY),
        database=database,
        command_client=CommandClient(
            respond, lambda key: database.read(lambda c: commands.one(c, key)), patience=0.2
        ),
        events=broker,
        tokens=Tokens(["k" * 32]),
        sealer=Sealer([Fernet.generate_key().decode()]),
        signin=SignIn(folder),
        revocations=Revocations(folder),
        issued=IssuedTokens(folder),
        watch=broker,
        telemetry=broker,
        measures=Measures(),
        now=lambda: NOW,
        test_patience=0.2,
        dead_letters=Letters(),
        read_marks=ReadMarks(writer(URL.create("sqlite", database=str(folder / "history.sqlite")))),
    )


@pytest.fixture
def dependencies(
    database: Database, respond: Respond, broker: Broker, tmp_path: Path
) -> Iterator[Dependencies]:
    """The API wired to the doubles."""
    made = wired(tmp_path, database, respond, broker)
    yield made
    made.read_marks.close()


@pytest.fixture
def letters(dependencies: Dependencies) -> Letters:
    """The dead letters of the application: one, of an event without a type."""
    found = dependencies.dead_letters
    assert isinstance(found, Letters)
    found.records = [letter_of(1)]
    return found


Client = Callable[[Principal | None], httpx.AsyncClient]


@pytest.fixture
async def client(dependencies: Dependencies) -> AsyncIterator[Client]:
    """A client of the application by principal; None: without a token."""
    transport, opened = httpx.ASGITransport(create(dependencies)), []

    def made(who: Principal | None) -> httpx.AsyncClient:
        token = dependencies.tokens.issue(who, int(time.time()), 600) if who else ""
        headers = {"Authorization": f"Bearer {token}"} if who else {}
        opened.append(httpx.AsyncClient(transport=transport, base_url="http://tocsin", headers=headers))
        return opened[-1]

    yield made
    for one in opened:
        await one.aclose()


@pytest.fixture
def admin(client: Client) -> httpx.AsyncClient:
    """A client of an administrator."""
    return client(ADMIN)


@pytest.fixture
def member(client: Client) -> httpx.AsyncClient:
    """A client of a member of team payments."""
    return client(MEMBER)


@pytest.fixture
def served(dependencies: Dependencies) -> Iterator[str]:
    """The application on a port of this machine; its address."""
    taken = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(create(dependencies), log_level="critical", timeout_graceful_shutdown=0)
    )
    thread = threading.Thread(target=server.run, args=([taken],))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{taken.getsockname()[1]}"
    server.should_exit = True
    thread.join()


Tocsin = Callable[..., tuple[int, str]]


@pytest.fixture(scope="session")
def browser_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One browser for all tests of pages."""
    if not PROGRAM:
        pytest.skip("no `chromium` on the path: the page was not looked at")
    with chromium(tmp_path_factory.mktemp("browser")) as address:
        yield address


@pytest.fixture
async def browser(browser_address: str) -> AsyncIterator[Browser]:
    """Its pages of this test."""
    async with called(browser_address) as opened:
        yield opened


@pytest.fixture
def tocsin(
    served: str, dependencies: Dependencies, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Tocsin:
    """The command line, in a data folder of its own; exit code and all that it printed."""
    write_private(tmp_path / "keys" / "token.jwt", dependencies.tokens.issue(ADMIN, int(time.time()), 600))

    def run(*words: str) -> tuple[int, str]:
        console = Console(width=200, force_terminal=False)
        environ = {"TOCSIN_DATA": str(tmp_path), "TOCSIN_PORT": served.rpartition(":")[2]}
        code = run_in(words, Surroundings(environ, lambda path: Path(path).read_text(), console))
        said = capsys.readouterr()
        return code, said.out + said.err

    return run
