from __future__ import annotations

from narrows.reproduce.depth import VARIANTS, checks, conclusion


def test_the_conclusion_names_both_parts_of_the_claim() -> None:
    assert conclusion(True, True).startswith("pretraining improves")
    assert conclusion(False, True).startswith("pretraining hardly improves")
    assert "not each of the other two" in conclusion(True, False)


def test_each_replacement_is_compared_with_pretraining_seed_by_seed() -> None:
    def measured(pretrained: float, residual: float) -> dict[str, list[float]]:
        errors = dict(zip(VARIANTS, (0.06, pretrained, 0.02, residual, 0.05), strict=True))
        return {name: [error, 1.1 * error] for name, error in errors.items()}

    assert [check.outcome for check in checks(measured(0.03, 0.03))] == [True, True, True]
    assert [check.outcome for check in checks(measured(0.05, 0.06))] == [False, True, False]
    single = checks({name: each[:1] for name, each in measured(0.03, 0.02).items()})
    assert single[0].measured.low == single[0].measured.high == 0.5
