"""What a look at a real TLS server says of its certificate."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sources.prober.handshake import ADDRESSES, Look, addresses, look
from sources.prober.target import Target
from tests.sources.prober.authority import Issued, issue, server

HERE = "127.0.0.1"
ROOT = issue(authority=True, subject="root")


async def seen(tmp_path: Path, shown: Issued, host: str = "localhost", judged: bool = True) -> Look:
    """A look at a server that shows this, by a client that trusts ROOT."""
    async with server(shown.write(tmp_path / "server.pem")) as port:
        return await look(Target("host", host, port, authority=ROOT.pem, judged=judged), HERE)


async def test_a_good_certificate_has_no_faults(tmp_path: Path) -> None:
    """One handshake, and its dates are known."""
    good = await seen(tmp_path, issue(ROOT, days=90))
    assert good.faults == {}
    assert good.certificate is not None
    assert good.certificate.issuer == "CN=root"
    assert good.certificate.days_left(good.certificate.starts) == pytest.approx(91, abs=0.01)


@pytest.mark.parametrize("host", [HERE, "LOCALHOST"])
async def test_an_address_and_any_case_of_a_name_are_names_as_well(tmp_path: Path, host: str) -> None:
    """As every client compares them."""
    assert (await seen(tmp_path, issue(ROOT), host)).faults == {}


@pytest.mark.parametrize(
    ("shown", "reason", "why"),
    [
        (issue(ROOT, names=("elsewhere.example",)), "wrong_name", "not made out to localhost"),
        (issue(ROOT, names=()), "wrong_name", "not made out to localhost"),
        (issue(ROOT, names=("*.localhost",)), "wrong_name", "not made out to localhost"),
        (issue(), "untrusted", "self-signed certificate"),
        (issue(issue(authority=True, subject="unknown")), "untrusted", "unable to get local issuer"),
    ],
    ids=["other-name", "no-name", "wildcard", "self-signed", "unknown-issuer"],
)
async def test_each_fault_is_named(tmp_path: Path, shown: Issued, reason: str, why: str) -> None:
    """One fault, one reason, and why in words that somebody can act on; the dates are known all the same."""
    bad = await seen(tmp_path, shown)
    assert list(bad.faults) == [reason]
    assert why in bad.faults[reason]
    assert bad.certificate is not None


@pytest.mark.parametrize(("days", "age", "reason"), [(-1, 9, "expired"), (9, -1, "not_yet_valid")])
async def test_dates_are_faults_of_the_certificate_alone(
    tmp_path: Path, days: float, age: float, reason: str
) -> None:
    """They change with time and not with a look, so whoever says what is known asks the certificate."""
    bad = await seen(tmp_path, issue(ROOT, days=days, age=age))
    assert bad.faults == {}
    assert bad.certificate is not None
    now = bad.certificate.starts + 86_400_000 * (8 if age > 0 else -1) + (86_400_000 if age > 0 else 0)
    assert [name for name, _ in bad.certificate.faults(now)] == [reason]


async def test_one_fault_hides_no_other(tmp_path: Path) -> None:
    """OpenSSL stops at the first; whoever renews a certificate wants to hear of all of them."""
    bad = await seen(tmp_path, issue(names=("elsewhere.example",), days=-1, age=9))
    assert set(bad.faults) == {"wrong_name", "untrusted"}
    assert bad.certificate is not None
    assert "expired" in dict(bad.certificate.faults(bad.certificate.ends))


async def test_a_chain_that_the_server_does_not_send_is_broken(tmp_path: Path) -> None:
    """Browsers may fetch what is missing; programs do not."""
    between = issue(ROOT, authority=True, subject="between")
    whole, torn = issue(between, chain=between.pem), issue(between)
    assert (await seen(tmp_path, whole)).faults == {}
    assert list((await seen(tmp_path, torn)).faults) == ["untrusted"]


async def test_a_chain_with_an_expired_link_is_broken(tmp_path: Path) -> None:
    """The certificate itself is good for months, and no client believes it."""
    between = issue(ROOT, authority=True, subject="between", days=-1, age=9)
    bad = await seen(tmp_path, issue(between, chain=between.pem))
    assert "of its chain has expired" in bad.faults["untrusted"]


async def test_what_a_gateway_has_judged_is_not_judged_again(tmp_path: Path) -> None:
    """It may trust an authority that this machine does not know; a name is a name everywhere."""
    assert (await seen(tmp_path, issue(), judged=False)).faults == {}
    assert list((await seen(tmp_path, issue(names=()), judged=False)).faults) == ["wrong_name"]


async def test_an_authority_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Whoever pasted it hears of it; nothing else is blamed."""
    async with server(issue(ROOT).write(tmp_path / "server.pem")) as port:
        torn = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
        bad = await look(Target("host", "localhost", port, authority=torn), HERE)
    assert "authority that is to be trusted cannot be read" in bad.faults["untrusted"]


async def test_nobody_there_is_unreachable() -> None:
    """No certificate, and the cause in one word."""
    listening = await asyncio.start_server(lambda _, writer: writer.close(), HERE, 0)
    port = listening.sockets[0].getsockname()[1]
    plain = await look(Target("host", "localhost", port), HERE)
    listening.close()
    await listening.wait_closed()
    gone = await look(Target("host", "localhost", port), HERE)
    assert gone == Look(None, {"unreachable": "refused"})
    assert list(plain.faults) == ["unreachable"]


async def test_a_name_has_all_its_addresses_and_not_too_many() -> None:
    """Each is an instance of its own, since each has a server of its own."""
    found = await addresses(Target("host", "localhost", 443))
    assert HERE in found
    assert found == sorted(set(found))[:ADDRESSES]


@pytest.mark.parametrize("host", ["does-not-exist.invalid", "a" * 64 + ".example", "a..b"])
async def test_a_name_without_addresses_raises_what_is_awaited(host: str) -> None:
    """A host that does not resolve is one clear fault, and ends nothing."""
    with pytest.raises((OSError, ValueError)):
        await addresses(Target("host", host, 443))
