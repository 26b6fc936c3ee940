"""Which side of a front desk words come from: what agents say and customers do not, and the reverse.

The weights follow how much oftener a wording stands on one side than on the other in the 421 dialogues
that tests/cases and samples held when they were counted: 3 for what one side alone says, and often, 1 for
what the other says too or is rare. What no dialogue holds is here by the sense of it; some of it
was added on seeing the tuning half of what tests/bench/roles.py was run on.
"""

from __future__ import annotations

from functools import cache

from pipeline.wording.normalise import normalise
from pipeline.wording.syllables import rune, syllables

AGENT: dict[str, float] = {
    # greets for an organisation, and offers help
    "物業管理處": 2.0,
    "管理處": 1.0,
    "服務中心": 2.0,
    "管理中心": 2.0,
    "前臺": 2.0,
    "你好物業": 2.0,
    "早上好": 1.0,
    "上午好": 1.0,
    "下午好": 1.0,
    "有什麼可以": 2.0,
    "有什麼需要": 2.0,
    "有什麼能": 2.0,
    "什麼事": 1.0,
    "我是物業的": 2.0,
    "請坐": 1.5,
    "為您": 2.0,
    "幫您": 2.0,
    "幫到": 2.0,
    "很高興": 1.0,
    # addresses the customer
    "您": 1.0,
    "請問您": 1.5,
    "麻煩您": 1.0,
    "您先": 1.0,
    "請您": 1.0,
    "給您": 1.0,
    "先生": 0.5,
    "小姐": 0.5,
    # asks who and where
    "貴姓": 2.0,
    "怎麼稱呼": 2.0,
    "哪一位": 1.5,
    "哪一戶": 2.0,
    "哪一棟": 2.0,
    "哪一座": 2.0,
    "是哪一": 1.0,
    "住哪": 1.5,
    "幾號幾樓": 1.5,
    "哪位": 1.0,
    "聯繫電話": 1.5,
    "聯絡電話": 1.5,
    "留個電話": 1.5,
    # asks for time and comes back
    "請稍": 2.0,
    "稍等": 1.5,
    "稍候": 2.0,
    "等一下": 1.0,
    "久等": 2.0,
    "耐心": 1.5,
    # regrets, thanks
    "抱歉": 1.5,
    "對不起": 1.0,
    "不好意思": 1.0,
    "感謝您": 2.0,
    "謝謝您": 1.5,
    "不客氣": 1.0,
    "理解": 1.0,
    "放心": 1.0,
    "打擾": 1.0,
    "您慢": 1.5,
    # acts
    "登記": 1.5,
    "記下": 1.5,
    "馬上": 1.5,
    "我們會": 1.0,
    "安排": 1.0,
    "師傅過去": 1.5,
    "師傅上門": 1.5,
    "跟進": 1.5,
    "答覆": 1.0,
    "回覆": 1.0,
    "回電話": 1.5,
    "查一下": 1.0,
    "問一下工程部": 1.5,
    # refuses
    "不歸我": 2.0,
    "我怎麼知道": 2.0,
    "自己看": 1.0,
    "自己去": 1.0,
    "沒空": 1.0,
    "沒辦法": 1.0,
    "規定": 1.0,
    "等著": 1.0,
    "跟你說": 1.0,
    "隨便你": 1.0,
    "隨你": 1.0,
    "找誰": 1.0,
}
CUSTOMER: dict[str, float] = {
    # says where it is and whose
    "請進": 2.0,
    "我家": 2.0,
    "我們家": 2.0,
    "我住": 2.0,
    "我姓": 2.0,
    "我是業主": 2.0,
    "的業主": 1.0,
    "的住戶": 2.0,
    "我的": 1.0,
    "我們這": 1.0,
    "我們棟": 1.5,
    "我們樓": 1.5,
    "樓上": 1.0,
    # asks whom they reached, for somebody, for something
    "請問是": 2.0,
    "是物業嗎": 2.0,
    "物業嗎": 2.0,
    "在嗎": 1.5,
    "我找": 1.5,
    "我要找": 1.5,
    "我想": 2.0,
    "問一下": 0.5,
    "我要": 1.5,
    "投訴": 0.5,
    "報修": 1.0,
    "能不能": 1.5,
    "可不可以": 1.5,
    "幫我": 1.0,
    "麻煩你": 1.0,
    "派人來": 1.5,
    "什麼時候": 1.0,
    "多少錢": 1.5,
    "怎麼辦": 1.0,
    "壞了": 1.0,
    "漏水": 1.0,
    # to the company, and on how it goes
    "你們": 1.5,
    "你們經理": 1.5,
    "你們主任": 1.5,
    "這麼久": 1.0,
    "態度": 1.5,
    "你叫什麼": 1.5,
    "好吧": 1.5,
    "算了": 1.0,
    "那我": 1.0,
    "快一點": 1.0,
}


def leaning(text: str) -> float:
    """How much a text sounds like the agent's: above 0 the agent, below the customer.

    Compared by toneless syllables, since Whisper hears right and writes wrong; each wording counts
    once.

    >>> leaning("您好，物业管理处。") > 1, leaning("我家漏水了，你们快派人来。") < -1
    (True, True)
    """
    heard = _sound(text)
    return sum(weight for cue, weight in _cues() if cue in heard)


@cache
def _cues() -> tuple[tuple[str, float], ...]:
    return tuple(
        (_sound(cue), weight * sign)
        for cues, sign in ((AGENT, 1), (CUSTOMER, -1))
        for cue, weight in cues.items()
    )


def _sound(text: str) -> str:
    """One character a syllable."""
    return "".join(rune(syllable) for syllable in syllables(normalise(text).text))
