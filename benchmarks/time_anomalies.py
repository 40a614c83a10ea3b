"""Scores on time compared with classical methods and PyOD's autoencoder, by VUS-PR.

    python benchmarks/time_anomalies.py nab|made [--seeds N] [--cache FILE.json]

`nab` reads the recordings with labels of the Numenta Anomaly Benchmark in
`$NARROWS_DATA/timeseries/NAB`, the artificial ones and those with a known cause. Every method is fitted to
the first 15 %, at most 750 time steps, as is NAB's probation period, and scores the rest. `made` are
recordings with one fault each (`made_recordings.py`), of which the first 2500 or 3000 time steps are fitted
to; none of these seeds was used to choose the score.

All methods compare the same windows, and the scores of windows are averaged in the same way; "once" is the
mean over the windows that hold a time step alone. Ours is the median over seeds of the model. The longest
buffer of VUS-PR is the period of the recording, or 100. PyOD's AutoEncoder has its defaults, on standardised
windows (`pip install 'narrows[bench]'`), and is left out where PyOD is not installed. Exits with 1 if ours
is not first.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import statistics
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from made_recordings import Labelled, recordings
from numpy.typing import NDArray

from narrows.data.reading import Reading
from narrows.data.recordings.examples import from_recordings
from narrows.data.recordings.period import WITHOUT_PERIOD, period
from narrows.data.recordings.recording import Recording, Recordings
from narrows.evaluation.vus import vus_pr
from narrows.fitting.fit import fit
from narrows.tasks.anomalies.time_detector import TimeDetector
from narrows.tasks.anomalies.traces import starts_of, trace
from narrows.tasks.anomalies.window_baselines import WINDOW_BASELINES, Score
from narrows.tasks.anomalies.window_means import held_by, on_steps
from narrows.tasks.anomalies.window_views import Float32s

Floats, Index = NDArray[np.float64], NDArray[np.intp]

OURS, ONCE = "ours", ", once"

PROBATION, MOST_PROBATION = 0.15, 750

PIECE = 2048
"""Windows that are scored at a time."""

MADE = range(10, 12)
"""Seeds of the made recordings."""


def nab() -> Iterator[tuple[str, Labelled]]:
    """The recordings of NAB with labels, and the name of their group."""
    folder = Path(os.environ["NARROWS_DATA"]) / "timeseries" / "NAB"
    windows = json.loads((folder / "combined_windows.json").read_text("utf-8"))
    for name, intervals in sorted(windows.items()):
        group = name.partition("/")[0]
        if group not in ("realKnownCause", "artificialWithAnomaly") or not intervals:
            continue
        rows = list(csv.DictReader((folder / name).read_text("utf-8").splitlines()))
        times = np.array([row["timestamp"] for row in rows], dtype="datetime64[s]")
        anomalous = np.zeros(len(rows), dtype=np.bool_)
        for begin, end in intervals:
            anomalous |= (times >= np.datetime64(begin)) & (times <= np.datetime64(end))
        values = np.array([float(row["value"]) for row in rows])
        usual = min(int(PROBATION * len(rows)), MOST_PROBATION)
        yield group, Labelled(Path(name).stem, values, anomalous, usual)


def made() -> Iterator[tuple[str, Labelled]]:
    """Made recordings, and the name of their group."""
    for seed in MADE:
        for each in recordings(seed):
            yield each.name.partition(",")[0], each._replace(name=f"{each.name} {seed}")


def pyod_autoencoder(reference: Float32s, places: Index) -> Score:
    """The reconstruction error of PyOD's AutoEncoder."""
    from pyod.models.auto_encoder import AutoEncoder
    from sklearn.preprocessing import StandardScaler

    flat = reference.reshape(len(reference), -1).astype(np.float64)
    scaler = StandardScaler().fit(flat)
    model = AutoEncoder(verbose=0, random_state=0).fit(scaler.transform(flat))
    return lambda windows, places: np.asarray(
        model.decision_function(scaler.transform(windows.reshape(len(windows), -1)))
    )


def detector_for(each: Labelled, seed: int) -> TimeDetector:
    """The detector of a run that was fitted to the usual part of a recording."""
    recording = Recording(each.name, each.values[: each.usual, None])
    found = Recordings((recording,), ("value",))
    return TimeDetector(fit(from_recordings(found, each.name, Reading("sequences")), seed=seed))


def quality(each: Labelled, scores: Floats) -> float:
    """VUS-PR after the usual part."""
    longest = period(each.values[:, None]) or WITHOUT_PERIOD
    return vus_pr(each.anomalous[each.usual :], scores[each.usual :], longest)


def measured(each: Labelled, seeds: int) -> dict[str, float]:
    """VUS-PR of each method; ours is the median over seeds."""
    detectors = [detector_for(each, seed) for seed in range(seeds)]
    found = {OURS: statistics.median(quality(each, d.scores(each.values[:, None])) for d in detectors)}
    detector = detectors[0]
    whole, length = trace(detector.run, each.values[:, None]), detector.length
    starts = starts_of(len(each.values), length, 1)
    windows, places = whole.windows(starts, length).rows, detector.known(length).find(whole.codes, starts)
    reference = detector.comparison(length).reference
    methods = dict(WINDOW_BASELINES)
    if has_pyod():
        methods["PyOD AutoEncoder"] = pyod_autoencoder
    for name, method in methods.items():
        score, scores = method(reference.windows.rows, reference.places), np.empty(len(windows))
        for piece in (slice(i, i + PIECE) for i in range(0, len(windows), PIECE)):
            scores[piece] = score(windows[piece], places[piece])
        for said, average in (("", on_steps), (ONCE, held_by)):
            found[name + said] = quality(each, average(scores, starts, length, len(each.values)))
    return found


def has_pyod() -> bool:
    """Whether PyOD is installed."""
    try:
        import pyod.models.auto_encoder  # noqa: F401
    except ImportError:
        return False
    return True


def table(rows: dict[str, dict[str, float]], groups: dict[str, str]) -> dict[str, float]:
    """Print the means of each method by group and over all recordings, and return the latter."""
    names = sorted(set(groups.values()))
    print(f"{'VUS-PR':<26}" + "".join(f"{name:>24}" for name in [*names, "all"]))
    means = {}
    for method in next(iter(rows.values())):
        parts = [[r[method] for k, r in rows.items() if groups[k] == name] for name in names]
        means[method] = statistics.mean(r[method] for r in rows.values())
        print(f"{method:<26}" + "".join(f"{v:>24.3f}" for v in [*map(statistics.mean, parts), means[method]]))
    return means


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=["nab", "made"])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--cache", type=Path)
    asked = parser.parse_args()
    warnings.filterwarnings("ignore")
    cached = json.loads(asked.cache.read_text("utf-8")) if asked.cache and asked.cache.exists() else {}
    groups = {}
    for group, each in {"nab": nab, "made": made}[asked.what]():
        groups[each.name] = group
        if each.name not in cached:
            cached[each.name] = measured(each, asked.seeds)
            print(each.name, {k: round(v, 3) for k, v in cached[each.name].items()}, file=sys.stderr)
            if asked.cache:
                asked.cache.write_text(json.dumps(cached), "utf-8")
    means = table({name: cached[name] for name in groups}, groups)
    best = max((name for name in means if name != OURS), key=means.__getitem__)
    print(f"ours {means[OURS]:.3f}, the best of the others {means[best]:.3f} ({best})")
    sys.exit(means[OURS] <= means[best])


if __name__ == "__main__":
    main()
