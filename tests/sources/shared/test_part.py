"""What several processes share: none loses what another said, and what one alone may take one alone takes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sources.bridge.registry import Gateway, Registry
from sources.shared.part import SharedPart
from tests.sources.shared.memory_log import Line, MemoryLog


def shared(lines: list[Line], type_: str = "gateway") -> SharedPart:
    """What one process reads."""
    return SharedPart(MemoryLog(lines), type_)


def test_changes_meet() -> None:
    """Two that change other names at the same state both take effect; a type knows its own entries only."""
    lines: list[Line] = []
    one, other = shared(lines), shared(lines)

    def while_the_other_changes(known: object) -> dict[str, object]:
        other.change(lambda theirs: {**theirs, "b": 2})
        return {**dict(known), "a": 1}  # type: ignore[call-overload]

    one.change(while_the_other_changes)
    assert one.read() == other.read() == {"a": 1, "b": 2}
    one.change(lambda known: {name: value for name, value in known.items() if name != "b"})
    assert other.read() == {"a": 1}
    assert shared(lines, "revoked").read() == {}
    said = len(lines)
    other.change(lambda known: known)
    assert len(lines) == said


def test_one_alone_takes() -> None:
    """However many ask at once; afterwards it is gone for all."""
    lines: list[Line] = []
    shared(lines).change(lambda _: {"link": {"expires": 1}})
    readers = [shared(lines) for _ in range(8)]
    assert all(reader.read() for reader in readers)  # each knows it before anybody takes it
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda reader: reader.take("link"), readers))
    assert [value for value in taken if value is not None] == [{"expires": 1}]
    assert [reader.read() for reader in readers] == [{}] * 8
    assert readers[0].take("link") is None


def test_gateways_of_a_file_and_of_all(tmp_path: Path) -> None:
    """What a file names is watched beside what is shared; what is shared counts, an end of it as well."""
    lines: list[Line] = []
    file, one, other = Registry(tmp_path), *(Registry(tmp_path / "x", shared(lines)) for _ in range(2))
    prod, eu = (Gateway(name=name, url=f"https://{name}.example", token_file="t") for name in ("prod", "eu"))
    file.put(prod)
    here = Registry(tmp_path, shared(lines))  # a process that has the file
    before = here.stamp()
    one.put(eu)
    assert (list(here.read()), list(other.read())) == (["prod", "eu"], ["eu"])
    assert here.stamp() != before
    assert here.remove("prod", 7)
    assert (list(here.read()), here.left()) == (["eu"], {"prod": 7})
    assert list(file.read()) == ["prod"]
    assert not other.remove("prod", 8)
    other.put(prod)
    assert (sorted(here.read()), here.left()) == (["eu", "prod"], {})
