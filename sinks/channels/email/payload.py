"""A notification as a mail: headers that thread and cannot be forged, a plain text, the same as HTML."""

from __future__ import annotations

from collections.abc import Iterator
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from html import escape

import idna

from sinks.channels.message import STATES, AlertText, Message, group_key, notification_key
from sinks.channels.payload import instant
from sinks.channels.text import cut
from sinks.channels.words import message_of
from streams.channels.email import Address, EmailEndpoint, addresses
from streams.messages.attempt import Attempt

SUBJECT = 120  # characters: a phone shows some forty of them, and the state stands first
_COLOURS = {"critical": "#b3261e", "warning": "#b26a00", "info": "#1f5fa8"}
_OVER = "#2e7d32"
PLAIN = SMTP.clone(cte_type="7bit")  # only a mail with SMTPUTF8 is announced as one of eight bits


def mail(
    attempt: Attempt, endpoint: EmailEndpoint, recipients: list[Address], link: str = ""
) -> EmailMessage:
    """The mail that tells `recipients`; the same attempt gives the same bytes. `link`: to acknowledge, or ""."""
    (sender,) = addresses(endpoint.sender)
    message = message_of(attempt)
    international = not all(address.ascii for address in [sender, *recipients])
    built = EmailMessage(policy=SMTPUTF8 if international else PLAIN)
    for name, value in _headers(attempt, message, endpoint):
        built[name] = value
    built["From"] = _header(sender, international)
    built["To"] = [_header(address, international) for address in recipients]
    built.set_content(text(message, link))
    built.add_alternative(html(message, link), subtype="html")
    for part in built.iter_parts():  # both parts' boundary follows from the notification, not from chance
        part.policy = built.policy
    built.set_boundary(f"tocsin-{notification_key(attempt)}")
    return built


def domain(endpoint: EmailEndpoint) -> str:
    """The sender's domain in ASCII: it names our mails and ourselves."""
    name = addresses(endpoint.sender)[0].plain.rpartition("@")[2]
    return name if name.isascii() else idna.encode(name).decode()


def _header(address: Address, international: bool) -> HeaderAddress:
    form = address.plain if international else address.ascii
    user, _, host = form.rpartition("@")
    return HeaderAddress(_literal(address.name), user, host)


def subject(message: Message) -> str:
    """State first; what stands in brackets is not compared when a mail program looks for the thread."""
    return f"[{message.marked_state}] {cut(_literal(message.title), SUBJECT - 60)} #{message.group}"[:SUBJECT]


def _literal(words: str) -> str:
    """Words that a header holds as they stand: the library would decode `=?utf-8?q?=0D=0ABcc:…?=` to a header more."""
    return words.replace("=?", "= ?")


def _headers(attempt: Attempt, message: Message, endpoint: EmailEndpoint) -> Iterator[tuple[str, str]]:
    """Everything but the addresses. A retry has the same Message-ID; the whole group refers to one root."""
    ours = domain(endpoint)
    root = f"<group.{group_key(attempt)}@{ours}>"
    yield "Subject", subject(message)
    yield "Date", format_datetime(instant(attempt.notification.at))
    yield "Message-ID", f"<{notification_key(attempt)}@{ours}>"
    yield "In-Reply-To", root
    yield "References", root
    yield "Auto-Submitted", "auto-generated"
    yield "X-Auto-Response-Suppress", "All"
    if message.severity == "critical" and not message.over:
        yield "Importance", "high"
    if endpoint.unsubscribe:
        yield "List-Unsubscribe", f"<{endpoint.unsubscribe}>"
        yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"


def text(message: Message, link: str = "") -> str:
    """The plain text: what, then each alert, then why it was sent."""
    parts = [f"{message.headline}\n{message.stands_for}, team {message.team}"]
    if message.delayed:
        parts[0] += "\nDelayed: this could not be sent when it happened."
    parts += [f"{message.link_words}: {link}"] if link else []
    parts += [message.body] if message.body is not None else [_alert_text(alert) for alert in message.alerts]
    parts.append("\n".join([*(f"{name}: {words}" for name, words in message.facts), f"As of {message.at}"]))
    return "\n\n".join(parts) + "\n"


def _alert_text(alert: AlertText) -> str:
    lines = [f"{alert.status}, {alert.severity}, since {alert.since}", alert.message, alert.where]
    lines += [f"{name}: {words}" for name, words in alert.facts]
    return "\n".join(f"  {line}" for part in lines if part for line in part.split("\n"))


def html(message: Message, link: str = "") -> str:
    """The same as HTML that needs no style sheet and loads nothing."""
    colour = _OVER if message.over else _COLOURS.get(message.severity, "#444")
    delayed = "<p>Delayed: this could not be sent when it happened.</p>" if message.delayed else ""
    words = message.link_words if message.state == STATES["report"] else f"{message.link_words}: I have it"
    button = f'<p><a href="{escape(link)}">{words}</a></p>' if link else ""
    alerts = "".join(_alert_html(alert) for alert in message.alerts)
    facts = "".join(f"{escape(name)}: {escape(words)}<br>" for name, words in message.facts)
    return (
        '<!doctype html><html><body style="font-family:sans-serif;color:#222">'
        f'<h2 style="color:{colour}">{escape(message.headline)}</h2>'
        f"<p>{escape(message.stands_for)}, team {escape(message.team)}</p>{delayed}{button}"
        f"{alerts if message.body is None else f'<hr><p>{_lines(message.body)}</p>'}"
        f'<p style="color:#666">{facts}'
        f"As of {escape(message.at)}</p></body></html>\n"
    )


def _alert_html(alert: AlertText) -> str:
    words = _lines(alert.message)
    labels = "".join(
        f'<tr><td style="color:#666;padding-right:1em">{escape(name)}</td><td>{escape(value)}</td></tr>'
        for name, value in alert.labels
    )
    facts = "".join(f"<p>{escape(name)}: {_linked(words)}</p>" for name, words in alert.facts)
    state = escape(f"{alert.status}, {alert.severity}, since {alert.since}")
    return f"<hr><p><b>{words}</b><br>{state}</p><table>{labels}</table>{facts}"


def _lines(words: str) -> str:
    return escape(words).replace("\n", "<br>")


def _linked(words: str) -> str:
    """Words, as a link where they are an address of the web."""
    shown = escape(words)
    return f'<a href="{shown}">{shown}</a>' if words.startswith(("https://", "http://")) else shown
