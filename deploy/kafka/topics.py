"""The topic tool: makes every topic before any worker starts, and says in the manifest what it has made.

Running it again changes nothing. A topic that exists otherwise than we need it is refused with the reason, never
changed: the number of partitions decides which log a key is in, and `tocsin partitions` alone gives a stage more.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.conn import create_conn
from aiokafka.errors import CommitFailedError, KafkaConnectionError

from deploy.kafka.durability import IN_SYNC, INTERNAL, Replication, in_sync, shortcomings
from deploy.kafka.manifest import Manifest
from streams.connection import client
from streams.errors import Misconfigured
from streams.messages.manifest import Incarnation
from streams.settings import Settings
from streams.signature import Signer
from streams.text.hindrance import ACLS, hindrance
from streams.topics import MANIFEST, STAGES, TOPICS, Topic

log = logging.getLogger("tocsin.topics")
AGAIN = 5.0  # seconds between two tries to reach Kafka
GROW = "run `tocsin partitions` again, to its end"
_EXISTS = 36  # Kafka's code for a topic that somebody else has made in the meantime
_FORBIDDEN = (29, 31)  # Kafka's codes for what the user may not do to a topic, and to the cluster
_FIXED = ("cleanup.policy", "message.timestamp.type")  # settings that the law of state rests on


class Topics:
    """All topics of one Kafka. In a scenario, machine inputs keep the timestamps that the driver gives them."""

    def __init__(
        self, settings: Settings, signer: Signer, scenario: bool = False, embedded: bool = False
    ) -> None:
        """`signer`: signs the manifest; `embedded`: whether it is the Kafka of one machine."""
        self._settings, self._signer, self._scenario = settings, signer, scenario
        self._embedded = embedded
        self._client = client(settings)
        self._known: Mapping[str, Incarnation] = {}

    async def create(self) -> list[str]:
        """Make what is missing; the names of the topics that were made. Misconfigured where one differs.

        While Kafka is away it waits, with a line every few seconds.
        """
        admin, manifest = await self._reach(), Manifest(self._client, self._signer)
        try:
            described = await _describe(admin)
            counts = {name: len(partitions) for name, partitions in described.items()}
            known = await manifest.read() if MANIFEST in counts else {}
            self._known = {name: each for name, each in known.items() if name in counts}
            configs = await _configs(admin, [t.name for t in TOPICS if t.name in counts])
            self._compare(counts, configs)
            self._warn(described, configs)
            made = [topic for topic in TOPICS if topic.name not in counts]
            await self._make(admin, made)
        finally:
            await admin.close()
        new = [self._incarnation(t) for t in TOPICS if t in made or t.name not in known]
        await manifest.say([*new, *manifest.again(known, {incarnation.topic for incarnation in new})])
        await self._begin()
        return [topic.name for topic in made]

    async def _reach(self) -> AIOKafkaAdminClient:
        while True:
            admin = AIOKafkaAdminClient(**self._client)
            try:
                await admin.start()
                return admin
            except (KafkaConnectionError, OSError) as why:
                await admin.close()
                reason = await hindrance(self._client, create_conn, why)
                log.warning("waiting for Kafka at %s: %s", self._settings.bootstrap, reason)
                await asyncio.sleep(AGAIN)

    def partitions(self, topic: Topic) -> int:
        """How many partitions a topic has here: as many as the settings say, unless it was given more."""
        known = self._known.get(topic.name)
        if known is not None and known.counted_from:
            return known.partitions
        return self._settings.partitions if topic.partitions == "stage" else 1

    def _compare(self, counts: Mapping[str, int], configs: Mapping[str, Mapping[str, str]]) -> None:
        for topic in TOPICS:
            count = counts.get(topic.name)
            if count is None:
                continue
            known = self._known.get(topic.name)
            if known is not None and known.growing_to:
                raise Misconfigured(
                    f"topic {topic.name} is just being given {known.growing_to} partitions: {GROW}"
                )
            if count != self.partitions(topic):
                raise Misconfigured(
                    f"topic {topic.name} has {count} partitions, and {self.partitions(topic)} are wanted: set "
                    f"TOCSIN_PARTITIONS to {count}, or use another Kafka; `tocsin partitions` gives a stage more"
                )
            self._compare_settings(topic, configs[topic.name])

    def _compare_settings(self, topic: Topic, present: Mapping[str, str]) -> None:
        wanted = {"message.timestamp.type": "CreateTime"} | topic.config(self._scenario)
        for name in _FIXED:
            if (value := present.get(name, wanted[name])) != wanted[name]:
                raise Misconfigured(
                    f"topic {topic.name} has {name}={value} instead of {wanted[name]}: change it, or remove the topic"
                )

    def _warn(self, described: Mapping[str, list[int]], configs: Mapping[str, Mapping[str, str]]) -> None:
        """Say what of the topics that are there would not outlive the loss of a broker."""
        ours = [*configs, *(name for name in INTERNAL if name in described)]
        replications = {
            name: Replication(min(described[name]), int(configs.get(name, {}).get(IN_SYNC, "0")))
            for name in ours
        }
        for sentence in shortcomings(replications, self._settings.replication):
            log.warning("%s", sentence)

    async def _make(self, admin: AIOKafkaAdminClient, topics: list[Topic]) -> None:
        replicas, how = self._settings.replication, (self._scenario, self._embedded)
        wanted = [
            NewTopic(t.name, self.partitions(t), replicas, topic_configs=t.config(*how) | in_sync(replicas))
            for t in topics
        ]
        if not wanted:
            return
        answer: Any = await admin.create_topics(wanted)
        for name, code, *words in answer.topic_errors:
            if code not in (0, _EXISTS):
                fix = f": {ACLS}" if code in _FORBIDDEN else ""
                raise Misconfigured(f"topic {name} could not be made: {words[0] if words else code}{fix}")

    def _incarnation(self, topic: Topic) -> Incarnation:
        incarnation = str(uuid.uuid4())
        return Incarnation(
            id=f"manifest/{topic.name}/{incarnation}",
            at=0,
            topic=topic.name,
            incarnation=incarnation,
            partitions=self.partitions(topic),
            broker_time=topic.broker_time and not self._scenario,
        )

    async def _begin(self) -> None:
        """Commit offset 0 for the groups of the stages: Faust does not seek where nothing has been committed."""
        for stage, topic in STAGES.items():
            known = self._known.get(topic)
            count = known.partitions if known is not None else self._settings.partitions
            consumer = AIOKafkaConsumer(**self._client, group_id=stage, enable_auto_commit=False)
            await consumer.start()
            try:
                where = [TopicPartition(topic, p) for p in range(count)]
                consumer.assign(where)
                new = {tp: 0 for tp in where if await consumer.committed(tp) is None}
                if new:
                    with suppress(CommitFailedError):  # workers are there already, and commit for themselves
                        await consumer.commit(new)
            finally:
                await consumer.stop()


async def _describe(admin: AIOKafkaAdminClient) -> dict[str, list[int]]:
    """By topic, on how many brokers each partition lies."""
    names = await admin.list_topics()
    described = await admin.describe_topics(list(names)) if names else []
    return {
        topic["topic"]: [len(partition["replicas"]) for partition in topic["partitions"]]
        for topic in described
    }


async def _configs(admin: AIOKafkaAdminClient, names: Iterable[str]) -> dict[str, dict[str, str]]:
    wanted = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    configs: dict[str, dict[str, str]] = {}
    answers: list[Any] = await admin.describe_configs(wanted) if wanted else []
    for answer in answers:
        for _, _, _, name, entries in answer.resources:
            configs[name] = {entry[0]: entry[1] for entry in entries}
    return configs
