"""The e-mail channel against a real server: encryption, log-in, recipients one by one, threads, odd addresses."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deploy.certificate import Authority
from sinks.channels.email.channel import Email
from sinks.channels.email.replies import recalled, remembered
from sinks.outcome import Answer, Delivered, Rejected, Retry
from streams.documents.registry import read
from streams.errors import Refused
from streams.outcome_code import OutcomeCode
from tests.sinks.channels.email.server import MailServer
from tests.sinks.harness import closing, here, resources

PLAIN = {"name": "ops", "channel": "email", "sender": "Tocsin <tocsin@example.com>", "allow_private": True}


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    """A server that offers no encryption."""
    async with MailServer().listening() as running:
        yield running


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Who is trusted, and the certificate of mail.example."""
    folder, now = tmp_path_factory.mktemp("tls"), datetime.now(UTC)
    authority = Authority.create("of the test", now)
    trust = ssl.create_default_context(cafile=authority.write(folder / "ca.pem"))
    side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    side.load_cert_chain(authority.issue(folder / "server.pem", now, host="mail.example"))
    return trust, side


def endpoint(server: MailServer, **fields: Any) -> dict[str, Any]:
    """An endpoint at this server."""
    where = {"server": f"127.0.0.1:{server.port}", "security": "none", "to": "ops@example.com"}
    return PLAIN | where | fields


async def send(attempt: Any, body: dict[str, Any], tls: ssl.SSLContext | None = None, **more: Any) -> Answer:
    """What comes of one attempt."""
    async with closing(resources(resolve=here, tls=tls)) as shared:
        return await Email(shared).send(attempt(body, **more))


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_encrypted_and_logged_in(security: str, certificates: Any, attempt: Any) -> None:
    """By STARTTLS and by TLS from the start, the certificate is checked by name and the log-in follows it."""
    trust, side = certificates
    how = {"tls": side} if security == "starttls" else {"implicit": side}
    async with MailServer().listening(**how) as server:
        body = endpoint(server, security=security, user="tocsin", password="right")
        answers = [
            await send(attempt, body | {"server": f"{host}:{server.port}"}, trust)
            for host in ("mail.example", "other.example")
        ]

    assert [type(answer) for answer in answers] == [Delivered, Retry]
    assert "certificate" in answers[1].reason
    assert server.logins == [("tocsin", "right")]
    assert len(server.taken) == 1


async def test_wrong_password(certificates: Any, attempt: Any) -> None:
    """A password that is refused is the endpoint's fault, and is not repeated."""
    trust, side = certificates
    async with MailServer().listening(side) as server:
        body = endpoint(server, security="starttls", user="tocsin", password="wr0ng")
        answer = await send(attempt, body | {"server": f"mail.example:{server.port}"}, trust)

    assert isinstance(answer, Rejected)
    assert answer.code == OutcomeCode.CREDENTIALS
    assert "`password`" in answer.reason
    assert "wr0ng" not in answer.reason


async def test_no_downgrade(server: MailServer, certificates: Any, attempt: Any) -> None:
    """Where STARTTLS is wanted and missing nothing is sent: somebody may have taken it out."""
    answer = await send(
        attempt, endpoint(server, security="starttls", user="u", password="s3cret"), certificates[0]
    )

    assert isinstance(answer, Rejected)
    assert "STARTTLS" in answer.reason
    assert (server.taken, server.logins) == ([], [])


async def test_recipients_one_by_one(server: MailServer, attempt: Any) -> None:
    """Who is refused for good does not keep the others from it; the reason names a place, never an address."""
    server.replies = {"RCPT gone@example.com": "550 5.1.1 <gone@example.com> unknown"}
    answer = await send(
        attempt, endpoint(server, to=["anna@example.com", "gone@example.com", "ben@example.com"])
    )

    assert isinstance(answer, Delivered)
    assert "2 of 3; recipient 2: 550" in answer.reason
    assert "gone@" not in answer.reason
    assert server.taken[0].recipients == ["anna@example.com", "ben@example.com"]


async def test_nobody_gets_it_twice(server: MailServer, attempt: Any) -> None:
    """Where one recipient is put off, the retry goes to that one alone, by the reference of the first attempt."""
    body = endpoint(server, to="anna@example.com, slow@example.com")
    server.replies = {"RCPT slow@example.com": "450 4.2.0 greylisted"}
    first = await send(attempt, body)
    server.replies = {}
    assert isinstance(first, Retry)
    second = await send(attempt, body, number=2, reference=first.reference)
    other = await send(attempt, body, name="n2", reference=first.reference)

    assert isinstance(second, Delivered)
    assert isinstance(other, Delivered)
    told = [mail.recipients for mail in server.taken]
    assert told == [["anna@example.com"], ["slow@example.com"], ["anna@example.com", "slow@example.com"]]


@pytest.mark.parametrize("count", [3, 4, 7])
async def test_more_recipients_than_a_server_takes(server: MailServer, attempt: Any, count: int) -> None:
    """The rest gets it in another transaction, each once."""
    server.most = 3
    people = [f"p{n}@example.com" for n in range(count)]
    answer = await send(attempt, endpoint(server, to=people))

    assert isinstance(answer, Delivered)
    assert [person for mail in server.taken for person in mail.recipients] == people
    assert max(len(mail.recipients) for mail in server.taken) <= 3


async def test_one_thread_a_group(server: MailServer, attempt: Any) -> None:
    """All mails of a group refer to one root and share what a mail program compares; a repeat is the same mail."""
    for n, what in enumerate(["firing", "acknowledged", "resolved"]):
        await send(attempt, endpoint(server), name=f"n{n}", what=what)
    await send(attempt, endpoint(server), name="n2", what="resolved", number=2)
    await send(attempt, endpoint(server), name="n9", group="g2")

    mails = [mail.parsed for mail in server.taken]
    assert len({mail["References"] for mail in mails[:4]}) == 1
    assert len({mail["Subject"].partition("] ")[2] for mail in mails[:4]}) == 1
    assert mails[4]["References"] != mails[0]["References"]
    assert mails[4]["Subject"] != mails[0]["Subject"]
    assert len({mail["Message-ID"] for mail in mails}) == 4
    assert server.taken[2].raw == server.taken[3].raw


async def test_state_comes_first(server: MailServer, attempt: Any) -> None:
    """A phone shows forty characters: the state and how bad it is stand at their beginning."""
    for n, what in enumerate(["firing", "reminder", "resolved"]):
        await send(attempt, endpoint(server), name=f"n{n}", what=what, title="x" * 500)

    subjects = [mail.parsed["Subject"] for mail in server.taken]
    begins = ["[FIRING critical] xx", "[STILL FIRING critical] xx", "[RESOLVED] xx"]
    assert [subject[: len(begin)] for subject, begin in zip(subjects, begins, strict=True)] == begins
    assert max(map(len, subjects)) <= 120


async def test_headers_for_machines(server: MailServer, attempt: Any) -> None:
    """No out-of-office answers come back, and one click ends it, as the standards say."""
    await send(attempt, endpoint(server, unsubscribe="https://t.example/u/1"))

    mail = server.taken[0].parsed
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] == "<https://t.example/u/1>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize("utf8", [True, False])
async def test_addresses_beyond_ascii(utf8: bool, attempt: Any) -> None:
    """A domain travels as IDNA everywhere; a mailbox only where the server takes SMTPUTF8, else it is said."""
    async with MailServer().listening(utf8=utf8) as server:
        domain = await send(attempt, endpoint(server, to="anna@exämple.de"))
        mailbox = await send(attempt, endpoint(server, to="jürgen@exämple.de"))

    assert isinstance(domain, Delivered)
    assert server.taken[0].recipients == ["anna@xn--exmple-cua.de"]
    assert isinstance(mailbox, Delivered if utf8 else Rejected)
    if utf8:
        assert server.taken[1].recipients == ["jürgen@exämple.de"]
        assert "SMTPUTF8" in server.taken[1].options
    else:
        assert "SMTPUTF8" in mailbox.reason


@pytest.mark.parametrize("length", [998, 999, 5_000])
async def test_long_lines_are_wrapped(server: MailServer, attempt: Any, length: int) -> None:
    """No line is longer than a server takes, and what was one line is one again when it is read."""
    words = "y" * length
    await send(attempt, endpoint(server), message=words)

    assert max(map(len, server.taken[0].raw.split(b"\r\n"))) <= 998
    assert words[:999] in server.taken[0].text()


async def test_letters_beyond_ascii(server: MailServer, attempt: Any) -> None:
    """They travel in seven bits, since eight were not announced, and are read as they were written."""
    await send(attempt, endpoint(server), message="größer als 5 µs")

    assert server.taken[0].raw.isascii()
    assert "größer als 5 µs" in server.taken[0].text()


async def test_private_server_is_refused(server: MailServer, attempt: Any) -> None:
    """A mail server is called under the same rule as a webhook."""
    async with closing(resources(allow_private=False)) as shared:
        answer = await Email(shared).send(attempt(endpoint(server, allow_private=False)))

    assert isinstance(answer, Rejected)
    assert answer.code == OutcomeCode.PRIVATE_ADDRESS
    assert server.taken == []


async def test_nobody_listens(attempt: Any) -> None:
    """A server that is down is tried again."""
    answer = await send(attempt, endpoint(MailServer(port=1)))

    assert isinstance(answer, Retry)
    assert answer.code == OutcomeCode.UNREACHABLE


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"to": "ops"}, "`to` holds what is no address"),
        ({"to": ""}, "`to` names nobody"),
        ({"to": "a@b.c\r\nBcc: x@y.z"}, "`to` holds a line break"),
        ({"to": [f"p{n}@x.example" for n in range(51)]}, "`to` holds 51 addresses: at most 50"),
        ({"to": [5]}, "`to` must be text"),
        ({"sender": "a@b.c, d@e.f"}, "`sender` holds 2 addresses: at most 1"),
        ({"server": "smtp example"}, "`server` must be a host"),
        ({"server": "smtp.example:99999"}, "`server` must be a host"),
        ({"user": "u"}, "`password` must be set too"),
        ({"user": "u", "password": "p", "security": "none"}, "`security` must be starttls or tls"),
        ({"unsubscribe": "https://x/y\r\nBcc: a@b.c"}, "`unsubscribe` must be an address"),
        ({"unsubscribe": "http://x/y"}, "`unsubscribe` must be an address"),
    ],
)
async def test_flaws(attempt: Any, fields: dict[str, Any], words: str) -> None:
    """What cannot work is said with its field, before anything is called."""
    body = PLAIN | {"server": "smtp.example.com", "to": "ops@example.com"} | fields
    answer = await send(attempt, body)

    assert isinstance(answer, Rejected)
    assert words in answer.reason


def test_most_recipients_fit() -> None:
    """Fifty are taken."""
    people = [f"p{n}@x.example.com" for n in range(50)]
    document = read("endpoint", PLAIN | {"server": "smtp.example.com", "to": people})
    assert document.flaws() == []  # type: ignore[attr-defined]


def test_needed_fields() -> None:
    """A document without a server is refused by name."""
    with pytest.raises(Refused, match="`server` is missing"):
        read("endpoint", PLAIN | {"to": "ops@example.com"})


def test_references(tmp_path: Path) -> None:
    """A reference of another notification, or of no sense, recalls nobody."""
    assert recalled("k", remembered("k", {2, 0})) == {0, 2}
    assert [recalled("k", text) for text in ("", "other:1", "k:", "k:x", "k")] == [frozenset()] * 5
