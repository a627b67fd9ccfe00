"""When a bridge that cannot reach Kafka has to behave as if another had its gateways."""

from __future__ import annotations

from sources.telemetry.lease_contact import LeaseContact
from streams import connection

SESSION = 10_000  # ms
LONGEST, BEAT = connection.longest_pause(SESSION), connection.heartbeat(SESSION) / 1_000


def test_nothing_is_lost_before_anything_is_held() -> None:
    """However long Kafka takes to appear."""
    contact = LeaseContact(SESSION)
    contact.answered(5, 5)
    assert not contact.lost(1_000_000)


def test_it_is_lost_before_the_session_is_over() -> None:
    """Counted from the last question that was answered, since the last sign of life may be older than that."""
    contact = LeaseContact(SESSION)
    contact.joined(0)
    contact.answered(3, 3)
    assert [contact.lost(3 + LONGEST), contact.lost(3 + LONGEST + 0.1)] == [False, True]
    assert LONGEST + 1.5 * BEAT <= SESSION / 1_000


def test_it_is_ours_again_only_after_a_sign_of_life() -> None:
    """An answer alone does not say that we are still a member: a refused sign of life says that we are not."""
    contact = LeaseContact(SESSION)
    contact.joined(0)
    contact.answered(100, 100)
    assert contact.lost(100.1)
    contact.answered(100 + BEAT, 100 + BEAT)
    assert contact.lost(100 + BEAT)
    contact.answered(100 + 2 * BEAT, 100 + 2 * BEAT)
    assert not contact.lost(100 + 2 * BEAT)


def test_who_is_given_a_share_anew_has_it_at_once() -> None:
    """The coordinator knows whom it gives it to."""
    contact = LeaseContact(SESSION)
    contact.joined(0)
    contact.answered(100, 100)
    contact.joined(101)
    assert not contact.lost(101)


def test_a_question_that_hung_counts_from_when_it_was_asked() -> None:
    """Its answer is late, and proves nothing of the time between."""
    contact = LeaseContact(SESSION)
    contact.joined(0)
    contact.answered(2, 60)
    assert contact.lost(60)


def test_a_question_that_hung_is_no_time_for_a_sign_of_life() -> None:
    """The coordinator may have come back only just before it answered."""
    contact = LeaseContact(SESSION)
    contact.joined(0)
    contact.answered(100, 100 + 2 * BEAT)
    contact.answered(100 + 2 * BEAT, 100 + 2 * BEAT)
    assert contact.lost(100 + 2 * BEAT)
    contact.answered(100 + 4 * BEAT, 100 + 4 * BEAT)
    assert not contact.lost(100 + 4 * BEAT)
