"""A bridge signs what it says of a gateway with that gateway's key, where there is one."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from sources.bridge.registry import Gateway, Registry
from sources.telemetry.keyring import Keyring
from streams.settings import Settings
from streams.signature import Signer, gateway_key

KEY = "k" * 32
RAW = b'{"kind":"samples"}'


def registered(data: Path, key_file: str = "") -> None:
    """A gateway in the registry."""
    Registry(data).put(Gateway(name="prod", url="http://127.0.0.1:1", token_file="t", key_file=key_file))


def test_unsigned_unless_wanted(tmp_path: Path) -> None:
    """Without the setting and without a key of its own, a gateway's messages go as they are."""
    registered(tmp_path)
    assert Keyring(Settings(data=str(tmp_path))).sign("prod", RAW) == RAW


def test_derived(tmp_path: Path) -> None:
    """Where signatures are required, the key derives from the system's."""
    settings = Settings(data=str(tmp_path), system_keys=KEY, require_signed_producers=True)
    Signer([KEY.encode()], strict=True).admit(Keyring(settings).sign("prod", RAW), "prod")


def test_key_of_its_own(tmp_path: Path) -> None:
    """A bridge that knows nothing of the system's keys signs with the file that the registry names."""
    (tmp_path / "prod.key").write_bytes(gateway_key(KEY.encode(), "prod") + b"\n")
    registered(tmp_path, str(tmp_path / "prod.key"))
    Signer([KEY.encode()], strict=True).admit(Keyring(Settings(data=str(tmp_path))).sign("prod", RAW), "prod")


def test_a_key_that_is_gone(tmp_path: Path) -> None:
    """A key file that cannot be read stops no bridge: the stages say what is missing."""
    registered(tmp_path, str(tmp_path / "none.key"))
    assert Keyring(Settings(data=str(tmp_path))).sign("prod", RAW) == RAW


@pytest.mark.parametrize("broken", [None, b"\xff\xfe\x00", b"\n", b"too short a key"])
def test_a_broken_key_costs_no_other_gateway_its_own(tmp_path: Path, broken: bytes | None) -> None:
    """One file is gone, or holds no text or no key: the gateway that comes after it is signed for as before."""
    if broken:
        (tmp_path / "first.key").write_bytes(broken)
    first = Gateway(name="a", url="http://127.0.0.1:1", token_file="t", key_file=str(tmp_path / "first.key"))
    Registry(tmp_path).put(first)
    (tmp_path / "prod.key").write_bytes(gateway_key(KEY.encode(), "prod"))
    registered(tmp_path, str(tmp_path / "prod.key"))
    ring = Keyring(Settings(data=str(tmp_path)))
    assert ring.sign("a", RAW) == RAW
    Signer([KEY.encode()], strict=True).admit(ring.sign("prod", RAW), "prod")


def test_a_registry_that_cannot_be_read(tmp_path: Path) -> None:
    """A slip of the pen in it leaves everything as it was, as it does for the bridges; it is said once."""
    (tmp_path / "prod.key").write_bytes(gateway_key(KEY.encode(), "prod"))
    registered(tmp_path, str(tmp_path / "prod.key"))
    ring = Keyring(Settings(data=str(tmp_path)))
    signed = ring.sign("prod", RAW)
    Registry(tmp_path).path.write_text("{")
    with capture_logs() as lines:
        assert [ring.sign("prod", RAW), ring.sign("prod", RAW)] == [signed, signed] != [RAW, RAW]
    assert len(lines) == 1


def test_a_key_that_comes_later(tmp_path: Path) -> None:
    """It is noticed without a change of the registry, as its replacement is; that it was missing is said once."""
    file, signer = tmp_path / "prod.key", Signer([KEY.encode()], strict=True)
    registered(tmp_path, str(file))
    ring = Keyring(Settings(data=str(tmp_path)))
    with capture_logs() as lines:
        assert [ring.sign("prod", RAW), ring.sign("prod", RAW)] == [RAW, RAW]
    assert len(lines) == 1
    file.write_bytes(b"another key of the right length, almost")
    assert ring.sign("prod", RAW) != RAW
    file.write_bytes(gateway_key(KEY.encode(), "prod"))
    signer.admit(ring.sign("prod", RAW), "prod")


def test_a_home_that_nobody_has(tmp_path: Path) -> None:
    """Costs no other gateway its signature."""
    (tmp_path / "prod.key").write_bytes(gateway_key(KEY.encode(), "prod"))
    registered(tmp_path, str(tmp_path / "prod.key"))
    homeless = Gateway(name="a", url="http://127.0.0.1:1", token_file="t", key_file="~nobody-at-all/a.key")
    Registry(tmp_path).put(homeless)
    ring = Keyring(Settings(data=str(tmp_path)))
    assert ring.sign("a", RAW) == RAW
    assert ring.sign("prod", RAW) != RAW
