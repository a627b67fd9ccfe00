"""Links in mails by which whoever got the mail has a report that is due: signed, for one report, for two weeks."""

from __future__ import annotations

from typing import NamedTuple

from streams.links.signed_links import Links
from streams.messages.notification import ReportSpan

PATH = "/r/"
LASTS = 14 * 86_400_000  # ms from the notification on
_PURPOSE = b"tocsin report link"


class ReportClaim(NamedTuple):
    """What a link allows: to have the report of a document, of the alerts that fired in a time, until it expires."""

    report: ReportSpan
    expires: int  # ms UTC


def report_link(links: Links, claim: ReportClaim) -> str:
    """The address that carries a claim; "" where nobody could reach it."""
    report = claim.report
    content = f"{claim.expires}|{report.begin}|{report.end}|{report.document_id}"
    return links.signed(PATH, _PURPOSE, content.encode())


def read_report(links: Links, token: str, now: int) -> ReportClaim | None:
    """The claim behind the path; None where it is none of ours or has expired. `now`: ms UTC."""
    content = links.content(_PURPOSE, token)
    if content is None:
        return None
    expires, begin, end, document_id = content.decode().split("|", 3)
    claim = ReportClaim(ReportSpan(document_id=document_id, begin=int(begin), end=int(end)), int(expires))
    return claim if now < claim.expires else None
