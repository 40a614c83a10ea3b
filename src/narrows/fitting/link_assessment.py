"""Assess a model of a graph on held-out edges: its verdict, beside methods without training, and evidence."""

from __future__ import annotations

import numpy as np

from narrows.data.columns import Array
from narrows.data.graphs.edges import Pairs
from narrows.evaluation.link_prediction import Known, LinkScores, Scores, yardsticks
from narrows.evaluation.link_verdict import judge_links
from narrows.fitting.evidence import coded
from narrows.fitting.parts import ScaledParts, SplitData
from narrows.runs.evidence import Evidence
from narrows.runs.links import log_odds
from narrows.runs.run import Run
from narrows.runs.shown_nodes import ShownNodes
from narrows.training.options import Training


def assess_links(run: Run, parts: SplitData, rows: ScaledParts, how: Training, begun: bool) -> None:
    """As `narrows.fitting.assess.assess`, by the edges that the model predicts."""
    context = rows.held_out.context
    pairs = context["positive"], context["negative"]
    others = yardsticks(known(run, parts, rows), run.model.code_size)
    verdict = judge_links(
        scored(lambda some: log_odds(run, rows.held_out, some), pairs),
        {name: scored(scores, pairs) for name, scores in others.items()},
        seen=begun,
    )
    run.metrics = verdict.to_metrics()
    run.evidence = evidence(run, parts, rows)


def known(run: Run, parts: SplitData, rows: ScaledParts) -> Known:
    """What methods without training know: the training edges, and the features as they came and as scaled."""
    edges, n = np.asarray(rows.held_out.context["edges"]), len(rows.held_out)
    if run.schema.domain(run.scaling).nodes:
        return Known(edges, n)
    as_came = features(parts).astype(np.float64)
    return Known(edges, n, {"": as_came, " of scaled features": rows.held_out.flat.astype(np.float64)})


def scored(scores: Scores, pairs: tuple[Pairs, Pairs]) -> LinkScores:
    """The scores of the positive and of the negative `pairs`."""
    return LinkScores(*map(scores, pairs))


def features(parts: SplitData) -> Array:
    """The features of the nodes as they came, `(n, features)`."""
    return parts.data.schema.arrange(parts.data.source.all())


def evidence(run: Run, parts: SplitData, rows: ScaledParts) -> Evidence:
    """The edges of the graph, and the codes of all nodes from all edges, for the report and for `links`."""
    data, count = parts.data, 0 if run.schema.domain(run.scaling).nodes else None
    labels, names = (None, ()) if data.labels is None else coded(data.labels)
    return Evidence(
        rows=np.arange(len(data)),
        ids=data.ids,
        numbers=np.arange(len(data)),
        labels=labels,
        label_names=names,
        codes=run.encode(data.source),
        edges=np.asarray(data.source.context["edges"]),
        nodes=ShownNodes.draw(features(parts)[:, :count], rows.held_out.flat[:, :count]),
    )
