"""The parts of an autoencoder as an estimator's parameters, and their options as nested ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.utils import check_random_state
from torch import nn

from narrows.core.errors import InputError
from narrows.core.registry import nearest

HALVES = ("encoder", "decoder")

PARTS = ("corruption", "pose", "encoder", "bottleneck", "decoder", "output", "loss")

WITH_OPTIONS = (*PARTS, "training")
"""Parameters that may be a dict of options, each of which is a nested parameter."""

Part = str | dict[str, Any] | None
"""A part by name, `"gaussian"`, or with options, `{"name": "gaussian", "std": 0.3}`; None takes the
recipe's."""

Half = Part | nn.Module
"""A network by name, with options, or a torch module; see `narrows.model.networks.own`."""


def nested(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The options in `parameters` by their nested names.

    >>> nested({"latent_dim": 2, "bottleneck": {"name": "gaussian", "beta": 4.0}})
    {'bottleneck__name': 'gaussian', 'bottleneck__beta': 4.0}
    """
    given = {part: parameters[part] for part in WITH_OPTIONS if isinstance(parameters.get(part), dict)}
    return {
        f"{part}__{option}": value for part, options in given.items() for option, value in options.items()
    }


def check_part(name: str) -> None:
    """Refuse a nested parameter of a part that does not exist.

    Raises:
        InputError: with the nearest name.
    """
    if name not in WITH_OPTIONS:
        raise InputError(f"An Autoencoder has no part {name!r}.{nearest(name, WITH_OPTIONS)}")


def with_option(part: str, chosen: Half, option: str, value: Any) -> dict[str, Any]:
    """The part `chosen` with one option changed.

    >>> with_option("encoder", "mlp", "widths", [4])
    {'name': 'mlp', 'widths': [4]}
    """
    if isinstance(chosen, nn.Module):
        raise InputError(f"The {part} is a torch module, which has no option {option!r}.")
    options = {"name": chosen} if isinstance(chosen, str) else chosen or {}
    return {**options, option: value}


SHORT = ("epochs", "batch_size", "learning_rate")
"""Options of the training that are parameters of their own, too."""


def training_of(training: Mapping[str, Any] | None, short: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The options of the training with those that were given as parameters of their own.

    Raises:
        InputError: for an option that is given in both ways, with different values.

    >>> training_of({"schedule": "constant"}, {"epochs": 20, "batch_size": None})
    {'schedule': 'constant', 'epochs': 20}
    """
    given = {name: value for name, value in short.items() if value is not None}
    if not given or not isinstance(training or {}, Mapping):
        return training
    for name, value in given.items():
        twice = (training or {}).get(name)
        if twice is not None and twice != value:
            raise InputError(
                f"The option {name!r} is given twice, as {name}={value!r} and in the training as {twice!r}; "
                f"give it once."
            )
    return {**(training or {}), **given}


def seed_of(random_state: int | np.random.RandomState | None) -> int:
    """A number for each of scikit-learn's forms of `random_state`."""
    if isinstance(random_state, (int, np.integer)):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31))
