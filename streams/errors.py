"""The one error tree; each branch says whose fault it is, which decides what happens next.

Failure
├── Refused          the sender's: the input goes whole to the dead-letter topic, or is answered with 4xx
│   ├── Forged       a message that only the system may say came without its signature
│   ├── OtherLayout  a batch whose list of series is not the one that it names
│   └── Conflict     an edit of a revision that is no longer the newest
├── Unlisted         nobody's: a batch names a list of series that its reader has not met; the next list ends it
├── Unavailable      nobody's: what it needs does not answer now; nothing was changed, and it may be asked again
│   └── Unconfirmed  it was handed over, and nobody has said that it arrived
├── Misconfigured    the operator's: refused at the edge, with the name of the thing and the fix
└── Broken           ours: the worker stops, is restarted and replays
    ├── Gap          a log went on after a message that never came
    ├── Rewound      a log ends before what its machine has already applied
    ├── NewerSchema  a reader older than its writers
    └── DamagedState a stored row or model that does not read back
"""

from __future__ import annotations

from typing import ClassVar

from streams.codes import RefusalCode


class Failure(Exception):
    """The root of all failures that Tocsin names; anything else that is raised is a bug."""


class Refused(Failure, ValueError):
    """An input that its sender has to change; the message names the field and the fix, `code` the reason.

    A ValueError too, so that a validator may raise it and keep its words.
    """

    usual: ClassVar[RefusalCode] = RefusalCode.INVALID

    def __init__(self, words: str, code: RefusalCode | None = None) -> None:
        """`code`: where it says more than the kind of the error does."""
        super().__init__(words)
        self.code = code or self.usual


class Forged(Refused):
    """A message of an internal kind whose signature is missing or wrong."""

    usual = RefusalCode.FORGED


class OtherLayout(Refused):
    """A batch of samples whose list of series has another hash than the batch says."""


class Conflict(Refused):
    """An edit based on a revision that somebody else has replaced since."""

    usual = RefusalCode.CONFLICT


class Unlisted(Failure):
    """A batch of samples that names a list of series which its reader has not met; the next list ends it."""

    def __init__(self, gateway: str, source: str) -> None:
        """Whose batch it is."""
        super().__init__(f"{source} of {gateway} names a list of series that is not known yet")
        self.gateway, self.source = gateway, source


class Unavailable(Failure):
    """What an answer needs does not answer now: nothing was changed, and the same may be asked again."""


class Unconfirmed(Unavailable):
    """Something was handed over, and whether it has arrived is not known: it may yet take effect."""


class Misconfigured(Failure):
    """A setting, document or machine that its operator has to change; names the thing and the fix."""


class Broken(Failure):
    """A state that our own code must not reach; the only safe answer is to stop and replay."""


class Gap(Broken):
    """A message is missing between the last applied offset and this one."""

    def __init__(self, machine: str, expected: int, got: int) -> None:
        """Name the machine and both offsets, so that the log can be read again from the right place."""
        super().__init__(f"{machine}: expected offset {expected}, got {got}; reading again")
        self.expected, self.got = expected, got


class Rewound(Broken):
    """A log ends below what was applied, or is another incarnation: only an operator may rebase it."""


class NewerSchema(Broken):
    """A message of a schema that this version does not know: readers are rolled out before writers."""


class DamagedState(Broken):
    """Stored bytes that fail their length, range or checksum."""
