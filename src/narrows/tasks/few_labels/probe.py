"""Few labels: the accuracy of classifiers with an encoder that was trained without labels, and without one.

Labels are drawn from the training rows several times, the same number for each class. All methods learn from
the same labels and are judged on the same test rows.
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
from narrows.data.tables.missing import is_missing
from narrows.evaluation.pca import Pca
from narrows.fitting.fit import fit
from narrows.runs.run import Run
from narrows.tasks.few_labels.classifiers import LinearProbe, probabilities, scaled_values
from narrows.tasks.few_labels.fine_tuning import bottleneck_for, fine_tune, learn_classes
from narrows.tasks.few_labels.label_propagation import one_hot
from narrows.tasks.few_labels.measures import interval, measured, rarest_class
from narrows.tasks.few_labels.pseudo_labels import Labelled, represented
from narrows.training.devices import pick_device
from narrows.training.history import Epoch

METHODS = ("pretrained", "fine_tuned", "random", "pixels", "pca")
"""A linear probe of the codes; the encoder fine-tuned; the same network from random weights; and linear
probes of the values and of as many principal components as the code has dimensions."""

LABELS_ALONE = "labels_alone"
"""The encoder fine-tuned on the given labels without pseudo-labels: "random" with other initial weights."""

Row = dict[str, Any]


class LabelledSplit:
    """Rows to learn from and rows to judge on, with the numbers of their classes.

    Attributes:
        names: `(classes,)`, sorted.
        values: `(n, *shape)`, the rows to learn from, as they came.
        y: `(n,)`, the number of each row's class; -1 where it has no label.
        test_values: the rows to judge on that have a label.
        test_y: their classes; -1 for a class that no row to learn from has.
        rarest: the number of the rarest class; None where classes are about equal.

    Raises:
        InputError: for data without labels, or labels that are not classes.
    """

    def __init__(self, data: Data, seed: int) -> None:
        train, test = learned_and_judged(data, seed)
        assert train.labels is not None
        assert test.labels is not None
        named, judged = has_label(train.labels), has_label(test.labels)
        self.values, self.test_values = train.array, test.array[judged]
        self.names, classes = np.unique(train.labels[named], return_inverse=True)
        if not 2 <= len(self.names) <= named.sum() / 3:
            raise InputError(
                f"The labels have {len(self.names):,} values in {named.sum():,} rows; wanted are at least 2 "
                f"classes that return."
            )
        self.y = np.full(len(train.labels), -1)
        self.y[named] = classes
        self.test_y = self._numbered(test.labels[judged], test.name, own_test=data.test is not None)
        self.rarest = rarest_class(self.y, self.test_y, len(self.names))

    def _numbered(self, labels: Array, name: str, *, own_test: bool) -> NDArray[np.intp]:
        """The numbers of the classes of test rows; -1 for a class that no row to learn from has."""
        unknown = np.setdiff1d(labels, self.names)
        if (len(unknown) and own_test) or not len(labels):
            which = few([str(label) for label in unknown], 3) or "no labels"
            raise InputError(
                f"The rows of {name} to judge on have {which}; wanted are labels of rows to learn from."
            )
        return np.where(np.isin(labels, self.names), np.searchsorted(self.names, labels), -1)

    def described_rarest(self) -> dict[str, Any] | None:
        """The name of the rarest class, and its share of the labelled rows to learn from."""
        if self.rarest is None:
            return None
        share = float((self.y == self.rarest).sum() / (self.y >= 0).sum())
        return {"name": str(self.names[self.rarest]), "share": share}

    def draw(self, each: int, seed: int) -> NDArray[np.intp]:
        """`y` with at most `each` labels of a class, drawn at random; -1 elsewhere."""
        order = np.random.default_rng(seed).permutation(len(self.y))
        drawn = np.full(len(self.y), -1)
        for c in range(len(self.names)):
            members = order[self.y[order] == c][:each]
            drawn[members] = c
        return drawn


def learned_and_judged(data: Data, seed: int) -> tuple[Data, Data]:
    """The training and validation rows of `data`, as many as fit into memory, and the test rows."""
    if data.labels is None:
        raise InputError(f"{data.name} has no labels to learn; name a column or a file with --label.")
    parts = data.parts(seed)
    if parts.held_out is None:
        train, test = data.drawn(), data.test
    else:
        index = np.concatenate([parts.train, parts.validation])
        train, test = data.rows(data.sample_of(index)), data.rows(parts.held_out)
    assert test is not None
    if test.labels is None:
        raise InputError(f"The rows of {test.name} to judge on have no labels.")
    return train, test


def has_label(labels: Array) -> NDArray[np.bool_]:
    """Which rows have a label: neither NaN nor a word for a missing cell."""
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
        data: as a reader gives them. The encoder is trained without labels.
        labels: numbers of labels per class.
        draws: how often labels are drawn.
        recipe: of the autoencoder.
        latent_dim: its latent dimensions; chosen from the data when None.
        epochs: of its training; chosen from the size of the data when None.
        seed: of the parts, of the draws and of every training.
        device: "auto", or a torch device.
        pretrained: a run of the same data, in place of a new autoencoder.
        on_epoch: called with each epoch of the autoencoder.
        on_row: called with the measures of each draw.

    Returns:
        `rows`, one for each number of `labels` per class: their `total`, the number of `draws`, the mean
        accuracy of each method, and `<method>_ci95`, its 95 % interval over draws. Also `n_test`, `classes`,
        `recipe` and `rarest`, the `name` and `share` of a rare class; None where classes are about equal.
        With a rare class rows also have `<method>_balanced`, `<method>_recall` and `<method>_auc`.
    """
    data.schema.check_independent("Comparisons of classifiers")
    within("draws", draws, 1)
    if epochs is not None:
        within("epochs", epochs, 1)
    parts = LabelledSplit(data, seed)
    overrides = {
        "bottleneck": bottleneck_for(recipe, len(parts.names)),
        "training": {} if epochs is None else {"epochs": epochs},
    }
    how: dict[str, Any] = {"recipe": recipe, "latent_dim": latent_dim, "overrides": overrides}
    run = pretrained or fit(data, **how, seed=seed, device=device, on_epoch=on_epoch)
    experiment = Experiment(run, parts, pick_device(device, run.scaling.precision))
    return {
        "rows": experiment.rows(list(dict.fromkeys(labels)), draws, seed, on_row),
        "n_test": len(parts.test_y),
        "classes": len(parts.names),
        "recipe": run.config["recipe"],
        "rarest": parts.described_rarest(),
    }


class Experiment:
    """The rows to learn from and to judge on, in the representation of each method.

    Args:
        run: the fitted run.
        parts: the rows.
        device: where networks are fine-tuned.
        fine_tuning: options of `Training` for that, in place of the default ones.
    """

    def __init__(
        self,
        run: Run,
        parts: LabelledSplit,
        device: torch.device,
        fine_tuning: dict[str, Any] | None = None,
    ) -> None:
        self.run, self.parts, self.device, self.fine_tuning = run, parts, device, fine_tuning or {}
        self.known = represented(run, parts.values)
        x = [self.known.values, scaled_values(run, parts.test_values)]
        pca = Pca.fit(x[0][:: max(1, len(x[0]) // 10_000)], run.model.code_size)
        self.features = {
            "pretrained": [run.encode(values) for values in (parts.values, parts.test_values)],
            "pixels": x,
            "pca": [(part - pca.mean) @ pca.directions.T for part in x],
        }

    def rows(
        self, labels: Sequence[int], draws: int, seed: int, on_row: Callable[[Row], None] | None
    ) -> list[Row]:
        """A row for each number of `labels` per class, as `probe` returns them."""
        found: dict[int, list[Row]] = {each: [] for each in labels}
        for draw in range(draws):
            for each in labels:
                found[each].append(self.measures(self.parts.draw(each, seed + draw), seed + draw))
                if on_row:
                    on_row({"labels": each, "draw": draw, **found[each][-1]})
        totals = {each: int((self.parts.draw(each, seed) >= 0).sum()) for each in labels}
        return [summary(each, found[each], totals[each]) for each in labels]

    def measures(self, y: NDArray[np.intp], seed: int, methods: Sequence[str] = METHODS) -> Row:
        """The accuracy of each method on the test rows, learned from the labels `y (n,)`, -1 for none.

        Methods are those of `METHODS`, and `LABELS_ALONE`. Where a class is rare also `<method>_<measure>`,
        as `MEASURES` has them.
        """
        found: Row = {}
        for method in methods:
            one = measured(self._predicted(method, y, seed), self.parts.test_y, self.parts.rarest)
            found[method] = one.pop("accuracy")
            found |= {f"{method}_{name}": value for name, value in one.items()}
        return found

    def _predicted(self, method: str, y: NDArray[np.intp], seed: int) -> Array:
        """Class probabilities `(n, classes)` of the test rows by a method of `METHODS`, or `LABELS_ALONE`."""
        parts, given = self.parts, y >= 0
        if method in self.features:
            train, test = self.features[method]
            return LinearProbe.fit(train[given], y[given]).probabilities(test)
        options, device = self.fine_tuning, self.device
        if method in ("random", LABELS_ALONE):
            scratch = method == "random"
            network = fine_tune(self.run, self._given(y), options, seed, device, scratch=scratch)
            return probabilities(self.run, network, parts.test_values)
        classes = len(parts.names)
        learned = learn_classes(self.run, parts.values, self.known, y, classes, options, seed, device)
        return learned.probabilities(self.run, parts.test_values)

    def _given(self, y: NDArray[np.intp]) -> Labelled:
        """The rows with a label alone."""
        rows = np.flatnonzero(y >= 0)
        every = np.ones(len(rows), dtype=bool)
        return Labelled(self.parts.values[rows], one_hot(y[rows], len(self.parts.names)), every, every)


def summary(each: int, found: list[Row], total: int) -> Row:
    """The row of a number of labels: means over draws, and their intervals."""
    row: Row = {"labels": each, "total": total, "draws": len(found)}
    for name in found[0]:
        values = np.array([one[name] for one in found])
        row[name], row[f"{name}_ci95"] = float(values.mean()), interval(values)
    return row
