"""What `tocsin doctor` says of who hears where alerts arrive no more, whether the API answers or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.cli.context import Surroundings
from api.cli.verbs.operate.doctor import NOTE, WELL, WRONG, findings

SLACK = "https://hooks.slack.com/services/T0/B0/x"
ALERTED = {"MCPGATEWAY_ALERT_WEBHOOK_URL": "https://x.example"}
MAIL = {
    "TOCSIN_EMAIL_SERVER": "mx.example",
    "TOCSIN_EMAIL_FROM": "t@x.example",
    "TOCSIN_CANARY_EMAIL_TO": "a@x.example",
}


@pytest.mark.parametrize(
    ("settings", "sign", "says"),
    [
        ({}, NOTE, "nobody hears where alerts arrive no more"),
        ({"TOCSIN_CANARY": "0s", **ALERTED}, NOTE, "no canary flies: nobody hears"),
        ({"TOCSIN_CANARY_WEBHOOK_URL": SLACK}, WELL, "for 2m, a word goes by slack, without Kafka"),
        (ALERTED | MAIL, WELL, "a word goes by webhook and email, without Kafka"),
        (
            {"TOCSIN_CANARY_EMAIL_TO": "a@x.example"},
            WRONG,
            "TOCSIN_CANARY_EMAIL_TO: mail needs TOCSIN_EMAIL_SERVER",
        ),
        ({"TOCSIN_CANARY_WEBHOOK_URL": "ftp://x"}, WRONG, "TOCSIN_CANARY_WEBHOOK_URL: `url`"),
    ],
)
def test_who_hears(tmp_path: Path, settings: dict[str, str], sign: str, says: str) -> None:
    """The way that there is without Kafka, that there is none, or what is wrong with it."""
    around = Surroundings({"TOCSIN_DATA": str(tmp_path), **settings}, lambda path: Path(path).read_text())
    (finding,) = [
        each for each in findings(around) if "nobody hears" in each.says or "a word goes" in each.says
    ]
    assert (finding.sign, says in finding.says) == (sign, True), finding
