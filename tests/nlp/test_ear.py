"""Danger that no word of the files names is heard, and small talk known; what only sounds a little like either is a matter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.columns import COARSE
from nlp.ear import BIAS, KINDS, LONGEST_HEARD, Ear
from nlp.ear_learning import cross_validate, learn_ear, list_calm, list_calm_words, make_ear
from nlp.evaluate import Labelled
from nlp.lexicon import read_table
from nlp.reader import Reader
from nlp.reading import Talk
from nlp.sentences import NO_DANGER, Sentence, parse_sentences
from nlp.text import normalise

EAR = Ear()


def made(text: str, danger: str = NO_DANGER, code: str = "public_security", talk: str = "matter") -> Sentence:
    return Sentence(text, (code,), danger, (talk,))


PLACES, WHO = ("树上", "房檐", "路边"), ("他", "我", "娃")
HIVES = [made(f"{place}马蜂窝炸营了蜇得{who}满脸包", "injury") for place in PLACES for who in WHO]
PEACE = [made(f"{place}的{thing}该修了") for place in PLACES for thing in ("灯", "牌子", "栏杆")]
TALK = [
    made(f"{who}家孙子考上{what}了高兴", code="none", talk="chatter")
    for who in WHO
    for what in ("大学", "高中", "体校")
]
LEARNED = HIVES + PEACE + TALK


def test_it_learns_what_it_is_told_and_nothing_else() -> None:
    ear = make_ear(learn_ear(LEARNED))
    bees, lamp, grandson = (ear.hear(text) for text in ("门口马蜂窝炸营了蜇人", "房檐的灯该修了", "你家孙子考上技校了"))
    assert bees.kind == "injury"
    assert bees.danger == pytest.approx(bees.kind_chance)
    assert bees.danger > 0.5 > max(lamp.danger, lamp.small_talk, grandson.danger)
    assert grandson.talk is Talk.CHATTER
    assert grandson.small_talk > 0.5


def test_its_evidence_stands_in_the_text_and_does_not_overlap() -> None:
    heard = make_ear(learn_ear(LEARNED)).hear("树上马蜂窝炸营了蜇得他满脸包")
    assert heard.evidence
    assert all(start < end for start, end in heard.evidence)
    assert all(one[1] <= two[0] for one, two in zip(heard.evidence, heard.evidence[1:], strict=False))


def test_the_same_sentences_make_the_same_file() -> None:
    assert list(learn_ear(LEARNED)) == list(learn_ear(LEARNED))


def test_crossed_folds_are_answered_by_who_has_not_learned_them() -> None:
    figures = cross_validate(LEARNED, [], 3)
    assert figures["caught"] == figures["right_kind"] == 1.0
    assert figures["false_alarms"] == figures["matters_lost"] == 0.0
    assert set(figures) >= {"small_talk"}


def test_real_messages_teach_calm_by_their_first_sentence() -> None:
    short = Labelled("路灯不亮", "urban_property")
    long = Labelled("关于路灯。" + "长" * LONGEST_HEARD, "urban_property")
    rows = [short, long, Labelled("长" * 2 * LONGEST_HEARD, "dispute")]
    assert [one.text for one in list_calm(rows)] == ["路灯不亮", "关于路灯"]


def test_words_of_the_categories_are_calm_and_those_of_danger_are_not_among_them() -> None:
    words = {one.text for one in list_calm_words()}
    assert "下水道" in words
    assert not any("着火" in word for word in words)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("下棋那大爷突然抽了，眼睛往上吊，牙咬得嘎嘣响", "injury"),
        ("她坐在窗户沿上腿都耷拉外头了", "self_harm"),
        ("脚手架哗啦一下全躺下了，上面少说四五个人", "collapse"),
        ("江边游野泳那伙人少了一个，衣服还在岸上，喊半天没冒头", "drowning"),
        ("一台黑车碰完人没停就蹽了 大娘在那趴着呢", "traffic"),
        ("谢谢你们这些年照应，东西都收拾好了，我今晚就走了，不用找", "self_harm"),
    ],
)
def test_danger_without_its_word_is_heard(reader: Reader, text: str, kind: str) -> None:
    found = reader.read(text).emergency
    assert found is not None, text
    assert found.kind == kind
    assert found.call
    assert all(text[one.start : one.end] == one.word for one in found.evidence)


@pytest.mark.parametrize(
    "text",
    [
        *("担心漏电", "喂?在吗", "麻将馆里有人赌博", "有人在楼下放鞭炮", "电梯里有人抽烟", "墙皮往下掉，怕砸到人"),
        *("马路塌了一个大坑", "煤气罐", "校车司机", "养老院"),
    ],
)
def test_what_happens_near_danger_is_none(reader: Reader, text: str) -> None:
    assert reader.read(text).emergency is None


@pytest.mark.parametrize(
    ("text", "talk"),
    [
        ("发错了 不好意思", Talk.CHATTER),
        ("发照片你看得懂不", Talk.QUESTION),
        ("谢谢，路灯还是不亮", Talk.MATTER),
        ("草长得比我孙子都高", Talk.MATTER),
        ("那麻将馆天天玩大的", Talk.MATTER),
    ],
)
def test_small_talk_is_known_and_a_matter_is_not_lost(reader: Reader, text: str, talk: Talk) -> None:
    assert reader.read(text).talk is talk


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("领导您好关于老旧小区改造加装电梯的政策咨询电梯里现在困着人", "trapped"),
        ("路灯不亮下水道堵垃圾没人收广场舞吵门口有人拿刀砍人", "violence"),
        ("想反映一下物业费太贵小区绿化也没人管另外现在我家厨房着火了", "fire"),
    ],
)
def test_everyday_matters_do_not_drown_a_danger_at_their_end(reader: Reader, text: str, kind: str) -> None:
    found = reader.read(text).emergency
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize("text", ["我割腕的疤想去掉，医保给报不", "家里电脑中毒了上不去社保网，能去窗口查吗"])
def test_a_word_of_danger_in_a_calm_text_raises_no_alarm(reader: Reader, text: str) -> None:
    assert reader.read(text).emergency is None


def test_no_text_can_fill_a_field_of_the_packed_sums() -> None:
    """A text has at most so many pieces, and those of the largest weights of a kind together must still fit."""
    most, held = 3 * LONGEST_HEARD - 3, (1 << COARSE.bits - 1) / COARSE.units
    for _, (name, *cells) in read_table("sounds.tsv"):
        if name == KINDS:
            columns: list[list[float]] = [[] for _ in cells]
        elif name != BIAS:
            for column, cell in zip(columns, cells, strict=True):
                column.append(float(cell))
    for column in columns:
        column.sort()
        assert max(sum(column[-most:]), -sum(column[:most])) < held


def test_a_long_text_is_not_listened_to(reader: Reader) -> None:
    text = "一台黑车碰完人没停就蹽了 大娘在那趴着呢"
    assert reader.read(text).emergency is not None
    assert reader.read(text + "，" + "这条路我们反映过很多回了" * 10).emergency is None


@given(st.text(max_size=LONGEST_HEARD))
def test_it_hears_anything_without_fault(text: str) -> None:
    heard = EAR.hear(normalise(text).text)
    assert 0 <= heard.kind_chance <= heard.danger + 1e-9
    assert 0 <= heard.danger + heard.small_talk <= 1 + 1e-9


@pytest.mark.parametrize("line", ["只有一格", "文\tdispute\t-", "文\t\t-\tmatter"])
def test_a_sentence_of_another_form_is_refused_with_its_line(line: str) -> None:
    with pytest.raises(ValueError, match="line 2"):
        list(parse_sentences(["好\tnone\t-\tgreeting", line]))
