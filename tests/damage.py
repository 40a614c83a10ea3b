"""Files with damaged bytes."""

from __future__ import annotations

from narrows.core.errors import InputError
from narrows.data.readers import read


def is_refused(file: str) -> bool:
    """Whether a file cannot be read, which must be said in one line; no other error may come."""
    try:
        read(file)
    except InputError as error:
        message = str(error)
    else:
        return False
    assert "\n" not in message
    return True
