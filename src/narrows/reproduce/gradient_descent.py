"""A linear autoencoder by plain gradient descent, as the slides of lecture S write it for Keras."""

from __future__ import annotations

import torch
from torch import nn

from narrows.data.schema import Array
from narrows.training.devices import seeded

RATES = (0.01, 0.1, 0.5)
"""Learning rates: Keras' default, and larger ones. The largest was chosen on Fashion-MNIST."""

BATCH = 32
"""Keras' default batch size."""


def descend(x: Array, dimensions: int, rate: float, epochs: int, seed: int) -> nn.Sequential:
    """Two dense layers without activation, trained on `x (n, values)` by the mean squared error.

    Weights begin as in Keras (Glorot & Bengio 2010, AISTATS) and biases at zero. PyTorch's initial weights
    of the decoder are 8 times as large for 784 values and decay slowly.
    """
    rows, size = torch.as_tensor(x), x.shape[1]
    with seeded(seed, torch.device("cpu")):
        network = nn.Sequential(nn.Linear(size, dimensions), nn.Linear(dimensions, size))
        for layer in network:
            nn.init.xavier_uniform_(layer.weight)  # type: ignore[arg-type]
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
        optimizer = torch.optim.SGD(network.parameters(), rate)
        for _ in range(epochs):
            for index in torch.split(torch.randperm(len(rows)), BATCH):
                optimizer.zero_grad()
                (network(rows[index]) - rows[index]).square().mean().backward()
                optimizer.step()
    return network


@torch.no_grad()
def error(network: nn.Sequential, x: Array) -> float:
    """The mean squared error per value of the reconstructions of `x (n, values)`."""
    rows = torch.as_tensor(x)
    return float((network(rows) - rows).square().mean())
