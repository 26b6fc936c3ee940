"""The house stands as it was drawn: a room imports only rooms below it."""

from __future__ import annotations

import ast
from pathlib import Path

PIPELINE = Path(__file__).parent.parent / "pipeline"

FLOORS = (
    ("__main__",),
    ("cli",),
    ("terminal", "plan", "doctor"),
    ("batch",),
    ("shift",),
    ("rejudge", "export", "purge"),
    ("local", "cluster", "apart", "pool", "traces"),
    ("work",),
    ("intake",),
    ("callrecords",),
    ("calltable",),
    ("listen",),
    ("judge",),
    ("wording",),
    ("models",),
    ("trust", "wheels"),
    ("store",),
    ("summary",),
    ("show",),
    ("settings", "lock", "logs"),
    ("stopwatch", "heap", "garbage", "children", "journal"),
    ("baseline",),
    ("records",),
    ("measured", "sounds", "outline"),
    ("spans", "roles", "days"),
    ("places",),
    ("errors", "switches", "filenames"),
)
"""Top to bottom; rooms of one floor do not know each other."""

HEIGHT = {room: height for height, floor in enumerate(reversed(FLOORS)) for room in floor}


def _room(path: Path) -> str:
    return path.relative_to(PIPELINE).parts[0].removesuffix(".py")


def _imported(tree: ast.AST) -> set[str]:
    """The rooms of the house a module imports."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            if node.module == "pipeline":
                names |= {f"pipeline.{alias.name}" for alias in node.names}
    parts = (name.split(".") for name in names)
    return {part[1] for part in parts if part[0] == "pipeline" and len(part) > 1} - {
        "__version__",
        "LISTENS_AS",
    }


def test_every_room_has_a_floor() -> None:
    rooms = {_room(path) for path in PIPELINE.rglob("*.py")} - {"__init__"}
    assert rooms - set(HEIGHT) == set()


def test_no_module_imports_a_room_above_it() -> None:
    climbs = [
        f"{path.relative_to(PIPELINE)} imports {room}"
        for path in sorted(PIPELINE.rglob("*.py"))
        if _room(path) != "__init__"
        for room in sorted(_imported(ast.parse(path.read_text(encoding="utf-8"))))
        if room != _room(path) and HEIGHT[room] >= HEIGHT[_room(path)]
    ]
    assert climbs == []


def test_no_module_outgrows_a_screenful_of_screens() -> None:
    grown = {
        str(path.relative_to(PIPELINE)): lines
        for path in PIPELINE.rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 350
    }
    assert grown == {}


def test_product_code_holds_no_assert_and_no_catch_all() -> None:
    found = []
    for path in sorted(PIPELINE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Assert):
                found.append(f"{path.relative_to(PIPELINE)}: assert")
            if isinstance(node, ast.ExceptHandler):
                named = getattr(node.type, "id", None)
                if node.type is None or named in ("Exception", "BaseException"):
                    found.append(f"{path.relative_to(PIPELINE)}: except {named or ''}".rstrip())
    assert found == ["cli/__init__.py: except Exception"], (
        "only the command line may catch a bug, to name it"
    )
