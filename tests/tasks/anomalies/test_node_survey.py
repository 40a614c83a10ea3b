from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from narrows.core.errors import InputError
from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from narrows.runs.run import Run
from narrows.tasks.anomalies.flagging import Rule
from narrows.tasks.anomalies.node_survey import NodeSurvey, flag, score, surprise
from tests.samples import curve
from tests.tasks.anomalies.graphs import Planted, planted


@pytest.fixture(scope="module")
def graph() -> Planted:
    return planted(400)


@pytest.fixture(scope="module")
def run(graph: Planted) -> Run:
    return fit(graph.data, latent_dim=8, overrides={"training": {"epochs": 10}})


def test_planted_nodes_score_highest_beside_degree_and_residual(graph: Planted, run: Run) -> None:
    record = NodeSurvey(run, graph.data, Rule(), judge=True).record()
    assert record["auroc"] > 0.95
    assert set(record["yardsticks"]) == {"degree", "residual of S²X", "unlike neighbours"}
    assert record["auroc"] > max(record["yardsticks"].values())


def test_the_table_has_scores_surprises_and_reasons(graph: Planted, run: Run) -> None:
    found = NodeSurvey(run, graph.data, Rule(top=16))
    table = found.columns()
    assert {"score", "p", "flagged", "edges", "features", "density", "why", "neighbour1", "feature1"} <= {
        *table
    }
    assert table["flagged"].sum() == 16
    assert all(len(column) == 400 for column in table.values())
    inside = np.isin(found.reasons.neighbours[graph.clique], graph.clique).mean()
    assert inside > 0.5
    assert table["p"].min() == 1 / 400


def test_nodes_without_features_are_scored_by_edges_and_density() -> None:
    found = planted(200, features=False)
    run = fit(found.data, latent_dim=8, overrides={"training": {"epochs": 10}})
    survey = NodeSurvey(run, found.data, Rule())
    assert {*survey.surprises} == {"edges", "density"}
    truth = np.isin(np.arange(200), found.clique)
    assert roc_auc_score(truth, survey.scores) > 0.9
    assert "feature1" not in survey.columns()


def test_a_run_of_a_graph_takes_no_array(run: Run) -> None:
    with pytest.raises((InputError, KeyError)):
        NodeSurvey(run, as_data(curve(30)), Rule())


def test_surprises_and_scores_are_what_they_say() -> None:
    view = np.arange(40.0)
    assert surprise(view)[:20] == pytest.approx(-np.log((40 - np.arange(20)) / 40), abs=1e-6)
    assert score(np.array([[1.0, 5.0, 3.0], [2.0, 2.0, 0.0]])).tolist() == [4.0, 2.0]


@pytest.mark.parametrize(
    ("rule", "count"),
    [(Rule(), 2), (Rule(0.05), 10), (Rule(0.0), 0), (Rule(contaminated=0.1), 20), (Rule(top=3), 3)],
)
def test_the_highest_scores_are_flagged(rule: Rule, count: int) -> None:
    scores = np.random.default_rng(0).random(200)
    flags = flag(scores, rule)
    assert flags.flagged.sum() == count
    assert set(np.flatnonzero(flags.flagged)) == set(np.argsort(-scores)[:count])
    assert f"{count} of 200 nodes" in flags.sentence
