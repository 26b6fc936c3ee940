"""Why a recording could not be judged, in the reader's language.

Failures are written in English where they are met, and kept so in the store and in tables for programs. Here
is what each part of them says in Chinese; one that is not here is shown as it is.
"""
# ruff: noqa: E501  (a catalogue is read by the line: what is written, what it says)

from __future__ import annotations

from pipeline.records import Failure
from pipeline.show.language import Language, Phrases, in_chinese

WHAT = {"folder": "資料夾", "file": "檔案"}

GOT: Phrases = (
    (
        "a recording that ends whoever hears it: the process (.+)",
        "一聽就使程式中斷的錄音（行程 {0}）",
    ),
    (r"a recording whose worker was lost (\d+) times", "聽這段錄音的工作程序斷線 {0} 次"),
    (r"another file on (\S+)", "在 {0} 上是另一個檔案"),
    (r"cannot be read on (\S+) \((.+)\)", "在 {0} 上讀不到（{1}）"),
    (r"cannot be read \((.+)\)", "讀不到（{0}）"),
    ("a link to a (folder|file) elsewhere", "連到別處的{0}捷徑"),
    (
        r"a link to (.+), which has a row of its own in (\S+)",
        "連到 {0} 的捷徑，而 {0} 在 {1} 裡已有一行",
    ),
    (r"a folder that cannot be searched \((.+)\)", "打不開的資料夾（{0}）"),
    (r"an empty file \(0 bytes\)", "空檔案（0 位元組）"),
    ("a pipe or device", "管線或裝置"),
    ("a folder, pipe or device", "資料夾、管線或裝置"),
    ("a folder", "資料夾"),
    (r"a file of (\d+) GB", "{0} GB 的檔案"),
    (r"named in (\S+) but not in the folder", "{0} 裡有這個檔名，資料夾裡卻沒有"),
    ("the same sound, byte for byte, as (.+)", "內容與 {0} 完全相同"),
    (r"(.+): a path that leads out of the folder", "{0}：路徑指到資料夾之外"),
    ("no file name", "沒有檔名"),
    (r"(\d+) samples? \((\d+) ms\) of sound", "只有 {0} 個取樣（{1} 毫秒）"),
    (r"a recording of (\d+) channels and more than (\S+) hours", "{0} 個聲道、超過 {1} 小時的錄音"),
    (r"a recording of more than (\S+) hours", "超過 {0} 小時的錄音"),
    (r"a recording of (\S+) hours", "{0} 小時的錄音"),
    (
        r"(\d+) bytes that are no sound FFmpeg knows \((.+)\)",
        "{0} 位元組，不是 FFmpeg 認得的聲音（{1}）",
    ),
    ("an audio stream without samples", "音軌裡沒有聲音"),
    ("samples that are all NaN or infinite", "取樣值全都不是數值"),
    ("a file without an audio stream", "沒有音軌的檔案"),
    ("an audio stream in an encoding FFmpeg does not know", "FFmpeg 不認得的編碼"),
    (r"an audio stream of (\S+) Hz", "取樣率 {0} Hz 的音軌"),
    (r"an audio stream of (?:more than )?(\d+) channels", "{0} 個聲道以上的音軌"),
    (r"a file that takes more than (\d+) GB to unpack", "解開要用 {0} GB 以上記憶體的檔案"),
    (r"a file that breaks the decoder \((.+)\)", "會使解碼程式中斷的檔案（{0}）"),
    (r"a file that was not unpacked within (\d+) s", "{0} 秒內解不開的檔案"),
    (r"its decoder was ended from outside \(signal (\d+)\)", "解碼程式被系統中止（訊號 {0}）"),
    ("a file that changed while it was read", "讀取期間內容有變動的檔案"),
    ("a recording for which memory did not suffice", "記憶體不足以處理的錄音"),
    (r"(calls\.csv:\d+): (\w+) is (.+?) and (\w+) is (.+)", "{0}：{1} 為 {2}，{3} 為 {4}"),
    (r"(calls\.csv:\d+): (\w+) is (.+)", "{0}：{1} 為 {2}"),
    (r"the file's name: (\w+) is (.+?) and (\w+) is (.+)", "檔名：{0} 為 {1}，{2} 為 {3}"),
    (r"the file's name: (\w+) is (.+)", "檔名：{0} 為 {1}"),
    ("decoding stopped early: (.+)", "解碼中斷（{0}）"),
)

EXPECTED: Phrases = (
    ("a recording that can be heard with the memory there is", "以現有記憶體聽得了的錄音"),
    ("a worker that lasts until it is done", "能做到完的工作程序"),
    (
        "a folder that all machines of the cluster share, under one path",
        "叢集各機器以同一路徑共用的資料夾",
    ),
    ("recordings that lie in the folder itself", "放在資料夾裡的錄音"),
    ("a folder we may read", "讀得到的資料夾"),
    ("a sound file such as wav, mp3, flac, ogg or m4a", "wav、mp3、flac、ogg、m4a 之類的聲音檔"),
    ("a sound file", "聲音檔"),
    ("a readable sound file", "讀得到的聲音檔"),
    (r"at most (\d+) GB", "最多 {0} GB"),
    (
        "the file beside calls.csv, by its path from there",
        "與 calls.csv 放在一起的檔案，路徑從該處算起",
    ),
    (r"the file's path from (\S+), in its folder or below", "從 {0} 所在資料夾算起的路徑"),
    ("each call once", "每通只放一份"),
    ("one row a call", "每通一行"),
    ("a file name", "檔名"),
    (r"at least (\d+) ms", "至少 {0} 毫秒"),
    (r"at most (\S+) hours", "最多 {0} 小時"),
    (r"as much sound as (.+) of two channels", "至多相當於雙聲道 {0}"),
    ("a call, which has two", "通話只有兩個聲道"),
    ("a recording, which takes some 40 MB", "一般錄音約用 40 MB"),
    (
        "a recording that is unpacked in time; a minute of sound takes well below a second",
        "能及時解開的錄音；一分鐘的聲音遠不用一秒",
    ),
    ("a decoder that is let finish", "能做完的解碼程式"),
    ("a recording that is complete", "完整的錄音"),
    (
        "memory for a whole recording, about 1.5 GB an hour of stereo",
        "容得下整段錄音的記憶體（雙聲道一小時約 1.5 GB）",
    ),
    ("one of (.+); one of (.+)", "其中之一：{0}；其中之一：{1}"),
    ("one of (.+)", "其中之一：{0}"),
)

HINTS: Phrases = (
    (
        r"Look in the system's log whether memory ran out \(about 1.5 GB an hour of stereo\), or convert it\.",
        "請查系統紀錄是否記憶體不足（雙聲道一小時約 1.5 GB），或先轉檔。",
    ),
    (
        r"Look in Ray's logs whether memory sufficed, and run again\.",
        "請查 Ray 的紀錄，看記憶體是否足夠，然後再跑一次。",
    ),
    (r"Mount it there, or leave out --executor ray\.", "請在該機器掛載，或不用 --executor ray。"),
    (
        r"Copy or mount the (folder|file) there, or score it where it lies\.",
        "請把{0}複製或掛載進來，或到它所在之處評分。",
    ),
    (r"Check its permissions\.", "請檢查權限。"),
    (r"Check its permissions and that it is still there\.", "請檢查權限，以及檔案是否還在。"),
    (
        r"Check the file's permissions and that it is still there\.",
        "請檢查檔案權限，以及檔案是否還在。",
    ),
    (
        r"Check that it is still there, and the disk or network it is on\.",
        "請檢查檔案是否還在，以及所在的磁碟或網路。",
    ),
    (
        r"Look whether the recorder had room on its disk, or remove the file\.",
        "請查錄音機的磁碟是否已滿，或移除這個檔案。",
    ),
    (
        r"Look whether the recorder stopped early, or remove the file\.",
        "請查錄音機是否提早停止，或移除這個檔案。",
    ),
    (r"Remove it, or record into a file\.", "請移除，或改錄成檔案。"),
    (
        r"Look whether it is a recording at all, or split it into calls\.",
        "請看它是不是錄音；是的話，請分成各通。",
    ),
    (r"Rename it; what is inside was searched\.", "請改名；裡面的檔案已照常處理。"),
    (
        r"Correct the name in calls\.csv, or bring the file\.",
        "請更正 calls.csv 裡的檔名，或補上檔案。",
    ),
    (r"Correct the name, or bring the file\.", "請更正檔名，或補上檔案。"),
    (r"Remove one of the two; only the other is listened to\.", "請移除其中一份；只聽了另一份。"),
    (r"Remove one of the two rows\.", "兩行請刪去一行。"),
    (r"Correct the row and run again\.", "請更正這一行，再跑一次。"),
    (r"Fill in `file`\.", "請填 file 欄。"),
    (r"Split it into calls first\.", "請先分成各通。"),
    (r"Listen to the recording itself\.", "請直接聽原錄音。"),
    (
        r"Export it again from the recorder, or remove it from the folder\.",
        "請從錄音機重新匯出，或從資料夾移除。",
    ),
    (
        r"Look whether its disk is slow; else export it again, or raise CALLQA_DECODE_SECONDS\.",
        "請看磁碟是否太慢；否則請重新匯出，或調高 CALLQA_DECODE_SECONDS。",
    ),
    (
        r"Look whether the machine was short of memory, then run again\.",
        "請看機器是否記憶體不足，然後再跑一次。",
    ),
    (
        r"It is still being written, it seems: the next run takes it up\.",
        "似乎還在寫入；下次會再處理。",
    ),
    (
        r"Run again with fewer --threads, on a machine with more, or split it\.",
        "請調低 --threads、換記憶體較多的機器，或把錄音分段。",
    ),
)

SET_ASIDE: Phrases = (
    (
        r" It was tried (\d+) times and is set aside: `callqa failures --retry` has it tried again\.",
        "已試過 {0} 次，暫不再試；`callqa failures --retry` 可再試。",
    ),
)


def refusal(failure: Failure, language: Language) -> Failure:
    """A failure as a reader gets it.

    >>> refusal(Failure("a.wav", "an empty file (0 bytes)", "a sound file", "Check its permissions."), "zh-Hant").got
    '空檔案（0 位元組）'
    """
    if language == "en":
        return failure
    hint, _, aside = failure.hint.partition(" It was tried ")
    told = in_chinese(hint, HINTS, _value)
    if aside:
        told += in_chinese(f" It was tried {aside}", SET_ASIDE, _value)
    return Failure(
        failure.file,
        in_chinese(failure.got, GOT, _value),
        in_chinese(failure.expected, EXPECTED, _value),
        told,
        failure.recording_id,
        failure.passing,
    )


def _value(value: str) -> str:
    return WHAT.get(value, value)
