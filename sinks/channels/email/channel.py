"""The e-mail channel: one mail to the recipients of an endpoint, each of whom is taken or refused by the server."""

from __future__ import annotations

import asyncio

from aiosmtplib import SMTPException, SMTPNotSupported, SMTPResponseException

from sinks.channels.email.payload import domain, mail
from sinks.channels.email.replies import answer_of, failure, recalled, remembered
from sinks.channels.email.session import CALL, Deliveries, Envelope, Reply, connected, transact
from sinks.channels.message import notification_key
from sinks.channels.message_link import message_link
from sinks.channels.resources import Resources
from sinks.channels.text import cut, line
from sinks.outcome import Answer, Delivered, Rejected, Retry
from streams.channels.email import Address, EmailEndpoint, addresses
from streams.errors import Misconfigured
from streams.messages.attempt import Attempt
from streams.outcome_code import OutcomeCode


class Email:
    """Sends mails; a session a mail, since servers count messages a session and drop idle ones."""

    def __init__(self, resources: Resources) -> None:
        """`resources`: what opens endpoints, where it may connect, whose certificates are believed."""
        self._unsealer, self._network, self._tls = resources.unsealer, resources.network, resources.http.tls
        self._links = resources.links

    async def send(self, attempt: Attempt) -> Answer:
        """Mail the notification to whoever has not had it yet."""
        endpoint = self._unsealer.document(EmailEndpoint, attempt.endpoint)
        if isinstance(endpoint, Rejected):
            return endpoint
        everybody = list(enumerate(addresses(endpoint.to)))
        key = notification_key(attempt)
        before = recalled(key, attempt.reference)
        left = [(place, address) for place, address in everybody if place not in before]
        if not left:
            return Delivered("every recipient has it already")
        deliveries = Deliveries()
        envelope = _envelope(attempt, endpoint, left, message_link(attempt, self._links))
        problem = await self._hand_over(endpoint, envelope, deliveries)
        if problem and not deliveries.unknown and not deliveries.taken:
            return problem
        if problem and not deliveries.unknown:
            return Retry(None, problem.reason, problem.code, remembered(key, before | set(deliveries.taken)))
        return answer_of(endpoint.host, len(everybody), deliveries, before, key)

    async def _hand_over(
        self, endpoint: EmailEndpoint, envelope: Envelope, deliveries: Deliveries
    ) -> Answer | None:
        """Fill `deliveries`; what ended the conversation early, None where nothing did."""
        try:
            async with (
                asyncio.timeout(CALL),
                connected(endpoint, self._network, self._tls, domain(endpoint)) as session,
            ):
                await transact(session, envelope, deliveries)
        except Misconfigured as why:
            return Rejected(f"{endpoint.host} was not called: {why}", OutcomeCode.PRIVATE_ADDRESS)
        except SMTPResponseException as why:
            return failure(endpoint.host, Reply(why.code, str(why.message)))
        except SMTPNotSupported as why:
            return Rejected(_unsupported(endpoint, str(why)), OutcomeCode.REFUSED)
        except TimeoutError:
            return Retry(None, f"{endpoint.host} did not answer within {CALL:.0f} s", OutcomeCode.UNREACHABLE)
        except (SMTPException, OSError) as why:
            words = cut(line(str(why)), 200) or "the connection broke"
            return Retry(None, f"{endpoint.host} could not be reached: {words}", OutcomeCode.UNREACHABLE)
        return None


def _envelope(
    attempt: Attempt, endpoint: EmailEndpoint, left: list[tuple[int, Address]], link: str
) -> Envelope:
    (sender,) = addresses(endpoint.sender)
    utf8 = not all(address.ascii for address in [sender, *(address for _, address in left)])
    content = mail(attempt, endpoint, [address for _, address in left], link).as_bytes()
    recipients = tuple((place, address.plain if utf8 else address.ascii) for place, address in left)
    return Envelope(sender.plain if utf8 else sender.ascii, recipients, content, utf8)


def _unsupported(endpoint: EmailEndpoint, words: str) -> str:
    """What the server lacks: encryption, which is never done without, or addresses beyond ASCII."""
    lacks = line(words)
    if "TLS" in lacks.upper():
        return f"{endpoint.host} offers no STARTTLS: set `security: tls`, or ask its operator"
    return f"{endpoint.host} cannot take this mail: {cut(lacks, 120)}"
