"""What people ask for: one tagged union of actions, so that an unknown one is refused and taken for no other."""

from __future__ import annotations

from typing import Any

import msgspec

from streams.access import TeamRole
from streams.messages.envelope import Message
from streams.messages.verdict import Verdict


class Principal(msgspec.Struct, frozen=True):
    """Who asked, as the API has verified it."""

    name: str
    admin: bool = False
    teams: tuple[str, ...] = ()
    roles: dict[str, TeamRole] = {}  # by team; an editor where it is not said


class Action(msgspec.Struct, frozen=True, kw_only=True, tag_field="do"):
    """Something a person wants done."""

    @property
    def do(self) -> str:
        """The word that names the action on the wire."""
        return str(self.__struct_config__.tag)

    @property
    def document(self) -> str:
        """The kind of the document that it is about; empty where it is about none."""
        return getattr(self, "type", "")


class AlertAction(Action, frozen=True, kw_only=True):
    """Something that is done with one alert."""

    alert: str  # its fingerprint
    alert_id: str = ""  # its occurrence: a command for an older one is refused
    notes: str = ""


class Acknowledge(AlertAction, frozen=True, kw_only=True, tag="acknowledge"):
    """Somebody has the alert, and what is told with it on all its routes.

    `group`: whose notification was answered; then what is open of that group instead, if the alert is of it still.
    """

    group: str = ""


class Resolve(AlertAction, frozen=True, kw_only=True, tag="resolve"):
    """Somebody says that the alert is over."""


class Snooze(AlertAction, frozen=True, kw_only=True, tag="snooze"):
    """Nobody is to hear of the alert until an instant, ms UTC, unless its severity rises."""

    until: int


class Unsnooze(AlertAction, frozen=True, kw_only=True, tag="unsnooze"):
    """The alert is not to wait any longer."""


class Comment(AlertAction, frozen=True, kw_only=True, tag="comment"):
    """Somebody notes something about the alert."""


class Escalate(AlertAction, frozen=True, kw_only=True, tag="escalate"):
    """Whoever has the alert next is to be told now, not after the delay of the step.

    `group`: whose notification was answered; then only those whom that group tells, if the alert is of it still.
    """

    group: str = ""


class Assign(AlertAction, frozen=True, kw_only=True, tag="assign"):
    """Somebody is to see to the alert; `to` empty: nobody in particular any more."""

    to: str


class Emit(Action, frozen=True, kw_only=True, tag="emit"):
    """A plugin or a service raises an alert, or ends it. Of a verdict with `sequence` 0 its place in the log counts."""

    verdict: Verdict


class TryEndpoint(Action, frozen=True, kw_only=True, tag="test"):
    """Somebody wants to see whether an endpoint of the team can be told anything."""

    name: str


class PutDocument(Action, frozen=True, kw_only=True, tag="put"):
    """A new revision of a configuration document."""

    type: str
    name: str
    body: dict[str, Any]
    revision: int = 0  # the revision that the edit is based on; 0 for a new document


class DeleteDocument(Action, frozen=True, kw_only=True, tag="delete"):
    """The end of a configuration document."""

    type: str
    name: str
    revision: int


class SendCode(Action, frozen=True, kw_only=True, tag="send_code"):
    """A code is to be sent to a person. `code`: sealed; `proof`: tells it from others and says it to nobody."""

    person: str
    method: str
    code: str
    proof: str


class ConfirmContact(Action, frozen=True, kw_only=True, tag="confirm_contact"):
    """Somebody sends a code back. `proof`: of the code, as `SendCode` has it."""

    person: str
    method: str
    proof: str


class EditContact(Action, frozen=True, kw_only=True, tag="edit_contact"):
    """A person is to be reached otherwise. `fields`: those of the document that change; `revision`: as of an edit."""

    person: str
    fields: dict[str, Any]
    revision: int


class ApplyPolicy(Action, frozen=True, kw_only=True, tag="apply_policy"):
    """Escalations of the team that run by a policy go on by it as it is now."""

    policy: str


AnyAction = (
    Acknowledge
    | Resolve
    | Snooze
    | Unsnooze
    | Comment
    | Assign
    | Escalate
    | Emit
    | TryEndpoint
    | PutDocument
    | DeleteDocument
    | SendCode
    | ConfirmContact
    | EditContact
    | ApplyPolicy
)


class Command(Message, frozen=True, kw_only=True, tag="command"):
    """Something a person wants; `id` is the Idempotency-Key. Key: the team that owns the subject."""

    team: str
    by: Principal
    action: AnyAction
    digest: str = ""  # of the request, so that its repeat is told from another one under its key
    deadline: int | None = None  # ms UTC after which it is refused: whoever asked was told that it failed
