"""Judge a fitted run on held-out data, and keep what the report shows of it."""

from __future__ import annotations

import json

import numpy as np

from narrows.data.schema import Array, Data
from narrows.evaluation.diagnostics import measure
from narrows.evaluation.errors import Errors, column_errors, errors
from narrows.evaluation.latent_dimensions import meanings
from narrows.evaluation.pca import RESTORING, WIDEST, Pca
from narrows.evaluation.surrogate_data import surrogate_ratio
from narrows.evaluation.verdict import Verdict, judge
from narrows.runs.run import Run
from narrows.training.batches import Rows, Stream
from narrows.training.loop import Training

SMALL = 2_000_000
"""Numbers in a training part for which a gain is always checked on a twin without structure; of
larger ones only a gain of less than half is, the training of the twin being as long as the model's."""

SHOWN, NUMBERS = 300_000, 5_000_000
"""Held-out codes that are kept for the report at the most, and numbers in them."""

ORIGINALS = 8_000_000
"""Bytes of held-out examples that are kept for the report at the most."""

EXAMPLES = ("best", "median", "worst")
"""Held-out rows that are shown: six each of those that were reconstructed so."""


def assess(
    run: Run, train_values: Array, rows: Rows | Stream, held_out: Data, how: Training, *, begun: bool = False
) -> None:
    """Measure the run on held-out data and keep what the report will show of it.

    `train_values` are the training rows as they came, or some of them where `rows` stay on disk. A model
    that passes the data by its code is judged by what it restores of corrupted rows. With `begun` its first
    weights may have been fitted to the held-out rows.
    """
    learned, judged = run.scaled(train_values), run.scaled(held_out.array)
    seen, restore = judged, run.reconstruct_scaled
    if run.model.bypassed:
        seen, restore = run.corrupted(held_out.array), run.restored
        pca = Pca.fit(learned, RESTORING).restoring(learned, run.corrupted(train_values))
    else:
        pca = fit_pca(run, learned, rows)
    guesses = {
        "ours": restore(held_out.array),
        "pca": pca.reconstruct(seen),
        "mean": np.broadcast_to(pca.mean, judged.shape),
    }
    starts = run.schema.starts
    ours, theirs, mean = (errors(judged, guess, starts) for guess in guesses.values())
    unit = run.scaling.unit
    compared = ours.times(unit), theirs.times(unit), mean.times(unit)
    verdict = judge(*compared, groups=held_out.groups, seen=begun)
    if verdict.outcome == "beats" and worth_checking(run, learned, verdict):
        domain = run.scaling.domain(run.schema)
        bar = surrogate_ratio(run.config["spec"], domain, learned, how, run.config["seed"], run.own)
        verdict = judge(*compared, groups=held_out.groups, surrogate_ratio=bar)
    symptoms = measure(run, train_values, held_out.array, pca, ours)
    run.metrics = {
        "verdict": {"outcome": verdict.outcome, "sentence": verdict.sentence},
        "held_out": verdict.to_json(),
        "symptoms": symptoms.numbers,
    }
    meant = meanings(run, held_out.array)
    run.evidence = {**evidence(run, held_out, ours, theirs), **symptoms.arrays, **meant}
    means = pca.mean.reshape(run.schema.model_shape[0], -1).mean(axis=1)
    run.evidence["means"] = means.astype(np.float32)
    if run.model.bypassed:
        for name in EXAMPLES:
            index = run.evidence[f"{name}_rows"]
            run.evidence[f"{name}_seen"] = run.unscaled(seen[index])
            run.evidence[f"{name}_reconstructions"] = run.unscaled(guesses["ours"][index])
    if starts is not None:
        for name, guess in guesses.items():
            run.evidence[f"{name}_by_column"] = column_errors(judged, guess, starts)


def fit_pca(run: Run, learned: Array, rows: Rows | Stream) -> Pca:
    """PCA of the training rows: `learned`, on the model's scale, or block by block what is on disk."""
    if isinstance(rows, Rows) or learned.shape[1] > WIDEST:
        return Pca.fit(learned, run.model.code_size)
    blocks = (run.scaled(block) for block in rows.blocks())
    return Pca.fit_blocks(blocks, run.model.code_size, np.nanmean(learned, axis=0))


def worth_checking(run: Run, learned: Array, verdict: Verdict) -> bool:
    """Whether a gain could be hollow, and there is time to see.

    Over the best linear filter none is: on data without structure no model restores more than that.
    """
    modest = verdict.mse > 0.5 * verdict.pca_mse
    long = learned.size > SMALL and not modest
    return not (run.model.bypassed or long or run.config["interrupted"])


def evidence(run: Run, held_out: Data, ours: Errors, pca: Errors) -> dict[str, Array]:
    """Held-out codes and errors, and the examples that were reconstructed best, middling and worst."""
    rng = np.random.default_rng(0)
    rows = np.sort(rng.permutation(len(held_out))[: max(1, min(SHOWN, NUMBERS // run.model.code_size))])
    size = max(1, held_out.array[:1].nbytes)
    kept = np.sort(rng.permutation(len(rows))[: max(1, ORIGINALS // size)])
    per_value = ours.squared / np.maximum(ours.values, 1)
    order = np.argsort(per_value, kind="stable")
    middle = len(order) // 2
    shown = (order[:6], order[max(0, middle - 3) : middle + 3], order[::-1][:6])
    found: dict[str, Array] = {
        "rows": rows,
        "errors": per_value[rows] * run.scaling.unit,
        "kept": kept,
        "originals": held_out.array[rows[kept]],
        "pca_errors": (pca.squared / np.maximum(pca.values, 1))[rows] * run.scaling.unit,
    }
    if not run.model.bypassed:
        found["codes"] = run.encode(held_out.array[rows])
    for name, index in zip(EXAMPLES, shown, strict=True):
        found[f"{name}_rows"] = index
        found[f"{name}_originals"] = held_out.array[index]
        found[f"{name}_reconstructions"] = run.reconstruct(held_out.array[index])
    if held_out.ids:
        names = json.dumps([held_out.ids[i] for i in rows])
        found["ids"] = np.frombuffer(names.encode(), np.uint8)
    if held_out.labels is not None:
        found["labels"], run.config["label_names"] = coded(held_out.labels[rows])
    return found


def coded(labels: Array) -> tuple[Array, list[str]]:
    """Labels as numbers, and the names of the numbers where they were text."""
    if labels.dtype.kind in "buif":
        return labels.astype(np.float64), []
    names, codes = np.unique(labels, return_inverse=True)
    return codes.astype(np.float64), names.tolist()
