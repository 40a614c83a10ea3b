"""What options hold as text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import typer

from narrows.core.errors import InputError
from narrows.core.shell import names_in
from narrows.data.formats import is_file_name


class WrongValue(typer.BadParameter):
    """The error of a value: the message is what the option takes, and what it got."""

    def format_message(self) -> str:
        assert self.param is not None
        return f"{self.param.get_error_hint().strip(chr(39))} takes {self.message}."


def parse_whole(text: str) -> int:
    """A whole number.

    >>> parse_whole("8"), parse_whole("-3")
    (8, -3)
    """
    try:
        return int(text)
    except ValueError as error:
        raise WrongValue(f"a whole number, as 8, but got {text!r}") from error


def parse_real(text: str) -> float:
    """A number of 0 or more, with a decimal point or comma.

    >>> parse_real("32.5"), parse_real("0,5")
    (32.5, 0.5)
    """
    try:
        found = float(text.replace(",", "."))
    except ValueError as error:
        raise WrongValue(f"a number, as 32.5, but got {text!r}") from error
    if not 0 <= found < float("inf"):
        raise WrongValue(f"a finite number of 0 or more, but got {text!r}")
    return found


def parse_target(text: str) -> Path:
    """Where a result goes: a name with a slash at its end is that of a folder.

    >>> parse_target("out.v2/").name
    'out.v2'
    """
    target = Path(text)
    if text.endswith("/") and is_file_name(target):
        raise WrongValue(f"a folder, but {text!r} ends like a file; leave out the slash, or the ending")
    return target


def parse_share(text: str) -> float:
    """A share, 0 to 1, or in percent.

    >>> parse_share("0.01"), parse_share("1%"), parse_share("1,5 %")
    (0.01, 0.01, 0.015)
    """
    digits, percent, _ = text.strip().partition("%")
    try:
        share = float(digits.replace(",", ".")) / (100 if percent else 1)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1 or not text.strip().endswith(percent):
        raise WrongValue(f"a share from 0 to 1, as 0.01 or 1%, but got {text!r}")
    return share


def parse_names(text: str) -> tuple[str, ...]:
    """Names separated by commas; a name that holds a comma is in double quotes.

    >>> parse_names('a, "b, c"')
    ('a', 'b, c')
    """
    return names_in(text)


def every_name(texts: Sequence[str] | None) -> tuple[str, ...]:
    """The names of an option that may be given several times.

    >>> every_name(["a,b", "c"]), every_name(None)
    (('a', 'b', 'c'), ())
    """
    return tuple(name for text in texts or () for name in parse_names(text))


def parse_ends(texts: Sequence[str] | None) -> tuple[str, ...]:
    """The names of the columns of an edge list."""
    names = every_name(texts)
    if texts and (len(names) not in (2, 3) or len(set(names)) < len(names)):
        raise InputError(
            f"--ends names {len(names)} columns, but an edge has two ends, and perhaps a weight: --ends a,b."
        )
    return names


def parse_numbers(text: str, option: str) -> list[int]:
    """Positive whole numbers separated by commas, as `option` takes them.

    >>> parse_numbers("2,4,8", "--latent-dims")
    [2, 4, 8]
    """
    if not all(part.strip().isdigit() and int(part) for part in text.split(",")):
        raise InputError(f"{option} takes whole numbers, as in 2,4,8, but got {text!r}.")
    return [int(part) for part in text.split(",")]


def parse_shares(text: str, option: str) -> list[float]:
    """Numbers from 0 to 1 separated by commas, as `option` takes them.

    >>> parse_shares("0,0.25,1", "--alpha")
    [0.0, 0.25, 1.0]
    """
    try:
        shares = [float(part) for part in text.split(",")]
    except ValueError:
        shares = [-1.0]
    if not all(0 <= share <= 1 for share in shares):
        raise InputError(f"{option} takes numbers from 0 to 1, as 0.5 or 0,0.25,1, but got {text!r}.")
    return shares


def parse_range(option: str, text: str) -> tuple[float, float]:
    """Two ends of a range.

    >>> parse_range("--crop", "0.2:10")
    (0.2, 10.0)
    """
    try:
        low, high = map(float, text.split(":"))
    except ValueError as error:
        raise InputError(f"{option} takes LOW:HIGH, as in 0.2:10, but got {text!r}.") from error
    return low, high


def parse_mask(text: str) -> tuple[float, tuple[float, float] | None]:
    """A radius, and the row and column around which it is, if they are given.

    >>> parse_mask("4"), parse_mask("4@31.5,32")
    ((4.0, None), (4.0, (31.5, 32.0)))
    """
    radius, _, place = text.partition("@")
    try:
        row, column = map(float, place.split(",")) if place else (0.0, 0.0)
        return float(radius), (row, column) if place else None
    except ValueError as error:
        raise InputError(
            f"--mask takes RADIUS or RADIUS@ROW,COLUMN, as 4@32,32, but got {text!r}."
        ) from error


def parse_size(text: str) -> tuple[int, int]:
    """Height and width.

    >>> parse_size("32x48")
    (32, 48)
    """
    height, _, width = text.partition("x")
    if not (height.isdigit() and width.isdigit() and 0 < int(height) * int(width) <= 10**8):
        raise InputError(f"--resize takes HEIGHTxWIDTH, as in 32x48, but got {text!r}.")
    return int(height), int(width)


def parse_dims(text: str) -> tuple[int, int]:
    """Two latent dimensions, from 0.

    >>> parse_dims("0,3")
    (0, 3)
    """
    parts = text.split(",")
    if len(parts) != 2 or not all(part.strip().isdigit() for part in parts):
        raise InputError(f"--dims takes two latent dimensions, as in 0,1, but got {text!r}.")
    return int(parts[0]), int(parts[1])


def parse_changes(changes: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Options of parts; their values are JSON, or else words.

    >>> parse_changes(["loss.name=squared", "encoder.widths=[64,32]"])
    {'loss': {'name': 'squared'}, 'encoder': {'widths': [64, 32]}}
    """
    parsed: dict[str, dict[str, Any]] = {}
    for change in changes:
        key, equals, value = change.partition("=")
        part, dot, option = key.partition(".")
        if not (equals and dot and part and option):
            raise InputError(f"--set takes PART.OPTION=VALUE, as in bottleneck.beta=4, but got {change!r}.")
        parsed.setdefault(part, {})[option] = parse_value(value)
    return parsed


POSE = ("turn", "shift", "scale")
"""What of a pose is found."""


def parse_pose(text: str) -> dict[str, Any]:
    """The part `pose` that finds what is named.

    >>> parse_pose("turn,scale")
    {'name': 'found', 'turn': True, 'shift': False, 'scale': True}
    """
    names = parse_names(text)
    if not names or not set(names) <= set(POSE):
        raise InputError(f"--pose takes turn, shift, scale, or several as in turn,shift, but got {text!r}.")
    return {"name": "found", **{name: name in names for name in POSE}}


def parse_value(text: str) -> Any:
    """A JSON value, or else the text itself."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
