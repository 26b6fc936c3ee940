"""Why a verdict is what it is, in words: a line a code, both languages on it.

A template names the details its code must carry. :func:`put` insists on both and is what tests
call; :func:`say` is what reports call, and shows code and details as they are rather than fail a
night's report over a missing line of text.
"""
# ruff: noqa: E501  (a catalogue is read by the line: code, Chinese, English)

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from string import Formatter

from pipeline.records import Reason
from pipeline.show.figures import number
from pipeline.show.language import Language, Text
from pipeline.show.text import (
    ASPECTS,
    DIRECTIONS,
    FIELDS,
    KINDS,
    LINES,
    PARTIES,
    QUARREL_PARTS,
    SLOTS,
    name_of,
)

REASONS: dict[str, Text] = {
    # phrases
    "phrase_said": Text("說了「{phrase}」", "“{phrase}” was said"),
    "call_alike": Text("整通電話屬於「{called}」一類，以這一句最明顯", "the call as a whole is one of “{called}”, most plainly in this answer"),
    "call_perhaps": Text("整通電話似屬「{called}」一類，但沒有一句明顯如此，須由人聽", "the call as a whole seems one of “{called}”, yet no answer shows it plainly: a person must listen"),
    "call_unlike": Text("整通電話並不像「{called}」，須由人聽", "the call as a whole is nothing like “{called}”: a person must listen"),
    "phrase_alike": Text("用別的說法說了「{phrase}」，如例句「{example}」", "“{phrase}” was said in other words, as in the example “{example}”"),
    "phrase_heard": Text("細聽之下，說了「{phrase}」", "a closer listen hears “{phrase}”"),
    "phrase_missing": Text("沒有說「{phrase}」之類的話（範圍：{window}）", "“{phrase}” was not said ({window})"),
    "not_done": Text("沒有{called}", "not done: {called}"),
    "phrase_doubtful": Text("聽不出是否說了「{phrase}」", "it is doubtful whether “{phrase}” was said"),
    "phrase_unheard": Text("「{phrase}」須再細聽，但沒有開啟錄音", "“{phrase}” needs a closer listen, but the audio was not opened"),
    "phrase_cut_off": Text("錄音不完整，或許在缺少的部分說了「{phrase}」", "the recording lacks its end, in which “{phrase}” may have been said"),
    "speech_unclear": Text("聽不清說話人的話，不能斷定沒有說「{phrase}」", "the speaker is hard to understand; “{phrase}” cannot be ruled out"),
    "said_by_unknown": Text("有人說了「{phrase}」，但分不出是誰", "“{phrase}” was said, but by whom is not known"),
    "forbidden_said": Text("說了{called} {count} 次", "said {count} time(s): {called}"),
    "forbidden_none": Text("沒有說{called}", "not said: {called}"),
    "forbidden_doubtful": Text("疑似說了{called}，不能確定", "perhaps said, not certain: {called}"),
    "forbidden_objected": Text("沒聽到{called}，但對方說了「{quotes}」，須由人聽", "none heard: {called}; but the other said “{quotes}”, a person must listen"),
    "answer_alike": Text("{called}：像例句「{example}」", "{called}: like the example “{example}”"),
    "answer_doubtful": Text("或許是{called}：有幾分像例句「{example}」，須由人聽", "perhaps {called}: somewhat like the example “{example}”; a person must listen"),
    "answer_unlike": Text("沒聽到{called}", "not heard: {called}"),
    "perhaps_otherwise": Text("沒聽到「{phrase}」，但說了「{hints}」，或許是換了說法，須由人聽", "“{phrase}” was not heard, but “{hints}” was: perhaps it was put otherwise, a person must listen"),
    "perhaps_silently": Text("沒有說出口；{what}，須由人查看", "nothing was said; a gesture would do ({what}), a person must look"),
    "order_wrong": Text("次序不對：應為 {phrases}", "not in order: should be {phrases}"),
    "order_doubtful": Text("聽不出先後次序：{phrases}", "the order is doubtful: {phrases}"),
    "trigger_doubtful": Text("疑似說了「{quote}」，不能確定，故不判定其後有無應有的話", "“{quote}” may have been said; what should follow it is not ruled"),
    "nothing_to_answer": Text("通話中沒有這種情形", "there was no occasion for it"),
    # names, numbers, times, the call record
    "slot_said": Text("說了{slot}", "{slot} was given"),
    "slot_cut_off": Text("錄音不完整，或許在缺少的部分說了{slot}", "the recording lacks its end, in which {slot} may have been given"),
    "slot_missing": Text("沒有說{slot}", "{slot} was not given"),
    "slot_by_unknown": Text("有人說了{slot}，但分不出是誰", "{slot} was given, but by whom is not known"),
    "slot_unclear": Text("聽不清說話人的話，不能斷定沒有說{slot}", "the speaker is hard to understand, so that {slot} may have been given"),
    "no_record": Text("通話紀錄沒有註明{field}", "no call record gives the {field}"),
    "record_kept": Text("{field}：{value}（規定：{wanted}）", "{field}: {value} (wanted: {wanted})"),
    "record_broken": Text("{field}：{value}，不合規定（應為：{wanted}）", "{field}: {value}, against {wanted}"),
    "record_no_number": Text("通話紀錄的{field}不是數字：{value}", "{field} in the call record is no number: {value}"),
    # rings and hanging up
    "rings_few": Text("響鈴 {count} 聲後接聽（規定：不超過 {most} 聲）", "answered after {count} ring(s) (wanted: at most {most})"),
    "rings_many": Text("響鈴 {count} 聲才接聽，超過 {most} 聲", "answered only after {count} rings, more than {most}"),
    "rings_barely": Text("第 {count} 聲剛響起即接聽，是否超過 {most} 聲須由人斷定", "answered as ring {count} began; whether that is more than {most} a person must say"),
    "rings_unheard": Text("錄音中聽不到接聽前的鈴聲（可能從接聽後才開始錄）；請在 calls.csv 填 rings，或讓錄音從響鈴開始", "no ring is heard before the answer (the recording may begin after it); give rings in calls.csv, or record from the first ring"),
    "rings_colour": Text("接聽前播放彩鈴或音樂，數不出響了幾聲；請在 calls.csv 填 rings", "music was played before the answer, so that rings cannot be counted; give rings in calls.csv"),
    "rings_under_way": Text("錄音開始時已在響鈴，只聽到 {count} 聲，之前響了幾聲不得而知；請在 calls.csv 填 rings", "it was ringing when the recording began; {count} ring(s) are heard, how many came before is not known; give rings in calls.csv"),
    "rings_stopped": Text("響 {count} 聲後久無鈴聲才有人說話，不知何時接聽；請在 calls.csv 填 rings", "after {count} ring(s) there is none for long before anybody speaks; when it was answered is not known; give rings in calls.csv"),
    "rings_uneven": Text("聽到響 {count} 聲，但其間有一段特別久，或許有鈴聲沒聽出（標準最多 {most} 聲）", "{count} ring(s) heard, but one rest between them is longer; some may not have been heard (at most {most})"),
    "rings_go_on": Text("響 {count} 聲後有人聲，但鈴聲仍繼續，不知何時才接聽（標準最多 {most} 聲）", "a voice after {count} ring(s), but it rings on; when it was answered is not known (at most {most})"),
    "rings_differ": Text("兩聲道的鈴聲數目不同（最多 {count} 聲，規定不超過 {most} 聲）；請在 calls.csv 填 rings", "the two channels ring differently often (up to {count}, wanted: at most {most}); give rings in calls.csv"),
    "release_kept": Text("忙音顯示{value}先掛線", "a busy tone tells that the {value} hung up first"),
    "release_broken": Text("忙音顯示{value}先掛線", "a busy tone tells that the {value} hung up first"),
    "release_unheard": Text("通話紀錄沒有註明誰先掛線，錄音中也沒有忙音；請在 calls.csv 填 released_by", "no call record says who hung up, and no busy tone is heard; give released_by in calls.csv"),
    "release_passed_on": Text("電話已轉到別處，掛線先後不由客服人員", "the call was put through; who hung up first is up to others"),
    "release_no_talk": Text("只有忙音，之前無人說話", "a busy tone, and nobody speaks before it"),
    "release_late": Text("忙音在最後一句話 {seconds}後才響起，不能斷定誰先掛線；請在 calls.csv 填 released_by", "the busy tone begins {seconds} after the last words; who hung up is not certain; give released_by in calls.csv"),
    "release_roles": Text("有忙音，但分不出哪個聲道是客服人員；請在 calls.csv 填 agent_channel 或 released_by", "there is a busy tone, but which channel is the agent's is not known; give agent_channel or released_by in calls.csv"),
    "release_both": Text("兩個聲道都有忙音，不能斷定誰先掛線；請在 calls.csv 填 released_by", "a busy tone on both channels; who hung up is not certain; give released_by in calls.csv"),
    "release_agent_leg": Text("忙音在客服人員的聲道，不能斷定誰先掛線；請在 calls.csv 填 released_by", "the busy tone is on the agent's channel; who hung up is not certain; give released_by in calls.csv"),
    "release_talk_goes_on": Text("忙音響起後仍有人說話，不能斷定誰先掛線；請在 calls.csv 填 released_by", "somebody speaks on after the busy tone; who hung up is not certain; give released_by in calls.csv"),
    # voices
    "no_agent_speech": Text("聽不到客服人員說話", "the agent is not heard"),
    "no_speech_of": Text("聽不到{party}說話", "the {party} is not heard"),
    "nobody_speaks": Text("錄音中無人說話", "nobody speaks in the recording"),
    "roles_unknown": Text("分不出誰是客服人員；雙聲道錄音請在 calls.csv 填 agent_channel", "which voice is the agent's is not known; of a stereo recording give agent_channel in calls.csv"),
    "voice_calm": Text("語調平和", "the voice stays calm"),
    "voice_raised": Text("提高嗓門 {count} 次", "the voice is raised {count} time(s)"),
    "voice_doubtful": Text("疑似提高嗓門，不能確定", "the voice may be raised; it is not certain"),
    "voice_not_measured": Text("聽錄音的版本較舊，未量嗓音的用力程度", "heard by an earlier version, which did not measure vocal effort"),
    "voice_no_baseline": Text("話太少，無從得知平時的嗓音（需 {needed} 句，只有 {found} 句）", "too little speech to know the usual voice (needs {needed} utterances, found {found})"),
    "voice_above_usual": Text("整通的嗓音都比這位客服人員平時（先前 {calls} 通）高而用力，可能全程提高了嗓門，也可能是心情好或換了人，須由人聽", "throughout, the voice is higher and more forceful than this agent's usual one ({calls} earlier calls): raised all along, cheerful, or somebody else; a person must listen"),
    "voice_as_usual": Text("話少（{found} 句），但嗓音與平時（先前 {calls} 通）一樣平和", "little is said ({found} utterances), as calmly as usual ({calls} earlier calls)"),
    "voice_unlike_usual": Text("話少（{found} 句），且嗓音不似平時（先前 {calls} 通）平和，須由人聽", "little is said ({found} utterances), and not clearly as calmly as usual ({calls} earlier calls); a person must listen"),
    # how the agent speaks with an angry customer, and greets
    "no_anger": Text("客戶沒有動氣", "the customer shows no anger"),
    "quarrel": Text("與客戶爭吵：{parts}", "quarrels with the customer: {parts}"),
    "quarrel_of_words": Text("與客戶頂嘴（{parts}），一句接一句，客戶抗議", "sharp with the customer turn after turn ({parts}), who protests"),
    "quarrel_wordless": Text("疑似爭吵（{parts}），但聽不到爭辯的話，須由人聽", "perhaps a quarrel ({parts}), yet no words of one are heard; a person must listen"),
    "quarrel_doubtful": Text("疑似與客戶爭吵（{parts}），不能確定", "perhaps a quarrel ({parts}); it is not certain"),
    "quarrel_unheard": Text("有爭辯的話，但聽不出{parts}，不能斷定是否爭吵", "there are words of contradiction, but these cannot be heard: {parts}; whether it is a quarrel is open"),
    "quarrel_little": Text("有{parts}，但不足以算爭吵", "no quarrel, though there is: {parts}"),
    "quarrel_none": Text("沒有與客戶爭吵", "no quarrel with the customer"),
    "delivery_good": Text("問候語有抑揚、快慢適中、清晰", "the greeting is lively, at an easy pace and clear"),
    "delivery_bad": Text("問候語的{aspects}欠佳", "the greeting is poor in: {aspects}"),
    "delivery_between": Text("問候語的{aspects}介於好壞之間，須由人聽", "the greeting is neither clearly good nor bad in: {aspects}; a person must listen"),
    "delivery_noise": Text("線路雜音太大，聽不出問候語的語調與清晰度", "the line is too noisy to judge how the greeting sounds"),
    "delivery_short": Text("第一句話太短（{count} 個音節，需 {needed} 個），無從量度語調", "the first turn is too short to measure ({count} syllables, needs {needed})"),
    "delivery_unmeasured": Text("收聽這通電話的版本沒有量度語調或雜音；請重新收聽", "the version that heard this call did not measure pitch movement or noise; hear it again"),
    # blows
    "impact_none": Text("收線時沒有摔聽筒般的重擊聲", "no blow like a slammed handset at the end"),
    "impact_slam": Text("最後一句話之後有一聲重擊，比說話的大聲處高 {over}，聽來像摔聽筒（以摔門聲為準，請細聽）", "a blow after the last words, {over} over the loud syllables, sounds like a slammed handset (measured with slammed doors; please listen)"),
    "impact_doubtful": Text("最後一句話之後有一聲響，比說話的大聲處高 {over}，不能斷定是不是摔聽筒", "a sudden sound after the last words, {over} over the loud syllables; whether the handset was slammed is not certain"),
    "impact_talked_on": Text("有一聲重響，比說話的大聲處高 {over}，但客戶之後仍在說話，未必是掛線時的聲響", "a blow, {over} over the loud syllables, after which the customer talks on; perhaps nobody had hung up"),
    "impact_mono": Text("收線時有一聲重響，比說話的大聲處高 {over}，但單聲道錄音分不出是哪一方", "a blow at the end, {over} over the loud syllables; on a mono recording nobody knows on which side"),
    "impact_roles": Text("收線時有一聲重響，比說話的大聲處高 {over}，但分不出是不是客服人員一方", "a blow at the end, {over} over the loud syllables; whether on the agent's side is not known"),
    "impact_unmeasured": Text("本通由舊版聽取，當時未聽撞擊與敲門聲；請重新聽取", "heard by a version that did not listen for blows and knocks; listen again"),
    "knocks_few": Text("敲門一次最多 {count} 下（規定：不超過 {most} 下）", "at most {count} knock(s) in a row (wanted: at most {most})"),
    "knocks_many": Text("連敲 {count} 下門，超過 {most} 下", "{count} knocks in a row, more than {most}"),
    "knocks_near": Text("連敲 {count} 下門，略多於 {most} 下，須由人斷定", "{count} knocks in a row, a little more than {most}; a person must say"),
    "knocks_loud": Text("敲門聲比說話的大聲處高 {over}，是否過重須由人細聽", "knocks {over} over the loud syllables; whether that is too hard a person must hear"),
    "knocks_soon": Text("再次敲門前只等了 {seconds}，須由人斷定", "only {seconds} before knocking again; a person must say"),
    "knocks_unheard": Text("錄音中聽不到敲門", "no knock is heard"),
    # what kind of call it is
    "wrong_kind": Text("這是{kind}，本條不適用", "this is a {kind}; the clause is not about those"),
    "wrong_line": Text("這是{line}，本條不適用", "this is the {line} line; the clause is not about it"),
    "wrong_direction": Text("這是{direction}的電話，本條不適用", "this is an {direction} call; the clause is not about those"),
    "wrong_date": Text("通話日期 {date} 不在本條期限內", "the clause is not in force on {date}"),
    "no_festival": Text("{date} 不是節日", "{date} is no festival"),
    "no_situation": Text("來電事由不屬於「{situation}」，本條不適用", "not about it: {situation}"),
    "other_situation": Text("來電事由屬於「{situation}」，本條不適用", "the clause is not about: {situation}"),
    "situation_unclear": Text("聽不出來電事由是不是「{situation}」", "it is not clear whether this is: {situation}"),
    "talk_short": Text("{situation}談了 {seconds}，未超過 {limit}", "{situation}: {seconds} of talk, within {limit}"),
    "talk_long": Text("{situation}談了 {seconds}，超過 {limit}", "{situation}: {seconds} of talk, longer than {limit}"),
    "talk_doubtful": Text("{situation}談了約 {seconds}（上限 {limit}），起訖不能確定，不足以斷定", "{situation}: about {seconds} of talk (limit {limit}), of which beginning and end are not certain enough to rule"),
    # holds and silences
    "no_hold": Text("沒有請客戶等候", "the customer was not put on hold"),
    "hold_unclear": Text("通話中有長靜默，聽不出是否請客戶等候", "a long silence in the call; whether it was a hold is not clear"),
    "silence_short": Text("該應聲時沒有長達 {longest}的靜默（上限 {limit}）", "no silence of {longest} while an answer was owed (at most {limit})"),
    "silence_rings": Text("靜默中有鈴聲響起，量不出多長；其餘未超過 {limit}", "it rings in the silences, so that they cannot be measured; none else is over {limit}"),
    "silence_none": Text("客服人員最長 {longest}沒有出聲，未超過 {limit}", "longest silence {longest}, within {limit}"),
    "silence_long": Text("客服人員 {longest}沒有出聲，超過 {limit}", "silent for {longest}, longer than {limit}"),
    "silence_doubtful": Text("客服人員 {longest}沒有出聲，接近上限 {limit}，不能確定", "silent for {longest}, too close to {limit} to rule"),
    # listening and reacting
    "listening_heard": Text("客戶獨自說話最長 {longest}，未超過 {limit}", "the customer spoke on for at most {longest} without a sign of listening, within {limit}"),
    "listening_silent": Text("客戶一連說了 {longest}，客服人員沒有應聲（上限 {limit}）", "the customer spoke on for {longest} without a sign of listening (limit {limit})"),
    "listening_doubtful": Text("客戶一連說了 {longest}，客服人員沒有應聲，接近上限 {limit}，不能確定", "{longest} without a sign of listening, too close to {limit} to rule"),
    "listening_mono": Text("客戶一連說了 {longest}，單聲道錄音，輕聲的應答可能被蓋過", "the customer spoke on for {longest}; on mono a soft sign of listening may go under"),
    "listening_masked": Text("客戶一連說了 {longest}，線路雜音或回聲太大，輕聲的應答可能聽不到", "the customer spoke on for {longest}; noise or echo of the line may hide a soft sign of listening"),
    "listening_unmeasured": Text("客戶一連說了 {longest}，收聽這通電話的版本尚未找輕聲的應答；請重新收聽", "the customer spoke on for {longest}; the version that heard this call did not look for soft signs of listening: listen to it again"),
    "listening_no_words": Text("客戶的聲道有聲音 {longest}，但聽不出在說話", "{longest} of sound from the customer, in which hardly a word is made out"),
    "reaction_first": Text("接待人員先開口", "the staff spoke first"),
    "reaction_prompt": Text("來訪者開口後，最長 {longest}無人應聲，未超過 {limit}", "at most {longest} without an answer to the visitor's first words, within {limit}"),
    "reaction_late": Text("來訪者開口後 {longest}才有人應聲，超過 {limit}", "the visitor's first words were answered after {longest}, later than {limit}"),
    "reaction_doubtful": Text("來訪者開口後 {longest}才有人應聲，接近上限 {limit}，不能確定", "answered after {longest}, too close to {limit} to rule"),
    "reaction_voice": Text("單聲道錄音，{longest}無人應聲之前話太少，分不出是誰說的", "mono: too little is said before {longest} without an answer to know whose words they are"),
    "reaction_none": Text("來訪者開口後，接待人員一直沒有應聲", "nobody of the staff ever answered the visitor"),
    # what a recording cannot answer
    "manual": Text("聽不出來，須由人查核：{what}", "cannot be heard; a person must look: {what}"),
    "not_yet": Text("本版尚不評核；需要：{what}", "this version does not judge it; it needs: {what}"),
}  # fmt: skip
"""``parts`` is not here: it is said by saying its parts."""

GROUPS: dict[str, Text] = {
    "forbidden_doubtful": Text("疑似說了不該說的話，不能確定", "forbidden words may have been said; it is not certain"),
    "phrase_doubtful": Text("聽不出是否說了規定用語", "doubtful whether a demanded phrase was said"),
    "phrase_unheard": Text("規定用語須再細聽，但沒有開啟錄音", "a phrase needs a closer listen, but the audio was not opened"),
    "phrase_cut_off": Text("錄音不完整，缺少結尾", "the recording lacks its end"),
    "slot_cut_off": Text("錄音不完整，缺少結尾", "the recording lacks its end"),
    "speech_unclear": Text("聽不清說話人的話", "the speaker is hard to understand"),
    "slot_unclear": Text("聽不清說話人的話", "the speaker is hard to understand"),
    "said_by_unknown": Text("說了規定用語，但分不出是誰說的", "a phrase was said, but by whom is not known"),
    "voice_no_baseline": Text("話太少，無從得知平時的嗓音", "too little speech to know the usual voice"),
    "voice_above_usual": Text("整通的嗓音都比平時高而用力，須由人聽", "throughout, the voice is higher and more forceful than usual; a person must listen"),
    "voice_unlike_usual": Text("話少，且嗓音不似平時平和", "little is said, and not clearly as calmly as usual"),
    "situation_unclear": Text("聽不出通話的事由", "what the call is about is not clear"),
    "trigger_doubtful": Text("前提不能確定", "what the rule hangs on is doubtful"),
    "forbidden_objected": Text("對方不滿所說的話，須由人聽", "the other objected to what was said; a person must listen"),
    "answer_doubtful": Text("答得是否妥當，須由人聽", "whether the answer was right, a person must listen"),
    "call_perhaps": Text("整通電話似有不妥，但沒有一句明顯如此，須由人聽", "the call as a whole seems amiss, yet no answer shows it plainly: a person must listen"),
    "call_unlike": Text("有一句似有不妥，但整通電話並不像，須由人聽", "an answer seems amiss, but the call as a whole does not: a person must listen"),
    "perhaps_otherwise": Text("或許是用別的說法說了，須由人聽", "perhaps said in other words; a person must listen"),
    "perhaps_silently": Text("可以動作代替，須由人查看", "a gesture would do; a person must look"),
    "no_record": Text("沒有通話紀錄", "no call record"),
    "rings_barely": Text("最後一聲剛響起即接聽，須由人斷定", "answered as the last ring began; a person must say"),
    "rings_under_way": Text("錄音開始時已在響鈴", "it was ringing when the recording began"),
    "rings_stopped": Text("鈴聲停止後很久才有人說話", "long without a ring before anybody speaks"),
    "rings_differ": Text("兩聲道的鈴聲數目不同", "the two channels ring differently often"),
    "release_late": Text("忙音在通話結束很久後才響起", "a busy tone only long after the conversation"),
    "impact_doubtful": Text("收線時有一聲響，不能斷定是不是摔聽筒", "a sudden sound at the end; perhaps a slammed handset"),
    "impact_talked_on": Text("有一聲重響，但客戶之後仍在說話", "a blow, after which the customer talks on"),
    "impact_mono": Text("收線時有一聲重響，分不出是哪一方", "a blow at the end; on which side is not known"),
    "impact_roles": Text("收線時有一聲重響，分不出是哪一方", "a blow at the end; on which side is not known"),
    "knocks_near": Text("敲門略多，須由人斷定", "somewhat many knocks; a person must say"),
    "knocks_loud": Text("敲門聲大，須由人細聽", "loud knocks; a person must listen"),
    "knocks_soon": Text("很快再次敲門，須由人斷定", "knocked again soon; a person must say"),
    "quarrel_wordless": Text("疑似爭吵，但聽不到爭辯的話", "perhaps a quarrel, yet without words of one"),
    "quarrel_doubtful": Text("疑似爭吵，不能確定", "perhaps a quarrel, not certain"),
    "quarrel_unheard": Text("有爭辯的話，但其他跡象聽不出來", "words of contradiction, but the rest cannot be heard"),
    "delivery_between": Text("問候語的語調介於好壞之間，須由人聽", "the greeting is neither clearly good nor bad; a person must listen"),
    "delivery_short": Text("第一句話太短，無從量度語調", "the first turn is too short to measure"),
    "silence_doubtful": Text("靜默長度接近上限，不能確定", "a silence too close to the limit to rule"),
    "listening_doubtful": Text("客戶長談而無人應聲，接近上限，不能確定", "long without a sign of listening, too close to the limit to rule"),
    "listening_mono": Text("單聲道錄音，輕聲的應答可能被蓋過", "on mono a soft sign of listening may go under"),
    "listening_masked": Text("線路雜音或回聲太大，輕聲的應答可能聽不到", "noise or echo may hide a soft sign of listening"),
    "listening_unmeasured": Text("收聽的版本尚未找輕聲的應答", "heard by a version that did not look for soft signs of listening"),
    "listening_no_words": Text("客戶的聲道有聲音，但聽不出在說話", "sound from the customer in which hardly a word is made out"),
    "reaction_voice": Text("單聲道錄音，開頭的話太少，分不出是誰說的", "mono: too little is said at the start to know whose words they are"),
    "reaction_doubtful": Text("應聲的時間接近上限，不能確定", "a reaction too close to the limit to rule"),
    "manual": Text("聽不出來，須由人查核", "cannot be heard; a person must look"),
    "not_yet": Text("本版尚不評核", "this version does not judge it"),
    "parts": Text("條文的一部分不能判定", "part of the clause cannot be judged"),
}  # fmt: skip
"""What many verdicts of one code have in common: their reason without its details."""

EARLIER: dict[str, dict[str, str]] = {
    code: {"situation": "私人談話"} for code in ("talk_short", "talk_long", "talk_doubtful")
}
"""Details that reasons kept by versions up to 0.18 lack: all long talk was private."""

JOINED = "、"
"""Stands between the details of several findings that the judge joined in one reason."""

PART_BREAK = Text("；", "; ")


class UnwordedReason(LookupError):
    """A reason whose code, or a detail its words need, the catalogue and the judge disagree on."""


def put(reason: Reason, language: Language) -> str:
    """The reason in words.

    Raises:
        UnwordedReason: no template has its code, or the template names a detail it lacks
    """
    if reason.parts:
        return PART_BREAK.to(language).join(put(part, language) for part in reason.parts)
    template = REASONS.get(reason.code)
    if template is None:
        raise UnwordedReason(f"no words for reason {reason.code!r}")
    told = {**EARLIER.get(reason.code, {}), **dict(reason.details)}
    details = {name: _detail(name, value, language) for name, value in told.items()}
    missing = fields(template.to(language)) - details.keys()
    if missing:
        raise UnwordedReason(f"reason {reason.code!r} lacks {', '.join(sorted(missing))}")
    return template.to(language).format_map(details)


def say(reason: Reason, language: Language) -> str:
    """The reason in words, or its bare code and details where there are no words for it.

    >>> say(Reason.of("silence_long", longest=23.4, limit=12), "en")
    'silent for 23.4 s, longer than 12 s'
    >>> say(Reason.of("comet_seen", tail="long"), "en")
    'comet_seen (tail: long)'
    """
    try:
        return put(reason, language)
    except UnwordedReason:
        details = ", ".join(f"{name}: {value}" for name, value in reason.details)
        return f"{reason.code} ({details})" if details else reason.code


def say_group(reason: Reason, language: Language) -> str:
    """What all reasons of this code have in common; the whole reason where it has no details."""
    first = reason.parts[0] if reason.parts else reason
    group = GROUPS.get(first.code if first.code == "call_unlike" else reason.code)
    return say(reason, language) if group is None else group.to(language)


@cache  # of the catalogue's templates, which are parsed for every verdict otherwise
def fields(template: str) -> frozenset[str]:
    """Names of the details a template needs."""
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)


def _detail(name: str, value: str, language: Language) -> str:
    """A detail as shown: codes by their names, bare milliseconds and seconds with their unit."""
    show = _DETAILS.get(name)
    if show is None:
        return value
    return JOINED.join(show(part, language) for part in value.split(JOINED))


def _seconds(value: str, language: Language) -> str:
    try:
        return f"{number(float(value))}{_SECOND.to(language)}"
    except ValueError:
        return value


_SECOND = Text(" 秒", " s")
_DECIBEL = Text(" 分貝", " dB")
_DETAILS: dict[str, Callable[[str, Language], str]] = {
    "kind": lambda value, language: name_of(KINDS, value, language),
    "line": lambda value, language: name_of(LINES, value, language),
    "direction": lambda value, language: name_of(DIRECTIONS, value, language),
    "field": lambda value, language: name_of(FIELDS, value, language),
    "slot": lambda value, language: name_of(SLOTS, value, language),
    "value": lambda value, language: name_of(PARTIES, value, language),
    "party": lambda value, language: name_of(PARTIES, value, language),
    "wanted": lambda value, language: name_of(PARTIES, value, language),
    "parts": lambda value, language: name_of(QUARREL_PARTS, value, language),
    "aspects": lambda value, language: name_of(ASPECTS, value, language),
    "seconds": _seconds,
    "over": lambda value, language: f"{value}{_DECIBEL.to(language)}",
    "longest": _seconds,
    "limit": _seconds,
}
