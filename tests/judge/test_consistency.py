"""What a standard says must mean something, and what it accuses somebody of must be what it says."""
# ruff: noqa: E501  (rows of a table are read by the line)

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.errors import StandardError
from pipeline.judge.load import load_standard
from tests.judge.test_rules import BASE, verdict_on, written

UNCLEAR = "c水管在哪裡/a您好"
"""「水管」 weighs 1 of the 3 that a repair takes: perhaps it is one."""


def refused(folder: Path, require: str = "phrase: {lexicon: greeting}", **clause: Any) -> str:
    with pytest.raises(StandardError) as error:
        load_standard(written(folder, require=yaml.safe_load(require), **clause))
    where, _, line = error.value.where.rpartition(":")
    assert where == str(folder / "standard.yaml")
    assert int(line) > 1
    return f"{error.value.got}; {error.value.expected}; {error.value.hint}"


@pytest.mark.parametrize(
    ("require", "said"),
    [
        ("phrase: {lexicon: back, within: {after: 5s}}", "after without anything it counts from"),
        ("phrase: {lexicon: back, within: {after: 0s}}", "after without anything it counts from"),
        (
            "reply: {to: {lexicon: sorry, within: {after: 5s}}, within: 5s, phrase: {lexicon: back}}",
            "after without anything it counts from",
        ),
        ("slot: {kind: name, within: {around: 5s}}", "around without anything it counts from"),
        ("absent: {lexicon: rude, within: {before: 5s}}", "before without anything it counts from"),
        (
            "choose: {if: {said: {lexicon: back, within: {after: 5s}}}, then: {phrase: {lexicon: sorry}}}",
            "after without anything it counts from",
        ),
        (
            "choose: {if: {event: hold}, else: {phrase: {lexicon: sorry, within: {after: 5s}}}}",
            "after without anything it counts from",
        ),
        (
            "raised_voice: {score: 4.8, doubt: 1, utterances: 2, baseline: 4, after: 5s}",
            "after without anything it counts from",
        ),
        (
            "reply: {to: {lexicon: greeting}, within: 5s, phrase: {lexicon: back, within: {first_turns: 1}}}",
            "no within inside it",
        ),
        ("unlike: {like: []}", "a list of one thing at least"),
        ("phrase: {at_least: 2, of: [back, back]}", "the same lexicon twice"),
        ("record: {tag: vip, equals: yes}", "put it in quotes"),
        ("record: {tag: ext, one_of: [007, 008]}", "in quotes"),
        ("record: {tag: ext, equals: 1.5}", "put it in quotes"),
        ("record: {field: released_by, equals: 客戶}", "released_by is never '客戶', but agent or customer"),
        ("record: {field: kind, one_of: [call, phone]}", "kind is never 'phone', but call or visit or home_visit"),
        ("each: {of: {event: hold}, require: {phrase: {lexicon: back, whithin: {after: 5s}}}}", "Did you mean 'within'?"),
        ("choose: {if: {event: hold}, then: {absent: {lexicn: rude}}}", "Did you mean 'lexicon'?"),
        ("phrase: {lexicon: back, within: {after: 5s, of: {lexicon: sorry, bye: agent}}}", "Did you mean 'by'?"),
        ("silence: {longest: 8}", "8 is not a duration such as 20s, 1.5m or 500ms"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_mean_what_it_says_is_refused(
    tmp_path: Path, require: str, said: str
) -> None:
    assert said in refused(tmp_path, require)


@pytest.mark.parametrize(
    ("clause", "said"),
    [
        ({"applies": {"since": "2026-05-02", "until": "2026-05-01"}}, "since 2026-05-02 is later than until 2026-05-01"),
        ({"applies": {"situation": ["repair"], "unless": ["repair"]}}, "repair both wanted (situation) and barred (unless)"),
        ({"applies": {"situation": "repair"}}, "a list; Write it in brackets: [a, b], or [a] for one."),
        ({"applies": {"since": 20260501}}, "a date such as 2026-05-01"),
        ({"id": 4.1}, "clauses.0.id: 4.1; text; Put it in quotes."),
    ],
)  # fmt: skip
def test_a_clause_that_cannot_apply_is_refused(
    tmp_path: Path, clause: dict[str, Any], said: str
) -> None:
    assert said in refused(tmp_path, **clause)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"slots": {"org": []}}, "a list of one thing at least"),
        ({"slots": {"org": ["幸福|快樂"]}}, "slots.org.0"),
        ({"festivals": {"region": "TW", "days": [{"title": "x", "solar": "02-31", "wishes": ["wish-new"]}]}}, "02-31 is no month-day"),
        ({"festivals": {"region": "TW", "days": [{"title": "x", "lunar": "12-31", "wishes": ["wish-new"]}]}}, "12-31 is no month-day"),
    ],
)  # fmt: skip
def test_what_no_call_can_meet_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], said: str
) -> None:
    for name, value in change.items():
        monkeypatch.setitem(BASE, name, value)
    assert said in refused(tmp_path)


def test_a_wish_needs_festivals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(BASE, "festivals")
    assert "wish, in a standard without festivals" in refused(tmp_path, "wish: {}")


def test_situations_that_need_each_other_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repair, out, *others = BASE["situations"]
    monkeypatch.setitem(BASE, "situations", [{**repair, "needs": "out"}, out, *others])
    assert "repair needs out needs repair" in refused(tmp_path)


def test_a_part_of_a_part_is_no_clearer_than_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """「電梯不動了」 alone is one for all; as a part of what is a part of a repair it is none."""
    part = [{**one, "needs": "out"} if one["id"] == "public" else one for one in BASE["situations"]]
    monkeypatch.setitem(BASE, "situations", part)
    standard = load_standard(
        written(
            tmp_path, require={"phrase": {"lexicon": "sorry"}}, applies={"situation": ["public"]}
        )
    )
    heard = verdict_on(standard, "c電梯不動了/a他不在")
    assert (heard.status, heard.reason.code) == ("not_applicable", "no_situation")
    assert verdict_on(standard, "c漏水了，電梯不動了/a他不在").status == "fail"


@pytest.mark.parametrize(
    "inner",
    [
        "{some: {of: {situation: repair}, require: {phrase: {lexicon: greeting}}}}",
        "{each: {of: {situation: repair}, require: {phrase: {lexicon: greeting}}}}",
        "{choose: {if: {situation: repair}, then: {phrase: {lexicon: greeting}}}}",
        "{some: {of: {said: {lexicon: leak, by: customer}}, require: {phrase: {lexicon: greeting}}}}",
    ],
)
def test_a_not_accuses_nobody_by_what_may_not_have_happened(tmp_path: Path, inner: str) -> None:
    standard = load_standard(written(tmp_path, require=yaml.safe_load(f"not: {inner}")))
    surely = verdict_on(standard, "c家裡漏水了/a您好")
    assert surely.status == "fail"
    unknown = "u漏水了/a您好" if "said" in inner else UNCLEAR
    assert verdict_on(standard, unknown).status == "unjudged"


def test_a_value_is_not_missing_where_nobody_was_to_say_it(tmp_path: Path) -> None:
    asked = "{kind: name, by: customer, within: {after: 8s, of: {lexicon: offer}}}"
    standard = load_standard(written(tmp_path, require=yaml.safe_load(f"slot: {asked}")))
    assert verdict_on(standard, "a您好/c水管在哪裡").status == "not_applicable"
    assert verdict_on(standard, "a有什麼可以幫您/c水管在哪裡").status == "fail"


def test_a_value_is_not_missing_of_who_is_not_heard(tmp_path: Path) -> None:
    standard = load_standard(written(tmp_path, require={"slot": {"kind": "phone", "by": "agent"}}))
    verdict = verdict_on(standard, "c您好/c水管在哪裡")
    assert (verdict.status, verdict.reason.code) == ("unjudged", "no_agent_speech")


def test_what_only_a_person_can_see_applies_as_any_other_clause(tmp_path: Path) -> None:
    applies = {"direction": ["outbound"]}
    standard = load_standard(written(tmp_path, manual="是否戴工作證", applies=applies))
    assert verdict_on(standard, "a您好").status == "not_applicable"
    assert verdict_on(standard, "a您好", {"direction": "outbound"}).status == "unjudged"


@pytest.mark.parametrize(
    ("text", "line", "got"),
    [
        ("id: small\ntitle：small\nsource: x\n", 2, "could not find expected ':'"),
        ('id: small\ntitle: "small\nsource: x\n\n', 2, "found unexpected end of stream"),
        ("id: small\nslots: {org: [a, b]\nsource: x\n", 2, "expected ',' or '}', but got '<scalar>'"),
        ("id: small\ntitle: s\x0bmall\n", 2, 'unacceptable character #x000b'),
    ],
)  # fmt: skip
def test_a_slip_is_named_where_it_is_and_not_where_it_is_noticed(
    tmp_path: Path, text: str, line: int, got: str
) -> None:
    (tmp_path / "standard.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(StandardError) as error:
        load_standard(tmp_path)
    assert error.value.where == f"{tmp_path / 'standard.yaml'}:{line}"
    assert got in error.value.got


def test_what_is_merged_in_may_be_said_otherwise(tmp_path: Path) -> None:
    written(tmp_path)
    file = tmp_path / "standard.yaml"
    clause = (
        "{id: '1', title: t, demands: d, dimension: all, require: {phrase: {lexicon: greeting}}}"
    )
    content = yaml.safe_dump({**BASE}, allow_unicode=True, sort_keys=False)
    file.write_text(f"{content}clauses:\n- &one {clause}\n- {{<<: *one, id: '2'}}\n", "utf-8")
    assert [one.id for one in load_standard(tmp_path).model.clauses] == ["1", "2"]
