"""Where recordings lie: a folder, or a URL such as ``s3://bucket/night`` of anything fsspec reads."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

from pipeline.errors import UsageError


def place(text: str) -> Path:
    """A path, or what behaves like one for a URL: it is listed and opened the same way.

    Raises:
        UsageError: a URL, and what reads such URLs is not installed.
    """
    if "://" not in text:
        return Path(text)
    try:
        from upath import UPath

        # not a Path by its class; all that is asked of it here is what both can do
        found = cast(Path, UPath(text))
        _ = cast(Any, found).fs  # imports the reader of its protocol, which may not be installed
    except (ImportError, ValueError) as error:
        raise UsageError(
            text,
            f"a URL that cannot be read here ({error})",
            "a folder, or a URL of a kind that fsspec and its installed packages read",
            "Install callqa[cluster] and the package for that kind, such as s3fs for s3://.",
        ) from error
    return found


def place_name(folder: Path) -> str:
    """What a folder is called wherever it is kept: one name, from wherever and however it was spelt.

    A link keeps a name of its own, whatever it leads to; a URL is its own name.
    """
    if not isinstance(folder, Path):
        return str(folder.absolute())
    return os.path.normpath(folder.absolute())


def walk(
    folder: Path, on_error: Callable[[OSError], object]
) -> Iterator[tuple[Path, list[str], list[str]]]:
    """As ``os.walk``: each folder with the names of folders, to be cut as needed, and of files in it.

    Links to folders are named and not entered. However deep folders lie, only paths that the system
    does not take any more are errors.
    """
    if not isinstance(folder, Path):
        yield from folder.walk(on_error=on_error)
        return
    waiting = [folder]  # os.walk calls itself, a thousand deep at most
    while waiting:
        root = waiting.pop()
        folders: list[str] = []
        files: list[str] = []
        try:
            with os.scandir(root) as entries:
                for entry in entries:
                    (folders if _is_folder(entry) else files).append(entry.name)
        except OSError as error:
            on_error(error)
            continue
        yield root, folders, files
        waiting.extend(root / name for name in folders if not is_link(root / name))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads in a circle
        return False


def is_link(path: Path) -> bool:
    """Whether it is a link; not if it is longer than a path may be."""
    try:
        return path.is_symlink()
    except OSError:
        return False


def leads_out(path: Path, folder: Path) -> bool:
    """Whether something found in a folder is a link to what lies elsewhere."""
    if not isinstance(path, Path) or not is_link(path):
        return False
    home, target = os.path.realpath(folder), os.path.realpath(path)
    return os.path.commonpath([home, target]) != home


def led_to(path: Path, folder: Path) -> Path | None:
    """What something found in a folder leads to within it; ``None`` if it is no link, or leads out."""
    if not isinstance(path, Path) or not is_link(path) or leads_out(path, folder):
        return None
    return folder / os.path.relpath(os.path.realpath(path), os.path.realpath(folder))
