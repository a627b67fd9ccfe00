"""Revisions of documents in the read model: each once, chained team by team, bounded by number and age."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, select

from sinks.history import revisions, schema
from sinks.history.projection import Placed
from sinks.history.store import Store
from streams.audit_chain import exported
from streams.topics import DAY


@pytest.fixture
def edits(change: Any) -> list[Placed]:
    """Two teams, two documents of one of them, six revisions, one of which deletes."""
    said = [
        ("payments", "a", 1),
        ("search", "c", 1),
        ("payments", "b", 1),
        ("payments", "a", 2),
        ("payments", "b", 2),
    ]
    texts: list[Placed] = []
    for n, (team, id_, revision) in enumerate([*said, ("payments", "a", 3)]):
        body = None if (id_, revision) == ("b", 2) else {"above": revision, "name": id_}
        document = {"type": "rule", "name": id_, "owner": team, "id": id_, "revision": revision, "body": body}
        what = "created" if revision == 1 else "deleted" if body is None else "changed"
        fields = {"subject": "document", "subject_id": id_, "what": what, "by": "ada", "document": document}
        texts.append(Placed(0, n, change(f"c{n}", n, team=team, **fields)))
    return texts


def kept(database: Engine) -> list[dict[str, Any]]:
    """All rows, team by team in the order of their chains."""
    of = schema.revisions.c
    with database.connect() as connection:
        return [
            dict(row)
            for row in connection.execute(select(schema.revisions).order_by(of.team, of.place)).mappings()
        ]


def test_each_revision_is_a_line(store: Store, database: Engine, edits: list[Placed]) -> None:
    """They stand in the order in which they were made, with their texts, and the chains hold."""
    store.write(edits, {}, "")
    rows = kept(database)
    assert [
        (row["team"], row["place"], row["document_id"], row["revision"], row["what"]) for row in rows
    ] == [
        ("payments", 1, "a", 1, "created"),
        ("payments", 2, "b", 1, "created"),
        ("payments", 3, "a", 2, "changed"),
        ("payments", 4, "b", 2, "deleted"),
        ("payments", 5, "a", 3, "changed"),
        ("search", 1, "c", 1, "created"),
    ]
    assert (rows[0]["body"], rows[3]["body"], rows[3]["digest"]) == ('{"above":1,"name":"a"}', None, "")
    assert [check.fault for check in exported(rows)] == [None, None]


@pytest.mark.parametrize("cut", range(7))
def test_however_it_is_read_the_chain_is_the_same(
    store: Store, database: Engine, edits: list[Placed], cut: int
) -> None:
    """In one batch or two, and read again after that, as after a crash or by a second writer."""
    for batch in (edits[:cut], edits[cut:], edits):
        store.rebase()
        store.write(batch, {}, "")
    found = kept(database)
    with database.begin() as connection:
        connection.execute(schema.revisions.delete())
    store.rebase()
    store.write(edits, {}, "")
    assert kept(database) == found


def test_texts_go_by_number(store: Store, database: Engine, edits: list[Placed], monkeypatch: Any) -> None:
    """The newest of each document stay; what goes is the text alone, and the chain holds."""
    monkeypatch.setattr(revisions, "TEXTS", 2)
    store.write(edits, {}, "")
    store.prune(100 * DAY)
    rows = kept(database)
    assert [row["revision"] for row in rows if row["document_id"] == "a" and row["body"]] == [2, 3]
    assert [check.fault for check in exported(rows)] == [None, None]


def test_texts_and_lines_go_by_age(store: Store, database: Engine, edits: list[Placed], change: Any) -> None:
    """The text of a document that exists stays for ever, and with it all lines from there on; before, they go."""
    store.write(edits, {}, "")
    later = change("late", revisions.LINE_KEPT + 10, subject="notification", subject_id="n", what="sent")
    store.write([Placed(1, 0, later)], {}, "")
    store.prune(100 * DAY)
    rows = kept(database)
    assert [(row["document_id"], row["revision"]) for row in rows if row["body"]] == [("a", 3), ("c", 1)]
    assert [(check.team, check.first, check.fault) for check in exported(rows)] == [
        ("payments", 5, None),
        ("search", 1, None),
    ]
