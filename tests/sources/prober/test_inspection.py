"""What is said of certificates: days left, faults with why, each address an instance."""

from __future__ import annotations

import pytest

from sources.contextforge.upstream import read
from sources.prober.certificate import Certificate, several
from sources.prober.handshake import Look
from sources.prober.inspection import Inspection
from sources.prober.target import Stored, Target, of_probe, of_upstreams, of_url
from streams.documents.probe import Probe
from streams.errors import Refused
from streams.telemetry.series import parse
from tests.sources.conftest import upstream
from tests.sources.prober.authority import issue

DAY = 86_400_000
GOOD = Certificate("CN=a", "CN=root", 0, 90 * DAY, "ab")
TARGET = Target("host", "a.example", 443)


def faults(samples: dict[str, float]) -> dict[str, str]:
    """Reason → why, of all series that say a fault."""
    labels = [dict(parse(text).labels) for text in samples if text.startswith("certificate_fault")]
    return {one["reason"]: one["why"] for one in labels}


def test_days_left_count_down_without_another_look() -> None:
    """A look an hour is enough, and a threshold is passed on time."""
    inspection = Inspection()
    inspection.put(TARGET, {"192.0.2.1": Look(GOOD, {})})
    name = 'certificate_days_left{address="192.0.2.1",host="a.example:443",kind="host"}'
    days = [inspection.samples(at * DAY)[name] for at in (0, 60, 91)]
    assert days == [90.0, 30.0, -1.0]
    assert list(faults(inspection.samples(90 * DAY - 1))) == []
    assert list(faults(inspection.samples(90 * DAY))) == ["expired"]


def test_each_address_of_a_name_is_an_instance() -> None:
    """Three servers behind one name are renewed one after the other, and one is forgotten."""
    inspection = Inspection()
    inspection.put(TARGET, {f"192.0.2.{k}": Look(GOOD, {}) for k in range(3)})
    assert sum(text.startswith("certificate_days_left") for text in inspection.samples(0)) == 3
    inspection.put(TARGET, {"192.0.2.1": Look(GOOD, {})})
    assert sum(text.startswith("certificate_days_left") for text in inspection.samples(0)) == 1


def test_a_certificate_that_was_seen_runs_out_while_nobody_answers() -> None:
    """A server that is down has a certificate all the same."""
    inspection = Inspection()
    inspection.put(TARGET, {"192.0.2.1": Look(GOOD, {})})
    inspection.put(TARGET, {"192.0.2.1": Look(None, {"unreachable": "refused"})})
    samples = inspection.samples(80 * DAY)
    assert faults(samples) == {"unreachable": "refused"}
    assert 10.0 in samples.values()


def test_words_stay_while_a_fault_lasts() -> None:
    """Other words would be another series, and another alert."""
    inspection = Inspection()
    for words in ("refused", "timeout", "refused"):
        inspection.put(TARGET, {"a": Look(None, {"unreachable": words})})
    assert faults(inspection.samples(0)) == {"unreachable": "refused"}
    inspection.put(TARGET, {"a": Look(GOOD, {})})
    inspection.put(TARGET, {"a": Look(None, {"unreachable": "timeout"})})
    assert faults(inspection.samples(0)) == {"unreachable": "timeout"}


def test_only_what_is_new_is_news() -> None:
    """A frame goes out at once where something changed, and else on its beat."""
    inspection, bad = Inspection(), Look(GOOD, {"wrong_name": "x"})
    looks = [Look(GOOD, {}), Look(GOOD, {}), bad, bad]
    assert [inspection.put(TARGET, {"a": each}) for each in looks] == [True, False, True, False]


def test_certificates_that_a_gateway_holds_are_told_apart_by_subject() -> None:
    """An authority file often holds several; of two of one name the first to end counts."""
    pem = "".join(
        issue(authority=True, subject=name, days=days).pem for name, days in (("a", 50), ("b", 9), ("b", 90))
    )
    starts = several(pem)[0].starts + DAY
    samples = Inspection().samples(starts, (Stored("ca", "search", pem),))
    days = {
        dict(parse(text).labels)["subject"]: round(value)
        for text, value in samples.items()
        if text.startswith("certificate_days_left")
    }
    assert days == {"CN=a": 50, "CN=b": 9}


def test_pem_text_that_holds_nothing_is_a_fault() -> None:
    """Nobody else would say that what was pasted there is no certificate."""
    with pytest.raises(Refused, match="no readable certificate"):
        several("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")
    samples = Inspection().samples(0, (Stored("client", "search", "-----BEGIN CERTIFICATE-----"),))
    assert list(faults(samples)) == ["unreadable"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/mcp", ("a.example", 443)),
        ("https://[2001:DB8::7]:8443/", ("2001:db8::7", 8443)),
        ("http://a.example", None),
        ("https://a.example:notaport/", None),
        ("", None),
    ],
)
def test_only_encrypted_addresses_have_certificates(url: str, expected: tuple[str, int] | None) -> None:
    """What stands in a list may be anything."""
    assert next(((one.host, one.port) for one in of_url("upstream", url)), None) == expected


def test_what_a_gateway_lists_is_looked_at() -> None:
    """Server, authority and client certificate of each enabled upstream; a path to a file is no certificate."""
    pem = issue(authority=True).pem
    listed = [
        read(upstream("plain", url="http://plain.test/mcp")),
        read(upstream("off", url="https://off.test", enabled=False)),
        read(upstream("search", url="https://search.test", caCertificate=pem, clientCert="/etc/client.pem")),
        read(upstream("mail", url="https://mail.test", reachable=False, clientCert=pem)),
    ]
    found = list(of_upstreams(listed))
    assert [(one.kind, one.upstream) for one in found] == [
        ("upstream", "search"),
        ("ca", "search"),
        ("upstream", "mail"),
        ("client", "mail"),
    ]
    judged = {one.upstream: one.judged for one in found if isinstance(one, Target)}
    assert judged == {"search": False, "mail": True}


def test_a_probe_names_its_hosts() -> None:
    """With the port where it is not 443, and whose alerts they are."""
    probe = Probe.read({"name": "login", "hosts": ["Login.example.", "192.0.2.7:465", "[2001:db8::7]:8443"]})
    assert [(one.host, one.port) for one in of_probe(probe)] == [
        ("login.example", 443),
        ("192.0.2.7", 465),
        ("2001:db8::7", 8443),
    ]
    assert [one.labels["host"] for one in of_probe(probe)][2] == "[2001:db8::7]:8443"
    assert probe.key == "login"
    assert Probe.read({"name": "login", "hosts": "a", "gateway": "prod"}).key == "prod"
