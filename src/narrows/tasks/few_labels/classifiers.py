"""What tells classes apart on top of an encoder, and how a run keeps it."""

from __future__ import annotations

import copy
from dataclasses import replace

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

MOVED = 14
"""Images are moved by a pixel for so many that they are wide, at the most."""


class Classifier(nn.Module):
    """An encoder, and a linear layer that makes a logit for each class of what it found."""

    def __init__(self, encoder: Encoder, classes: int) -> None:
        super().__init__()
        self.encoder, self.bottleneck = encoder, Plain(encoder.out_shape, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Logits `(batch, classes)` of `x (batch, *shape)` on the model's scale."""
        return self.bottleneck.encode(self.encoder(x, {}), {})


def probabilities(run: Run, network: Classifier, values: Array) -> Array:
    """The chance `(n, classes)` that `network` gives each class, of `values` as they came.

    Of images that it saw moved, it is the mean over nine places, a pixel apart.
    """
    steps = range(-1, 2) if reach(run) else range(1)
    precise = copy.deepcopy(network).double()

    def use(_: nn.Module, batch: Batch) -> Tensor:
        x = batch.x
        classify = precise if x.dtype == torch.float64 else network
        still = torch.zeros(len(x), dtype=torch.long)
        views = (placed(x, still + i, still + j) if i or j else x for i in steps for j in steps)
        return torch.stack([classify(view).softmax(1) for view in views]).mean(0)

    return run.apply(values, use)


def placed(x: Tensor, down: Tensor, right: Tensor) -> Tensor:
    """Images, each moved by so many pixels, `(n,)` both."""
    rows = (torch.arange(x.shape[2], device=x.device) - down[:, None]).clamp(0, x.shape[2] - 1)
    columns = (torch.arange(x.shape[3], device=x.device) - right[:, None]).clamp(0, x.shape[3] - 1)
    lifted = x.gather(2, rows[:, None, :, None].expand_as(x))
    return lifted.gather(3, columns[:, None, None, :].expand_as(x))


def reach(run: Run) -> int:
    """Pixels by which images are moved at the most; 0 for small images and for other kinds of data."""
    return min(run.schema.model_shape[-2:]) // MOVED if run.schema.spatial == 2 else 0


class LinearProbe:
    """A logistic regression from codes to classes.

    Args:
        weights: `(classes, d)`; of two classes `(1, d)`, for the second.
        bias: `(classes,)`, or `(1,)`.
    """

    def __init__(self, weights: Floats, bias: Floats) -> None:
        self.weights, self.bias = weights, bias

    @classmethod
    def fit(cls, codes: Array, y: Array) -> LinearProbe:
        """Learn the classes `(n,)` of codes `(n, d)`, in units of the codes' overall spread."""
        from sklearn.linear_model import LogisticRegression

        scale = float(codes.std(axis=0).mean()) or 1.0
        model = LogisticRegression(max_iter=1000).fit(codes / scale, y)
        return cls(model.coef_ / scale, model.intercept_)

    def probabilities(self, codes: Array) -> Array:
        """The chance `(n, classes)` of each class."""
        from scipy.special import softmax

        logits = codes @ self.weights.T + self.bias
        return np.asarray(
            softmax(np.hstack([0 * logits, logits]) if len(self.weights) == 1 else logits, axis=1)
        )


NETWORK = "network."
"""What the names of the arrays of a stored network begin with; those of a linear probe do not."""


def keep(run: Run, names: Array, learned: Classifier | LinearProbe | None) -> None:
    """Put what was learned from labels beside the run, so that it is saved with it.

    Args:
        run: the run that it was learned with.
        names: `(classes,)`, what the classes are called.
        learned: what tells them apart; None where there is but one.
    """
    weights: dict[str, Array] = {}
    if isinstance(learned, LinearProbe):
        weights = {"weights": learned.weights, "bias": learned.bias}
    elif learned is not None:
        weights = {NETWORK + name: value.cpu().numpy() for name, value in learned.state_dict().items()}
    run.evidence = replace(run.evidence, classifier=StoredClassifier(tuple(names.tolist()), weights))


def kept(run: Run, where: str) -> tuple[Array, Classifier | LinearProbe | None]:
    """The names of the classes and what tells them apart, as `keep` put them beside the run.

    Raises:
        InputError: for a run `where` there is nothing of the kind, or not all of it.
    """
    found = run.evidence.classifier
    if found is None:
        raise InputError(f"{where} holds an autoencoder and no classifier; fit a PretrainedClassifier.")
    names = np.array(found.names)
    if len(names) < 2:
        return names, None
    if "bias" in found.weights:
        return names, LinearProbe(found.weights["weights"], found.weights["bias"])
    network = Classifier(copy.deepcopy(run.model.encoder), len(names)).eval()
    weights = {k.removeprefix(NETWORK): torch.as_tensor(v) for k, v in found.weights.items()}
    copy_into(network.state_dict(), weights, where)
    return names, network
