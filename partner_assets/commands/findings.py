"""What `doctor` finds: a mark, what it is about, and a sentence. Looking for it is `doctor.py`'s and `doctor_api.py`'s."""

from dataclasses import dataclass
from enum import Enum


class Mark(Enum):
    """How a thing is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One line of the list.

    Attributes:
        mark: How it is.
        subject: What was looked at.
        detail: What was found. Never the key.
    """

    mark: Mark
    subject: str
    detail: str
