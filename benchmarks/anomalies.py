"""`AnomalyDetector` with its defaults, compared with classical methods and PyOD's autoencoders.

    python benchmarks/anomalies.py tables [--protocols a,b] [--seeds N] [--sets NAME…] [--cache FILE.json]
    python benchmarks/anomalies.py images [--sets mnist fashion-mnist] [--methods …] [--cache FILE.json]
    python benchmarks/anomalies.py ecg [--seeds N] [--cache FILE.json]
    python benchmarks/anomalies.py seconds [--epochs N]

`tables` reads the ADBench sets in `$NARROWS_DATA/anomaly`, one .npz with X and y each. Protocol a: fit to
half of the normal rows, at most 5000 drawn at random, and test on the other rows, of which at most 20,000
are normal. Protocol b: fit to all rows, including the anomalies, and test on the same rows; of sets with more
than 10,000 rows a random 10,000, the same for all methods. The seed selects the rows and seeds every method.
The other methods get columns standardised on the fitted rows; PyOD's methods have their defaults (`pip
install 'narrows[bench]'`). `images`: each class in turn is normal; fit to the official training images of the
class and test on all official test images. `ecg`: ECG5000; fit to the normal beats among the first 500 and
test on the other 4500. `seconds`: the time of a fit to the MNIST images of a 3, of the scores of 2000 test
images and of the contributions to them, and of the scores by the classical methods.

Prints the AUROC of every method and of parts of our score, and how many new normal rows are flagged at
the thresholds for 0.1, 0.01 and 0. Results are written to the cache as soon as they are computed, and
read from it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from scipy.stats import betabinom
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from sklearn.preprocessing import StandardScaler

from narrows import AnomalyDetector, Autoencoder
from narrows.data.datasets import load
from narrows.data.readers import as_data
from narrows.data.schema import Array
from narrows.evaluation.errors import Floats
from narrows.fitting.fit import fit
from narrows.tasks.anomalies.baselines import BASELINES
from narrows.tasks.anomalies.comparisons import Comparisons
from narrows.tasks.anomalies.conformal import threshold
from narrows.tasks.anomalies.detector import Detector
from narrows.tasks.anomalies.score import amounts
from narrows.training.options import Training

MOST_NORMAL, MOST_ROWS, MOST_TESTED = 5000, 10_000, 20_000

EXPECTED = (0.1, 0.01, 0.0)


class Split(NamedTuple):
    """Rows to fit to, rows to test, which of these are anomalies, and whether they are the same rows."""

    fitted: Array
    tested: Array
    truth: Array
    same: bool


def half_of_the_normal(x: Array, y: Array, seed: int) -> Split:
    normal = np.random.default_rng(seed).permutation(np.flatnonzero(y == 0))
    chosen = normal[: min(MOST_NORMAL, len(normal) // 2)]
    others = np.concatenate([normal[len(chosen) :][:MOST_TESTED], np.flatnonzero(y == 1)])
    return Split(x[chosen], x[others], y[others], same=False)


def everything(x: Array, y: Array, seed: int) -> Split:
    rows = np.sort(np.random.default_rng(seed).permutation(len(y))[:MOST_ROWS])
    return Split(x[rows], x[rows], y[rows], same=True)


PROTOCOLS: dict[str, Callable[[Array, Array, int], Split]] = {"a": half_of_the_normal, "b": everything}


def pyod(name: str) -> Callable[[Split, int], Floats]:
    def score(split: Split, seed: int) -> Floats:
        from pyod.models.auto_encoder import AutoEncoder
        from pyod.models.vae import VAE

        torch.manual_seed(seed)
        kind = {"AutoEncoder": AutoEncoder, "VAE": VAE}[name]
        model = kind(random_state=seed, verbose=0).fit(split.fitted)
        return np.asarray(model.decision_function(split.tested))

    return score


def classical(name: str) -> Callable[[Split, int], Floats]:
    return lambda split, seed: BASELINES[name](
        split.fitted, split.tested, np.full(len(split.tested), split.same)
    )


METHODS = {
    **{name: classical(name) for name in BASELINES},
    "PyOD AutoEncoder": pyod("AutoEncoder"),
    "PyOD VAE": pyod("VAE"),
}


def total(found: Comparisons, surprises: Sequence[Floats]) -> Floats:
    """The scores `(n,)` that these comparisons give."""
    return np.sum([each.sum(axis=1) for each in amounts(found, surprises)], axis=0)


def ours(split: Split, seed: int, steps: int | None) -> dict[str, Any]:
    """AUROC of the score and of its parts, rows flagged at the thresholds, and the seconds taken."""
    start = time.perf_counter()
    n = len(split.fitted)
    batch = Training().sized_for(n).batch_size or 1
    training = None if steps is None else {"epochs": min(100, max(10, round(steps * batch / n)))}
    autoencoder = Autoencoder(random_state=seed, training=training)
    detector = AnomalyDetector(autoencoder).fit(split.fitted).detector_
    rows = detector.reconstructed(split.tested)
    surprises = detector.surprises(rows)
    scores, seconds = total(detector.comparisons, surprises), time.perf_counter() - start
    without = [i for i, each in enumerate(detector.comparisons.all) if each.name != "residuals"]
    others = detector.comparisons._replace(all=tuple(detector.comparisons.all[i] for i in without))
    parts = {
        "without the model": total(others, [surprises[i] for i in without]),
        "the model's error": ((rows.rows - rows.reconstructions) ** 2).sum(axis=1),
    }
    fresh = scores[split.truth == 0]
    flagged = {e: int((fresh > threshold(detector.held_out, e).score).sum()) for e in EXPECTED}
    at = threshold(detector.held_out, 0.01).score
    return {
        "auroc": roc_auc_score(split.truth, scores),
        "parts": {name: roc_auc_score(split.truth, part) for name, part in parts.items()},
        "flagged": {str(e): n for e, n in flagged.items()},
        "fresh": len(fresh),
        "held_out": len(detector.held_out),
        "balanced": balanced_accuracy_score(split.truth, scores > at),
        "seconds": seconds,
    }


class Cache:
    """Results by name, written to a file as soon as they are computed."""

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self.results: dict[str, Any] = json.loads(file.read_text()) if file and file.exists() else {}

    def get(self, key: str, compute: Callable[[], Any]) -> Any:
        if key not in self.results:
            self.results[key] = compute()
            if self.file:
                self.file.write_text(json.dumps(self.results, indent=0))
        return self.results[key]


def row_of(
    cache: Cache, name: str, split: Callable[[], Split], seed: int, given: argparse.Namespace
) -> dict[str, Any]:
    """The results of all methods on one split, read from the cache where they are in it."""
    keys = {method: f"{name} {seed} {method}" for method in given.methods.split(",") if method}
    mine = f"{name} {seed} ours" + (f" {given.steps} steps" if given.steps else "")
    if any(key not in cache.results for key in [*keys.values(), mine]):
        made = split()
        scaler = StandardScaler().fit(made.fitted.reshape(len(made.fitted), -1))
        flat = made._replace(
            fitted=scaler.transform(made.fitted.reshape(len(made.fitted), -1)),
            tested=scaler.transform(made.tested.reshape(len(made.tested), -1)),
        )
        for method, key in keys.items():
            cache.get(key, lambda m=method: roc_auc_score(made.truth, METHODS[m](flat, seed)))
        cache.get(mine, lambda: ours(made, seed, given.steps))
    record = cache.results[mine]
    return {**record, "others": {method: cache.results[key] for method, key in keys.items()}}


def show(name: str, record: dict[str, Any]) -> None:
    others = "  ".join(f"{method} {100 * auroc:.1f}" for method, auroc in record["others"].items())
    print(f"{name:<22} ours {100 * record['auroc']:5.1f}  {others}  ({record['seconds']:.0f} s)", flush=True)


def summary(title: str, records: list[dict[str, Any]]) -> dict[str, float]:
    """Means over the records, printed best first."""
    means = {"ours": statistics.mean(r["auroc"] for r in records)}
    for kind in ("others", "parts"):
        for name in records[0][kind]:
            label = name if kind == "others" else f"part: {name}"
            means[label] = statistics.mean(r[kind][name] for r in records)
    print(f"\n{title}: mean AUROC of {len(records)}")
    for name, mean in sorted(means.items(), key=lambda item: -item[1]):
        print(f"  {name:<40}{100 * mean:6.2f}")
    return means


def print_thresholds(records: list[dict[str, Any]]) -> None:
    """For each expected share, the flagged share of new normal rows, and how many exceed chance."""
    for expected in map(str, EXPECTED):
        outside, obtained = 0, []
        for r in records:
            n, fresh, flagged = r["held_out"], r["fresh"], r["flagged"][expected]
            above = max(0, int(float(expected) * (n + 1) + 1e-9) - 1)
            low, high = betabinom.interval(0.99, fresh, above + 1, n - above)
            outside += not low <= flagged <= high
            obtained.append(flagged / fresh)
        print(
            f"threshold for {expected}: {statistics.mean(obtained):.4f} of new normal rows on average; "
            f"{outside} of {len(records)} outside the 99 % interval"
        )


def tables(given: argparse.Namespace, cache: Cache) -> Any:
    folder = Path(os.environ["NARROWS_DATA"]) / "anomaly"
    names = given.sets or sorted(file.stem for file in folder.glob("*.npz"))
    results = {}
    for protocol in given.protocols.split(","):
        records = []
        for seed, name in ((seed, name) for seed in range(given.seeds) for name in names):
            with np.load(folder / f"{name}.npz", allow_pickle=False) as archive:
                x, y = archive["X"].astype(np.float64), archive["y"].astype(int)
            cut = PROTOCOLS[protocol]
            split = lambda x=x, y=y, seed=seed: cut(x, y, seed)  # noqa: B023, E731
            records.append(row_of(cache, f"{protocol} {name}", split, seed, given))
            show(f"{protocol} {name} {seed}", records[-1])
        results[protocol] = summary(f"protocol {protocol}", records)
        if protocol == "a":
            print_thresholds(records)
    return results


def images(given: argparse.Namespace, cache: Cache) -> Any:
    results = {}
    for name in given.sets or ("mnist", "fashion-mnist"):
        data = load(name)
        assert data.test is not None
        labels, test = data.labels, data.test
        assert labels is not None
        assert test.labels is not None
        records = []
        for c in map(int, given.classes.split(",")):
            truth = (test.labels != c).astype(int)
            split = lambda c=c, truth=truth: Split(data.array[labels == c], test.array, truth, same=False)  # noqa: B023, E731
            records.append(row_of(cache, f"{name} {c}", split, 0, given))
            show(f"{name} {c}", records[-1])
        results[name] = summary(f"{name}, one class against the rest", records)
    return results


def ecg(given: argparse.Namespace, cache: Cache) -> Any:
    file = Path(os.environ["NARROWS_DATA"]) / "timeseries" / "ECG5000_binary.npz"
    with np.load(file, allow_pickle=False) as archive:
        x, y = archive["X"], archive["y_anomaly"].astype(int)
    split = Split(x[:500][y[:500] == 0], x[500:], y[500:], same=False)
    records = []
    for seed in range(given.seeds):
        records.append(row_of(cache, "ecg", lambda: split, seed, given))
        show(f"ecg {seed}", records[-1])
        print(f"  balanced accuracy at the threshold for 0.01: {records[-1]['balanced']:.4f}")
    return summary("ECG5000", records)


def seconds(given: argparse.Namespace, cache: Cache) -> dict[str, float]:
    """The seconds of each step, printed."""
    data = load("mnist")
    assert data.labels is not None
    assert data.test is not None
    threes, tested = data.array[data.labels == 3], data.test.array[:2000]
    taken: dict[str, float] = {}

    def timed(what: str, compute: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        made = compute()
        taken[what] = time.perf_counter() - start
        print(f"{what:<40}{taken[what]:7.2f} s", flush=True)
        return made

    run = timed(f"fit, {given.epochs} epochs", lambda: fit(as_data(threes), overrides=epochs(given.epochs)))
    detector = timed("preparation", lambda: Detector(run))
    timed("scores, with those of held-out rows", lambda: detector.scored(tested))
    timed("scores and contributions", lambda: detector.explained(tested))
    rows = detector.reconstructed(tested)
    for name, score in BASELINES.items():
        timed(name, lambda score=score: score(detector.reference.rows, rows.rows, rows.in_reference))
    return taken


def epochs(n: int) -> dict[str, Any]:
    return {"training": {"epochs": n}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=("tables", "images", "ecg", "seconds"))
    parser.add_argument("--protocols", default="a,b")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--sets", nargs="*")
    parser.add_argument("--classes", default="0,1,2,3,4,5,6,7,8,9")
    parser.add_argument("--methods", default=",".join(METHODS), help="methods to compare with")
    parser.add_argument("--steps", type=int, help="at most so many training steps of ours; default: no limit")
    parser.add_argument("--epochs", type=int, default=10, help="of the fit that is timed; default: 10")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    what = {"tables": tables, "images": images, "ecg": ecg, "seconds": seconds}[given.what]
    results = what(given, Cache(given.cache))
    if given.out:
        given.out.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
