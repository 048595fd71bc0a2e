"""The counting of a replay: whatever goes wrong with a message must show in a figure."""

from dataclasses import replace

import pytest

from lab.replay_count import Entry, Figures, Opened, Spoken, Try, count, find_dispatched

SPOKEN = (
    Spoken("r-1", "楼道里堆满了纸箱", (Try("1", True),)),
    Spoken("r-2", "路灯不亮", (Try("2", True),)),
    Spoken("r-2", "从上周开始就不亮", (Try("3", True),)),
    Spoken("r-3", "你好", (Try("4", True),)),
)
ENTRIES = (
    Entry("r-1", "1", "opened"),
    Entry("r-2", "2", "opened"),
    Entry("r-2", "3", "joined"),
    Entry("r-3", "4", "none"),
)
CASES = (Opened("1123-01", "r-1", "楼道里堆满了纸箱", True), Opened("1123-02", "r-2", "路灯不亮", True))
SHOWN = {"1123-01": {"grid-a"}, "1123-02": {"grid-b"}}


def test_a_run_without_faults_is_good() -> None:
    figures = count(SPOKEN, ENTRIES, CASES, SHOWN, kills=2, seconds=1.26)
    assert figures.is_good
    assert figures == Figures(
        messages=4,
        answered=4,
        platform_gave_up=0,
        put_off=0,
        lost=0,
        double=0,
        cases=2,
        joined=1,
        none=1,
        failed=0,
        asked_place=0,
        unrouted=0,
        unrouted_cases=(),
        groups_per_case_min=1,
        groups_per_case_max=1,
        undelivered=0,
        kills=2,
        seconds=1.3,
    )


@pytest.mark.parametrize("missing", range(4))
def test_an_answered_message_that_the_archive_does_not_know_is_lost(missing: int) -> None:
    entries = [entry for number, entry in enumerate(ENTRIES) if number != missing]
    figures = count(SPOKEN, entries, CASES, SHOWN)
    assert figures.lost == 1
    assert not figures.is_good


def test_a_message_that_the_platform_gave_up_is_not_lost_when_it_was_said_again() -> None:
    again = replace(SPOKEN[0], tries=(Try("0", False), Try("1", True)))
    figures = count((again, *SPOKEN[1:]), ENTRIES, CASES, SHOWN)
    assert (figures.platform_gave_up, figures.lost, figures.answered) == (1, 0, 4)
    assert figures.is_good


def test_somebody_who_is_asked_to_send_it_again_was_not_answered_by_that() -> None:
    again = replace(SPOKEN[0], tries=(Try("0", True, is_put_off=True), Try("1", True)))
    figures = count((again, *SPOKEN[1:]), ENTRIES, CASES, SHOWN)
    assert (figures.put_off, figures.lost, figures.answered) == (1, 0, 4)


def test_a_message_never_answered_is_told_and_does_not_add_up() -> None:
    silent = replace(SPOKEN[3], tries=(Try("4", False),))
    figures = count((*SPOKEN[:3], silent), ENTRIES[:3], CASES, SHOWN)
    assert (figures.answered, figures.none) == (3, 0)
    assert not figures.is_good


def test_two_cases_from_one_message_are_double() -> None:
    twin = Opened("1123-03", "r-1", "楼道里堆满了 纸箱\r\n", True)
    figures = count(SPOKEN, ENTRIES, (*CASES, twin), {**SHOWN, "1123-03": {"grid-a"}})
    assert figures.double == 1
    assert not figures.is_good


def test_a_message_said_again_that_opened_a_second_case_is_double() -> None:
    again = replace(SPOKEN[0], tries=(Try("0", False), Try("1", True)))
    entries = (*ENTRIES, Entry("r-1", "0", "opened"))
    twin = Opened("1123-03", "r-1", SPOKEN[0].text, True)
    figures = count((again, *SPOKEN[1:]), entries, (*CASES, twin), {**SHOWN, "1123-03": {"grid-a"}})
    assert figures.double == 1


def test_the_same_words_of_two_residents_are_two_matters() -> None:
    spoken = (SPOKEN[0], Spoken("r-9", SPOKEN[0].text, (Try("9", True),)))
    cases = (CASES[0], Opened("1123-09", "r-9", SPOKEN[0].text, True))
    figures = count(spoken, (ENTRIES[0], Entry("r-9", "9", "opened")), cases, {**SHOWN, "1123-09": {"grid-a"}})
    assert figures.double == 0
    assert figures.is_good


def test_a_case_that_no_message_opened_does_not_add_up() -> None:
    stray = Opened("1123-03", "r-3", "阳光水岸3号楼", False)
    figures = count(SPOKEN, ENTRIES, (*CASES, stray), SHOWN)
    assert not figures.is_good


def test_a_placed_case_that_no_chat_shows_is_unrouted() -> None:
    figures = count(SPOKEN, ENTRIES, CASES, {"1123-01": {"grid-a"}})
    assert (figures.unrouted, figures.groups_per_case_min) == (1, 0)
    assert figures.unrouted_cases == ("1123-02",)
    assert not figures.is_good


def test_a_case_without_a_place_need_not_be_dispatched() -> None:
    cases = (CASES[0], replace(CASES[1], is_placed=False))
    figures = count(SPOKEN, ENTRIES, cases, {"1123-01": {"grid-a"}})
    assert (figures.unrouted, figures.groups_per_case_min) == (0, 1)


def test_a_case_in_two_groups_shows() -> None:
    figures = count(SPOKEN, ENTRIES, CASES, {**SHOWN, "1123-02": {"grid-b", "grid-c"}})
    assert figures.groups_per_case_max == 2


@pytest.mark.parametrize("outcome", ["failed", ""])
def test_a_message_that_failed_or_still_waits_is_not_called_a_kind_word(outcome: str) -> None:
    figures = count(SPOKEN, (*ENTRIES[:3], Entry("r-3", "4", outcome)), CASES, SHOWN)
    assert figures.none == 0
    assert not figures.is_good


def test_only_a_first_dispatch_counts_as_one() -> None:
    assert find_dispatched("【工单 1123-08】城建物业 · 一般\n地点：文采社区第三网格") == "1123-08"
    assert find_dispatched("（下级退回：不属本网格）\n【工单 1123-08】城建物业 · 一般") is None
    assert find_dispatched("【工单 1123-08】居民补充：还在漏") is None
    assert find_dispatched("【工单 1123-08】特急，已同时派单\n【工单 1123-08】社会治安 · 特急") is None
