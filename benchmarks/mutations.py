"""Damage files at random and count how they are read.

    python -m benchmarks.mutations [--n 2000] [--seed 0] [--sources run,png]

Each source in `tests/mutations.py` is copied, damaged in one place, and read. It must be refused in one
sentence or be usable data; anything else is printed, and the exit code is 1. A run folder whose checksums
were not recomputed must be refused or be the same model.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

from tests.mutations import SOURCES, make_sources, mutated, outcome


def peak() -> float:
    """The peak memory of this process, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--n", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sources", default=",".join(SOURCES), help="names, as: run,resealed run")
    asked = parser.parse_args()
    sources = asked.sources.split(",")
    warnings.simplefilter("ignore")
    draw, counts, faults = random.Random(asked.seed), Counter[tuple[str, str]](), 0
    slowest, largest = (0.0, ""), (0.0, "")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        make_sources(folder)
        for name in sources:
            outcome(folder / name, folder / name)
        for i in range(asked.n):
            name = sources[i % len(sources)]
            broken = folder / str(i) / name
            broken.parent.mkdir()
            how = mutated(folder / name, broken, draw)
            before, start = peak(), time.perf_counter()
            try:
                result = outcome(folder / name, broken)
            except Exception:
                faults, result = faults + 1, "FAULT"
                print(f"{i} {name}: {how}\n{traceback.format_exc(limit=-4)}", file=sys.stderr)
            slowest = max(slowest, (time.perf_counter() - start, f"{name}: {how}"))
            largest = max(largest, (peak() - before, f"{name}: {how}"))
            counts[name, result] += 1
    kinds = ["refused", "the same", "other data", "FAULT"]
    print(f"{'source':<16}" + "".join(f"{kind:>12}" for kind in kinds))
    for name in sources:
        print(f"{name:<16}" + "".join(f"{counts[name, kind]:>12}" for kind in kinds))
    print(f"{'all':<16}" + "".join(f"{sum(counts[n, kind] for n in sources):>12}" for kind in kinds))
    print(f"slowest {slowest[0]:.2f} s ({slowest[1]}); largest growth {largest[0]:.0f} MB ({largest[1]});")
    print(f"peak of the process {peak():.0f} MB")
    raise SystemExit(bool(faults))


if __name__ == "__main__":
    main()
