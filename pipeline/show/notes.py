"""What was odd about a recording, in the reader's language.

Warnings are written in English where something odd is met, and kept with the call. Here is what each of them
says in Chinese; one that is not here is shown as it is.
"""

from __future__ import annotations

import re

from pipeline.show.language import Language, Phrases, in_chinese

NOTES: Phrases = (
    (
        r"truncated: the header promises (\S+) s, (\S+) s could be decoded",
        "錄音不完整：檔頭註明 {0} 秒，只讀出 {1} 秒",
    ),
    (
        r"truncated: the header promises (\d+) bytes, the file has (\d+)",
        "錄音不完整：檔頭註明 {0} 位元組，檔案只有 {1}",
    ),
    (
        r"behind the sound lies what cannot be decoded: (.+)",
        "聲音之後另有讀不出的資料（{0}），不影響判定",
    ),
    (r"decoding stopped early: (.+)", "錄音讀到中途停止（{0}）"),
    (
        r"(\d+) samples \((\S+) %\) are NaN or infinite and were taken as silence",
        "有 {0} 個取樣（{1} %）不是數值，當作靜默",
    ),
    (
        r"only channel (\d+) of (\d+) carries sound: taken as mono",
        "{1} 個聲道中只有聲道 {0} 有聲音，當作單聲道",
    ),
    (r"(\d+) streams of sound: only the first was heard", "檔案裡有 {0} 條音軌，只聽了第一條"),
    ("both channels carry the same sound: taken as mono", "兩個聲道的聲音相同，當作單聲道"),
    (
        r"(\d+) channels, of which (\d+) and (\d+) carry sound: taken as stereo",
        "{0} 個聲道中聲道 {1} 與 {2} 有聲音，當作雙聲道",
    ),
    (
        r"(\d+) of (\d+) channels carry sound: mixed to mono",
        "{1} 個聲道中有 {0} 個有聲音，混成單聲道",
    ),
    (
        "roles: mono recording in which only one voice could be told apart",
        "單聲道錄音，只分得出一個人的聲音",
    ),
    (
        r"roles: mono recording with (\d+) voices; the words do not tell which is the agent's",
        "單聲道錄音，有 {0} 個人的聲音；從所說的話聽不出誰是客服人員",
    ),
    (
        r"roles: mono recording with (\d+) voices; "
        r"who is the agent was told from what (\d+) of them say",
        "單聲道錄音，有 {0} 個人的聲音；從其中 {1} 個人所說的話判斷誰是客服人員",
    ),
    (
        "roles: calls.csv has no agent_channel, "
        "and the words do not tell which channel is the agent's",
        "calls.csv 沒有填 agent_channel，從所說的話也聽不出哪個聲道是客服人員",
    ),
    (
        r"roles: calls.csv has agent_channel (\d), but channel (\d) speaks as an agent",
        "calls.csv 的 agent_channel 為 {0}，但聲道 {1} 說的話才像客服人員；請核對",
    ),
    (
        r"roles: calls.csv has no agent_channel; "
        r"channel (\d) taken as the agent's from what it says",
        "calls.csv 沒有填 agent_channel；從所說的話判斷聲道 {0} 是客服人員",
    ),
    (
        r"call record: (.+): (\w+) is (.+), expected (.+); taken as not given",
        "通話紀錄（{0}）的 {1} 為 {2}，應為 {3}；當作沒有填",
    ),
    (
        r"call record: (.+): a second row for this file was passed over",
        "通話紀錄（{0}）中同一檔案的第二行略過不用",
    ),
    (
        r"call record: (.+): (\d+) cell\(s\) beyond the last column were passed over",
        "通話紀錄（{0}）有 {1} 格超出欄位，略過不用",
    ),
    (
        r"call record: (.+): column (.+) is there twice and says two things; the last was taken",
        "通話紀錄（{0}）的欄位 {1} 有兩個而內容不同，取後一個",
    ),
    (r"call record: the name does not fit the pattern (.+)", "檔名不合樣式 {0}"),
)
EXPECTED: dict[str, str] = {
    "any text": "文字",
    "a whole number": "整數",
    "0 or 1": "0 或 1",
    "a date and time as ISO 8601, such as 2025-03-11T09:42:10+08:00": (
        "ISO 8601 的日期時間，例如 2025-03-11T09:42:10+08:00"
    ),
}


def note(warning: str, language: Language) -> str:
    """A warning as a reader gets it.

    >>> note("truncated: the header promises 61.8 s, 37.1 s could be decoded", "zh-Hant")
    '錄音不完整：檔頭註明 61.8 秒，只讀出 37.1 秒'
    """
    if language == "en":
        return warning
    return in_chinese(warning, NOTES, _value)


def _value(value: str) -> str:
    return EXPECTED.get(value) or re.sub("^one of (?=[a-z_]+(?:, [a-z_]+)*$)", "其中之一：", value)
