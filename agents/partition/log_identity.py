"""A log's identity: which incarnation of the input topic a partition's rows were made from, and how it is numbered.

A machine counts inputs by their offset, and offsets mean nothing in another log. So a record beside the rows
names the incarnation of the input topic. When an operator rebases the rows onto another log, the machine's
numbering goes on at a number that no log ever reached, and `base` translates.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import orjson

from streams.errors import DamagedState, Rewound

MARK = "!incarnation"  # the key of that record in the changelog; machines skip keys that begin with "!"


@dataclass(frozen=True, slots=True)
class LogIdentity:
    """`base`: a machine's offset less the log's; `start`: the first machine offset of this incarnation."""

    incarnation: str
    base: int = 0
    start: int = 0

    def encode(self) -> bytes:
        """The bytes that the changelog keeps."""
        return orjson.dumps(asdict(self))

    @classmethod
    def decode(cls, raw: bytes) -> LogIdentity:
        """The inverse of `encode`; DamagedState where the bytes do not fit."""
        try:
            return cls(**orjson.loads(raw))
        except (ValueError, TypeError) as why:
            raise DamagedState(f"the record {MARK}: {why}") from None


@dataclass(frozen=True, slots=True)
class InputLog:
    """What Kafka says of one input partition: its first and next offset, and what the group has committed."""

    incarnation: str
    begin: int
    end: int
    committed: int | None


def check(name: str, identity: LogIdentity | None, seen: int, log: InputLog) -> LogIdentity:
    """The identity to go on with; Rewound where the rows and the log do not belong together.

    `seen`: the machine's newest offset, -1 where it has no rows.
    """
    how = f"; look into it, and go on with `python -m agents rebase {name.rpartition('-')[0]}`"
    if identity is None:
        if seen >= 0:
            raise Rewound(f"{name}: its rows do not say from which log they were made{how}")
        if log.committed:
            raise Rewound(
                f"{name}: offset {log.committed} is committed, but no rows have been recovered{how}"
            )
        return LogIdentity(log.incarnation)
    if identity.incarnation != log.incarnation:
        raise Rewound(
            f"{name}: the input topic is another incarnation than the one that the rows were made from{how}"
        )
    if log.end < seen + 1 - identity.base:
        raise Rewound(
            f"{name}: the log ends at {log.end}, below {seen + 1 - identity.base}, which was applied{how}"
        )
    return identity
