from __future__ import annotations

from narrows.reproduce.depth import conclusion


def test_the_conclusion_names_both_parts_of_the_claim() -> None:
    assert conclusion(True, True).startswith("pretraining improves")
    assert conclusion(False, True).startswith("pretraining hardly improves")
    assert "not each of the other two" in conclusion(True, False)
