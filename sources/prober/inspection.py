"""What is known of all certificates of one source, and the samples that say it. Pure.

looks at addresses, certificates that are held  →  certificate_days_left, certificate_fault, …
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter

from sources.prober import certificate
from sources.prober.certificate import Certificate
from sources.prober.handshake import Look
from sources.prober.target import Stored, Target
from streams.errors import Refused
from streams.telemetry.series import spell

DAYS, FAULT, ISSUED = "certificate_days_left", "certificate_fault", "certificate_issued_seconds"


@dataclass
class Inspection:
    """The newest look at each address of each target; what was shown last is kept while nobody answers there."""

    looks: dict[Target, dict[str, Look]] = field(default_factory=dict)

    def put(self, target: Target, looks: Mapping[str, Look]) -> bool:
        """Take the looks at all addresses of a target; whether anything is another than before."""
        before = self.looks.get(target, {})
        now = {address: _merged(before.get(address), look) for address, look in looks.items()}
        self.looks[target] = now
        return now != before

    def keep(self, targets: frozenset[Target]) -> None:
        """Forget what is not among these; one that is only asked otherwise keeps what was seen at its place."""
        seen = {target.place: looks for target, looks in self.looks.items()}
        self.looks = {target: seen[target.place] for target in targets if target.place in seen}

    def whole(self, targets: frozenset[Target]) -> bool:
        """Whether each of these has been looked at."""
        return targets <= self.looks.keys()

    def samples(self, at: int, stored: tuple[Stored, ...] = ()) -> dict[str, float]:
        """All series with their values at `at`, ms UTC."""
        samples: dict[str, float] = {}
        for target, looks in self.looks.items():
            for address, look in looks.items():
                samples.update(_of_look(target.labels | {"address": address}, look, at))
        for held in stored:
            samples.update(_of_stored(held, at))
        return samples


def _merged(before: Look | None, look: Look) -> Look:
    """The look, with the certificate that was shown last and with the words in which its faults were told first."""
    if before is None:
        return look
    faults = {reason: before.faults.get(reason, why) for reason, why in look.faults.items()}
    return Look(look.certificate or before.certificate, faults)


def _of_look(labels: dict[str, str], look: Look, at: int) -> Iterator[tuple[str, float]]:
    faults = dict(look.faults)
    if look.certificate is not None:
        yield from _of_certificate(labels, look.certificate, at)
        faults |= dict(look.certificate.faults(at))
    for reason, why in faults.items():
        yield spell(FAULT, labels | {"reason": reason, "why": why}), 1.0


def _of_certificate(labels: dict[str, str], shown: Certificate, at: int) -> Iterator[tuple[str, float]]:
    yield spell(DAYS, labels), shown.days_left(at)
    yield spell(ISSUED, labels), shown.starts / 1000


def _of_stored(stored: Stored, at: int) -> Iterator[tuple[str, float]]:
    """Each certificate by its subject; of two of one name the one that ends first."""
    try:
        held = certificate.several(stored.pem)
    except Refused as why:
        yield spell(FAULT, stored.labels | {"reason": "unreadable", "why": str(why)}), 1.0
        return
    for each in sorted(held, key=attrgetter("ends"), reverse=True):
        labels = stored.labels | {"subject": each.subject}
        yield from _of_certificate(labels, each, at)
        for reason, words in each.faults(at):
            yield spell(FAULT, labels | {"reason": reason, "why": words}), 1.0
