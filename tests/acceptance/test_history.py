"""Rows 29, 30, 31: what was is shown, measured and exported; row 39: what is old is archived, and can be read."""

from __future__ import annotations

import csv
import io
import json
import time

import httpx
import pytest

from tests.acceptance.product import Product, until

pytestmark = pytest.mark.cluster


def test_row_29_history_and_trends(product: Product, admin: httpx.Client) -> None:
    """What is over stays in the history, and counts on its day and in its week."""
    alert = product.raised("row-29-trends")
    product.run("alerts", "resolve", alert["id"])
    (past,) = admin.get("/v1/history", params={"q": "row-29-trends", "status": "resolved"}).json()["items"]
    assert past["id"] == alert["id"]
    for per in ("day", "week"):
        items = admin.get("/v1/history/trends", params={"per": per, "zone": "Europe/Berlin"}).json()["items"]
        assert items[-1]["alerts"] >= 1
    noisy = admin.get("/v1/history/noise", params={"zone": "Europe/Berlin"}).json()["items"]
    assert alert["rule_id"] in [one["rule_id"] for one in noisy]


def test_row_30_mtta_and_mttr(product: Product, admin: httpx.Client) -> None:
    """The time to acknowledge and to resolve of a team are those of its alert, neither negative nor twice."""
    alert = product.raised("row 30", team="times")
    product.run("alerts", "ack", alert["id"])
    product.run("alerts", "resolve", alert["id"])
    shown = admin.get(f"/v1/alerts/{alert['id']}").json()
    (group,) = admin.get("/v1/history/metrics", params={"by": "team", "team": "times"}).json()["groups"]
    assert (group["team"], group["alerts"], group["acknowledged"], group["resolved"]) == ("times", 1, 1, 1)
    acknowledge, resolve = group["time_to_acknowledge"], group["time_to_resolve"]
    assert 0 <= acknowledge["mean"] == acknowledge["median"] == acknowledge["p90"] <= resolve["mean"]
    assert shown["first_acknowledged_at"] <= shown["resolved_at"]


def test_row_31_reports(product: Product) -> None:
    """The command line writes what the filters show as CSV, JSON and PDF; no cell of it is a formula."""
    alert = product.raised("=row 31", team="exported")
    for format in ("csv", "json", "pdf"):
        file = product.folder / f"report.{format}"
        words = (
            "--format",
            format,
            "--where",
            "team=exported",
            "--zone",
            "Europe/Berlin",
            "--output",
            str(file),
        )
        said = product.tocsin("report", *words)
        assert (said.code, "1 alerts" in said.text) == (0, True), said.text
    (row,) = csv.DictReader(io.StringIO((product.folder / "report.csv").read_text(), newline=""))
    assert (row["id"], row["message"]) == (alert["id"], "'=row 31")
    assert [one["id"] for one in json.loads((product.folder / "report.json").read_text())["items"]] == [
        alert["id"]
    ]
    assert (product.folder / "report.pdf").read_bytes().startswith(b"%PDF-")


def test_row_39_archive(product: Product, admin: httpx.Client) -> None:
    """Started with a shorter time, what has been over for longer leaves the lists and is read from the archive."""
    old = product.raised("row 39", team="archived")
    product.run("alerts", "resolve", old["id"], "--notes", "long ago")
    until(lambda: admin.get(f"/v1/alerts/{old['id']}").json()["status"] == "resolved")
    over = time.time()
    until(lambda: time.time() > over + 1.0)
    lasting = product.raised("beside row 39", team="archived")  # by the newest change others are old
    product.stop()
    product.start(TOCSIN_ARCHIVE_AFTER="1s")
    with product.client() as again:
        until(lambda: again.get(f"/v1/alerts/{old['id']}").status_code == 404)
        assert again.get(f"/v1/alerts/{lasting['id']}").status_code == 200  # it is not over
        month = again.get("/v1/archives").json()["items"][0]["month"]
        (row,) = again.get(f"/v1/archives/{month}", params={"alert": old["id"]}).json()["items"]
        assert (row["resolution_notes"], row["resolved_by"]) == ("long ago", "operator")
    said = product.tocsin("archive", "show", month, "--kind", "timeline", "--q", old["id"])
    assert (said.code, "alert fired" in said.text, "alert resolved" in said.text) == (0, True, True), (
        said.text
    )
    assert month in product.tocsin("archive", "list").text
