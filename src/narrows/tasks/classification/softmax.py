"""Softmax regression: a linear map to the probabilities of classes."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from narrows.core.errors import InputError
from narrows.core.registry import within
from narrows.data.checks import real
from narrows.training.sizes import batch_indices


def naive_softmax(logits: Tensor) -> Tensor:
    """exp(oᵢ) / Σⱼ exp(oⱼ) of each row of `(n, classes)`, computed as written.

    In float32 it is NaN if a logit exceeds 88.7, or if all logits of a row are below −104.
    """
    powers = logits.exp()
    return powers / powers.sum(1, keepdim=True)


def log_softmax(logits: Tensor) -> Tensor:
    """The logarithms of the probabilities, finite for all finite logits `(n, classes)`.

    The largest logit of each row is subtracted first, which changes no probability.
    """
    shifted = logits - logits.detach().amax(1, keepdim=True)
    return shifted - shifted.logsumexp(1, keepdim=True)


def softmax(logits: Tensor) -> Tensor:
    """The softmax of each row of `(n, classes)`, without overflow or underflow."""
    return log_softmax(logits).exp()


def one_hot(y: Tensor, n_classes: int) -> Tensor:
    """Classes `(n,)` as rows `(n, classes)` with a 1 at the class.

    >>> one_hot(torch.tensor([0, 2]), 3).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    return torch.eye(n_classes, device=y.device)[y]


def cross_entropy_by_index(probabilities: Tensor, y: Tensor) -> Tensor:
    """−log p_y of each row, with the probability of class `y (n,)` picked from `(n, classes)`."""
    return -probabilities[torch.arange(len(y)), y].log()


def cross_entropy_by_product(probabilities: Tensor, y: Tensor) -> Tensor:
    """−Σⱼ yⱼ log pⱼ of each row, for one-hot `y (n, classes)`; NaN where any probability is 0."""
    return -(y * probabilities.log()).sum(1)


def cross_entropy(logits: Tensor, y: Tensor) -> Tensor:
    """The cross-entropy of each row `(n,)`, in nats; finite for all finite logits.

    Args:
        logits: `(n, classes)`.
        y: classes `(n,)`, or probabilities `(n, classes)`.
    """
    logs = log_softmax(logits)
    return -logs.gather(1, y[:, None])[:, 0] if y.ndim == 1 else -(y * logs).sum(1)


def binary_cross_entropy(logits: Tensor, y: Tensor) -> Tensor:
    """−y log p − (1 − y) log(1 − p) with p = sigmoid(logits), summed over the labels of each row.

    Both are `(n, labels)`. log(1 − p) is computed as log sigmoid(−logits), which is finite for finite logits.
    """
    logs, others = nn.functional.logsigmoid(logits), nn.functional.logsigmoid(-logits)
    return -(y * logs + (1 - y) * others).sum(1)


class SoftmaxModel(nn.Module):
    """The probabilities softmax(x W + b) of classes, of which one is true.

    With `multi_label`, sigmoid(x W + b) of labels, of which any number may be true. Weights are
    initialised from N(0, 0.01²), drawn from torch's global generator, and biases to 0.

    Args:
        n_inputs: values in an example; examples of any shape are flattened.
        n_classes: classes, or labels.
        multi_label: each label is true or false, independent of the others.

    >>> _ = torch.manual_seed(0)
    >>> model = SoftmaxModel(1, 2)
    >>> costs = model.fit([[-2.0], [-1.0], [1.0], [2.0]], [0, 0, 1, 1], epochs=50)
    >>> model.predict([[-3.0], [3.0]]).tolist()
    [0, 1]
    """

    def __init__(self, n_inputs: int, n_classes: int, *, multi_label: bool = False) -> None:
        super().__init__()
        within("n_inputs", n_inputs, 1)
        within("n_classes", n_classes, 1 if multi_label else 2)
        self.multi_label = multi_label
        self.weight = nn.Parameter(0.01 * torch.randn(n_inputs, n_classes))
        self.bias = nn.Parameter(torch.zeros(n_classes))

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.weight + self.bias

    def fit(
        self, x: Any, y: Any, *, epochs: int = 10, batch_size: int = 256, learning_rate: float = 0.1
    ) -> list[float]:
        """Minimise the mean cross-entropy by stochastic gradient descent; a second call continues.

        Args:
            x: `(n, …)`, values of about unit size: scale bytes, standardise codes.
            y: classes `(n,)` from 0, or probabilities `(n, classes)`; with `multi_label` rows
                `(n, labels)` between 0 and 1.
            epochs: passes over all examples, each in a random order from torch's global generator.
            batch_size: examples per step.
            learning_rate: of plain gradient descent.

        Returns:
            The mean cross-entropy in each epoch, in nats per example.

        Raises:
            InputError: if x and y are not as described.
        """
        within("batch_size", batch_size, 1)
        inputs = self._inputs(x)
        targets = self._targets(y, len(inputs))
        optimizer = torch.optim.SGD(self.parameters(), within("learning_rate", learning_rate, 0))
        return [self._epoch(inputs, targets, batch_size, optimizer) for _ in range(epochs)]

    def _epoch(self, x: Tensor, y: Tensor, batch_size: int, optimizer: torch.optim.Optimizer) -> float:
        total = torch.zeros(())
        for index in batch_indices(torch.randperm(len(x)).to(x.device), batch_size):
            cost = self._cost(x[index], y[index])
            optimizer.zero_grad()
            cost.mean().backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            total += cost.detach().sum().cpu()
        return float(total) / len(x)

    def _cost(self, x: Tensor, y: Tensor) -> Tensor:
        return (binary_cross_entropy if self.multi_label else cross_entropy)(self(x), y)

    @torch.no_grad()
    def cost(self, x: Any, y: Any) -> Tensor:
        """The cross-entropy of each example `(n,)`, in nats."""
        inputs = self._inputs(x)
        return self._cost(inputs, self._targets(y, len(inputs)))

    @torch.no_grad()
    def probabilities(self, x: Any) -> Tensor:
        """Soft predictions: the probability of each class or label `(n, classes)`."""
        return (torch.sigmoid if self.multi_label else softmax)(self(self._inputs(x)))

    def predict(self, x: Any) -> Tensor:
        """Hard predictions: the likeliest class `(n,)`, or with `multi_label` whether p > ½ `(n, labels)`."""
        p = self.probabilities(x)
        return p > 0.5 if self.multi_label else p.argmax(1)

    def _inputs(self, x: Any) -> Tensor:
        """`x` as rows on the weights' device."""
        values = numbers(x, "The input")
        wanted, width = len(self.weight), int(np.prod(values.shape[1:]))
        if values.ndim < 2 or not len(values) or width != wanted:
            raise InputError(f"The input is {tuple(values.shape)}, but must be (n, {wanted}) with n ≥ 1.")
        if not all(end.isfinite() for end in values.aminmax()):
            raise InputError("The input holds NaN or infinity; only finite numbers can be classified.")
        return values.flatten(1).to(self.weight)

    def _targets(self, y: Any, n: int) -> Tensor:
        """`y` as `fit` takes it: classes, or one row of values per example."""
        values, classes = numbers(y, "The target"), len(self.bias)
        if values.shape == (n,) and not self.multi_label:
            return as_classes(values, classes).to(self.bias.device)
        if values.shape != (n, classes):
            whole = "" if self.multi_label else f"({n},) or "
            raise InputError(f"The target is {tuple(values.shape)}, but must be {whole}({n}, {classes}).")
        between = ((values >= 0) & (values <= 1)).all()
        if not between or not (self.multi_label or torch.allclose(values.sum(1), torch.ones(n))):
            rule = "" if self.multi_label else " and sum to one in each row"
            raise InputError(f"The target's values must lie between 0 and 1{rule}.")
        return values.to(self.bias)


def numbers(values: Any, name: str) -> Tensor:
    """Lists, arrays and tensors of real numbers as float32."""
    held = values.detach().cpu().numpy() if isinstance(values, Tensor) else values
    return torch.from_numpy(np.require(real(held, name), np.float32, ["C", "W"]))


def as_classes(y: Tensor, classes: int) -> Tensor:
    """`y (n,)` as whole numbers from 0 to `classes - 1`."""
    if not ((y == y.round()) & (y >= 0) & (y < classes)).all():
        wanted = f"whole numbers from 0 to {classes - 1}"
        raise InputError(f"The target must be {wanted}, but goes from {y.min():g} to {y.max():g}.")
    return y.long()
