"""Softmax regression: a linear map from inputs to the probabilities of classes.

It also serves as a linear probe: how well a straight cut through codes tells classes apart.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from narrows.core.errors import InputError
from narrows.core.registry import within
from narrows.data.checks import real
from narrows.training.batches import batch_indices


def naive_softmax(logits: Tensor) -> Tensor:
    """exp(oᵢ) / Σⱼ exp(oⱼ) of each row of `(n, classes)`, as the formula stands.

    In float32 it is NaN as soon as a logit exceeds 88.7, or all of a row lie below −104.
    """
    powers = logits.exp()
    return powers / powers.sum(1, keepdim=True)


def log_softmax(logits: Tensor) -> Tensor:
    """The logarithms of the probabilities, finite for all finite logits `(n, classes)`.

    A shift of a whole row changes no probability; it puts the largest logit at 0.
    """
    shifted = logits - logits.detach().amax(1, keepdim=True)
    return shifted - shifted.logsumexp(1, keepdim=True)


def softmax(logits: Tensor) -> Tensor:
    """The same as `naive_softmax`, without its overflow and underflow."""
    return log_softmax(logits).exp()


def one_hot(y: Tensor, n_classes: int) -> Tensor:
    """Whole numbers `(n,)` as rows `(n, classes)` with a 1 in the class's place.

    >>> one_hot(torch.tensor([0, 2]), 3).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    return torch.eye(n_classes, device=y.device)[y]


def cross_entropy_by_index(probabilities: Tensor, y: Tensor) -> Tensor:
    """−log p_y of each row: the probability of class `y (n,)` is picked from `(n, classes)`."""
    return -probabilities[torch.arange(len(y)), y].log()


def cross_entropy_by_product(probabilities: Tensor, y: Tensor) -> Tensor:
    """−Σⱼ yⱼ log pⱼ of each row, for one-hot `y (n, classes)`; NaN where any probability is 0."""
    return -(y * probabilities.log()).sum(1)


def cross_entropy(logits: Tensor, y: Tensor) -> Tensor:
    """The cross-entropy of each row, from logits: finite wherever they are.

    Args:
        logits: `(n, classes)`.
        y: whole numbers `(n,)`, or rows `(n, classes)` that sum to one.
    """
    logs = log_softmax(logits)
    return -logs.gather(1, y[:, None])[:, 0] if y.ndim == 1 else -(y * logs).sum(1)


def binary_cross_entropy(logits: Tensor, y: Tensor) -> Tensor:
    """−y log p − (1 − y) log(1 − p) with p = sigmoid(logits), summed over the labels of each row.

    Both are `(n, labels)`; 1 − p is sigmoid(−logits), whose logarithm is finite for all finite logits.
    """
    logs, others = nn.functional.logsigmoid(logits), nn.functional.logsigmoid(-logits)
    return -(y * logs + (1 - y) * others).sum(1)


class SoftmaxRegression(nn.Module):
    """The probabilities softmax(x W + b) of classes, of which one is true.

    With `multi_label`, sigmoid(x W + b) of labels, of which any number is true. Weights begin as
    N(0, 0.01²), drawn from torch's global generator, and biases at 0.

    Args:
        n_inputs: values in an example; examples of any shape are laid in a row.
        n_classes: classes, or labels.
        multi_label: whether each label is true or not, whatever the others are.

    >>> _ = torch.manual_seed(0)
    >>> model = SoftmaxRegression(1, 2)
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
        """Descend the mean cross-entropy by stochastic gradients; a second call goes on from there.

        Args:
            x: `(n, …)`, values of a size about 1: scale bytes, standardize codes.
            y: whole numbers from 0 `(n,)`, or rows `(n, classes)` that sum to one; with
                `multi_label` rows `(n, labels)` between 0 and 1.
            epochs: passes over all examples, each in an order from torch's global generator.
            batch_size: examples per step.
            learning_rate: of plain gradient descent.

        Returns:
            The mean cost of an example in each epoch, in nats.

        Raises:
            InputError: when x and y are not as above.
        """
        within("batch_size", batch_size, 1)
        inputs = self._inputs(x)
        wanted = self._targets(y, len(inputs))
        optimizer = torch.optim.SGD(self.parameters(), within("learning_rate", learning_rate, 0))
        return [self._epoch(inputs, wanted, batch_size, optimizer) for _ in range(epochs)]

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
        """The soft prediction: a probability `(n, classes)` for each class or label."""
        return (torch.sigmoid if self.multi_label else softmax)(self(self._inputs(x)))

    def predict(self, x: Any) -> Tensor:
        """The hard prediction: the likeliest class `(n,)`; multi-label, whether p > ½ `(n, labels)`."""
        p = self.probabilities(x)
        return p > 0.5 if self.multi_label else p.argmax(1)

    def _inputs(self, x: Any) -> Tensor:
        """`x` as rows on the weights' device."""
        found = numbers(x, "The input")
        wanted, width = len(self.weight), int(np.prod(found.shape[1:]))
        if found.ndim < 2 or not len(found) or width != wanted:
            raise InputError(f"The input is {tuple(found.shape)}, but must be (n, {wanted}) with n ≥ 1.")
        if not all(end.isfinite() for end in found.aminmax()):
            raise InputError("The input holds NaN or infinity; only finite numbers can be classified.")
        return found.flatten(1).to(self.weight)

    def _targets(self, y: Any, n: int) -> Tensor:
        """`y` as `fit` takes it: whole numbers, or rows of a number for each class."""
        found, classes = numbers(y, "The target"), len(self.bias)
        if found.shape == (n,) and not self.multi_label:
            return as_classes(found, classes).to(self.bias.device)
        if found.shape != (n, classes):
            whole = "" if self.multi_label else f"({n},) or "
            raise InputError(f"The target is {tuple(found.shape)}, but must be {whole}({n}, {classes}).")
        between = ((found >= 0) & (found <= 1)).all()
        if not between or not (self.multi_label or torch.allclose(found.sum(1), torch.ones(n))):
            rule = "" if self.multi_label else " and sum to one in each row"
            raise InputError(f"The target's numbers must lie between 0 and 1{rule}.")
        return found.to(self.bias)


def numbers(values: Any, name: str) -> Tensor:
    """Lists, arrays and tensors of real numbers as float32."""
    held = values.detach().cpu().numpy() if isinstance(values, Tensor) else values
    return torch.from_numpy(np.require(real(held, name), np.float32, ["C", "W"]))


def as_classes(y: Tensor, classes: int) -> Tensor:
    """`y (n,)` as whole numbers, all of them below `classes`."""
    if not ((y == y.round()) & (y >= 0) & (y < classes)).all():
        wanted = f"whole numbers from 0 to {classes - 1}"
        raise InputError(f"The target must be {wanted}, but goes from {y.min():g} to {y.max():g}.")
    return y.long()
