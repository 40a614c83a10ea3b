"""Time and memory of reading large CSV files, beside polars and pandas.

    python benchmarks/csv_reading.py [--size MB] [--repeats N] [--only WORD]… [--keep FOLDER]

Files of six dialects are made and read: numbers only; empty cells and NA; words, dates, quotes and line
breaks beside numbers; semicolons and decimal commas; tabs, gzipped; and comments, blank lines and a title.
Each reading has a process of its own with one thread. Printed are the medians of the processor's seconds and
of the peak memory: first those of a file of a few rows, which are mostly imports, then what the others take
beyond them. polars and pandas are told the dialect; Narrows finds it, and makes an array of numbers of words
and dates too. Ends with 1 if Narrows finds another count or sum of the first numbers than polars, takes more
than `MOST_TIME` times its seconds, or more than `MOST_MEMORY` times its memory.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

MOST_TIME, MOST_MEMORY = 12.0, 2.5
ROWS, FEW = 50_000, 0.001
"""Rows that are written at a time, and the size in MB of a small file."""

NOTHING: Mapping[str, Any] = MappingProxyType({})


def numbers(rng: np.random.Generator, n: int) -> dict[str, Any]:
    """Eight columns: measurements with six digits, counts, and rounded ones."""
    found: dict[str, Any] = {f"x{j}": rng.standard_normal(n).round(6) for j in range(5)}
    return found | {"count": rng.integers(0, 10**6, n), "age": rng.integers(1, 99, n), "y": rng.random(n)}


def gaps(rng: np.random.Generator, n: int) -> dict[str, Any]:
    """`numbers` without a tenth of the cells."""
    import polars

    made = {name: polars.Series(column) for name, column in numbers(rng, n).items()}
    return {name: column.set(polars.Series(rng.random(n) < 0.1), None) for name, column in made.items()}


def mixed(rng: np.random.Generator, n: int) -> dict[str, Any]:
    """Numbers, categories, days, moments, and short texts of which some need quotes."""
    made = numbers(rng, n)
    days = np.datetime64("2020-01-01") + rng.integers(0, 1500, n)
    seconds = np.datetime64("2024-01-01T00:00:00") + rng.integers(0, 3 * 10**7, n)
    texts = np.array(["fine", 'said "no"', "two\nlines", "first, second", "none of these"])
    cities = np.array([f"city {i}" for i in range(120)])
    return {
        **{name: made[name] for name in ("x0", "x1", "count", "age")},
        "city": rng.choice(cities, n),
        "day": days.astype(str),
        "moment": np.char.replace(seconds.astype(str), "T", " "),
        "remark": rng.choice(texts, n),
        "paid": rng.choice(np.array(["yes", "no"]), n),
    }


class Dialect(NamedTuple):
    """How a file is made, and what polars and pandas are told of it."""

    columns: Callable[[np.random.Generator, int], dict[str, Any]]
    write: Mapping[str, Any] = NOTHING
    polars: Mapping[str, Any] = NOTHING
    pandas: Mapping[str, Any] = NOTHING
    packed: bool = False
    remarks: bool = False


DIALECTS = {
    "numbers": Dialect(numbers),
    "empty cells and NA": Dialect(gaps, {"null_value": "NA"}, {"null_values": ["NA", ""]}),
    "words, dates, quotes": Dialect(mixed),
    "semicolons, decimal commas": Dialect(
        numbers,
        {"separator": ";", "decimal_comma": True},
        {"separator": ";", "decimal_comma": True},
        {"sep": ";", "decimal": ","},
    ),
    "tabs, gzipped": Dialect(numbers, {"separator": "\t"}, {"separator": "\t"}, {"sep": "\t"}, packed=True),
    "comments, blank lines, title": Dialect(
        numbers, {}, {"comment_prefix": "#", "skip_rows": 2}, {"comment": "#", "skiprows": 2}, remarks=True
    ),
}


def make(file: Path, dialect: Dialect, size: float) -> None:
    """A file of `size` bytes, before it is packed."""
    import polars

    rng, written = np.random.default_rng(0), 0
    with gzip.open(file, "wb", 1) if dialect.packed else file.open("wb") as stream:
        if dialect.remarks:
            stream.write(b"Measured by instrument 5\n\n# units are in the manual\n")
        while written < size:
            columns = dialect.columns(rng, min(ROWS, int(size)))
            frame = polars.DataFrame(columns)
            text = frame.write_csv(include_header=not written, **dialect.write).encode()
            if dialect.write.get("null_value"):
                text = text.replace(b",NA\n", b",\n").replace(b"\nNA,", b"\n,")
            stream.write(text + (b"# calibrated again\n\n" if dialect.remarks else b""))
            written += len(text)


def read_narrows(file: Path, dialect: Dialect) -> tuple[int, float]:
    from narrows.data.readers import read

    data = read(file)
    found = data.array[:, [*data.schema.names].index("x0")]
    return int(np.isfinite(found).sum()), float(np.nansum(found))


def read_polars(file: Path, dialect: Dialect) -> tuple[int, float]:
    import polars

    frame = polars.read_csv(file, try_parse_dates=True, **dialect.polars)
    return frame["x0"].count(), float(frame["x0"].sum())


def read_pandas(file: Path, dialect: Dialect) -> tuple[int, float]:
    import pandas

    frame = pandas.read_csv(file, **dialect.pandas)
    for name in {"day", "moment"} & {*frame.columns}:
        frame[name] = pandas.to_datetime(frame[name])
    return int(frame["x0"].count()), float(frame["x0"].sum())


READERS = {"narrows": read_narrows, "polars": read_polars, "pandas": read_pandas}


def called(reader: str, dialect: str, file: str) -> dict[str, float]:
    """The seconds of this process, its peak memory in bytes, and the count and sum of the first numbers."""
    import resource  # the peak of a process includes that of the one that started it, which stays small

    count, total = READERS[reader](Path(file), DIALECTS[dialect])
    used = resource.getrusage(resource.RUSAGE_SELF)
    memory = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {"seconds": used.ru_utime + used.ru_stime, "memory": memory, "count": count, "sum": total}


def apart(*words: str) -> str:
    """What this file prints with `words`, in a process of its own with one thread."""
    one = dict.fromkeys(("OMP_NUM_THREADS", "POLARS_MAX_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    command, env = [sys.executable, __file__, *words], {**os.environ, **one}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


def measured(repeats: int, *call: str) -> dict[str, float]:
    """The medians of `called`."""
    found = [json.loads(apart("--call", *call).splitlines()[-1]) for _ in range(repeats)]
    return {name: median(each[name] for each in found) for name in found[0]}


def measured_in(folder: Path, name: str, size: float, reader: str, repeats: int) -> dict[str, float]:
    """The medians of `called` for a file of a dialect, which is made if it is not in `folder`."""
    ending = "csv.gz" if DIALECTS[name].packed else "csv"
    file = folder / f"{name.replace(', ', '-').replace(' ', '-')}-{size:g}.{ending}"
    if not file.exists():
        apart("--make", name, str(file), "--size", str(size))
    return measured(repeats, reader, name, str(file))


def above(found: dict[str, float], small: dict[str, float]) -> dict[str, float]:
    """What a reading takes beyond that of a small file."""
    return found | {name: found[name] - small[name] for name in ("seconds", "memory")}


def tell(name: str, found: dict[str, dict[str, float]]) -> None:
    told = (f"{each['seconds']:9.2f} s {each['memory'] / 1e6:6.0f} MB" for each in found.values())
    print(f"{name:<30}" + "".join(told), flush=True)


def failures(name: str, ours: dict[str, float], theirs: dict[str, float]) -> list[str]:
    """What the claim is broken by, for one dialect."""
    same = ours["count"] == theirs["count"] and np.isclose(ours["sum"], theirs["sum"], rtol=1e-9)
    broken = {
        "another count or sum than polars": not same,
        "more time": ours["seconds"] > MOST_TIME * theirs["seconds"],
        "more memory": ours["memory"] > MOST_MEMORY * theirs["memory"],
    }
    return [f"{name}: {what}." for what, is_so in broken.items() if is_so]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", type=float, default=110.0, help="of each file in MB")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", action="append", default=[], help="dialects with this in their name")
    parser.add_argument("--keep", type=Path, help="a folder for the files, which are not made again")
    parser.add_argument("--call", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--make", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.make:
        make(Path(args.make[1]), DIALECTS[args.make[0]], 1e6 * args.size)
        return 0
    if args.call:
        print(json.dumps(called(*args.call)))
        return 0
    print(f"{'':<30}" + "".join(f"{reader:>20}" for reader in READERS))
    broken = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.keep or Path(temporary)
        small = {reader: measured_in(folder, "numbers", FEW, reader, args.repeats) for reader in READERS}
        tell("a few rows", small)
        for name in (n for n in DIALECTS if not args.only or any(word in n for word in args.only)):
            whole = {reader: measured_in(folder, name, args.size, reader, args.repeats) for reader in READERS}
            found = {reader: above(whole[reader], small[reader]) for reader in READERS}
            tell(name, found)
            broken += failures(name, found["narrows"], found["polars"])
    print("\n".join(broken) or "As claimed.")
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
