"""Views for who asks the store with SQL or a BI tool. They hold no words that were spoken.

``call_scores``
    one row a call and standard: whose call, when, what it scored and what made it
``call_verdicts``
    one row a clause, call and standard: the verdict, its reason's code, confidence, and what was measured
``agent_scores``
    one row an agent, standard and day: calls, mean score, calls below 60, clauses passed and applicable.
    The day is that of ``started_at``, else that of ``listened_at`` in UTC

They are views, so that they never say anything else than the scorecards they are made of: those of recordings
that were replaced under their name as well.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

NAMES = ("agent_scores", "call_verdicts", "call_scores")
"""In the order in which they can be dropped."""

CALL_SCORES = """
CREATE VIEW call_scores AS
SELECT s.recording_id, s.standard, s.standard_sha256, c.file, c.agent_id, c.started_at,
       {kind} AS kind, c.line, c.direction, c.duration_ms, s.score,
       {passed} AS passed, {applicable} AS applicable,
       s.judged_at, c.listened_at, c.callqa_version, c.engine, c.model, c.weights_sha256,
       s.callqa_version AS judged_by_version, s.run_id
FROM scorecards s JOIN calls c ON c.recording_id = s.recording_id
"""

CALL_VERDICTS = """
CREATE VIEW call_verdicts AS
SELECT s.recording_id, s.standard, s.standard_sha256, c.file, c.agent_id, c.started_at,
       {clause} AS clause, {status} AS status, {reason} AS reason, {confidence} AS confidence,
       {start} AS start_ms, {end} AS end_ms, {measured} AS measured, {threshold} AS threshold,
       {unit} AS unit
FROM scorecards s JOIN calls c ON c.recording_id = s.recording_id, {verdicts}
"""

AGENT_SCORES = """
CREATE VIEW agent_scores AS
SELECT agent_id, standard, {day} AS day, count(*) AS calls, count(score) AS scored,
       avg(score) AS mean_score, sum(CASE WHEN score < 60 THEN 1 ELSE 0 END) AS below_60,
       sum(passed) AS passed, sum(applicable) AS applicable
FROM call_scores GROUP BY agent_id, standard, {day}
"""


def create_views(connection: Connection) -> None:
    """Make the views, in place of earlier ones."""
    words = _POSTGRESQL if connection.dialect.name == "postgresql" else _SQLITE
    for name in NAMES:
        connection.execute(text(f"DROP VIEW IF EXISTS {name}"))
    for view in (CALL_SCORES, CALL_VERDICTS, AGENT_SCORES):
        connection.exec_driver_sql(view.format(**words))


def replace_agent_scores(connection: Connection) -> None:
    """Make one view in place of an earlier one of the same columns, where it stands."""
    if connection.dialect.name == "postgresql":
        replaced = AGENT_SCORES.replace("CREATE VIEW", "CREATE OR REPLACE VIEW")
        connection.exec_driver_sql(replaced.format(**_POSTGRESQL))
        return
    connection.execute(text("DROP VIEW IF EXISTS agent_scores"))
    connection.exec_driver_sql(AGENT_SCORES.format(**_SQLITE))


def _of_verdict(*path: str) -> tuple[str, str]:
    """A value of a verdict's JSON, in SQLite's words and in PostgreSQL's."""
    inside = "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in path)
    return f"json_extract(v.value, '${inside}')", f"(v.value #>> '{{{','.join(path)}}}')"


_VERDICT = {
    "clause": _of_verdict("clause"),
    "status": _of_verdict("status"),
    "reason": _of_verdict("reason", "code"),
    "confidence": _of_verdict("confidence"),
    "start": _of_verdict("evidence", "0", "span", "start_ms"),
    "end": _of_verdict("evidence", "0", "span", "end_ms"),
    "measured": _of_verdict("evidence", "0", "measured"),
    "threshold": _of_verdict("evidence", "0", "threshold"),
    "unit": _of_verdict("evidence", "0", "unit"),
}

_NUMBERS = {"confidence", "start", "end", "measured", "threshold"}

_SQLITE = {
    **{name: words[0] for name, words in _VERDICT.items()},
    "verdicts": "json_each(s.scorecard, '$.verdicts') v",
    "kind": "json_extract(s.scorecard, '$.kind')",
    "passed": "json_extract(s.scorecard, '$.passed')",
    "applicable": "json_extract(s.scorecard, '$.applicable')",
    "day": "substr(coalesce(started_at, listened_at), 1, 10)",
}

_POSTGRESQL = {
    **{
        name: words[1] + ("::double precision" if name in _NUMBERS else "")
        for name, words in _VERDICT.items()
    },
    "verdicts": "LATERAL jsonb_array_elements(s.scorecard::jsonb -> 'verdicts') v",
    "kind": "(s.scorecard::jsonb ->> 'kind')",
    "passed": "(s.scorecard::jsonb ->> 'passed')::integer",
    "applicable": "(s.scorecard::jsonb ->> 'applicable')::integer",
    "day": "substr(coalesce(started_at, (listened_at AT TIME ZONE 'UTC')::text), 1, 10)",
}
