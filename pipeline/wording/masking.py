"""Personal data in what is shown: telephone and identity numbers, names, addresses, e-mail.

The store keeps what was said, since rules may be about it; what is printed or exported is masked
unless asked otherwise. Masking keeps every text's length, so that times and highlights still fit.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from pipeline.records import Call, Evidence, Judged, Reason, Scorecard, Utterance, Verdict, Word

MASK = "＊"

DIGIT = r"[0-9０-９零〇一二三四五六七八九幺兩两]"
BREAK = r"[\s\-－—,，.。、]{0,2}"
SURNAMES = (
    "王李張张劉刘陳陈楊杨黃黄趙赵吳吴周徐孫孙馬马朱胡郭何林高羅罗鄭郑梁謝谢宋唐許许鄧邓馮冯韓韩曹曾彭蕭萧"
    "蔡潘田董袁于余葉叶蔣蒋杜蘇苏魏程呂吕丁沈任姚盧卢傅鍾钟姜崔譚谭廖范汪陸陆金石戴賈贾韋韦夏邱方侯鄒邹熊孟秦"
    "白江閻阎薛尹段雷黎史龍龙陶賀贺顧顾毛郝龔龚邵萬万錢钱覃武莫孔向湯汤"
)

PATTERNS = (
    # numbers of six digits and more: telephones, identity cards, bank cards; read out or written
    re.compile(rf"{DIGIT}(?:{BREAK}{DIGIT}){{5,}}"),
    re.compile(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9.\-]+\.[A-Za-z]{2,}"),
    # the name somebody gives: 我姓陳, 我叫陳大文, 敝姓林
    re.compile(r"(?<=[我敝免]姓)[一-鿿]"),
    re.compile(r"(?<=[我他她]叫)[一-鿿]{2,3}(?=[，,。.、!！?？\s]|$)"),
    re.compile(r"(?<=名字[是叫])[一-鿿]{2,3}"),
    # a surname before a form of address: 陳先生, 林小姐, 吳經理
    re.compile(
        rf"[{SURNAMES}](?=先生|小姐|女士|太太|師傅|师傅|師父|师父|經理|经理|主任|阿姨|伯伯|老師|老师)"
    ),
    # where somebody lives: 三棟十二樓1205室
    re.compile(
        r"[0-9０-９零〇一二三四五六七八九十百幺兩两A-Za-z]+"
        r"(?=\s?(?:棟|栋|座|幢|樓|楼|層|层|室|號房|号房|單元|单元|號樓|号楼|房間|房间|洞|懂))"
    ),
)
"""Recognition writes 棟 as 洞 or 懂; over-masking a number costs less than showing a home."""


@lru_cache(maxsize=4096)
def mask(text: str) -> str:
    """The text with personal data replaced, at the same length.

    >>> mask("我姓陳，電話是13826507731")
    '我姓＊，電話是＊＊＊＊＊＊＊＊＊＊＊'
    """
    for pattern in PATTERNS:
        text = pattern.sub(_hidden, text)
    return text


def _hidden(found: re.Match[str]) -> str:
    return MASK * len(found.group())


def mask_judged(judged: Judged) -> Judged:
    """A call and its scorecard as they may be shown."""
    return replace(
        judged, call=_mask_call(judged.call), scorecard=_mask_scorecard(judged.scorecard)
    )


def _mask_call(call: Call) -> Call:
    return replace(
        call,
        utterances=tuple(_mask_utterance(utterance) for utterance in call.utterances),
        dropped=tuple(replace(drop, text=mask(drop.text)) for drop in call.dropped),
    )


def _mask_utterance(utterance: Utterance) -> Utterance:
    """Masked as one text, then cut back into its words: a number spans several."""
    text = utterance.text
    hidden, at, words = mask(text), 0, []
    if hidden == text:
        return utterance
    for word in utterance.words:
        words.append(Word(hidden[at : at + len(word.text)], word.span, word.probability))
        at += len(word.text)
    return replace(utterance, words=tuple(words))


def _mask_scorecard(scorecard: Scorecard) -> Scorecard:
    return replace(
        scorecard,
        verdicts=tuple(_mask_verdict(verdict) for verdict in scorecard.verdicts),
        situations=tuple(
            replace(one, evidence=_mask_evidence(one.evidence)) for one in scorecard.situations
        ),
    )


def _mask_verdict(verdict: Verdict) -> Verdict:
    reason, evidence = _mask_reason(verdict.reason), _mask_evidence(verdict.evidence)
    if (reason, evidence) == (verdict.reason, verdict.evidence):
        return verdict
    return replace(verdict, reason=reason, evidence=evidence)


@lru_cache(maxsize=4096)
def _mask_reason(reason: Reason) -> Reason:
    return replace(
        reason,
        details=tuple((name, mask(value)) for name, value in reason.details),
        parts=tuple(_mask_reason(part) for part in reason.parts),
    )


def _mask_evidence(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    return tuple(_without_names(one) for one in evidence)


def _without_names(one: Evidence) -> Evidence:
    quote = mask(one.quote) if one.quote else None
    return one if quote == one.quote else replace(one, quote=quote)
