"""Dead letters where no machine stands: garbage on `config` becomes a dead letter, and such letters an alert.

Every worker reads `config`, and each passes over what is not ours; one of them, the member of this group,
dead-letters it. A letter whose origin is no machine's input comes from this shell, a sink, the history or the topic
tool: its alert is raised here, as a machine raises one for its own input.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from agents.inputs.feed import LONGEST_POLL, document
from streams.documents.document import PLATFORM
from streams.errors import Failure
from streams.messages.dead_letter import Origin, dead_letter_reason, fault
from streams.messages.verdict import Verdicts
from streams.signature import Signer
from streams.topics import CONFIG, DEAD_LETTER, INBOX, STAGES
from tables.kernel import alarm
from tables.kernel.output import Output

log = logging.getLogger("tocsin.dead_letters")
GROUP = "refusals"
LONGEST = 500  # bytes of a header that are read: no topic's name has more, and of a reason no more is told


class SendOutputs(Protocol):
    """What sends; the output producer does."""

    async def start(self) -> None:
        """Connect; starting twice is starting once."""
        ...

    async def send(self, outputs: Sequence[Output], origin: Origin, stamp: int) -> list[asyncio.Future[Any]]:
        """Hand over; the futures are done when all replicas have it."""
        ...


class ConfigDeadLetters:
    """Reads `config` and `dead-letter` once for all workers; what it sends twice has the same id."""

    def __init__(self, signer: Signer, producer: SendOutputs) -> None:
        """Nothing is read yet."""
        self._signer, self._producer = signer, producer

    async def follow(self, client: Mapping[str, Any]) -> None:
        """Read for ever; a record is committed when what it caused has been acknowledged."""
        reader = AIOKafkaConsumer(
            CONFIG,
            DEAD_LETTER,
            **client,
            group_id=GROUP,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            fetch_max_wait_ms=LONGEST_POLL,
        )
        await self._producer.start()
        await reader.start()
        try:
            while True:
                batches = await reader.getmany(timeout_ms=LONGEST_POLL, max_records=100)
                for record in (record for records in batches.values() for record in records):
                    await self.handle(record)
                if batches:
                    with suppress(KafkaError):  # of a rebalance, or a broker that is away: it is sent again
                        await reader.commit()
        finally:
            await reader.stop()

    async def handle(self, record: Any) -> None:
        """Dead-letter one record of `config` that is not ours, or raise the alert of a letter that has none."""
        output = self._dead_letter(record) if record.topic == CONFIG else self._alert(record)
        if output is not None:
            origin = Origin(record.topic, record.partition, record.offset, record.key, record.value or b"")
            await asyncio.gather(*await self._producer.send([output], origin, record.timestamp))

    def _dead_letter(self, record: Any) -> Output | None:
        try:
            document(record, self._signer)
        except Failure as why:
            id, code = f"{CONFIG}!{record.offset}!", dead_letter_reason(why)
            return Output(DEAD_LETTER, "", id, b"", f"{fault(why)}: {why}", code)
        return None

    def _alert(self, record: Any) -> Output | None:
        headers = {  # anybody may have written them
            name: (value or b"")[:LONGEST].decode(errors="replace") for name, value in record.headers
        }
        topic = headers.get("topic", "an unknown topic")
        if topic in STAGES.values():
            return None  # its machine has decided whether to raise one
        words = (
            f"a record of {topic} could not be handled: {headers.get('reason', 'the letter has no reason')}"
        )
        verdict = alarm.dead_letter(topic, record.offset + 1, record.timestamp, words[:500])
        id = f"{DEAD_LETTER}!{record.offset}!alarm"
        verdicts = Verdicts(
            id=id, at=record.timestamp, team=PLATFORM, why_team="watches Tocsin itself", verdicts=[verdict]
        )
        log.warning("dead letter", extra={"topic": topic, "reason": words})
        return Output(INBOX, PLATFORM, id, self._signer.sign(verdicts.encode(), INBOX))
