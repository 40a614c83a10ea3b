"""Options of reading that do not fit what was read."""

from __future__ import annotations

from narrows.core.errors import InputError
from narrows.data.examples import Data
from narrows.data.reading import OVER_TIME, Reading


def refuse_times(how: Reading, data: Data) -> None:
    """Refuse options of recordings for other data, unless a model says them."""
    given = [option for option in OVER_TIME if getattr(how, option) is not None]
    if given and data.recordings is None and how.like is None:
        raise InputError(
            f"--{given[0]} is an option of recordings over time, but {data.name} holds none; leave it out, "
            f"or give --kind sequences."
        )


def refuse_preparation(how: Reading, data: Data) -> None:
    """Refuse options of scans for other data, unless a model says them."""
    if how.preparation.idle or data.scan is not None or how.like is not None:
        return
    raise InputError(
        f"--crop, --mask, --bin and --counts prepare the signals of a scan, but {data.name} is read as none; "
        f"leave them out, or say which axes are places with --axes, as YX|E or YX|KyKx."
    )


def refuse_columns(how: Reading, data: Data) -> Data:
    """`data`, whose columns have no names; options that name a column are refused."""
    wanted = {"--columns": how.columns, "--drop": how.drop, "--label": how.label, "--id": how.id}
    for option, value in {**wanted, "--groups": how.groups}.items():
        if value:
            raise InputError(f"{option} names a column of a table's file, but {data.name} has none.")
    return data
