"""Few labels: the accuracy of classifiers with an encoder that was trained without labels, and without one.

Labels are drawn from the training rows several times, the same number for each class. All methods learn from
the same labels and are judged on the same test rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from narrows.core.registry import within
from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.evaluation.pca import Pca
from narrows.fitting.fit import fit
from narrows.runs.run import Run
from narrows.tasks.few_labels.classifiers import probabilities, scaled_values
from narrows.tasks.few_labels.fine_tuning import bottleneck_for, fine_tune, learn_classes
from narrows.tasks.few_labels.label_propagation import one_hot
from narrows.tasks.few_labels.labelled_split import LabelledSplit
from narrows.tasks.few_labels.linear_probes import Probes, Row
from narrows.tasks.few_labels.node_probe import node_probes
from narrows.tasks.few_labels.pseudo_labels import Labelled, represented
from narrows.training.devices import pick_device
from narrows.training.history import Epoch

METHODS = ("pretrained", "fine_tuned", "random", "pixels", "pca")
"""A linear probe of the codes; the encoder fine-tuned; the same network from random weights; and linear
probes of the values and of as many principal components as the code has dimensions."""

LABELS_ALONE = "labels_alone"
"""The encoder fine-tuned on the given labels without pseudo-labels: "random" with other initial weights."""


def probe(
    data: Data,
    labels: Sequence[int] = (1, 10, 100),
    *,
    draws: int = 5,
    recipe: str | None = None,
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
        recipe: of the autoencoder; when None mixture-vae, of a graph autoencoder.
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
        `recipe`, `judged_by` of the kind of data, and `rarest`, the `name` and `share` of a rare class; None
        where classes are about equal. With a rare class rows also have `<method>_balanced`, `<method>_recall`
        and `<method>_auc`.
    """
    within("draws", draws, 1)
    if epochs is not None:
        within("epochs", epochs, 1)
    parts, by = LabelledSplit(data, seed), PROBED[data.schema.judged_by]
    recipe = recipe or by.recipe
    overrides = {
        "bottleneck": bottleneck_for(recipe, len(parts.names)),
        "training": {} if epochs is None else {"epochs": epochs},
    }
    how: dict[str, Any] = {"recipe": recipe, "latent_dim": latent_dim, "overrides": overrides}
    run = pretrained or fit(data, **how, seed=seed, device=device, on_epoch=on_epoch)
    experiment = by.experiment(data, run, parts, pick_device(device, run.scaling.precision))
    return {
        "judged_by": data.schema.judged_by,
        "rows": experiment.rows(list(dict.fromkeys(labels)), draws, seed, on_row),
        "n_test": len(parts.test_y),
        "classes": len(parts.names),
        "recipe": run.config["recipe"],
        "rarest": parts.described_rarest(),
    }


class Experiment(Probes):
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
        self.run, self.device, self.fine_tuning = run, device, fine_tuning or {}
        self.known = represented(run, parts.values)
        x = [self.known.values, scaled_values(run, parts.test_values)]
        pca = Pca.fit(x[0][:: max(1, len(x[0]) // 10_000)], run.model.code_size)
        codes = [run.encode(values) for values in (parts.values, parts.test_values)]
        components = [(part - pca.mean) @ pca.directions.T for part in x]
        super().__init__(parts, {"pretrained": codes, "pixels": x, "pca": components})

    @property
    def methods(self) -> Sequence[str]:
        return METHODS

    def _predicted(self, method: str, y: NDArray[np.intp], seed: int) -> Array:
        """Class probabilities `(n, classes)` of the test rows by a method of `METHODS`, or `LABELS_ALONE`."""
        if method in self.features:
            return super()._predicted(method, y, seed)
        parts = self.parts
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


class Probed(NamedTuple):
    """How a kind of data is probed: the usual recipe, and what measures a run of it."""

    recipe: str
    experiment: Callable[[Data, Run, LabelledSplit, torch.device], Probes]


PROBED = {
    "values": Probed("mixture-vae", lambda data, run, parts, device: Experiment(run, parts, device)),
    "edges": Probed("autoencoder", lambda data, run, parts, device: node_probes(data, run, parts)),
}
"""By `Schema.judged_by`."""
