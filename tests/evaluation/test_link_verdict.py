from __future__ import annotations

import json

import numpy as np
import pytest

from narrows.evaluation.link_prediction import LinkScores
from narrows.evaluation.link_verdict import LinkVerdict, Quality, decide, judge_links


def scores(gap: float, n: int = 300, seed: int = 0) -> LinkScores:
    rng = np.random.default_rng(seed)
    return LinkScores(rng.normal(gap, 1, n), rng.normal(0, 1, n))


def test_a_clear_gain_beats_the_strongest_yardstick() -> None:
    verdict = judge_links(scores(3), {"weak": scores(0.5, seed=1), "strong": scores(1.5, seed=2)})
    assert (verdict.outcome, verdict.yardstick) == ("beats", "strong")
    assert verdict.sentence.startswith("Beats strong: AUC 9")
    assert ", on 300 held-out edges (95 % interval of the difference in AUC +" in verdict.sentence
    assert verdict.sentence.startswith(verdict.headline[:-1])
    assert verdict.gain_ci95[0] > 0


def test_a_loss_does_not_beat_and_the_same_cannot_tell() -> None:
    assert judge_links(scores(0.5), {"a": scores(3, seed=1)}).outcome == "does not beat"
    assert judge_links(scores(1.5), {"a": scores(1.5, seed=1)}).outcome == "cannot tell"


def test_few_edges_and_seen_edges_tell_nothing() -> None:
    few = judge_links(scores(9, n=19), {"a": scores(0, n=19, seed=1)})
    assert few.outcome == "cannot tell"
    assert few.sentence == "Cannot tell whether it beats a: only 19 held-out edges, at least 20 are needed."
    seen = judge_links(scores(9), {"a": scores(0, seed=1)}, seen=True)
    assert "may have been fitted to the held-out edges" in seen.sentence


def test_a_lower_average_precision_is_no_gain() -> None:
    better, worse = Quality(0.95, 0.90), Quality(0.93, 0.94)
    assert decide(better, worse, (0.01, 0.03)) == "cannot tell"


def test_a_verdict_survives_json() -> None:
    verdict = judge_links(scores(3), {"a": scores(1.5, seed=2), "b": scores(1, seed=3)})
    record = json.loads(json.dumps(verdict.to_metrics()))
    assert LinkVerdict.from_metrics(record) == verdict
    assert record["held_out"]["yardsticks"]["b"]["auc"] == pytest.approx(verdict.yardsticks["b"].auc)
