from __future__ import annotations

from narrows.fitting.fit import fit
from narrows.report.node_anomalies import SHOWN, render_node_anomalies
from narrows.tasks.anomalies.flagging import Rule
from narrows.tasks.anomalies.node_survey import NodeSurvey
from tests.report.html import parsed
from tests.tasks.anomalies.graphs import planted


def test_the_page_shows_the_highest_nodes_with_their_reasons() -> None:
    data = planted(120).data
    run = fit(data, latent_dim=4, overrides={"training": {"epochs": 3}})
    survey = NodeSurvey(run, data, Rule(top=5), judge=True)
    page = parsed(render_node_anomalies(survey))
    text = " ".join(" ".join(page.text).split())
    assert "5 of 120 nodes are flagged" in text
    assert "residual of S²X" in text
    assert f"The {SHOWN} highest scores" in text
    for i in survey.order[:SHOWN]:
        assert survey.reasons.columns(survey.ids)["neighbour1"][i] in text
    assert not [tag for tag, _ in page.tags if tag == "script"]
