"""Names, addresses, telephone numbers and times as people say them, and what only looks like one."""

from __future__ import annotations

import pytest

from pipeline.wording.normalise import normalise
from pipeline.wording.slots import find_slots


def found(kind: str, text: str) -> list[str]:
    heard = normalise(text)
    return [heard.original[start:end] for start, end in find_slots(heard, kind)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("我姓陳", ["我姓陳"]),
        ("敝姓林，住在七樓", ["敝姓林"]),
        ("我叫王大明。", ["我叫王大明"]),
        ("我是三棟的陳先生", ["我是三棟的陳先生"]),
        ("九棟二零三，陳太，麻煩你", ["陳太"]),
        ("七座一六零四，姓古。", ["姓古"]),
        ("三零二的信銅", ["信銅"]),
        ("我是三座十樓的住戶，姓賀，想問會所幾點開。", ["我是三座十樓的住戶，姓賀"]),
        ("姓管，五棟一六零二。", ["姓管"]),
        ("姓管的那個保安", []),
        ("我是要投訴你們姓管的保安", []),
        ("我的信箱三零二", []),
        ("二零三是星期三", []),
        ("我找王經理", []),
        ("你們姓什麼", []),
        ("請問陳先生在嗎", []),
    ],
)
def test_names(text: str, names: list[str]) -> None:
    assert found("name", text) == names


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("三棟一二零五", ["三棟一二零五"]),
        ("3棟1205", ["3棟1205"]),
        ("五號樓二單元三零一", ["五號樓二單元三零一"]),
        ("五座十八樓零一", ["五座十八樓零一"]),
        ("A座1203", ["A座1203"]),
        ("十五樓己室", ["十五樓己室"]),
        ("我是巴羅執意的簡小姐", ["我是巴羅執意的簡"]),
        ("A座12樓C室", ["A座12樓C室"]),
        ("十二號四樓", ["十二號四樓"]),
        ("15樓之2", ["15樓之2"]),
        ("八零三室", ["八零三室"]),
        ("三洞一二零五", ["三洞一二零五"]),
        ("三樓的燈壞了", []),
        ("等了三個小時", []),
        ("一個月三百塊", []),
    ],
)
def test_addresses(text: str, addresses: list[str]) -> None:
    assert found("address", text) == addresses


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("13826507731", ["13826507731"]),
        ("138 2650 7731", ["138 2650 7731"]),
        ("一三八，二六五零，七七三一", ["一三八，二六五零，七七三一"]),
        ("零九三三，八八一，二零七", ["零九三三，八八一，二零七"]),
        ("幺八六三二零四四零九九", ["幺八六三二零四四零九九"]),
        ("三百四十二塊", []),
        ("1205", []),
    ],
)
def test_telephone_numbers(text: str, numbers: list[str]) -> None:
    assert found("phone", text) == numbers


@pytest.mark.parametrize(
    "text",
    [
        "師傅下午三點到",
        "明天上午十點上門",
        "下午3點半左右",
        "星期三下午過去",
        "半小時內到",
        "二十分鐘左右就到",
        "一個鐘頭之後",
        "明天上午過去看",
        "今晚八點",
        "三點之前一定到",
        "十二號下午",
    ],
)
def test_definite_times(text: str) -> None:
    assert found("time", text)


@pytest.mark.parametrize(
    "text",
    [
        "盡快過去",
        "這兩天有空就去",
        "安排好了通知您",
        "快一點",
        "等一下",
        "有點漏水",
        "昨天晚上八點開始漏",
        "從早上九點吵到現在",
        "我們早上九點上班",
        "等了兩個小時",
        "過幾天再說",
    ],
)
def test_what_is_no_definite_time(text: str) -> None:
    assert found("time", text) == []
