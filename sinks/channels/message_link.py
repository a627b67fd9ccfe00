"""The link of a message, in mails, cards and push messages: to acknowledge its group, or to have its report."""

from __future__ import annotations

from sinks.channels.message import answerable, group_key
from streams.links import acknowledge_link as acknowledgement
from streams.links import report_link as report
from streams.links.acknowledge_link import LinkClaim
from streams.links.report_link import ReportClaim
from streams.links.signed_links import Links
from streams.messages.attempt import Attempt


def message_link(attempt: Attempt, links: Links) -> str:
    """Where whoever got the message goes on; "" where there is nothing to do, or no address for it."""
    notification = attempt.notification
    if notification.report is not None:
        return report.report_link(links, ReportClaim(notification.report, notification.at + report.LASTS))
    if not answerable(notification):
        return ""
    claim = LinkClaim(group_key(attempt), notification.to, notification.at + acknowledgement.LASTS)
    return acknowledgement.acknowledge_link(links, claim)
