"""The likeliest edges that a graph does not have, among the nodes that its page shows."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from narrows.core.errors import InputError
from narrows.data.examples import draw_rows
from narrows.runs.links import Likely, Partners, graph_of, partners
from narrows.runs.run import Run

MOST_PAIRS = 400_000_000
"""Pairs of nodes that are scored for a page, at the most."""

LIKELY = 20
"""Edges that are not there which the page lists, and partners of a node that are known."""


@lru_cache(maxsize=2)
def shown_partners(run: Run) -> Partners:
    """The likeliest partners of the nodes that the page of `run` shows, or of some of them, drawn at random.

    Raises:
        InputError: for a run that was not fitted to a graph, or by a Narrows that kept no nodes.
    """
    codes, _ = graph_of(run)
    if run.evidence.nodes is None:
        raise InputError("An earlier Narrows fitted this run and kept no nodes for the page; fit it again.")
    shown = run.evidence.nodes.rows
    scored = draw_rows(len(shown), max(1, MOST_PAIRS // len(codes)))
    return partners(run, shown[scored], shown, LIKELY)


def likely_edges(found: Partners) -> Likely:
    """The `LIKELY` likeliest edges among those `found`, each once."""
    there = found.partners >= 0
    pairs = np.stack(
        [np.broadcast_to(found.nodes[:, None], there.shape)[there], found.partners[there]], axis=1
    )
    once, first = np.unique(np.sort(pairs, axis=1), axis=0, return_index=True)
    odds = found.log_odds[there][first]
    order = np.argsort(-odds, kind="stable")[:LIKELY]
    return Likely(once[order], odds[order])
