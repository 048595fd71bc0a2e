"""Learning: many people move a weight, one person never does, those who disagree cancel, and everything stays within bounds."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.corrections import (
    FARTHEST,
    LEAST_PEOPLE,
    STEP,
    Correction,
    count_votes,
    learn,
    list_blamed,
    parse_deltas,
)
from nlp.gazetteer import Gazetteer
from nlp.lexicon import CATEGORIES, Entry, Lexicon, shipped_lexicon
from nlp.reader import Reader
from nlp.reading import Category

CITY, LAW, DISPUTE = Category.URBAN_PROPERTY, Category.LAW_ENFORCEMENT, Category.DISPUTE
LEXICON = Lexicon.of(
    [
        Entry("飞线充电", CITY, "消防隐患", 3),
        Entry("油烟", LAW, "油烟扰民", 3),
        Entry("邻居", DISPUTE, "邻里", 1),
        *(Entry(f"词{n}", CITY, "其他", 1) for n in range(8)),
    ],
    tuning={"门口": (0.1,) * len(CATEGORIES)},
)


def say(actor: str, *features: str, was: Category = CITY, now: Category = LAW) -> Correction:
    return Correction(actor, was.value, now.value, features)


def many(count: int, *features: str, was: Category = CITY, now: Category = LAW) -> list[Correction]:
    return [say(f"worker:{n}", *features, was=was, now=now) for n in range(count)]


def test_several_people_move_a_word_to_where_they_moved_it() -> None:
    deltas = learn(many(3, "飞线充电"), LEXICON)
    assert deltas == {"飞线充电": {LAW: round(math.log(4), 4), CITY: round(-math.log(4), 4)}}


@pytest.mark.parametrize("times", [1, 2, 50])
def test_one_person_moves_nothing_however_often(times: int) -> None:
    assert learn([say("resident:7", "飞线充电")] * times, LEXICON) == {}


def test_two_are_the_fewest() -> None:
    assert LEAST_PEOPLE == 2
    assert learn(many(1, "飞线充电"), LEXICON) == {}
    assert learn(many(2, "飞线充电"), LEXICON)["飞线充电"][LAW] > 0


def test_people_who_disagree_cancel() -> None:
    there = many(3, "飞线充电")
    back = [say(f"resident:{n}", "飞线充电", was=LAW, now=CITY) for n in range(3)]
    assert learn([*there, *back], LEXICON) == {}
    assert learn([*there, *back[:2]], LEXICON) == {}, "one more on one side is nobody's majority"


def test_who_takes_it_back_has_said_nothing() -> None:
    back = [say(one.actor, "飞线充电", was=LAW, now=CITY) for one in many(3, "飞线充电")]
    assert learn([*many(3, "飞线充电"), *back], LEXICON) == {}


def test_nobody_adds_more_than_one_voice() -> None:
    loud = [*many(2, "飞线充电"), *[say("worker:0", "飞线充电")] * 40]
    assert learn(loud, LEXICON) == learn(many(2, "飞线充电"), LEXICON)


def test_a_long_text_blames_each_of_its_words_less() -> None:
    words = tuple(f"词{n}" for n in range(8))
    alone, among = learn(many(3, "词0"), LEXICON), learn(many(3, *words), LEXICON)
    assert 0 < among["词0"][LAW] < alone["词0"][LAW]
    assert len(among) == 8


def test_ordinary_words_are_blamed_only_where_nothing_else_is_there() -> None:
    assert list_blamed(["门口", "飞线充电"], LEXICON) == ["飞线充电"]
    assert list_blamed(["门口", "没有的词"], LEXICON) == ["门口"]


def test_one_publication_takes_one_step_and_all_together_stay_near() -> None:
    people = many(200, "飞线充电")
    running: dict[str, dict[str, float]] = {}
    seen = []
    for _ in range(6):
        running = learn(people, LEXICON, running=running)
        seen.append(running["飞线充电"][LAW])
    assert seen[0] == STEP
    assert max(seen) == FARTHEST == seen[-1]
    gone = learn([], LEXICON, running=running)
    assert gone["飞线充电"][LAW] == FARTHEST - STEP, "without votes it goes home, step by step"


def test_words_that_left_the_lexicon_are_forgotten() -> None:
    assert learn(many(5, "没有的词"), LEXICON) == {}
    assert learn([], LEXICON, running={"没有的词": {LAW.value: 3.0}}) == {}


def test_a_category_that_nobody_had_given_counts_only_towards() -> None:
    said = [Correction(f"w{n}", "", LAW.value, ("飞线充电",)) for n in range(3)]
    assert set(learn(said, LEXICON)["飞线充电"]) == {LAW.value}


def test_the_reasons_can_be_looked_at() -> None:
    tally = count_votes([*many(3, "飞线充电"), say("w9", "飞线充电", was=LAW, now=CITY)], LEXICON)["飞线充电", LAW]
    assert (tally.to, tally.away, tally.people_to, tally.people_away, tally.is_enough) == (3, 1, 3, 1, True)


_ACTORS, _CODES = st.sampled_from("abcde"), st.sampled_from([one.value for one in Category])
_WORDS = st.lists(st.sampled_from(["飞线充电", "油烟", "邻居", "门口", "没有的词"]), max_size=5).map(tuple)
_SAID = st.lists(st.builds(Correction, _ACTORS, st.just("") | _CODES, _CODES, _WORDS), max_size=30)


@given(_SAID, st.randoms())
def test_order_never_matters_and_bounds_always_hold(said: list[Correction], random: object) -> None:
    deltas = learn(said, LEXICON)
    shuffled = list(said)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis' Random
    assert learn(shuffled, LEXICON) == deltas == parse_deltas(deltas)
    assert all(0 < abs(value) <= STEP for moves in deltas.values() for value in moves.values())


@given(_SAID, st.builds(Correction, st.just("stranger"), _CODES, _CODES, _WORDS))
def test_one_more_person_never_moves_what_had_nobody(said: list[Correction], one: Correction) -> None:
    silent = {key for key, tally in count_votes(said, LEXICON).items() if tally.people_to == tally.people_away}
    deltas = learn([*said, one], LEXICON)
    assert not [(word, code) for word, moves in deltas.items() for code in moves if (word, code) in silent]


@pytest.mark.parametrize(
    ("text", "similar", "now"),
    [
        ("楼下烧烤油烟呛人", "烧烤店油烟太大", CITY),
        ("噪音扰民", "楼上天天噪音扰民", DISPUTE),
        ("小区里有人飞线充电", "3号楼又有飞线充电的", LAW),
    ],
)
def test_a_similar_message_follows_many_and_never_one(text: str, similar: str, now: Category) -> None:
    shipped = shipped_lexicon()
    before = Reader(Gazetteer(()))
    was = before.read(text).category
    assert was is not None
    assert before.read(similar).category is was is not now
    features = before.features(text)
    one = learn([say("w0", *features, was=was, now=now)] * 9, shipped)
    assert Reader(Gazetteer(()), shipped.with_deltas(one)).read(similar).category is was
    five = learn(many(5, *features, was=was, now=now), shipped)
    after = Reader(Gazetteer(()), shipped.with_deltas(five)).read(similar)
    assert after.category is now
    assert after.evidence, "what decided is shown"


def test_features_are_words_of_the_lexicon_and_not_of_the_address() -> None:
    reader = Reader(Gazetteer(()))
    features = reader.features("物业小区3号楼2单元下水道堵了，污水冒出来")
    assert {"下水道", "污水"} <= set(features)
    assert "物业" not in features
    assert "单元" not in features
    assert features == tuple(sorted(set(features)))
    assert set(features) <= set(shipped_lexicon().weights)
    assert reader.features("") == ()


def test_deltas_leave_the_lexicon_itself_alone() -> None:
    before = dict(LEXICON.weights)
    moved = LEXICON.with_deltas({"飞线充电": {LAW.value: 1.0}, "没有的词": {LAW.value: 1.0}})
    assert before == LEXICON.weights
    assert set(moved.weights) == set(before)
    assert moved.weights["飞线充电"][CATEGORIES.index(LAW)] == 1.0
    assert moved.item("飞线充电", LAW) == "消防隐患"
    assert LEXICON.item("飞线充电", LAW) is None


@pytest.mark.parametrize(
    ("weights", "reason"),
    [
        ([], "表"),
        ({"词": 1}, "“词”"),
        ({"词": {"nonsense": 1.0}}, "nonsense"),
        ({"词": {"dispute": float("nan")}}, "nan"),
        ({"词": {"dispute": "1"}}, "dispute"),
        ({"词": {"dispute": True}}, "True"),
        ({"词": {"dispute": 3.5}}, "3.5"),
    ],
)
def test_stored_deltas_that_are_none_are_refused(weights: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_deltas(weights)
