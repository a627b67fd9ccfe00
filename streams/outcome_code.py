"""What came of a call, as a word that code may branch on; the sentence beside it is for people."""

from __future__ import annotations

from enum import StrEnum


class OutcomeCode(StrEnum):
    """Why an outcome is what it is."""

    DELIVERED = "delivered"  # the receiver has it
    ACCEPTED = "accepted"  # the provider has queued it, and may still fail to deliver it
    UNDELIVERED = "undelivered"  # the provider had taken it, and could not deliver it
    TEMPLATE = "template"  # the receiver has it, in our own words: the endpoint's template failed
    LATE = "late"  # its deadline had passed, so nobody was called
    UNREACHABLE = "unreachable"  # no connection: nothing was sent
    UNKNOWN = "unknown"  # it was sent and no answer came: the receiver may have it
    BUSY = "busy"  # the receiver asks us to wait
    UNAVAILABLE = "unavailable"  # the receiver has a fault of its own
    REFUSED = "refused"  # the receiver will not take this message
    REDIRECTED = "redirected"  # the receiver has moved
    GONE = "gone"  # the receiver no longer exists
    CREDENTIALS = "credentials"  # a key, token or password is wrong or may not do this
    RECIPIENT = "recipient"  # the person or place addressed cannot be reached this way
    PRIVATE_ADDRESS = "private_address"  # the endpoint may not call where its address leads
    MISCONFIGURED = "misconfigured"  # a field of the endpoint cannot be used
    SEALED = "sealed"  # a secret is sealed with a key that is not configured
