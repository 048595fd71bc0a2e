"""Links: what was signed opens, letter for letter, and nothing else does."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.doing import DEEDS
from console.links import PageLinks
from console.pace import Allowance, Pace
from console.tickets import Scope, Ticket, TicketKey, is_over, last_day
from tests.clock import START

KEY, OTHER = TicketKey(b"k" * 32), TicketKey(b"o" * 32)
IDS = st.integers(0, 2**63 - 1)
TICKETS = st.builds(
    Ticket, st.sampled_from(Scope), IDS, IDS, st.dates(date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=65535))
)
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@given(TICKETS)
def test_what_was_sealed_opens(ticket: Ticket) -> None:
    token = KEY.seal(ticket)
    assert KEY.open(token) == ticket
    assert set(token) <= set(ALPHABET)
    assert OTHER.open(token) is None


@given(TICKETS, st.integers(0, 100), st.sampled_from(ALPHABET))
def test_a_changed_letter_closes_it(ticket: Ticket, place: int, letter: str) -> None:
    token = KEY.seal(ticket)
    at = place % len(token)
    changed = token[:at] + letter + token[at + 1 :]
    assert (KEY.open(changed) is None) is (changed != token)


@given(TICKETS, st.text(max_size=4))
def test_a_lengthened_or_shortened_one_is_closed(ticket: Ticket, more: str) -> None:
    token = KEY.seal(ticket)
    assert KEY.open(token[:-1]) is None
    assert (KEY.open(token + more) is None) is (more != "")
    assert (KEY.open(more + token) is None) is (more != "")


@given(st.text(max_size=80))
def test_anything_else_is_closed(text: str) -> None:
    assert KEY.open(text) is None


def test_another_scope_is_another_signature() -> None:
    # Everything behind the first letters is the signature: if the scope were not signed, these would end alike.
    tokens = [KEY.seal(Ticket(scope, 7, 5, date(2026, 12, 1))) for scope in Scope]
    assert len({token[-14:] for token in tokens}) == len(Scope)


def test_every_scope_has_its_deeds_and_reading_has_none() -> None:
    assert set(DEEDS) == set(Scope)
    assert DEEDS[Scope.READ] == ()
    assert {deed.action for deed in DEEDS[Scope.RESIDENT]} == {
        *("rate", "answer", "reopen", "supplement", "hurry", "withdraw")
    }
    for deeds in DEEDS.values():
        assert len({deed.action for deed in deeds}) == len(deeds)


def test_a_form_belongs_to_its_link() -> None:
    signed = KEY.sign_form("abc")
    assert KEY.is_form_of("abc", signed)
    assert not KEY.is_form_of("abd", signed)
    assert not OTHER.is_form_of("abc", signed)
    assert not KEY.is_form_of("abc", "密")


@pytest.mark.parametrize(("days_later", "over"), [(0, False), (30, False), (31, True), (400, True)])
def test_it_ends_with_its_last_day(days_later: int, over: bool) -> None:
    ticket = Ticket(Scope.READ, 1, 0, last_day(START, 30))
    assert is_over(ticket, START + timedelta(days=days_later)) is over


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        TicketKey(b"short")


@pytest.mark.parametrize(("case_id", "subject"), [(1, 1), (3_300_000, 35_000), (2**31, 2**31)])
def test_links_are_short(case_id: int, subject: int) -> None:
    links, now = PageLinks(KEY, "https://wg.jms.gov.cn/", 30), datetime(2026, 11, 23, tzinfo=UTC)
    made = (
        links.for_group(case_id, now),
        links.for_resident(case_id, subject, now),
        links.for_worker(case_id, subject, now),
    )
    assert all(len(link) <= 60 and link.startswith("https://wg.jms.gov.cn/c/") for link in made)
    lasts = [KEY.open(link.rpartition("/")[2]) for link in made]
    assert [ticket.last_on for ticket in lasts if ticket] == [
        date(2026, 12, 23),
        date(2026, 12, 23),
        date(2026, 11, 30),
    ]


def test_who_hammers_waits() -> None:
    now = [0.0]
    pace, twice = Pace(lambda: now[0]), Allowance(2, 60)
    assert [pace.is_over("a", twice) for _ in range(3)] == [False, False, True]
    assert not pace.is_over("b", twice)
    now[0] = 60.0
    assert not pace.is_over("a", twice)
