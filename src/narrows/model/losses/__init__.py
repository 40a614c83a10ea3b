"""Reconstruction losses: negative log-likelihoods and distances.

A cost is summed over the observed values of an example. `mean` turns the decoder's output into values
on the model's scale.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from narrows.core.registry import lookup, options
from narrows.model.losses.base import Loss
from narrows.model.losses.columns import Columns
from narrows.model.losses.counting import PoissonGaussian
from narrows.model.losses.discretised import DiscretisedLogistic
from narrows.model.losses.distances import Absolute, Squared
from narrows.model.losses.edges import Edges
from narrows.model.losses.likelihoods import Bernoulli, Gaussian, Poisson
from narrows.model.losses.mixed import Mixed

__all__ = ["LOSSES", "Loss", "on_reals"]

LOSSES: dict[str, type[Loss]] = {
    "squared": Squared,
    "absolute": Absolute,
    "bernoulli": Bernoulli,
    "gaussian": Gaussian,
    "discretised-logistic": DiscretisedLogistic,
    "poisson": Poisson,
    "poisson-gaussian": PoissonGaussian,
    "mixed": Mixed,
    "columns": Columns,
    "edges": Edges,
}


def on_reals(part: Mapping[str, Any]) -> dict[str, Any]:
    """The loss, a name with its options, that replaces `part` where values are real and unbounded.

    It keeps the options that it has, too, such as the weight, but no link: its output is unbounded.

    >>> on_reals({"name": "bernoulli", "weight": 4.0})
    {'name': 'gaussian', 'weight': 4.0}
    """
    name = lookup("loss", LOSSES, part["name"]).on_reals
    kept = options(LOSSES[name]).keys() - {"link"}
    return {"name": name, **{option: value for option, value in part.items() if option in kept}}
