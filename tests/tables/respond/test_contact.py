"""Codes that confirm how somebody is reached: sent by the channel itself, counted, bounded, and never seen."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from streams.codes import RefusalCode
from streams.errors import Refused
from streams.messages.command import (
    Action,
    ConfirmContact,
    EditContact,
    Principal,
    PutDocument,
    SendCode,
)
from streams.messages.config import ConfigRevision
from streams.messages.envelope import decode
from streams.topics import CHANGES, CONFIG
from tables.kernel.output import Output
from tables.respond.contact.codes import ATTEMPTS, LASTS, OFTEN, WITHIN, answered, deadline, sent
from tests.tables.respond.harness import START, Inbox, messages

MAIL = {
    "name": "email", "team": "t", "channel": "email", "to": "x@example.com", "sender": "t@example.com",
    "server": "smtp.example.com",
}  # fmt: skip
BEN = {
    "name": "ben", "team": "t", "login": "ben@corp", "email": "sealed:one", "phone": "sealed:two",
    "contact": [{"channel": "email"}, {"endpoint": "hook"}],
}  # fmt: skip
HOOK = {"name": "hook", "team": "t", "channel": "webhook", "url": "sealed:x"}
LOG = {"name": "diary", "team": "t", "channel": "log"}
SEALED = "sealed:the-code"
SELF, OTHER = Principal(name="ben@corp"), Principal(name="eve", teams=("t",))


class Contacts:
    """A machine that knows ben of team t, and what it answers."""

    def __init__(self, **fields: Any) -> None:
        """`fields`: of ben's document, beside the usual ones."""
        self.inbox = Inbox()
        for kind, body in (
            ("endpoint", MAIL),
            ("endpoint", HOOK),
            ("endpoint", LOG),
            ("person", BEN | fields),
        ):
            self.put(kind, body)

    def put(self, kind: str, body: dict[str, Any], revision: int = 0) -> str:
        """An administrator puts a document; what was answered."""
        action = PutDocument(type=kind, name=str(body["name"]), body=body, revision=revision)
        return self.ask(action, Principal(name="ada", admin=True))

    def ask(self, action: Action, by: Principal = SELF) -> str:
        """What a command is answered: "" where it is accepted, else the code of the refusal."""
        out = self.inbox.command(action, by, team="t")
        self.out = out
        self._configure(out)
        (answer,) = [each for each in messages(out, "change", CHANGES) if each["subject"] == "command"]
        self.reason = answer["reason"]
        return "" if answer["what"] == "accepted" else str(answer["reason_code"])

    def _configure(self, out: list[Output]) -> None:
        """Tell the machine of its own documents, as the injector does."""
        for output in out:
            if output.topic == CONFIG:
                self.inbox.tell(ConfigRevision.read(decode(output.raw)))

    def send(self, proof: str = "p", method: str = "email", by: Principal = SELF) -> str:
        """Have a code sent."""
        return self.ask(SendCode(person="ben", method=method, code=SEALED, proof=proof), by)

    def confirm(self, proof: str = "p", method: str = "email", by: Principal = SELF) -> str:
        """Send a code back."""
        return self.ask(ConfirmContact(person="ben", method=method, proof=proof), by)

    def edit(self, revision: int, by: Principal = SELF, **fields: Any) -> str:
        """Change how ben is reached."""
        return self.ask(EditContact(person="ben", fields=fields, revision=revision), by)

    @property
    def ben(self) -> dict[str, Any]:
        """His document as every stage has it."""
        return dict(self.inbox.machine.rows["config/t/person/ben"].value.body)


def test_a_code_goes_by_the_channel_that_it_confirms() -> None:
    """To the address itself though it does not count yet; it is sealed, and no line in `changes` has it."""
    contacts = Contacts()
    assert contacts.send() == ""
    (told,) = messages(contacts.out, "notification")
    assert (told["to"], told["what"], told["code"]) == ("person/t/ben/email", "code", SEALED)
    assert contacts.send(method="hook") == ""
    (told,) = messages(contacts.out, "notification")
    assert told["to"] == "endpoint/t/hook"
    changes = [orjson.dumps(each).decode() for each in messages(contacts.out, "change", CHANGES)]
    assert [each for each in changes if SEALED in each] == []


def test_a_code_that_comes_back_confirms_and_is_used_up() -> None:
    """The document says when, and by whom; the second time nobody waits for it."""
    contacts = Contacts()
    contacts.send()
    assert contacts.confirm() == ""
    assert contacts.ben["confirmations"]["email"]["by"] == "ben@corp"
    assert contacts.confirm() == "code_expired"


def test_wrong_answers_are_counted_though_they_are_refused() -> None:
    """After some the code is void, and the right one comes too late."""
    contacts = Contacts()
    contacts.send()
    assert [contacts.confirm("q") for _ in range(ATTEMPTS - 1)] == ["code_wrong"] * (ATTEMPTS - 1)
    assert "1 attempt left" in contacts.reason
    assert (contacts.confirm("q"), contacts.confirm("p")) == ("code_expired", "code_expired")
    assert contacts.ben["confirmations"] == {}


def test_a_code_of_another_method_confirms_nothing() -> None:
    """Each method has its own."""
    contacts = Contacts()
    contacts.send("p", "email")
    contacts.send("q", "hook")
    assert (contacts.confirm("q", "email"), contacts.confirm("q", "hook")) == ("code_wrong", "")


def test_a_code_expires_and_codes_are_not_sent_without_end() -> None:
    """Pure: at its last millisecond it counts, then not; the row ends once nothing counts."""
    codes = sent(None, "email", "p", START)
    assert answered(codes, "email", "p", START + LASTS - 1).refusal is None
    late = answered(codes, "email", "p", START + LASTS).refusal
    assert late is not None
    assert late.code is RefusalCode.CODE_EXPIRED
    for n in range(1, OFTEN):
        codes = sent(codes, "email", "p", START + n)
    with pytest.raises(Refused, match=f"{OFTEN} codes were sent within 1h"):
        sent(codes, "sms", "p", START + OFTEN)
    assert sent(codes, "sms", "p", START + WITHIN).sent[-1] == START + WITHIN
    assert deadline(codes) == START + OFTEN - 1 + WITHIN


def test_a_new_code_takes_the_place_of_the_old_one() -> None:
    """The old one is wrong then."""
    contacts = Contacts()
    contacts.send("p")
    contacts.send("q")
    assert (contacts.confirm("p"), contacts.confirm("q")) == ("code_wrong", "")


@pytest.mark.parametrize(
    ("by", "code"), [(SELF, ""), (OTHER, "not_permitted"), (Principal(name=""), "not_permitted")]
)
def test_who_may(by: Principal, code: str) -> None:
    """Whoever's login it is, and who administers the team; an empty login is nobody's."""
    contacts = Contacts()
    assert [contacts.send(by=by), contacts.confirm(by=by)] == [code, code]
    assert contacts.edit(1 if code else 2, by, time_zone="UTC") == code
    nobody = Contacts(login="")
    assert nobody.send(by=by) == "not_permitted"
    assert nobody.send(by=Principal(name="lead", teams=("t",), roles={"t": "admin"})) == ""  # type: ignore[dict-item]


def test_what_cannot_be_confirmed_by_a_code() -> None:
    """A method that there is not, a channel that is another, a log."""
    contacts = Contacts(contact=[{"endpoint": "diary"}, {"channel": "email", "through": "hook"}])
    assert contacts.send(method="sms") == "not_found"
    assert contacts.send(method="diary") == "invalid"
    assert "no code may stand" in contacts.reason
    assert contacts.send(method="email") == "invalid"


def test_an_address_that_changes_has_to_be_confirmed_again() -> None:
    """Whoever changes it; what is changed beside it keeps it."""
    contacts = Contacts()
    contacts.send()
    contacts.confirm()
    assert contacts.put("person", BEN | {"full_name": "Ben"}, 2) == ""
    assert set(contacts.ben["confirmations"]) == {"email"}
    assert contacts.put("person", BEN | {"confirmations": {"sms": {"at": "x", "by": "y"}}}, 3) == ""
    assert set(contacts.ben["confirmations"]) == {"email"}
    assert contacts.put("person", BEN | {"email": "sealed:other"}, 4) == ""
    assert contacts.ben["confirmations"] == {}


def test_people_change_how_they_are_reached_and_vouch_for_nothing() -> None:
    """Other fields are not theirs; `confirmed: yes` is not theirs to say, and is gone with a new address."""
    contacts = Contacts(contact=[{"channel": "email", "confirmed": True}])
    assert contacts.edit(1, phone="sealed:new", time_zone="Europe/Berlin") == ""
    assert (contacts.ben["phone"], contacts.ben["contact"][0]["confirmed"]) == ("sealed:new", True)
    assert contacts.edit(1, time_zone="UTC") == "conflict"
    assert contacts.edit(2, login="eve") == "invalid"
    assert (
        contacts.edit(2, contact=[{"channel": "email"}, {"channel": "sms", "confirmed": True}]) == "invalid"
    )
    assert "tocsin people confirm ben sms" in contacts.reason
    assert contacts.edit(2, email="sealed:new") == ""
    assert contacts.ben["contact"][0]["confirmed"] is None
    lead = Principal(name="lead", teams=("t",), roles={"t": "admin"})  # type: ignore[dict-item]
    assert contacts.edit(3, lead, contact=[{"channel": "email", "confirmed": True}]) == ""
