"""How like two cases are, and by which numbers they are found: made pairs, and what must hold for any text."""

from hypothesis import given
from hypothesis import strategies as st

from nlp.likeness import SKETCH_SIZE, bare, list_objects, mix, similarity, sketch, theme

TEXTS = st.text(alphabet="路灯不亮下水道堵了污水垃圾12号楼单元，。 abA", max_size=60)


@given(TEXTS, TEXTS)
def test_similarity_is_a_share_and_the_same_both_ways(one: str, other: str) -> None:
    assert 0 <= similarity(one, other) <= 1
    assert similarity(one, other) == similarity(other, one)


@given(TEXTS)
def test_a_text_is_like_itself_and_found_by_its_own_sketch(text: str) -> None:
    plain = bare(text)
    assert similarity(plain, plain) == (1.0 if plain else 0.0)
    assert sketch(plain) == sketch(plain)
    assert len(sketch(plain)) <= SKETCH_SIZE
    assert all(0 <= number < 2**32 for number in sketch(plain))


def test_address_and_courtesies_say_nothing_of_the_matter() -> None:
    assert bare("您好，阳光水岸12号楼3单元下水道堵了，谢谢", "阳光水岸12号楼3单元") == "下水道堵"


def test_numbers_are_the_same_in_every_process() -> None:
    assert sketch("下水道堵") == (3006686196, 3618900389, 3831759971)
    assert mix("23080705", "林") == 7589251984492184916


def test_things_and_themes() -> None:
    assert list_objects("停水一天了") == {"水"}
    assert not list_objects("停水了") & list_objects("停电了")
    assert theme("urban_property", ["路灯"]) == "路灯井盖"
    assert theme("", ["路灯"]) == theme("urban_property", ["没有这个词"]) == ""
