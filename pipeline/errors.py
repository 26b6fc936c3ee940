"""The error family: everything a user can mend, and the exit code each kind maps to.

An error of this family always says four things: which file, what was found, what was expected
and what to do. Anything else that escapes is a bug of ours (exit code 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of the command line; a contract (README: Results)."""

    DONE = 0
    BELOW_THRESHOLD = 1
    USAGE = 2
    SOME_UNJUDGED = 3
    BUG = 4
    INTERRUPTED = 130


@dataclass
class CallqaError(Exception):
    """Something a person can mend.

    Args:
        where: the file, folder, URL or option at fault, with the line if there is one
        got: what was found there
        expected: what would have been accepted
        hint: what to do next
    """

    where: str
    got: str
    expected: str
    hint: str

    exit_code = Exit.USAGE

    def __reduce__(self) -> tuple[type[CallqaError], tuple[str, str, str, str]]:
        """Travels between processes, which an exception made with keywords would not."""
        return type(self), (self.where, self.got, self.expected, self.hint)

    def __str__(self) -> str:
        return f"{self.where}: {self.got}; expected {self.expected}. {self.hint}"


class RecordingError(CallqaError):
    """One recording cannot be listened to. It costs an entry in the results, never the batch."""

    exit_code = Exit.SOME_UNJUDGED


class NotNowError(RecordingError):
    """A recording that cannot be listened to now, through no fault of its content: a later run may."""


class CallRecordError(CallqaError):
    """``calls.csv`` or one of its rows is wrong."""


class StandardError(CallqaError):
    """A standard folder is wrong: schema, lexicon or clause list."""


class WeightsError(CallqaError):
    """Model weights are missing, changed or of an unknown form."""

    @classmethod
    def unreadable(cls, where: str, error: OSError) -> WeightsError:
        """A weights file that the system does not let us read."""
        return cls(
            where,
            f"cannot be read ({error.strerror})",
            "a readable weights file",
            "Check its permissions.",
        )

    @classmethod
    def exchanged(
        cls, where: str, found: str, expected: str, source: str, again: str
    ) -> WeightsError:
        """A file whose SHA-256 is not what ``source`` says; ``again`` is how to get the right one."""
        return cls(
            where,
            f"SHA-256 {found}",
            f"{expected} ({source})",
            f"The file is damaged or was exchanged: remove it and {again}.",
        )


class StoreError(CallqaError):
    """The store cannot be opened, read or written."""


class OutputError(CallqaError):
    """A result file cannot be written: no space, no permission, not a folder."""


class BusyError(CallqaError):
    """Another run has in use what this one needs for itself alone."""


class UsageError(CallqaError):
    """The command was asked for something that does not exist or does not go together."""
