"""Names as a command line takes them."""

from __future__ import annotations

import csv
import io
import re
import shlex


def quoted(text: str) -> str:
    """`text` as a shell takes it.

    >>> quoted("a.csv"), quoted("body mass"), quoted("größe")
    ('a.csv', "'body mass'", 'größe')
    """
    return text if re.fullmatch(r"[\w.-]+", text) else shlex.quote(text)


def names_in(text: str) -> tuple[str, ...]:
    """Names separated by commas; a name that holds a comma is in double quotes.

    >>> names_in('a, "mass, dry", b')
    ('a', 'mass, dry', 'b')
    """
    rows = list(csv.reader(io.StringIO(text), skipinitialspace=True))
    return tuple(name.strip() for row in rows for name in row)


def listed_name(name: str) -> str:
    """`name` as `names_in` takes it.

    >>> listed_name("mass, dry"), listed_name("mass")
    ('"mass, dry"', 'mass')
    """
    return '"' + name.replace('"', '""') + '"' if re.search('[,"]', name) else name
