"""What is shown holds no personal data, and keeps its length."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.records import Dropped, Evidence, Judged, Reason, SituationHeard, Span, Verdict
from pipeline.wording.masking import hide, mask, mask_judged, mask_tag, mask_value, masked_words
from pipeline.wording.personal import PersonalData, Turn, find_in_text, find_personal
from tests.wording import made
from tests.wording.made import CARD, said


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("我姓陳，住在三棟十二樓", "我姓＊，住在＊棟＊＊樓"),
        ("好的陳先生，電話是138 2650 7731對嗎", "好的＊先生，電話是＊＊＊＊＊＊＊＊＊＊＊＊＊對嗎"),
        ("一三八二六五零七七三一", "＊＊＊＊＊＊＊＊＊＊＊"),
        ("寄到wang@example.com", "寄到＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊"),
        ("我叫陳大文，找經理", "我叫＊＊＊，找經理"),
        ("上午十點半上門，管理費2400元", "上午十點半上門，管理費2400元"),
        ("先生您好，小姐請稍等", "先生您好，小姐請稍等"),
    ],
)
def test_numbers_names_and_homes_are_masked_and_times_and_sums_are_not(
    said: str, shown: str
) -> None:
    assert mask(said) == shown


DIALOGUES = [
    tuple(line.split(" => "))
    for line in (Path(__file__).parent / "masking_dialogues.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
"""What a (agent) and c (customer) say, turn by turn, and what is shown of it. Each was once shown wrong."""


@pytest.mark.parametrize(("said", "shown"), DIALOGUES)
def test_what_is_told_turn_by_turn_is_masked_and_what_follows_is_not(said: str, shown: str) -> None:
    turns = [Turn(*turn.split(": ")) for turn in said.split(" / ")]
    found = find_personal(turns)
    assert [hide(turn.text, one) for turn, one in zip(turns, found, strict=True)] == shown.split(
        " / "
    )


@pytest.mark.parametrize(
    "name", ["王大明", "王小明", "陳美麗", "黃建國", "張家豪", "林志玲", "趙小龍", "李安平"]
)
@pytest.mark.parametrize(
    "said",
    ["好的{}先生，請稍等", "{}小姐您好", "{}女士早上報修的", "麻煩找{}先生", "我是{}，住樓上"],
)
def test_a_name_whose_given_name_is_a_word_is_hidden_whole(said: str, name: str) -> None:
    assert mask(said.format(name)) == said.format("＊＊＊")


@pytest.mark.parametrize(
    "written",
    [
        "0912_345_678",
        "０９１２\u200b３４５\u200b６７８",
        "0912\u2060345\ufeff\u200d678",
        "09\u00ad12\u200e345678",
        "０２ー２３４５ー６７８９",
        "０２ｰ２３４５ｰ６７８９",
        "02‐2345‐6789",
        "02‑2345‑6789",
        "02−2345−6789",
        "02‒2345―6789",
        "٠٩١٢٣٤٥٦٧٨",
        "۰۹۱۲-۳۴۵-۶۷۸",
        "०९१२ ३४५ ६७८",
        "𝟎𝟗𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖",
    ],
)
def test_no_digit_stays_whatever_script_it_is_in_and_stands_between(written: str) -> None:
    shown = mask(f"電話{written}謝謝")
    assert (len(shown), shown[:2], shown[-2:]) == (len(written) + 4, "電話", "謝謝")
    assert [char for char in shown if char.isdecimal()] == []
    assert mask(f"樓下{written}").count("＊") >= sum(map(str.isdecimal, written))


@given(st.text(max_size=80))
def test_masking_keeps_the_length(text: str) -> None:
    assert len(mask(text)) == len(text)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("我的號碼是要三八零零一二三四五六", "我的號碼是＊＊＊＊＊＊＊＊＊＊＊"),
        ("九零九二起六五四三二一對嗎", "＊＊＊＊＊＊＊＊＊＊＊對嗎"),
        ("一三六嗯二七四八然後零九一五", "＊＊＊嗯＊＊＊＊然後＊＊＊＊"),
        ("留個電話一八六兩個八零四三個七五", "留個電話＊＊＊＊＊＊＊＊＊＊＊＊"),
        ("尾號七七三一", "尾號＊＊＊＊"),
        ("零二 二五七八 三六九一 轉 三零八", "＊＊＊＊＊＊＊＊＊＊＊＊ 轉 ＊＊＊"),
        ("身份证A一二三四五六七八九", "身份证＊＊＊＊＊＊＊＊＊＊"),
        ("車牌粵逼一二三四五", "車牌＊＊＊＊＊＊＊"),
        ("我住酒洞四樓", "我住＊洞＊樓"),
        ("電話：13826507731", "電話：＊＊＊＊＊＊＊＊＊＊＊"),
        ("身份證:440106198001011234", "身份證:＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊"),
        ("我的電話是：九一二三四五六七。", "我的電話是：＊＊＊＊＊＊＊＊。"),
        ("房號：1205", "房號：＊＊＊＊"),
        ("房號：1205。14:30到", "房號：＊＊＊＊。14:30到"),
        ("電話是：91234567（0:17）", "電話是：＊＊＊＊＊＊＊＊（0:17）"),
        ("下午3:30,1205房", "下午3:30,＊＊＊＊房"),
        ("下午3:30-1205房", "下午3:30-＊＊＊＊房"),
        ("三棟二單元五零二", "＊棟＊單元＊＊＊"),
        ("和平東路三段46巷9號4樓", "＊＊＊＊＊段＊＊巷＊號＊樓"),
        ("我姓黃黃色的黃叫黃俊傑", "我姓＊＊＊＊＊叫＊＊＊"),
        ("wang 小老鼠 gmail 點 com", "＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊"),
        ("林志明跟歐陽女士說過", "＊＊＊跟＊＊女士說過"),
    ],
)
def test_spoken_numerals_misheard_characters_and_spellings_are_masked(
    said: str, shown: str
) -> None:
    assert mask(said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "管理費一萬兩千八百元，上個月電費3785度",
        "二零二六年十一月二十八號下午三點半到五點",
        "2026-11-28 10:30 停水",
        "2026-11-28 10:30:05 起，9:05 到 16:30 停水，比數 3:1",
        "沒有說「再見」（範圍：0:17-0:47、0:33-1:04、59:50-1:00:05）",
        "0:17-0:47",
        "2026-01-05T22:31:12+00:00，2026-11-28 10:30:05.123，00:03:12.500",
        "28/11/2026 10:30:00 到 11/28/2026 10:30，20261128 10:30:00，11-28 10:30",
        "金額：1280，費用：3500 元",
        "打 119 或 1999 市民熱線",
        "報修單號是 20735，驗證碼 883210",
        "三棟的電梯壞了，五樓走廊的燈也是，一號門鎖了",
        "由於經理不在，任何小姐都可以，水管師傅說不行",
        "高興認識您，黃色的管子方便換，馬上來，何時到",
        "老師傅說張三李四都可以進來，施工總閥",
        "一五一十跟我說，三三兩兩在門口，我數一二三",
        "我知道3號樓在哪，那條路很黑",
        "門口的門童，高層的高度",
    ],
)
def test_sums_times_public_places_and_words_with_a_surname_stay(said: str) -> None:
    assert mask(said) == said


@pytest.mark.parametrize(
    "loop", ["1", "一", "1 at ", "a點", "a b ", "三棟", "大文的文姓", "1" + " " * 50]
)
def test_a_text_that_repeats_itself_is_masked_in_the_time_of_its_length(loop: str) -> None:
    mask("陳先生")  # loads the dictionary
    began = process_time()
    mask(loop * (10_000 // len(loop)) + "@gmail.com")
    assert process_time() - began < 5  # 0.2 s; what backtracks takes minutes


def test_finds_say_what_they_are() -> None:
    assert find_in_text("我姓陳，車牌粵B12345，卡號6228480937") == (
        PersonalData(2, 3, "name"),
        PersonalData(6, 7, "plate"),
        PersonalData(7, 13, "plate"),
        PersonalData(16, 26, "bank"),
    )


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "a:電話多少 b:零九一二 a:零九一二 b:三四五 a:三四五 b:六七八 a:六七八對嗎",
            "a:電話多少 b:＊＊＊＊ a:＊＊＊＊ b:＊＊＊ a:＊＊＊ b:＊＊＊ a:＊＊＊對嗎",
        ),
        ("a:電話 b:幺三 a:嗯 b:八零 a:好 b:零一", "a:電話 b:＊＊ a:嗯 b:＊＊ a:好 b:＊＊"),
        ("a:請問貴姓 b:陳 a:好的", "a:請問貴姓 b:＊ a:好的"),
        ("b:我叫王思涵 a:思涵小姐", "b:我叫＊＊＊ a:＊＊小姐"),
        ("a:住哪裡 b:三棟 a:嗯 b:十二樓零五", "a:住哪裡 b:＊棟 a:嗯 b:＊＊樓＊＊"),
        ("a:車牌多少 b:粵B a:粵B b:一二三四五", "a:車牌多少 b:＊＊ a:＊＊ b:＊＊＊＊＊"),
        ("b:卡號末四碼一二三四 a:一二三四是嗎", "b:卡號末四碼＊＊＊＊ a:＊＊＊＊是嗎"),
        ("a:一共多少 b:三百五 a:好 b:三百五", "a:一共多少 b:三百五 a:好 b:三百五"),
    ],
)
def test_what_is_told_in_parts_and_repeated_is_masked(said: str, shown: str) -> None:
    turns = [Turn(voice, text) for voice, text in (one.split(":") for one in said.split())]
    masked = []
    for turn, found in zip(turns, find_personal(turns), strict=True):
        text = list(turn.text)
        for one in found:
            text[one.start : one.end] = "＊" * (one.end - one.start)
        masked.append(f"{turn.voice}:{''.join(text)}")
    assert " ".join(masked) == shown


CALL = replace(
    made.CALL,
    recording=made.recording(
        (("來電號碼", "28364917"), ("shift", "night"), ("note", "找陳先生")),
    ),
    utterances=(
        said("agent", 0, 1_000, "請問 電話"),
        said("customer", 1, 2_000, "零九 一二"),
        said("agent", 0, 3_000, "嗯"),
        said("customer", 1, 4_000, "三四 五 謝謝"),
    ),
    dropped=(
        Dropped("phantom", 1, Span(6_000, 7_000), "六七八九"),
        Dropped("loop", 0, Span(8_000, 9_000), "謝謝"),
    ),
)


def test_words_with_personal_data_are_named_by_channel_and_time() -> None:
    assert masked_words(CALL) == (
        (1, Span(2_000, 2_100)),
        (1, Span(2_100, 2_200)),
        (1, Span(4_000, 4_100)),
        (1, Span(4_100, 4_200)),
        (1, Span(6_000, 7_000)),
    )


@pytest.mark.parametrize(
    ("warning", "shown"),
    [
        (
            "call record: calls.csv:2: rings is '0912345678', expected a whole number",
            "call record: calls.csv:2: rings is '＊＊＊＊＊＊＊＊＊＊', expected a whole number",
        ),
        ('line is "O\'Hara 0912345678"', 'line is "O\'Hara ＊＊＊＊＊＊＊＊＊＊"'),
        ("kind is '王小明0912345678'", "kind is '＊＊＊＊＊＊＊＊＊＊＊＊＊'"),
        ("kind is '0912\\u200b345678'", "kind is '＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊'"),
        ("started_at is '13/40/2025', as ISO 8601", "started_at is '13/40/2025', as ISO 8601"),
        ("started_at is '0912-345-678'", "started_at is '＊＊＊＊＊＊＊＊＊＊＊＊'"),
        ("the header promises 1234567 bytes", "the header promises 1234567 bytes"),
    ],
)
def test_warnings_are_masked_in_what_they_quote(warning: str, shown: str) -> None:
    masked = mask_judged(Judged(replace(CALL, warnings=(warning,)), CARD))
    assert masked.call.warnings == (shown,)


def test_all_that_is_shown_of_a_call_is_masked() -> None:
    card = replace(
        CARD,
        applicable=1,
        verdicts=(
            Verdict(
                "1",
                "unjudged",
                Reason("parts", parts=(Reason.of("trigger_doubtful", quote="三四五、謝謝"),)),
                (Evidence(Span(4_000, 4_300), "customer", "五謝謝"),),
            ),
            Verdict(
                "2",
                "pass",
                Reason.of("record_kept", field="來電號碼", value="28364917", wanted="28364917/1"),
                (Evidence(quote="來電號碼=28364917"),),
            ),
            Verdict("3", "pass", Reason.of("rings_few", count=3, most=5)),
        ),
        situations=(SituationHeard("x", "X", True, (Evidence(quote="我姓陳"),)),),
    )
    shown = mask_judged(Judged(CALL, card))
    assert [one.text for one in shown.call.utterances] == [
        "請問電話",
        "＊＊＊＊",
        "嗯",
        "＊＊＊謝謝",
    ]
    assert [one.text for one in shown.call.dropped] == ["＊＊＊＊", "謝謝"]
    assert shown.call.recording.record.tags == (
        ("來電號碼", "＊＊＊＊＊＊＊＊"),
        ("shift", "night"),
        ("note", "找＊先生"),
    )
    first, second, third = shown.scorecard.verdicts
    assert first.reason.parts == (Reason.of("trigger_doubtful", quote="＊＊＊、謝謝"),)
    assert first.evidence == (Evidence(Span(4_000, 4_300), "customer", "＊謝謝"),)
    assert second.reason.details[1] == ("value", "＊＊＊＊＊＊＊＊")
    assert second.evidence == (Evidence(quote="來電號碼=＊＊＊＊＊＊＊＊"),)
    assert third is card.verdicts[2]
    assert shown.scorecard.situations[0].evidence == (Evidence(quote="我姓＊"),)
    assert (shown.call.recording.file, shown.call.recording.record.agent_id) == (
        "20250311.wav",
        "A01",
    )


@pytest.mark.parametrize(
    "column",
    [
        "客人",
        "室號",
        "微信號",
        "聯絡人（客服填）",
        "房號（項目）",
        "登記人",
        "Tel.",
        "from_number",
        "姓氏",
        *("報修人", "來電人", "聯絡人", "投诉人", "租客", "訪客", "contact", "visitor", "tenant"),
        *("profile_name", "客戶姓名（客服填）", "agent_caller_name"),
        *(
            "聯絡方式",
            "聯絡窗口",
            "戶主",
            "戶名",
            "戶號",
            "業主名稱",
            "單位",
            "房間",
            "投訴者",
            "flat",
            "unit_no",
        ),
        *("customer_name_zh", "resident_name(zh)", "contact_person", "calling_party"),
    ],
)
def test_a_column_about_a_resident_is_hidden_whole(column: str) -> None:
    assert mask_tag(column, "大文") == "＊＊"


@pytest.mark.parametrize(
    "column",
    [
        *("agent_name", "file_name", "項目名字", "客服組", "班次", "來訪人數", "報修人次"),
        *(
            "contact_center",
            "contact_reason",
            "队列名称",
            "公司名称",
            "业务单位",
            "业主满意度",
            "户型",
        ),
        *("customer_queue_name", "caller_site_name", "來電技能組名字", "客户服务部门名字"),
    ],
)
def test_a_column_of_the_companys_own_is_shown(column: str) -> None:
    assert mask_tag(column, "早班") == "早班"


@pytest.mark.parametrize("written", ["0912-34-5678", "1382-65-0773", "138.26.507731"])
def test_a_number_in_three_parts_is_no_date(written: str) -> None:
    assert mask_value(written) == "＊" * len(written)


@pytest.mark.parametrize("written", ["2026-13-40", "115/3/2", "31/12/2026 25:00", "20260102T2530"])
def test_a_date_that_is_none_is_shown(written: str) -> None:
    assert mask_value(written) == written


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.text("零一二3４陳姓棟粵B嗯， 是@點com", max_size=12)),
        max_size=8,
    )
)
def test_finds_lie_inside_their_turns_in_order(turns: list[tuple[str, str]]) -> None:
    said = [Turn(voice, text) for voice, text in turns]
    for turn, found in zip(said, find_personal(said), strict=True):
        assert all(0 <= one.start < one.end <= len(turn.text) for one in found)
        assert list(found) == sorted(found)
