"""One certificate, read from DER or PEM: when it is valid, whose it is, who signed it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from streams.errors import Refused

DAY = 86_400_000  # ms
SHOWN = 120  # characters of a subject


@dataclass(frozen=True, slots=True)
class Certificate:
    """`starts` and `ends` in ms UTC; `fingerprint`: SHA-256 as hexadecimal text."""

    subject: str
    issuer: str
    starts: int
    ends: int
    fingerprint: str

    def days_left(self, at: int) -> float:
        """Days until it ends, at `at` (ms UTC); negative once it has ended."""
        return round((self.ends - at) / DAY, 3)

    def faults(self, at: int) -> Iterator[tuple[str, str]]:
        """What its own dates say against it at `at`: reason and why."""
        if at >= self.ends:
            yield "expired", f"since {_day(self.ends)}"
        if at < self.starts:
            yield "not_yet_valid", f"before {_day(self.starts)}"


def read(der: bytes) -> Certificate:
    """The certificate in DER form; Refused where it is none."""
    try:
        return _certificate(x509.load_der_x509_certificate(der))
    except ValueError as why:
        raise Refused(f"a certificate that cannot be read: {why!s:.100}") from None


def several(pem: str) -> list[Certificate]:
    """All certificates of a PEM text; Refused where it holds none, or one that cannot be read."""
    try:
        return [_certificate(each) for each in x509.load_pem_x509_certificates(pem.encode())]
    except ValueError as why:
        raise Refused(f"PEM text that holds no readable certificate: {why!s:.100}") from None


def _certificate(loaded: x509.Certificate) -> Certificate:
    return Certificate(
        subject=loaded.subject.rfc4514_string()[:SHOWN],
        issuer=loaded.issuer.rfc4514_string()[:SHOWN],
        starts=_milliseconds(loaded.not_valid_before_utc),
        ends=_milliseconds(loaded.not_valid_after_utc),
        fingerprint=loaded.fingerprint(hashes.SHA256()).hex(),
    )


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _day(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
