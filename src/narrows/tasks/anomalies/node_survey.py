"""The nodes of a graph with their anomaly scores, which are flagged, and why.

All nodes are compared with the others of the same graph (`narrows.tasks.anomalies.node_views`). The score is
the mean of the two largest of the surprises, as that of rows (`narrows.tasks.anomalies.score`).
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from narrows.core.findings import percent
from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.evaluation.errors import Floats
from narrows.runs.run import Run
from narrows.tasks.anomalies.flagging import Flags, Rule, highest
from narrows.tasks.anomalies.node_baselines import BASELINES
from narrows.tasks.anomalies.node_reasons import Reasons
from narrows.tasks.anomalies.node_views import Linked, by_density, by_edges, by_features
from narrows.tasks.anomalies.score import AGREEING
from narrows.tasks.anomalies.survey import anomalous
from narrows.tasks.anomalies.tail import Tail

DECIMALS = 9
"""Decimals of a score: further ones depend on the order in which numbers are added."""


class NodeSurvey:
    """The nodes of a graph with their anomaly scores.

    Args:
        run: a run of a graph.
        data: the nodes of one graph with features like those, or the graph itself.
        rule: which nodes are flagged.
        judge: whether the labels of the nodes say which are anomalies.

    Raises:
        InputError: for data that are no graph, or labels that do not say which nodes are anomalies.
    """

    def __init__(self, run: Run, data: Data, rule: Rule, *, judge: bool = False) -> None:
        self.run, self.data, self.rule = run, data, rule
        self.truth = anomalous(data.labels) if judge else None
        self.linked = Linked.of(run, data.source)
        views = {
            "edges": by_edges(self.linked),
            "features": by_features(self.linked),
            "density": by_density(self.linked),
        }
        self.surprises = {name: surprise(view) for name, view in views.items() if view is not None}
        self.scores = score(np.column_stack([*self.surprises.values()]))
        self.flags = flag(self.scores, rule)
        self.flagged = self.flags.flagged
        self.ids = data.ids or tuple(map(str, range(len(data))))
        self.order = np.argsort(-self.scores, kind="stable")

    @property
    def p(self) -> Floats:
        """The share of the nodes that score at least as high, `(n,)`."""
        below = np.searchsorted(np.sort(self.scores), self.scores, side="left")
        return (len(self.scores) - below) / len(self.scores)

    @cached_property
    def reasons(self) -> Reasons:
        """What made each node unusual."""
        return Reasons.of(self.linked, self.surprises)

    def columns(self) -> dict[str, Array]:
        """The scores as a table, with the surprises that they are made of and the reasons."""
        scores = {"score": self.scores, "p": self.p, "flagged": self.flagged.astype(np.int64)}
        return {**scores, **self.surprises, **self.reasons.columns(self.ids)}

    def record(self) -> dict[str, Any]:
        """The results as `anomalies --json` prints them."""
        results = {
            "threshold": self.flags.threshold,
            "flagged": int(self.flagged.sum()),
            "n": len(self.scores),
            "expect": self.rule.share,
            "sentence": self.flags.sentence,
        }
        return results if self.truth is None else {**results, **self.judged}

    @cached_property
    def judged(self) -> dict[str, Any]:
        """AUROC and average precision by the labels, beside the AUROC of methods without training."""
        from sklearn.metrics import average_precision_score, roc_auc_score

        assert self.truth is not None
        others = {name: of(self.linked) for name, of in BASELINES.items()}
        return {
            "auroc": float(roc_auc_score(self.truth, self.scores)),
            "average_precision": float(average_precision_score(self.truth, self.scores)),
            "yardsticks": {
                name: float(roc_auc_score(self.truth, x)) for name, x in others.items() if x is not None
            },
        }


def surprise(view: Floats) -> Floats:
    """Minus the logarithm of the share of other nodes that are at least as unusual, `(n,)`; see `Tail`."""
    return Tail(view).surprise(view, np.ones(len(view), dtype=np.bool_))


def score(surprises: Floats) -> Floats:
    """The mean of the `AGREEING` largest of each row of `surprises (n, views)`, `(n,)`."""
    return np.round(np.sort(surprises, axis=1)[:, -AGREEING:].mean(axis=1), DECIMALS)


def flag(scores: Floats, rule: Rule) -> Flags:
    """Which nodes are flagged: as many as `rule` says, because nodes are compared with each other."""
    if rule.top is not None:
        return highest(scores, rule.top, "nodes")
    share = rule.share if rule.contaminated is None else rule.contaminated
    limit = float(np.quantile(scores, 1 - share, method="higher")) if share else float(scores.max())
    flagged = scores >= limit if share else np.zeros(len(scores), dtype=np.bool_)
    return Flags(
        flagged,
        limit,
        f"{flagged.sum():,} of {len(scores):,} nodes are flagged, the {percent(share)} that score highest, "
        f"because the nodes of a graph are compared with each other.",
    )
