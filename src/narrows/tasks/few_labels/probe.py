"""Few labels: what an encoder that was trained without any is worth, beside doing without it.

Labels are drawn from the training rows, as many of each class as there are rows for, several times; every
way sees the same ones and is judged on the same test rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from narrows.core.errors import InputError, few
from narrows.core.registry import within
from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.data.split import split
from narrows.data.tables import is_missing
from narrows.evaluation.pca import Pca
from narrows.fitting.fit import fit
from narrows.runs.run import Run
from narrows.tasks.few_labels.classifiers import LinearProbe, probabilities
from narrows.tasks.few_labels.fine_tuning import clustered, fine_tune
from narrows.tasks.few_labels.label_propagation import Labelled, labelled, spaces
from narrows.training.devices import pick_device
from narrows.training.history import Epoch

WAYS = ("pretrained", "fine_tuned", "random", "pixels", "pca")
"""A linear probe of the codes; the encoder fine-tuned; the same network from random weights; and logistic
regressions on the values themselves, and on as many principal components as the code has numbers."""

Row = dict[str, Any]


class Classes:
    """Data of which every row has a class: those to learn from, and those to judge on.

    Raises:
        InputError: for data without labels, or with labels that are no classes.
    """

    def __init__(self, data: Data, seed: int) -> None:
        if data.labels is None:
            raise InputError(f"{data.name} has no labels to learn; name a column or a file with --label.")
        parts = split(len(data), seed=seed, own_test=data.test is not None, groups=data.groups)
        index = np.concatenate([parts.train, parts.validation])
        test = data.test if parts.held_out is None else data.rows(parts.held_out)
        train = data.rows(data.affordable(index)) if parts.held_out is not None else data.drawn()
        assert test is not None
        if test.labels is None:
            raise InputError(f"The rows of {test.name} to judge on have no labels.")
        assert train.labels is not None
        named, judged = labelled_rows(train.labels), labelled_rows(test.labels)
        self.values, self.test_values = train.array, test.array[judged]
        self.names, classes = np.unique(train.labels[named], return_inverse=True)
        self.y = np.full(len(train.labels), -1)
        self.y[named] = classes
        if not 2 <= len(self.names) <= named.sum() / 3:
            raise InputError(
                f"The labels have {len(self.names):,} values in {named.sum():,} rows; wanted are at least 2 "
                f"classes that return."
            )
        told = test.labels[judged]
        strange = np.setdiff1d(told, self.names)
        if (len(strange) and data.test is not None) or not len(told):
            which = few([str(name) for name in strange], 3) or "no labels"
            raise InputError(
                f"The rows of {test.name} to judge on have {which}; wanted are labels of rows to learn from."
            )
        # A class that no row to learn from has cannot be told.
        self.test_y = np.where(np.isin(told, self.names), np.searchsorted(self.names, told), -1)

    def draw(self, each: int, seed: int) -> NDArray[np.intp]:
        """The class of each row where it is told, of `each` rows of a class at the most; else -1."""
        order = np.random.default_rng(seed).permutation(len(self.y))
        told = np.full(len(self.y), -1)
        for c in range(len(self.names)):
            mine = order[self.y[order] == c][:each]
            told[mine] = c
        return told


def labelled_rows(labels: Array) -> NDArray[np.bool_]:
    """Which rows have a label: a number that is none, or an empty word, says that they do not."""
    if labels.dtype.kind == "f":
        return ~np.isnan(labels)
    return np.array([not is_missing(str(label)) for label in labels.tolist()])


def probe(
    data: Data,
    labels: Sequence[int] = (1, 10, 100),
    *,
    draws: int = 5,
    recipe: str = "mixture-vae",
    latent_dim: int | None = None,
    epochs: int | None = None,
    seed: int = 0,
    device: str = "auto",
    pretrained: Run | None = None,
    on_epoch: Callable[[Epoch], None] | None = None,
    on_row: Callable[[Row], None] | None = None,
) -> dict[str, Any]:
    """Accuracy on test rows against labels per class, with and without an encoder trained on all rows.

    Args:
        data: what a reader gave; its labels are only looked at for the rows that are drawn.
        labels: numbers of labels per class.
        draws: how often labels are drawn.
        recipe: of the autoencoder.
        latent_dim: numbers in its code; chosen from the data when None.
        epochs: its passes over the data; chosen from their size when None.
        seed: of the parts, of the draws and of every training.
        device: "auto", or a torch device.
        pretrained: a run of the same data, in the place of a new autoencoder.
        on_epoch: called with each epoch of the autoencoder.
        on_row: called with each row as it is found.

    Returns:
        `rows`, one for each number of `labels` per class: their `total`, the number of `draws`, the mean
        accuracy of each way, and `<way>_ci95`, its 95 % interval over draws. Also `n_test`, `classes` and
        `recipe`.
    """
    within("draws", draws, 1)
    if epochs is not None:
        within("epochs", epochs, 1)
    labels = list(dict.fromkeys(labels))
    classes = Classes(data, seed)
    run = pretrained or fit(
        data,
        recipe=recipe,
        latent_dim=latent_dim,
        overrides={
            "bottleneck": clustered(recipe, len(classes.names)),
            "training": {} if epochs is None else {"epochs": epochs},
        },
        seed=seed,
        device=device,
        on_epoch=on_epoch,
    )
    bench = Bench(run, classes, pick_device(device, run.scaling.precision))
    found: dict[int, list[dict[str, float]]] = {each: [] for each in labels}
    for draw in range(draws):
        for each in labels:
            found[each].append(bench.measure(each, seed + draw))
            if on_row:
                on_row({"labels": each, "draw": draw, **found[each][-1]})
    rows = [summary(each, found[each], int((classes.draw(each, seed) >= 0).sum())) for each in labels]
    return {
        "rows": rows,
        "n_test": len(classes.test_y),
        "classes": len(classes.names),
        "recipe": run.config["recipe"],
    }


class Bench:
    """All that the ways share: the rows to learn from and to be judged on, as each way sees them."""

    def __init__(self, run: Run, classes: Classes, device: torch.device) -> None:
        self.run, self.classes, self.device = run, classes, device
        both = (classes.values, classes.test_values)
        x = [np.nan_to_num(run.scaled(values)) for values in both]
        pca = Pca.fit(x[0][:: max(1, len(x[0]) // 10_000)], run.model.code_size)
        self.spaces = spaces(run, classes.values)
        self.seen = {
            "pretrained": [run.encode(values) for values in both],
            "pixels": x,
            "pca": [(part - pca.mean) @ pca.directions.T for part in x],
        }

    def measure(self, each: int, seed: int) -> dict[str, float]:
        """The accuracy of every way on the test rows, with `each` labels per class."""
        y = self.classes.draw(each, seed)
        told = y >= 0
        found = {
            name: self._score(LinearProbe.fit(train[told], y[told]).probabilities(test))
            for name, (train, test) in self.seen.items()
        }
        return {name: found[name] if name in found else self._trained(name, y, seed) for name in WAYS}

    def _trained(self, name: str, y: NDArray[np.intp], seed: int) -> float:
        """The accuracy of the network, trained from the encoder's weights or from scratch."""
        values, k = self.classes.values, len(self.classes.names)
        scratch = name == "random"
        told = np.flatnonzero(y >= 0)
        if scratch:
            given = np.ones(len(told), dtype=bool)
            labels = Labelled(values[told], np.eye(k)[y[told]], given, given)
        else:
            labels = labelled(values, self.spaces, y, k, seed)
        network = fine_tune(self.run, labels, {}, seed, self.device, scratch=scratch)
        return self._score(probabilities(self.run, network, self.classes.test_values))

    def _score(self, found: Array) -> float:
        """The accuracy of the likeliest classes, by their chances `(n, classes)`."""
        return float((found.argmax(axis=1) == self.classes.test_y).mean())


def summary(each: int, found: list[dict[str, float]], total: int) -> Row:
    """The row of a number of labels: means over draws, and their intervals."""
    row: Row = {"labels": each, "total": total, "draws": len(found)}
    for name in WAYS:
        values = np.array([one[name] for one in found])
        row[name], row[f"{name}_ci95"] = float(values.mean()), interval(values)
    return row


def interval(values: Array) -> list[float] | None:
    """A 95 % interval of the mean of shares `values (n,)`, by Student's t; None of a single one."""
    from scipy.stats import t

    if len(values) < 2:
        return None
    half = float(t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    return [max(0.0, float(values.mean()) - half), min(1.0, float(values.mean()) + half)]
