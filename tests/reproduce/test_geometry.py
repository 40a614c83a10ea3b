from __future__ import annotations

from narrows.reproduce.geometry import ENTRIES, K4, image_checks
from narrows.reproduce.lab import Lab
from narrows.reproduce.robustness import DRAWN, SALTED, Outcome


def test_the_entries_are_those_of_the_table() -> None:
    assert [entry.id for entry in ENTRIES] == ["K4", "K6", "K13"]


def test_an_error_that_is_smaller_with_every_seed_is_kept_apart_from_one_that_is_not() -> None:
    def outcomes(*errors: float) -> list[Outcome]:
        return [Outcome({DRAWN: e, SALTED: 0.3}, {DRAWN: 1}, 0) for e in errors]

    found = {
        "DAE": outcomes(0.1, 0.11, 0.1),
        "AE": [Outcome({DRAWN: 0.2, SALTED: s}, {DRAWN: 0.5}, 0) for s in (0.2, 0.3, 0.4)],
    }
    assert [check.outcome for check in image_checks("32", found)] == [True, None, False]


def test_the_finding_has_numbers_of_both_models_on_images_and_in_the_plane(lab: Lab) -> None:
    finding = K4.measure(lab)
    assert len(finding.checks) == 5
    assert "DAE error, clean, 32 dimensions" in finding.measured
    assert "AE distance from the spiral" in finding.yardstick
    assert "nan" not in finding.sentence.lower()
    assert all("NaN" not in figure.html for figure in finding.figures[-1:])
    assert any(figure.caption.endswith("another kind; 32 latent dimensions.") for figure in finding.figures)
