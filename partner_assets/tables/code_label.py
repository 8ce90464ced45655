"""One documented value of a code set, and the two ways to write one down. The values themselves are in the files beside this."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CodeLabel:
    """One documented value of a code set.

    Attributes:
        code: The value as the tables hold it: the v1 code, or the v0 name where the vendor prints no code for it.
        label: What to show a person.
        description: The vendor's explanation, where there is one.
        v0_name: The name that v0 of the API gives for the code, where it is documented.
    """

    code: str
    label: str
    description: str | None = None
    v0_name: str | None = None


def coded(code: str, label: str, description: str | None = None, *, v0: str | None = None) -> CodeLabel:
    """Write down a value whose code is printed."""
    return CodeLabel(code, label, description, v0)


def named(name: str, description: str) -> CodeLabel:
    """Write down a value of v0 for which no code is printed anywhere: the tables keep the name."""
    return CodeLabel(name, name, description, name)
