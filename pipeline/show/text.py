"""Names of codes, and every other string the reports show, in both languages, a line each.

Codes come from elsewhere, and a call that another version judged may have one that stands in no list here,
so :func:`name_of` shows what it does not know as it is. Labels are our own pages' and must be
there: :func:`label` raises for one that is not. Reasons have a catalogue of their own (reasons.py).
"""
# ruff: noqa: E501  (a catalogue is read by the line: code, Chinese, English)

from __future__ import annotations

from collections.abc import Mapping

from pipeline.show.language import Language, Text

STATUSES: dict[str, Text] = {
    "pass": Text("符合", "kept"),
    "fail": Text("不符合", "not kept"),
    "not_applicable": Text("不適用", "not applicable"),
    "unjudged": Text("未判定", "not judged"),
}
ROLES: dict[str, Text] = {
    "agent": Text("客服人員", "agent"),
    "customer": Text("客戶", "customer"),
    "unknown": Text("未分辨", "unknown voice"),
}
KINDS: dict[str, Text] = {
    "call": Text("來電", "call"),
    "visit": Text("來訪", "visit"),
    "home_visit": Text("上門服務", "home visit"),
}
LINES: dict[str, Text] = {
    "front_desk": Text("前台線路", "front desk"),
    "office": Text("辦公室線路", "office"),
}
DIRECTIONS: dict[str, Text] = {
    "inbound": Text("客戶打來", "inbound"),
    "outbound": Text("我方打出", "outbound"),
}
EVENTS: dict[str, Text] = {
    "ring": Text("鈴聲", "ringing"),
    "busy": Text("忙音", "busy tone"),
    "dtmf": Text("按鍵音", "key pressed"),
    "music": Text("等候音樂", "hold music"),
    "slam": Text("重擊聲（疑似摔聽筒）", "bang (perhaps the handset slammed)"),
    "click": Text("輕響（疑似放下聽筒）", "click (perhaps the handset laid down)"),
    "knock": Text("敲擊聲（疑似敲門）", "knocking (perhaps at a door)"),
    "silence": Text("靜默", "silence"),
}
FLAGS: dict[str, Text] = {
    "critical": Text("重大缺失", "critical"),
    "roles_unknown": Text("未分辨說話人", "voices not told apart"),
    "warning": Text("錄音有疑慮", "recording in doubt"),
    "no_speech": Text("無人說話", "nobody speaks"),
}
UNITS: dict[str, Text] = {
    "s": Text("秒", "s"),
    "ms": Text("毫秒", "ms"),
    "dB": Text("分貝", "dB"),
    "Hz": Text("赫茲", "Hz"),
    "sd": Text("個標準差", "sd"),
    "nat/token": Text("自然對數／字", "nat/token"),
    "rings": Text("聲", "rings"),
    "knocks": Text("下", "knocks"),
    "times": Text("次", "times"),
    "syllables/s": Text("音節／秒", "syllables/s"),
    "st": Text("半音", "semitones"),
    "confidence": Text("辨識信心", "recognition confidence"),
}
HOWS: dict[str, Text] = {
    "phrase": Text("用語", "phrases"),
    "absent": Text("禁語", "forbidden words"),
    "silence": Text("靜默長度", "length of silences"),
    "each": Text("每一次", "each time"),
    "some": Text("某一次", "some time"),
    "choose": Text("視情況", "as the case may be"),
    "reply": Text("回應", "a reply"),
    "order": Text("先後次序", "order"),
    "slot": Text("姓名地址電話時間", "names, addresses, numbers, times"),
    "record": Text("通話紀錄", "call record"),
    "rings": Text("鈴聲", "rings"),
    "released": Text("掛線先後", "who hangs up first"),
    "wish": Text("節日祝頌", "festival wish"),
    "duration": Text("通話長短", "length of talk"),
    "unlike": Text("與例句相似與否", "likeness to examples"),
    "backchannel": Text("應聲", "signs of listening"),
    "reaction": Text("反應快慢", "how soon somebody reacts"),
    "the call as a whole": Text("整通電話", "the call as a whole"),
    "in part manual": Text("部分人工查核", "in part a person looks"),
    "raised_voice": Text("語調", "raised voice"),
    "quarrel": Text("爭吵", "quarrel"),
    "delivery": Text("問候的語調", "how the greeting sounds"),
    "impact": Text("摔聽筒的聲音", "slams"),
    "knocks": Text("敲門", "knocks"),
    "manual": Text("人工查核", "a person looks"),
    "not yet": Text("尚不評核", "not judged yet"),
}
WORDS: dict[str, Text] = {
    "kept": Text("保留", "kept"),
    "purged": Text("已刪除", "purged"),
}
FIELDS: dict[str, Text] = {
    "rings": Text("響鈴次數", "rings"),
    "released_by": Text("掛線方", "who hung up"),
    "started_at": Text("通話時間", "time of the call"),
    "direction": Text("來去方向", "direction"),
    "line": Text("線路", "line"),
    "kind": Text("種類", "kind"),
    "agent_id": Text("客服人員編號", "agent id"),
}
SLOTS: dict[str, Text] = {
    "name": Text("姓名", "a name"),
    "address": Text("地址", "an address"),
    "home": Text("住址", "where somebody lives"),
    "phone": Text("電話號碼", "a telephone number"),
    "time": Text("具體時間", "a definite time"),
}
QUARREL_PARTS: dict[str, Text] = {
    "overlap": Text("搶話", "coming in on the customer"),
    "level": Text("提高嗓門", "a raised voice"),
    "rate": Text("語速加快", "faster speech"),
    "contradiction": Text("爭辯的話", "words of contradiction"),
    "forbidden": Text("服務忌語", "forbidden words"),
    "manner": Text("不客氣的話", "a rude answer"),
}
ASPECTS: dict[str, Text] = {
    "pitch": Text("抑揚", "pitch movement"),
    "rate": Text("語速", "pace"),
    "clearness": Text("咬字清晰", "clearness"),
    "over_noise": Text("音量與雜音之比", "level over the line's noise"),
}
PARTIES: dict[str, Text] = {
    "agent": Text("客服人員", "agent"),
    "customer": Text("客戶", "customer"),
}
OVERLAPS: dict[str, Text] = {
    "interruption": Text("打斷", "interrupts"),
    "attempt": Text("搶話未成", "talks over, without getting the floor"),
    "backchannel": Text("附和", "listens aloud"),
    "terminal": Text("搭上尾音", "joins the last syllables"),
    "simultaneous_start": Text("同時開口", "both begin at once"),
}
NAMES: dict[str, dict[str, Text]] = {
    "statuses": STATUSES, "roles": ROLES, "kinds": KINDS, "lines": LINES, "directions": DIRECTIONS,
    "events": EVENTS, "flags": FLAGS, "units": UNITS, "hows": HOWS, "fields": FIELDS, "slots": SLOTS,
    "parties": PARTIES, "overlaps": OVERLAPS, "quarrel_parts": QUARREL_PARTS, "aspects": ASPECTS,
}  # fmt: skip

LABELS: dict[str, Text] = {
    # the head of the page
    "report": Text("接待評核報告", "Reception report"),
    "skip_to_calls": Text("跳到通話清單", "Skip to the calls"),
    "sections": Text("章節", "Sections"),
    "total_duration": Text("錄音總長 {duration}", "{duration} of recordings"),
    "standard_version": Text("規範版本", "standard version"),
    "recordings": Text("錄音", "Recordings"),
    "mean_score": Text("平均分數", "Mean score"),
    "clauses_kept": Text("條文符合率", "Clauses kept"),
    "critical_calls": Text("重大缺失", "Critical calls"),
    "not_listened": Text("無法聽取", "Could not be heard"),
    # totals
    "overview": Text("總覽", "Overview"),
    "distribution": Text("分數分布", "Scores"),
    "distribution_note": Text("{calls} 通中有 {scored} 通評了分；每 5 分一格，橫軸標的是各格的下限。", "{scored} of {calls} calls have a score; bars are 5 points wide and named by where they start."),
    "bin": Text("{label} 分：{calls} 通", "{label} points: {calls} call(s)"),
    "no_scores": Text("沒有通話得到分數。", "No call has a score."),
    "most_failed": Text("最常不符合的條文", "Clauses most often not kept"),
    "most_failed_note": Text("不符合通數／已判定通數 · 比率。未判定者不計。", "Calls that failed / calls judged · share. What was not judged does not count."),
    "nothing_failed": Text("沒有不符合的條文。", "No clause was failed."),
    "open": Text("未能判定", "What could not be judged"),
    "failures": Text("無法聽取的錄音", "Recordings that could not be heard"),
    "failure": Text("{got}（應為：{expected}）", "{got}; expected {expected}"),
    "unjudged_reasons": Text("未判定的原因", "Why clauses were left open"),
    "verdicts_in_calls": Text("{verdicts} 條 · {calls} 通", "{verdicts} clause(s) · {calls} call(s)"),
    "verdicts": Text("{verdicts} 條", "{verdicts} clause(s)"),
    "manual_group": Text("聽不出來，列入各通的人工查核表", "cannot be heard; on each call's checklist for a person"),
    "nothing_open": Text("全部條文都已判定。", "Every clause was judged."),
    "open_note": Text("未判定不扣分，也不算符合。", "What is left open costs no points, and does not count as kept."),
    "agents": Text("客服人員", "Agents"),
    "call_count": Text("通數", "Calls"),
    "critical": Text("重大", "Critical"),
    "often_failed": Text("最常不符合", "Most often not kept"),
    "no_agents": Text("通話紀錄沒有註明客服人員。", "No call record names an agent."),
    # the calls
    "calls": Text("通話", "Calls"),
    "calls_order": Text("分數低者在前；點開可看時間軸、扣分、逐條判定與逐字稿。", "Lowest score first; open a call for its timeline, deductions, rulings and transcript."),
    "detail_limit": Text("本頁詳列分數最低及有重大缺失的 {detailed} 通，其餘 {rest} 通列於後表，詳情在各自的 JSON 檔。", "This page details the {detailed} calls that score lowest or are critical; the other {rest} follow in a table that says where the JSON of each is."),
    "search": Text("搜尋", "Search"),
    "search_hint": Text("檔名或人員", "file or agent"),
    "any": Text("全部", "any"),
    "failed_clause": Text("不符合條文", "Clause not kept"),
    "flag": Text("標記", "Flag"),
    "clear": Text("清除", "Clear"),
    "expand": Text("全部展開", "Open all"),
    "collapse": Text("全部收合", "Close all"),
    "shown": Text("顯示 %shown／%all 通", "%shown of %all calls"),
    "no_calls": Text("沒有通話。", "There are no calls."),
    "none_match": Text("沒有符合條件的通話。", "No call matches."),
    "rest": Text("其餘通話", "Other calls"),
    # one call
    "score": Text("分數", "Score"),
    "recording": Text("錄音", "Recording"),
    "agent": Text("客服人員", "Agent"),
    "started": Text("開始時間", "Started"),
    "kind": Text("類別", "Kind"),
    "line": Text("線路", "Line"),
    "direction": Text("方向", "Direction"),
    "situations": Text("事由", "About"),
    "channels": Text("聲道", "Channels"),
    "engine": Text("辨識模型", "Transcribed by"),
    "warnings": Text("注意", "Note"),
    "flags": Text("標記", "Flags"),
    "document": Text("完整資料", "Full data"),
    "none_failed": Text("無不符合", "nothing failed"),
    "open_count": Text("{count} 條未判定", "{count} not judged"),
    "failed_clauses": Text("不符合條文", "Clauses not kept"),
    "timeline": Text("通話時間軸，長 {duration}", "Timeline of the call, {duration} long"),
    "signals": Text("訊號音", "tones"),
    "kept_of": Text("適用的 {applicable} 條中符合 {passed} 條", "{passed} of {applicable} applicable clauses kept"),
    "kept_short": Text("{passed}／{applicable} 條符合", "{passed} of {applicable} kept"),
    "no_score": Text("沒有條文得以判定，不予評分", "no clause could be judged, so there is no score"),
    "rulings": Text("逐條判定", "Rulings"),
    "demands": Text("規範", "Standard"),
    "confidence": Text("信心", "Confidence"),
    "measured": Text("測得 {measured}", "measured {measured}"),
    "measured_against": Text("測得 {measured}，門檻 {threshold}", "measured {measured}, threshold {threshold}"),
    "checklist": Text("人工查核表", "Checklist for a person"),
    "idle": Text("不適用 {count} 條", "{count} not applicable"),
    "transcript": Text("逐字稿", "Transcript"),
    "transcript_note": Text("標色：條文引述的字句。淡色：辨識沒有把握。", "Coloured: words a ruling quotes. Pale: words the transcription is unsure of."),
    "unsure": Text("辨識把握 {probability}", "transcription is {probability} sure"),
    "no_words": Text("沒有辨識出話語", "no words were made out"),
    "seconds": Text("{seconds} 秒", "{seconds} s"),
    # its measures
    "listened": Text("細聽得分 {measured}", "closer listen {measured}"),
    "listened_against": Text("細聽得分 {measured}，達 {threshold} 才算聽到", "closer listen {measured}, heard from {threshold} on"),
    "measures": Text("通話量測", "Measures"),
    "measures_note": Text("僅供參考，不影響判定與分數。附和（嗯、對、好的）不算打斷。", "For information: they change no ruling and no score. A 嗯, 對 or 好的 within the other's turn is no interruption."),
    "measure": Text("項目", "Measure"),
    "not_apart": Text("未分辨說話人，不分別計算。", "The voices are not told apart, so nothing is counted for each."),
    "talk_share": Text("發言比例", "Talk share"),
    "turns": Text("發言輪次", "Turns"),
    "interruptions": Text("打斷對方", "Interruptions of the other"),
    "attempts": Text("搶話未成", "Attempts to interrupt"),
    "backchannels": Text("附和", "Signs of listening"),
    "speech_rate": Text("語速", "Rate of speech"),
    "reply_delay": Text("回應等待（中位數）", "Wait before replies (median)"),
    "longest_silence": Text("最長靜默", "Longest silence"),
    "hold_time": Text("等候時間", "Time on hold"),
    "holds_told": Text("等候前有無告知", "Holds announced"),
    "told_untold": Text("有 {told} 次、無 {untold} 次", "{told} told, {untold} untold"),
    "overlap_time": Text("同時說話", "Both at once"),
    "overlap_line": Text("{at} {kind}：{sides}", "{at} {kind}: {sides}"),
    "came_in": Text("{incomer}→{on}", "{incomer} on {on}"),
    "loudness": Text("音量", "loudness"),
    "loudness_of": Text("音量（{who}）", "loudness ({who})"),
    # the standard
    "standard": Text("規範條文", "The standard"),
    "standard_note": Text("滿分 100；任一條文不符合，即扣所屬項目的分數，每項至多扣其全額。", "100 points; a failed clause costs points of its dimension, at most the dimension's own."),
    "standard_open": Text("{clauses} 條全文與整夜統計", "All {clauses} clauses, with the night's counts"),
    "worth": Text("扣 {points} 分", "{points} points"),
    "clause": Text("條文", "Clause"),
    "dimension": Text("項目", "Dimension"),
    "how": Text("判定方式", "Judged by"),
    "list_break": Text("；", "; "),
    "footer": Text("由 callqa {version} 產生。個人資料已遮蔽；判定供品管覆核，不取代人的判斷。", "Made by callqa {version}. Personal data are masked; rulings await a person's review and do not replace it."),
    # the terminal
    "file": Text("檔案", "File"),
    "why": Text("原因", "why"),
    "evidence": Text("證據", "evidence"),
    "unjudged": Text("未判定", "Not judged"),
    "not_heard": Text("無法聽取", "could not be heard"),
    "night": Text("{calls} 通，平均 {score} 分", "{calls} call(s), mean score {score}"),
    "more_rows": Text("另有 {count} 列，見 scores.csv", "{count} more row(s) in scores.csv"),
}  # fmt: skip


def name_of(names: Mapping[str, Text], code: str, language: Language) -> str:
    """What a reader calls the code; the code itself where the list does not have it.

    >>> name_of(STATUSES, "fail", "zh-Hant"), name_of(FLAGS, "comet", "en")
    ('不符合', 'comet')
    """
    text = names.get(code)
    return code if text is None else text.to(language)


def label(key: str, language: Language, **details: object) -> str:
    """A string of our own pages, its details filled in; ``KeyError`` when there is none.

    >>> label("idle", "en", count=3)
    '3 not applicable'
    """
    return LABELS[key].to(language).format_map(details)
