"""What was said is shown in Traditional characters; the store keeps what was recognised."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.records import Dropped, Evidence, Judged, Reason, Span, Verdict
from pipeline.wording.normalise import normalise
from pipeline.wording.script import in_traditional, traditional
from pipeline.wording.shown import as_shown
from tests.wording import made
from tests.wording.made import said


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("你好我家厨房的水管漏水,現在地上全湿了", "你好我家廚房的水管漏水,現在地上全濕了"),
        ("谢谢,再见,麻烦您稍候", "謝謝,再見,麻煩您稍候"),
        ("几点了,后天上午,楼里面,干什么,弄干净", "幾點了,後天上午,樓裡面,幹什麼,弄乾淨"),
        ("两台电梯都坏了,老板", "兩台電梯都壞了,老闆"),
        ("头发,出发,复印,答复", "頭髮,出發,複印,答覆"),
        ("余先生和范小姐,我姓于,剩余的范围", "余先生和范小姐,我姓于,剩餘的範圍"),
        ("3号楼OK", "3號樓OK"),
        ("裏面", "裡面"),
    ],
)
def test_simplified_characters_become_those_that_are_meant(written: str, shown: str) -> None:
    assert traditional(written) == shown


@pytest.mark.parametrize(
    "written",
    [
        "請您在家等候,師傅下午三點上門",
        "不准停車,鄰里之間,我瞭解,他了解",
        "回娘家,水表,升降機,晒衣服,發霉,皇后花園,公里",
        "前台,台電,臺灣,這裡",
        "OK 123 ＊＊＊",
        "",
    ],
)
def test_traditional_text_stays_as_it_is(written: str) -> None:
    assert traditional(written) == written


@given(st.text(max_size=30))
@example("𠮷里后")
@example("\x00\x80谢")
def test_a_text_keeps_its_length(text: str) -> None:
    assert len(traditional(text)) == len(text)


@given(
    st.sampled_from([*"谢谢您的来电再见请稍候师傅后天上门干净里面几点准备不准"]).flatmap(
        lambda first: st.text("后里几干准余范面只松系周板了谢们话电 ,", max_size=8).map(
            first.__add__
        )
    )
)
def test_a_text_says_what_it_said(text: str) -> None:
    assert normalise(traditional(text)).text == normalise(text).text


CALL = replace(
    made.CALL,
    recording=made.recording((("部门", "维修"), ("电话", "13826507731"))),
    utterances=(
        said("agent", 0, 0, "干 净了"),
        said("customer", 1, 900, "好的"),
        said("agent", 0, 1_500, "请打 13826507731"),
    ),
    dropped=(Dropped("loop", 0, Span(5_000, 6_000), "谢谢谢谢"),),
)

CARD = replace(
    made.CARD,
    verdicts=(
        Verdict(
            "1",
            "pass",
            Reason("parts", parts=(Reason.of("phrase_said", phrases="弄干净、再见"),)),
            (Evidence(Span(0, 200), "agent", "干净了"), Evidence(quote="部门=维修")),
        ),
        Verdict("2", "unjudged", Reason.of("no_record"), (Evidence(measured=3.0),)),
    ),
)


def test_a_call_and_its_scorecard_are_shown_in_one_script_with_the_users_own_tags_as_they_are() -> (
    None
):
    shown = in_traditional(Judged(CALL, CARD))
    assert shown.call == replace(
        CALL,
        utterances=(
            said("agent", 0, 0, "乾 淨了"),
            said("customer", 1, 900, "好的"),
            said("agent", 0, 1_500, "請打 13826507731"),
        ),
        dropped=(Dropped("loop", 0, Span(5_000, 6_000), "謝謝謝謝"),),
    )
    assert shown.scorecard == replace(
        CARD,
        verdicts=(
            Verdict(
                "1",
                "pass",
                Reason("parts", parts=(Reason.of("phrase_said", phrases="弄乾淨、再見"),)),
                (Evidence(Span(0, 200), "agent", "乾淨了"), Evidence(quote="部门=维修")),
            ),
            CARD.verdicts[1],
        ),
    )


def test_what_is_shown_is_masked_unless_asked_otherwise() -> None:
    shown, all_shown = (
        as_shown(Judged(CALL, CARD), unmasked=asked).call for asked in (False, True)
    )
    assert [one.utterances[-1].text for one in (shown, all_shown)] == [
        "請打＊＊＊＊＊＊＊＊＊＊＊",
        "請打13826507731",
    ]
    assert [one.recording.record.tags for one in (shown, all_shown)] == [
        (("部门", "维修"), ("电话", "＊＊＊＊＊＊＊＊＊＊＊")),
        CALL.recording.record.tags,
    ]
