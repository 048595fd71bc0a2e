"""Each kind of push: what becomes of it, and that wechatpy reads the same in it."""

from datetime import UTC

import pytest
import xmltodict
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.parser import parse_message

from bot.official_account.updates import parse_update
from bot.official_account.wall import Unreadable, parse_fields
from handlers.update import Door, Event, MediaRef, Point, Update, UpdateKind
from tests.official_account.pushes import ACCOUNT, NOW, OPENID, SECONDS, make_event, make_text, make_xml

ID = "<MsgId>24512345678901234</MsgId>"
TEXT = make_xml("<Content><![CDATA[ 楼道堆物 ]]></Content>", ID, "<bizmsgmenuid><![CDATA[2]]></bizmsgmenuid>")
IMAGE = make_xml(
    "<PicUrl><![CDATA[http://example.com/p]]></PicUrl>", "<MediaId><![CDATA[m1]]></MediaId>", ID, msg_type="image"
)
VOICE = make_xml(
    "<MediaId>m8</MediaId><Format>amr</Format><MediaId16K>m16</MediaId16K><Recognition/>", ID, msg_type="voice"
)
VIDEO = make_xml("<MediaId>v1</MediaId><ThumbMediaId>t1</ThumbMediaId>", ID, msg_type="video")
SHORT_VIDEO = make_xml("<MediaId>v2</MediaId><ThumbMediaId>t2</ThumbMediaId>", ID, msg_type="shortvideo")
LOCATION = make_xml(
    "<Location_X>46.809606</Location_X><Location_Y>130.361634</Location_Y><Scale>16</Scale>",
    "<Label><![CDATA[佳木斯市向阳区]]></Label>",
    ID,
    msg_type="location",
)
LINK = make_xml("<Title>题</Title><Description>述</Description><Url>http://example.com</Url>", ID, msg_type="link")
MESSAGES = [TEXT, IMAGE, VOICE, VIDEO, SHORT_VIDEO, LOCATION, LINK]


def read(xml: str) -> Update:
    return parse_update(parse_fields(xml))


def event_of(xml: str) -> Event:
    event = read(xml).event
    assert event is not None
    return event


@pytest.mark.parametrize("xml", MESSAGES)
def test_what_all_messages_have(xml: str) -> None:
    update = read(xml)
    assert (update.door, update.person, update.account) == (Door.OFFICIAL_ACCOUNT, OPENID, ACCOUNT)
    assert (update.created_at, update.created_at.tzinfo) == (NOW, UTC)
    assert update.key == f"oa:{ACCOUNT}:{OPENID}:24512345678901234"
    assert (update.chat, update.quote, update.event, update.req_id) == (None, None, None, "")


@pytest.mark.parametrize("xml", MESSAGES)
def test_wechatpy_reads_the_same(xml: str) -> None:
    ours, theirs = read(xml), parse_message(xml)
    assert (ours.person, ours.account, ours.created_at) == (theirs.source, theirs.target, theirs.create_time)
    assert ours.kind.value == theirs.type
    assert ours.key.endswith(f":{theirs.id}")
    assert ours.text == _text_of(theirs)
    if ours.media and ours.kind is not UpdateKind.VOICE:
        assert ours.media[0].media_id == theirs.media_id


def _text_of(theirs: object) -> str:
    parts = {
        "text": ["content"],
        "location": ["label"],
        "link": ["title", "description", "url"],
    }.get(theirs.type, [])
    return "\n".join(getattr(theirs, part) for part in parts)


EVENTS = [
    make_event("subscribe", "<EventKey></EventKey>"),
    make_event("subscribe", "<EventKey><![CDATA[qrscene_grid-0417]]></EventKey><Ticket>T</Ticket>"),
    make_event("unsubscribe", "<EventKey/>"),
    make_event("SCAN", "<EventKey>grid-0417</EventKey><Ticket>T</Ticket>"),
    make_event("LOCATION", "<Latitude>46.8</Latitude><Longitude>130.36</Longitude><Precision>119.4</Precision>"),
    make_event("CLICK", "<EventKey>progress</EventKey>"),
    make_event("VIEW", "<EventKey>http://example.com/?a=1&amp;b=2</EventKey><MenuId>4</MenuId>"),
    make_event("TEMPLATESENDJOBFINISH", "<MsgID>200163836</MsgID><Status>failed:user block</Status>"),
    make_event("MASSSENDJOBFINISH", "<MsgID>1000001625</MsgID><Status>err(30003)</Status><TotalCount>0</TotalCount>"),
]


@pytest.mark.parametrize("xml", [*MESSAGES, *EVENTS])
def test_every_element_is_what_xmltodict_says(xml: str) -> None:
    theirs = {name: value or "" for name, value in xmltodict.parse(xml)["xml"].items()}
    assert parse_fields(xml).top == theirs


@pytest.mark.parametrize("xml", EVENTS)
def test_wechatpy_reads_the_same_event(xml: str) -> None:
    ours, theirs = event_of(xml), parse_message(xml)
    assert ours.key.removeprefix("qrscene_") == (theirs._data.get("EventKey") or "")
    assert ours.name.startswith(theirs._data["Event"].upper().removesuffix("_SCAN"))


_XML_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"))


@given(_XML_TEXT)
def test_any_text_is_what_wechatpy_says(words: str) -> None:
    xml = make_text(words.replace("]]>", ""))
    assert read(xml).text == (parse_message(xml).content or "")


def test_the_rest_of_each_kind() -> None:
    assert (read(TEXT).text, read(TEXT).menu_id) == ("楼道堆物", "2")
    assert read(IMAGE).media == (MediaRef("image", "m1", "http://example.com/p"),)
    assert read(VOICE).media == (MediaRef("voice", "m16", name="voice.amr"),)
    assert read(VOICE.replace("MediaId16K", "Other")).media == (MediaRef("voice", "m8", name="voice.amr"),)
    assert read(VIDEO).media == (MediaRef("video", "v1"),)
    assert read(SHORT_VIDEO).kind is UpdateKind.SHORT_VIDEO
    assert read(LOCATION).point == Point(46.809606, 130.361634, "佳木斯市向阳区")
    assert read(LINK).text == "题\n述\nhttp://example.com"


def test_a_sticker_stays_text() -> None:
    words = "【收到不支持的消息类型，暂无法显示】"
    assert (read(make_text(words)).kind, read(make_text(words)).text) == (UpdateKind.TEXT, words)


@pytest.mark.parametrize("kind", ["miniprogrampage", "device_text", "mixed", "file", "unknown", "全新"])
def test_a_kind_that_nobody_described(kind: str) -> None:
    update = read(make_xml("<Some>thing</Some>", ID, msg_type=kind))
    assert (update.kind, update.person) == (UpdateKind.UNKNOWN, OPENID)


@pytest.mark.parametrize("value", ["", "nan", "inf", "91", "-91", "north", "1e400"])
def test_a_place_that_is_nowhere(value: str) -> None:
    with pytest.raises(Unreadable, match="location"):
        read(LOCATION.replace("46.809606", value))


def test_scenes_of_a_new_and_an_old_follower() -> None:
    assert event_of(EVENTS[1]) == Event("SUBSCRIBE", "qrscene_grid-0417", {"Ticket": "T"})
    assert event_of(EVENTS[3]) == Event("SCAN", "grid-0417", {"Ticket": "T"})


def test_a_reported_place() -> None:
    assert read(EVENTS[4]).point == Point(46.8, 130.36)
    assert event_of(EVENTS[4]).details["Precision"] == "119.4"


def test_a_place_picked_in_the_menu() -> None:
    xml = make_event(
        "location_select",
        "<EventKey>6</EventKey><SendLocationInfo><Location_X>46.8</Location_X><Location_Y>130.3</Location_Y>"
        "<Scale>15</Scale><Label><![CDATA[长安路]]></Label><Poiname/></SendLocationInfo>",
    )
    assert read(xml).point == Point(46.8, 130.3, "长安路")
    assert event_of(xml).details["SendLocationInfo.Scale"] == "15"


def test_scanned_codes_and_sent_pictures() -> None:
    scan = make_event(
        "scancode_waitmsg",
        "<EventKey>6</EventKey><ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult><![CDATA[2]]></ScanResult></ScanCodeInfo>",
    )
    details = {"ScanCodeInfo.ScanType": "qrcode", "ScanCodeInfo.ScanResult": "2"}
    assert event_of(scan) == Event("SCANCODE_WAITMSG", "6", details)
    pictures = make_event(
        "pic_photo_or_album",
        "<EventKey>6</EventKey><SendPicsInfo><Count>2</Count><PicList><item><PicMd5Sum>aa</PicMd5Sum></item>"
        "<item><PicMd5Sum>bb</PicMd5Sum></item></PicList></SendPicsInfo>",
    )
    assert event_of(pictures).details == {
        "SendPicsInfo.Count": "2",
        "SendPicsInfo.PicList.item.0.PicMd5Sum": "aa",
        "SendPicsInfo.PicList.item.1.PicMd5Sum": "bb",
    }


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_list_is_numbered_however_long_it_is(count: int) -> None:
    lists = "".join(f"<List><TemplateId>t{n}</TemplateId></List>" for n in range(count))
    details = event_of(make_event("subscribe_msg_popup_event", f"<X>{lists}</X>".replace("X>", "Popup>"))).details
    assert details == {f"Popup.List.{n}.TemplateId": f"t{n}" for n in range(count)}


def test_an_event_without_a_name() -> None:
    with pytest.raises(Unreadable, match="event"):
        read(make_event(""))


# Keys: repeats share one, different pushes never do.


def test_keys_of_events() -> None:
    assert read(EVENTS[5]).key == f"oa:{ACCOUNT}:{OPENID}:{SECONDS}:CLICK:progress"
    assert read(EVENTS[7]).key == f"oa:{ACCOUNT}:{OPENID}:{SECONDS}:TEMPLATESENDJOBFINISH:200163836"
    assert read(EVENTS[2]).key == f"oa:{ACCOUNT}:{OPENID}:{SECONDS}:UNSUBSCRIBE:"


def test_two_notices_that_ended_in_the_same_second_are_two() -> None:
    def sent(number: int) -> str:
        return make_event("subscribe_msg_sent_event", f"<Sent><List><MsgID>{number}</MsgID></List></Sent>")

    assert read(sent(1)).key == read(sent(1)).key
    assert read(sent(1)).key != read(sent(2)).key


def test_messages_without_an_id_are_told_apart_by_their_words() -> None:
    first, second = make_xml("<Content>一</Content>"), make_xml("<Content>二</Content>")
    assert read(first).key == read(first).key
    assert read(first).key != read(second).key


def test_long_keys_are_hashed() -> None:
    long = make_event("VIEW", f"<EventKey>http://example.com/{'a' * 300}</EventKey>")
    other = make_event("VIEW", f"<EventKey>http://example.com/{'a' * 301}</EventKey>")
    assert len(read(long).key) <= 200
    assert read(long).key != read(other).key
