"""The formulas of the entries, in the notation of `narrows.report.mathml`."""

from __future__ import annotations

from narrows.model.lecture_recipes import CLASSIFIERS
from narrows.model.lecture_recipes import LECTURES as RECIPES

CLAIMS = {
    "K1": "E [-log p(x | z)] + β·KL(N(μ, σ²) ‖ N(0, I)), β from 0 to 4",
    "K2": "z = μ + σ·ε, ε ~ N(0, I)",
    "K4": "E ‖x - D(E(x + s·ε))‖²",
    "K6": "V_{sphere}//V_{cube} = {π^{d/2}}//{d·2^{d-1}·Γ(d/2)} → 0",
    "K10": "p(z) = Σ_x p(z | x)·p(x) = N(0, I)",
    "K15": "p(x) = Σ_z p(x | z)·p(z)",
    "U4": "s(x) = ‖x - D(E(x))‖²",
    "U5": "x = D(z), z ~ N(0, I)",
    "U6": "D((1 - α)·z_1 + α·z_2), D(z_a - z_b + z_c)",
    "E1": "p_i = {exp(o_i)}//{Σ_j exp(o_j)} = {exp(o_i - max o)}//{Σ_j exp(o_j - max o)}",
    "E2": "l(y, p) = -Σ_j y_j·log p_j = log Σ_j exp(o_j) - Σ_j y_j·o_j",
    "E3": "p = softmax(W x + b)",
}
"""Of claims, uses and exercises, by id. A system has that of its recipe."""


def formula_of(name: str) -> str:
    """The formula of the entry `name`; empty if it has none."""
    recipe = (RECIPES | CLASSIFIERS).get(name.lower(), {"formula": ""})
    return CLAIMS.get(name) or str(recipe["formula"])
