"""Both engines, real weights, the same sound: they must hear the same."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import numpy as np
import pytest
import torch
from rapidfuzz.distance import Levenshtein

from pipeline.errors import UsageError, WeightsError
from pipeline.listen.audio import SAMPLE_RATE, FloatArray, decode
from pipeline.listen.engines import ENGINES, Engine, Reading, load_engine
from pipeline.listen.engines.ct2_weights import (
    _dequantised,
    openai_checkpoint,
    read_variables,
)
from pipeline.listen.engines.forced import (
    Rivals,
    TokenTree,
    load_decoder,
)
from pipeline.listen.engines.vocabulary import _is_mandarin, write_mandarin_model
from pipeline.listen.guard import has_loop
from pipeline.listen.speech import VoiceActivity
from pipeline.listen.windows import cut_windows, piece_of
from pipeline.models import Weights, resolve
from pipeline.records import Span
from pipeline.settings import Settings
from pipeline.wording.normalise import normalise
from pipeline.wording.syllables import syllables

SAMPLES = Path(__file__).parents[2] / "samples" / "recordings"
GREETING_WRITTEN = "您好,翠湖花園物業管理處"
GREETING = "您好翠湖花园物业管理处请问有什么可以帮到您"


@pytest.fixture(scope="module")
def weights() -> Weights:
    return resolve("base")


@pytest.fixture(scope="module")
def engines(weights: Weights) -> dict[str, Engine]:
    return {name: load_engine(Settings(engine=name, beam_size=1), weights) for name in ENGINES}


@pytest.fixture(scope="module")
def greeting() -> FloatArray:
    """The agent's first words of the first sample, 5 s."""
    sound = decode(SAMPLES / "01_perfect_repair.wav")
    return piece_of(sound.samples[0], Span(8_400, 13_300))


def heard(engine: Engine, samples: FloatArray) -> str:
    return normalise("".join(word.text for word in engine.transcribe([samples])[0].words)).text


def mean_log_prob(engine: Engine, samples: FloatArray, text: str) -> float:
    """How likely a text is as the beginning of the window's transcript, nat a token."""
    reader, tokens = engine.reader(samples), engine.encode_text(text)
    nodes = (0, *reader.grow(range(len(tokens)), tokens))
    return float(np.mean(reader.log_probs(nodes[:-1], tokens)))


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_hears_the_greeting(
    engines: dict[str, Engine], greeting: FloatArray, name: str
) -> None:
    said, found = syllables(GREETING), syllables(heard(engines[name], greeting))
    assert Levenshtein.distance(said, found) <= 3


def test_the_engines_agree_on_words_and_times(
    engines: dict[str, Engine], greeting: FloatArray
) -> None:
    first, second = (engines[name].transcribe([greeting])[0].words for name in ENGINES)
    texts = [normalise("".join(word.text for word in words)).text for words in (first, second)]
    assert Levenshtein.normalized_distance(*texts) <= 0.15
    starts = {word.text: word.span.start_ms for word in first}
    apart = [abs(starts[w.text] - w.span.start_ms) for w in second if w.text in starts]
    assert len(apart) >= 5
    assert median(apart) <= 60


def test_the_engines_agree_on_how_likely_a_wording_is(
    engines: dict[str, Engine], greeting: FloatArray
) -> None:
    said = {
        name: mean_log_prob(engine, greeting, GREETING_WRITTEN) for name, engine in engines.items()
    }
    unsaid = {name: mean_log_prob(engine, greeting, "再見") for name, engine in engines.items()}
    # int8 against float32: close where it matters, and both sure of what was not said
    assert abs(said["faster-whisper"] - said["openai-whisper"]) < 0.3
    assert max(unsaid.values()) < min(said.values()) - 5


@pytest.mark.parametrize("name", ENGINES)
def test_a_reader_needs_no_more_sound_than_there_is(
    engines: dict[str, Engine], greeting: FloatArray, name: str
) -> None:
    padded = np.pad(greeting, (0, 30 * SAMPLE_RATE - greeting.size))
    short, whole = (
        mean_log_prob(engines[name], samples, GREETING_WRITTEN) for samples in (greeting, padded)
    )
    assert abs(short - whole) < 0.3


def test_a_step_in_int8_gives_much_the_same(
    engines: dict[str, Engine], weights: Weights, greeting: FloatArray
) -> None:
    engine = engines["faster-whisper"]
    sound, text = engine._encode(greeting), engine.encode_text(GREETING_WRITTEN)  # type: ignore[attr-defined]
    read = []
    for int8 in (False, True):
        decoder = load_decoder(weights.path, int8=int8)
        tree = TokenTree(decoder, sound, (50258, 50260, 50359, 50363), Rivals.of(decoder))
        nodes = (0, *tree.grow(range(len(text)), text))
        read.append(tree.log_probs(nodes[:-1], text))
    assert 0 < np.abs(np.subtract(*read)).mean() < 0.3


def test_a_window_says_the_same_alone_and_among_others(
    engines: dict[str, Engine], greeting: FloatArray
) -> None:
    engine, shorter = engines["faster-whisper"], greeting[: 3 * SAMPLE_RATE]
    alone = [*engine.transcribe([shorter]), *engine.transcribe([greeting])]
    together = engine.transcribe([shorter, greeting])
    assert [texts(one) for one in together] == [texts(one) for one in alone]
    assert engine.transcribe([]) == ()


def test_a_window_full_of_speech_is_read_to_its_end(engines: dict[str, Engine]) -> None:
    # 23 s without a rest, 115 tokens: CTranslate2 stops at half of the length it is given
    samples = decode(SAMPLES / "16_angry_customer.mp3").samples[0]
    full = max(
        cut_windows(samples, VoiceActivity().heard(samples).speech), key=lambda w: w.samples.size
    )
    assert heard(engines["faster-whisper"], full.samples).endswith("给您回电话您看可以吗")


def texts(reading: Reading) -> list[str]:
    return [word.text for word in reading.words]


def test_threads_that_share_an_engine_hear_what_one_hears(
    engines: dict[str, Engine], greeting: FloatArray
) -> None:
    engine = engines["faster-whisper"]
    windows = [greeting[: seconds * SAMPLE_RATE] for seconds in (3, 4, 5)]
    alone = [engine.transcribe([window]) for window in windows]
    with ThreadPoolExecutor(3) as pool:
        assert [*pool.map(lambda window: engine.transcribe([window]), windows)] == alone


def test_with_care_the_greeting_is_heard_too(
    engines: dict[str, Engine], greeting: FloatArray
) -> None:
    (reading,) = engines["faster-whisper"].transcribe([greeting], careful=True)
    found = syllables(normalise("".join(texts(reading))).text)
    assert Levenshtein.distance(syllables(GREETING), found) <= 3


def test_a_careful_reading_does_not_say_the_same_over_and_over(
    engines: dict[str, Engine], greeting: FloatArray
) -> None:
    """Two seconds six times over send Whisper round and round, with care too."""
    over_and_over = np.tile(greeting[: 2 * SAMPLE_RATE], 6)
    (read,), (carefully,) = (
        engines["faster-whisper"].transcribe([over_and_over], careful=careful)
        for careful in (False, True)
    )
    assert has_loop("".join(texts(read)))
    assert not has_loop("".join(texts(carefully)))
    assert carefully.words


def test_rows_left_out_change_no_other(weights: Weights, tmp_path: Path) -> None:
    vocabulary = write_mandarin_model(weights.path, tmp_path)
    whole, kept = (read_variables(one / "model.bin") for one in (weights.path, tmp_path))
    table = "decoder/embeddings/weight"
    assert np.array_equal(kept[table], whole[table][list(vocabulary.originals)])
    assert all(np.array_equal(kept[name], whole[name]) for name in whole if name != table)
    inside = vocabulary.inside([50257, 50258])
    assert vocabulary.outside(inside) == [50257, 50258]


def test_a_vocabulary_may_be_a_line_a_token(weights: Weights, tmp_path: Path) -> None:
    older, listed, lines = (tmp_path / name for name in ("older", "listed", "lines"))
    shutil.copytree(weights.path, older)
    names = json.loads((older / "vocabulary.json").read_text(encoding="utf-8"))
    (older / "vocabulary.json").unlink()
    (older / "vocabulary.txt").write_text("\n".join(names) + "\n", encoding="utf-8")
    listed.mkdir()
    lines.mkdir()
    assert write_mandarin_model(older, lines) == write_mandarin_model(weights.path, listed)
    vocabularies = [(one / "vocabulary.json").read_bytes() for one in (lines, listed)]
    assert vocabularies[0] == vocabularies[1]


def test_a_model_without_a_vocabulary_is_named(weights: Weights, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes((weights.path / "config.json").read_bytes())
    with pytest.raises(WeightsError) as error:
        write_mandarin_model(tmp_path, tmp_path)
    assert (error.value.got, error.value.expected) == (
        "no vocabulary",
        "vocabulary.json or vocabulary.txt beside the model",
    )


def test_a_token_competes_with_han_characters_their_parts_and_little_else() -> None:
    assert all(map(_is_mandarin, ("再".encode(), "再".encode()[:2], "。".encode(), b"8", b"OK")))
    assert not any(map(_is_mandarin, (b" Thank", "は".encode(), "да".encode())))


def test_the_state_dict_from_ctranslate2_has_every_tensor(weights: Weights) -> None:
    checkpoint, heads = openai_checkpoint(weights.path)
    assert checkpoint["dims"] == {
        "n_mels": 80,
        "n_audio_ctx": 1500,
        "n_audio_state": 512,
        "n_audio_head": 8,
        "n_audio_layer": 6,
        "n_vocab": 51865,
        "n_text_ctx": 448,
        "n_text_state": 512,
        "n_text_head": 8,
        "n_text_layer": 6,
    }
    assert len(heads) == 8


def test_a_pt_file_goes_to_openai_whisper_only(tmp_path: Path) -> None:
    checkpoint = Weights("tiny", tmp_path / "tiny.pt", "openai", "0" * 64)
    with pytest.raises(UsageError) as error:
        load_engine(Settings(engine="faster-whisper"), checkpoint)
    assert error.value.hint == "Use --engine openai-whisper with .pt files."


def test_a_broken_pt_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "broken.pt"
    file.write_bytes(b"no checkpoint")
    with pytest.raises(WeightsError) as error:
        load_engine(Settings(), Weights("broken", file, "openai", "0" * 64))
    assert error.value.where == str(file)


class Owning:
    """A pickle that runs a command where it is loaded without care."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"touch {self.mark}",)


@pytest.mark.parametrize("zipped", [True, False])
def test_nothing_in_a_pt_file_is_executed(tmp_path: Path, zipped: bool) -> None:
    mark, file = tmp_path / "owned", tmp_path / "evil.pt"
    content = {"dims": {}, "model_state_dict": Owning(mark)}
    if zipped:
        torch.save(content, file)
    else:
        file.write_bytes(pickle.dumps(content, protocol=2))
    with pytest.raises(WeightsError) as error:
        load_engine(Settings(), Weights("evil", file, "openai", "0" * 64))
    assert error.value.where == str(file)
    assert not mark.exists()


@pytest.mark.parametrize(
    "content",
    [
        {},
        [],
        {"dims": None, "model_state_dict": {}},
        {"dims": {"n_mels": -1}, "model_state_dict": 0},
    ],
    ids=["empty", "list", "no sizes", "odd sizes"],
)
def test_a_checkpoint_of_something_else_is_named(tmp_path: Path, content: object) -> None:
    file = tmp_path / "odd.pt"
    torch.save(content, file)
    with pytest.raises(WeightsError) as error:
        load_engine(Settings(), Weights("odd", file, "openai", "0" * 64))
    assert error.value.where == str(file)


@pytest.mark.parametrize(
    ("name", "content", "engine"),
    [
        ("config.json", "[]", "faster-whisper"),
        ("config.json", "{", "faster-whisper"),
        ("config.json", "{}", "openai-whisper"),
        ("config.json", '{"alignment_heads": [[99, 99]]}', "openai-whisper"),
        ("tokenizer.json", "{}", "faster-whisper"),
        ("tokenizer.json", "x", "faster-whisper"),
    ],
)
def test_a_folder_with_an_odd_text_is_named(
    weights: Weights, tmp_path: Path, name: str, content: str, engine: str
) -> None:
    for file in weights.path.iterdir():
        (tmp_path / file.name).symlink_to(file)
    (tmp_path / name).unlink()
    (tmp_path / name).write_text(content)
    with pytest.raises(WeightsError) as error:
        load_engine(
            Settings(engine=engine, device="cpu"), Weights("odd", tmp_path, "ctranslate2", "0" * 64)
        )
    assert error.value.where == str(tmp_path)


def test_a_broken_ctranslate2_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes((6).to_bytes(4, "little") + b"\x0c\x00WhisperSpec\x00")
    with pytest.raises(WeightsError) as error:
        read_variables(file)
    assert error.value.where == str(file)


@pytest.mark.parametrize("name", ENGINES)
def test_silence_does_not_break_an_engine(engines: dict[str, Engine], name: str) -> None:
    (reading,) = engines[name].transcribe([np.zeros(16_000, np.float32)])
    assert reading.log_prob <= 0


def test_int8_parameters_are_multiplied_out() -> None:
    stored = {
        "w": np.array([[2, -4], [6, 8]], np.int8),
        "w_scale": np.array([2.0, 4.0], np.float32),
    }
    assert _dequantised(stored)["w"].tolist() == [[1.0, -2.0], [1.5, 2.0]]
