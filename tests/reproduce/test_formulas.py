from __future__ import annotations

from narrows.report.mathml import mathml
from narrows.reproduce.catalogue import BY_ID
from narrows.reproduce.formulas import CLAIMS, formula_of


def test_every_system_and_every_listed_claim_has_a_formula_that_can_be_typeset() -> None:
    assert set(CLAIMS) <= set(BY_ID)
    systems = [name for name in BY_ID if name[0] in "PYS" and name != "Y7"] + ["C1", *CLAIMS]
    assert all(mathml(formula_of(name)).startswith("<math") for name in systems)


def test_a_system_has_the_formula_of_its_recipe() -> None:
    assert "KL" in formula_of("P3")
    assert formula_of("K8") == ""
