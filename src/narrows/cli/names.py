"""What verbs say of files that are not called as the images they come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from narrows.core.errors import few


def said_of(renamed: Mapping[str, str]) -> Iterator[str]:
    """A line about files with other names than their images, for a person; none if there are none."""
    if renamed:
        names = [f"{name} as {file}" for name, file in renamed.items()]
        yield f"written without loss, under other names: {few(names, 3)}"


def renamed_in(renamed: Mapping[str, str]) -> dict[str, Any]:
    """The same in a record, for a machine."""
    return {"renamed": dict(renamed)} if renamed else {}
