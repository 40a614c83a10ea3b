"""Classifiers on top of an encoder, and how a run stores them."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from narrows.core.errors import InputError
from narrows.core.records import Batch
from narrows.core.weights import copy_into
from narrows.data.schema import Array
from narrows.evaluation.errors import Floats
from narrows.model.bottlenecks.plain import Plain
from narrows.model.networks import Encoder
from narrows.runs.evidence import StoredClassifier
from narrows.runs.run import Run

SIDE_PER_SHIFT = 14
"""Images are shifted by at most one pixel for each so many pixels of their shorter side."""


class Classifier(nn.Module):
    """An encoder with a linear layer that gives one logit for each class."""

    def __init__(self, encoder: Encoder, classes: int) -> None:
        super().__init__()
        self.encoder, self.bottleneck = encoder, Plain(encoder.out_shape, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Logits `(batch, classes)` of `x (batch, *shape)` on the model's scale."""
        return self.bottleneck.encode(self.encoder(x, {}), {})


def probabilities(run: Run, network: Classifier, values: Array) -> Array:
    """Class probabilities `(n, classes)` of `values` as they came.

    For images that were shifted in training they are the mean over nine shifts, one pixel apart.
    """
    steps = range(-1, 2) if max_shift(run) else range(1)
    single = copy.deepcopy(network)
    precise = copy.deepcopy(network).double()

    def use(_: nn.Module, batch: Batch) -> Tensor:
        x = batch.x
        classify = (precise if x.dtype == torch.float64 else single).to(x.device)
        zero = torch.zeros(len(x), dtype=torch.long, device=x.device)
        views = (shifted(x, zero + i, zero + j) if i or j else x for i in steps for j in steps)
        return torch.stack([classify(view).softmax(1) for view in views]).mean(0)

    return run.apply(values, use)


def shifted(x: Tensor, down: Tensor, right: Tensor) -> Tensor:
    """Images `(n, channels, height, width)` moved by `down (n,)` and `right (n,)` pixels, edges repeated."""
    rows = (torch.arange(x.shape[2], device=x.device) - down[:, None]).clamp(0, x.shape[2] - 1)
    columns = (torch.arange(x.shape[3], device=x.device) - right[:, None]).clamp(0, x.shape[3] - 1)
    moved = x.gather(2, rows[:, None, :, None].expand_as(x))
    return moved.gather(3, columns[:, None, None, :].expand_as(x))


def max_shift(run: Run) -> int:
    """Pixels by which images are shifted at most; 0 for small images and for other kinds of data."""
    return min(run.schema.model_shape[-2:]) // SIDE_PER_SHIFT if run.schema.spatial == 2 else 0


class LinearProbe:
    """A logistic regression from codes to classes.

    Args:
        weights: `(classes, d)`; for two classes `(1, d)`, for the second.
        bias: `(classes,)`, or `(1,)`.
    """

    def __init__(self, weights: Floats, bias: Floats) -> None:
        self.weights, self.bias = weights, bias

    @classmethod
    def fit(cls, codes: Array, y: Array) -> LinearProbe:
        """Learn the classes `y (n,)` of codes `(n, d)`, divided by their mean standard deviation."""
        from sklearn.linear_model import LogisticRegression

        codes = codes.astype(np.float64)
        scale = float(codes.std(axis=0).mean()) or 1.0
        model = LogisticRegression(max_iter=1000).fit(codes / scale, y)
        return cls(model.coef_ / scale, model.intercept_)

    def probabilities(self, codes: Array) -> Array:
        """Class probabilities `(n, classes)`."""
        from scipy.special import softmax

        logits = codes @ self.weights.T + self.bias
        return np.asarray(
            softmax(np.hstack([0 * logits, logits]) if len(self.weights) == 1 else logits, axis=1)
        )


@dataclass(frozen=True)
class FineTuned:
    """A fine-tuned network, and a logistic regression on the values with which it is averaged.

    Attributes:
        network: the network.
        linear: the regression; None for the network alone.
        weight: of the regression's probabilities, in [0, 1].
    """

    network: Classifier
    linear: LinearProbe | None = None
    weight: float = 0.0

    def probabilities(self, run: Run, values: Array) -> Array:
        """Class probabilities `(n, classes)` of `values` as they came."""
        found = probabilities(run, self.network, values)
        if self.linear is None:
            return found
        return (1 - self.weight) * found + self.weight * self.linear.probabilities(scaled_values(run, values))


def scaled_values(run: Run, values: Array) -> Array:
    """`values` on the model's scale, flat, `(n, values)`, 0 where a cell is missing."""
    return np.nan_to_num(run.scaled(values))


NETWORK, LINEAR = "network.", "linear."
"""The prefixes of the arrays of a network and of the regression averaged with it; a probe's have none."""


def store_classifier(run: Run, names: Array, learned: FineTuned | LinearProbe | None) -> None:
    """Add a classifier to the run's evidence, so that it is saved with the run.

    Args:
        run: the run that it was trained with.
        names: `(classes,)`, the names of the classes.
        learned: the classifier; None where there is one class.
    """
    weights: dict[str, Array] = {}
    if isinstance(learned, LinearProbe):
        weights = arrays_of(learned)
    elif learned is not None:
        state = learned.network.state_dict()
        weights = {NETWORK + name: value.cpu().numpy() for name, value in state.items()}
        if learned.linear is not None:
            weights |= {LINEAR + name: value for name, value in arrays_of(learned.linear).items()}
            weights[LINEAR + "weight"] = np.array([learned.weight])
    run.evidence = replace(run.evidence, classifier=StoredClassifier(tuple(names.tolist()), weights))


def arrays_of(probe: LinearProbe) -> dict[str, Array]:
    """The weights of a linear probe by name."""
    return {"weights": probe.weights, "bias": probe.bias}


def stored_classifier(run: Run, where: str) -> tuple[Array, FineTuned | LinearProbe | None]:
    """The names of the classes and the classifier that `store_classifier` added.

    Raises:
        InputError: for a run, read from `where`, without a classifier or with incomplete weights.
    """
    stored = run.evidence.classifier
    if stored is None:
        raise InputError(f"{where} holds an autoencoder and no classifier; fit a PretrainedClassifier.")
    names = np.array(stored.names)
    if len(names) < 2:
        return names, None
    if "bias" in stored.weights:
        return names, LinearProbe(stored.weights["weights"], stored.weights["bias"])
    network = Classifier(copy.deepcopy(run.model.encoder), len(names)).eval()
    linear = {n.removeprefix(LINEAR): x for n, x in stored.weights.items() if n.startswith(LINEAR)}
    weights = {
        name.removeprefix(NETWORK): torch.as_tensor(x)
        for name, x in stored.weights.items()
        if not name.startswith(LINEAR)
    }
    copy_into(network.state_dict(), weights, where)
    if not linear:
        return names, FineTuned(network)
    probe = LinearProbe(linear["weights"], linear["bias"])
    return names, FineTuned(network, probe, float(linear["weight"][0]))
