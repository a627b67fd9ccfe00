"""Why something was told, held, refused or could not be handled: codes for programs, beside words for people."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Self

_CODE = re.compile(r"[a-z][a-z_]{1,40}")


class OpenCode(StrEnum):
    """Codes in messages that must arrive while an update rolls: one that a newer version knows is read as `NEWER`.

    The words beside it say what it means, so that an older process tells people all the same.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        return cls("newer") if isinstance(value, str) and _CODE.fullmatch(value) else None


class NotifyReason(OpenCode):
    """Why people are told of a group now."""

    FIRST_ALERT = "first_alert"  # the first alert of its group
    JOINED = "joined"  # more alerts joined a group that was told of
    JOINED_ACKNOWLEDGED = "joined_acknowledged"  # a new alert joined others that somebody has
    WORSENED = "worsened"  # the severity rose
    ACK_ENDED = "ack_ended"  # an acknowledgement has ended, and it is as wrong as it was
    ACK_ENDING = "ack_ending"  # an acknowledgement ends soon
    NOT_ACKNOWLEDGED = "not_acknowledged"  # the next step: nobody acknowledged within the delay
    ASKED_FOR = "asked_for"  # the next step: somebody asked for it
    NOBODY_ON_CALL = "nobody_on_call"  # a step reaches nobody, and this is who has to know
    OVERRIDE_CRITICAL = "override_critical"  # it is critical, and its policy tells everybody at once
    LAST_RESORT = "last_resort"  # nobody acknowledged in any round
    RELEASED = "released"  # a suppression has ended, and what it suppressed is still firing
    REPEATED = "repeated"  # all steps are through, and it is still firing
    ACKNOWLEDGED = "acknowledged"  # somebody has it, for receivers that were told and show it
    RESOLVED = "resolved"  # it is over, for those who heard of the firing
    CONTACT_CODE = "contact_code"  # a code that is sent back confirms that it arrives
    HAND_OFF = "hand_off"  # a shift begins, and who has it is told
    REPORT = "report"  # a report is due, and this is for whom it is
    REROUTED = "rerouted"  # its severity is another one, and so are its routes
    ENDPOINT_TEST = "endpoint_test"  # somebody tries whether it arrives; nothing is wrong
    OUTAGE_DIGEST = "outage_digest"  # what fired and ended while Tocsin was away
    BUNDLED = "bundled"  # what was held for a recipient goes in one message
    NEWER = "newer"  # a newer version of Tocsin knows the code; the words beside it say why
    CANARY = "canary"  # canaries do not arrive, or do again: this came without Kafka


class SilentReason(StrEnum):
    """Why somebody was not told."""

    NOBODY_ON_CALL = "nobody_on_call"  # the schedule has a gap at this instant
    NO_CONTACT = "no_contact"  # whoever should be told has no confirmed way for this severity
    NOT_CONFIRMED = "not_confirmed"  # nobody has confirmed that this way reaches the person
    TARGET_GONE = "target_gone"  # the person, team or schedule does not exist any more
    STEP_NOT_NOW = "step_not_now"  # the step counts for other severities or hours
    MORE_ACKNOWLEDGEMENTS = "more_acknowledgements"  # the policy asks for further people to acknowledge
    OVER_BEFORE_TOLD = "over_before_told"  # it was over before its group was told of
    NOTHING_NEW = "nothing_new"  # what joined is over, or somebody has it
    REROUTED = "rerouted"  # its severity is another one, and other routes tell of it
    NO_ROOM = "no_room"  # more are meant than a step tells, or an escalation can remember


class EscalationReason(StrEnum):
    """Why a line about an escalation stands in the product's memory, though nobody is told of it."""

    PLAN_APPLIED = "plan_applied"  # somebody applied the policy as it is now to what runs
    PLAN_WARNING = "plan_warning"  # a part of the plan cannot be followed as it is written
    UNREACHED = "unreached"  # all notifications of a step failed
    HASTENED = "hastened"  # somebody asked for the next step now


class CancelReason(OpenCode):
    """Why what is pending is of no use any more."""

    ACKNOWLEDGED = "acknowledged"  # somebody has it
    RESOLVED = "resolved"  # it is over
    NOTHING_FIRING = "nothing_firing"  # what nobody had acknowledged is over
    SUPPRESSED = "suppressed"  # all that nobody has is suppressed
    NEWER = "newer"  # a newer version of Tocsin knows the code; the words beside it say why


class AlertReason(StrEnum):
    """Why an alert is another one than before."""

    HOLDS = "holds"  # its rule's condition holds
    STILL_HOLDS = "still_holds"  # a person had resolved it, and the condition goes on holding
    SEVERITY_ROSE = "severity_rose"  # another threshold is crossed
    SEVERITY_FELL = "severity_fell"  # it is past a milder threshold only
    NEWER_VALUE = "newer_value"  # the same is wrong, and its value is another one
    DOUBTED = "doubted"  # what is said of it may not hold
    CERTAIN = "certain"  # nothing casts doubt on it any more
    WHILE_AWAY = "while_away"  # it fired and ended while Tocsin was away
    CLEARED = "cleared"  # detect says that it is over
    PERSON = "person"  # somebody wants it so
    ACK_ENDED = "ack_ended"  # an acknowledgement has ended
    RELEASED = "released"  # nothing suppresses it any more


class CommandReason(StrEnum):
    """Why a command was accepted; one that was refused has a code of refusals."""

    DONE = "done"  # what it asks for has been done, or had been before


class DocumentReason(StrEnum):
    """Why a document is at another revision than before."""

    CREATED = "created"  # somebody put one that did not exist, or did not any more
    CHANGED = "changed"  # somebody put another body
    DELETED = "deleted"  # somebody took it away


class DispatchReason(StrEnum):
    """Why a notification is on its way, or is not any more, where no outcome of an attempt says so."""

    ATTEMPT = "attempt"  # an attempt begins
    SUPERSEDED = "superseded"  # a newer message of its group takes its place
    NO_OUTCOME = "no_outcome"  # nothing was heard of an attempt
    NO_TIME = "no_time"  # its deadline leaves no room for another attempt
    ENDPOINT_GONE = "endpoint_gone"  # the endpoint does not exist any more
    CIRCUIT_OPEN = "circuit_open"  # the endpoint has failed again and again: others are told at once
    NOTHING_LEFT = "nothing_left"  # all that was held is of no use any more


class HoldReason(StrEnum):
    """Why a notification waits before its first attempt."""

    DELAYED = "delayed"  # the person wants to hear by this way some time after the others
    QUIET_HOURS = "quiet_hours"  # the person wants to hear nothing of this severity now
    THROTTLED = "throttled"  # the recipient has had as many messages as they take: the rest goes in one
    GATHERED = "gathered"  # what else of its message somebody has is told in the same word
    ENDPOINT_AWAITED = "endpoint_awaited"  # the endpoint is not known yet: it may have just been made


class SuppressionReason(OpenCode):
    """Why nobody is told of an alert that fires; of several the first one here counts."""

    SNOOZE = "snooze"  # somebody wants to hear of this alert later
    SILENCE = "silence"  # somebody wants to hear of no such alert for a while
    MAINTENANCE = "maintenance"  # it is being worked on
    INHIBITION = "inhibition"  # another alert explains it
    NEWER = "newer"  # a newer version of Tocsin knows the code; the words beside it say why


class CoverReason(StrEnum):
    """Whether a silence covers an alert at an instant, and why not; of several reasons the first one here counts."""

    COVERED = "covered"  # nobody is told of the alert
    OTHER_TEAM = "other_team"  # a team's silence reaches its own alerts only
    LABELS_DIFFER = "labels_differ"  # one of its matchers does not hold
    NOT_BEGUN = "not_begun"  # it begins later
    OVER = "over"  # it has ended


class ExplainCode(StrEnum):
    """What a gate between an alert and people says, where no other code does."""

    RULE_TELLS = "rule_tells"  # its rule is one that tells people
    RULE_GONE = "rule_gone"  # its rule is built in, or was deleted since
    SHADOW = "shadow"  # its rule is recorded only
    FIRING = "firing"  # it fires, and nobody has it
    ACKNOWLEDGED = "acknowledged"  # somebody has it
    OVER = "over"  # it is not wrong any more
    NOT_SUPPRESSED = "not_suppressed"  # nothing keeps it quiet
    ROUTED = "routed"  # a route leads to people
    REACHED = "reached"  # a step leads to this recipient now
    TOLD_AT_ONCE = "told_at_once"  # nothing holds what goes to this recipient
    NOT_MEANT = "not_meant"  # a step leads to others than the person that is asked about


class RefusalCode(StrEnum):
    """Why an input was refused."""

    INVALID = "invalid"  # it does not say what it should
    FORGED = "forged"  # only the system may say it
    FAILED = "failed"  # ours, not the sender's: handling it failed
    CONFLICT = "conflict"  # somebody else was first
    NOT_FOUND = "not_found"  # what it is about does not exist
    NOT_PERMITTED = "not_permitted"  # whoever asks may not do this
    ALREADY_RESOLVED = "already_resolved"  # the alert is over
    NOT_SNOOZED = "not_snoozed"  # nobody has put the alert off
    LOOP = "loop"  # inhibitions would suppress one another
    NOTHING_TO_ACKNOWLEDGE = "nothing_to_acknowledge"  # no alert of the group is firing
    NOTHING_TO_ESCALATE = "nothing_to_escalate"  # no step of the alert's escalations is still to come
    EXPIRED = "expired"  # its deadline had passed when it was read
    OVERLOADED = "overloaded"  # too many of its kind are under way
    MALFORMED = "malformed"  # it is not what it pretends to be: no JSON, no cursor of ours
    REFERENCED = "referenced"  # something that stays refers to it
    OWNED_BY_FILE = "owned_by_file"  # a file owns it: it is changed there
    KEY_REUSED = "key_reused"  # its Idempotency-Key was used for another command
    NO_REVISION = "no_revision"  # it does not say which revision it edits
    NOT_SIGNED_IN = "not_signed_in"  # it does not say who asks, or not so that it can be believed
    METHOD = "method"  # its path takes other methods
    TOO_LARGE = "too_large"  # it has more bytes than its path takes
    FIRED_AGAIN = "fired_again"  # the alert has fired again since it was looked at
    CODE_WRONG = "code_wrong"  # it is not the code that was sent
    CODE_EXPIRED = "code_expired"  # no code is waited for, or it was tried too often
    NOT_JSON = "not_json"  # its header does not say that it is JSON


class FailureCode(StrEnum):
    """Why an answer could not be given, though nothing was wrong with what was asked."""

    UNAVAILABLE = "unavailable"  # what it needs does not answer now
    MISCONFIGURED = "misconfigured"  # the operator has to change a setting
    FAILED = "failed"  # a bug of ours


class DeadLetterReason(StrEnum):
    """Why an input lies in the dead letters; whose fault it was says which side has to change."""

    REFUSED = "refused"  # the sender's: it cannot be read, or is not permitted
    FORGED = "forged"  # the sender's: it carries no signature of ours
    OTHER_LAYOUT = "other_layout"  # the sender's: its list of series has another hash than it says
    FAILED = "failed"  # ours: handling it failed
