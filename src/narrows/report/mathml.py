"""Formulas in the plain notation of the recipes, typeset as MathML.

The notation is Unicode text: `E ‖x - D(E(x))‖² + Σ_y q(y | x)·log p`. Besides what is in it: `a_b` or
`a_{b c}` is a lower index, `a^b` an upper one, `{a}//{b}` a fraction, and `{…}` a group without parentheses.
"""

from __future__ import annotations

import re
from html import escape

from narrows.core.errors import InputError

UPPER = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᵀ", "0123456789+-T", strict=True))
LOWER = dict(zip("₀₁₂₃₄₅₆₇₈₉ᵢⱼₖ", "0123456789ijk", strict=True))
ACCENTS = {"\u0302": "^", "\u0303": "~", "\u0304": "¯"}
"""Combining accents and the characters that MathML puts above a letter."""

SUMS = {"Σ": "∑", "Π": "∏"}
SUM = re.compile(r"[ΣΠ](?=(?:_\w+|_{[^}]*}|[ᵢⱼₖ])? )")
"""A sum or product stands before a space; another Σ is a matrix."""

FUNCTIONS = {"loss", "log", "exp", "tanh", "sigmoid", "softmax", "clamp", "mean", "max", "min", "tr", "sg"}
"""Words that stand for functions. Other words in small letters are text."""

SPACE = '<mspace width="0.2em"></mspace>'

TOKEN = re.compile(
    r"\s+|//|\d+(?:\.\d+)?|[A-Za-z\u0370-\u03ff][\u0302-\u0304]|[A-Za-z\u0370-\u03ff][A-Za-z]*|."
)


def mathml(formula: str) -> str:
    """A formula as a MathML element.

    Raises:
        InputError: when a group is not closed, or an index or a fraction has nothing to stand at.
    """
    text = SUM.sub(lambda found: SUMS[found[0]], formula.replace("-", "−"))
    row = Reader(TOKEN.findall(text)).row(None)
    return f'<math display="block"><mrow>{row}</mrow></math>'


class Reader:
    """Reads tokens from left to right; `at` is the place of the next."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.at = tokens, 0

    def next(self) -> str:
        """The next token; an empty one at the end."""
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def row(self, end: str | None) -> str:
        """Elements up to the token `end`, which is read, too; up to the end of the formula if None."""
        elements: list[str] = []
        while (token := self.next()) != (end or ""):
            if not token:
                raise InputError(f"The formula lacks a {end!r}.")
            self.at += 1
            if token == "//":
                elements[-1:] = [self.fraction(elements)]
            elif token.isspace():
                elements += [SPACE] if elements and self.apart(elements[-1]) else []
            else:
                elements.append(self.indexed(self.element(token)))
        self.at += 1
        return "".join(elements)

    def apart(self, before: str) -> bool:
        """Whether a space belongs between the element `before`, a name, and the next token."""
        token = self.next()
        return before.endswith("</mi>") and bool(token) and (token.isalpha() or token in "‖([∑∏")

    def fraction(self, before: list[str]) -> str:
        """The last element over the next."""
        if not before:
            raise InputError("The formula has a fraction with nothing above the line.")
        return f"<mfrac>{before[-1]}{self.indexed(self.argument())}</mfrac>"

    def indexed(self, base: str) -> str:
        """`base` with the lower and upper indices that follow it."""
        low, high = "", ""
        while token := self.next():
            if token in LOWER or token in UPPER:
                digits = LOWER if token in LOWER else UPPER
                index = "".join(element(digits[found]) for found in self.run_of(digits))
                low, high = (index, high) if digits is LOWER else (low, index)
            elif token in "_^":
                self.at += 1
                low, high = (self.argument(), high) if token == "_" else (low, self.argument())
            else:
                break
        return with_indices(base, low, high)

    def run_of(self, digits: dict[str, str]) -> list[str]:
        """The tokens from here that are `digits`."""
        start = self.at
        while self.next() in digits:
            self.at += 1
        return self.tokens[start : self.at]

    def argument(self) -> str:
        """The element that follows `_`, `^` or `//`: a group, or one token."""
        token = self.next()
        self.at += 1
        if not token or token.isspace():
            raise InputError("The formula has an index or a fraction with nothing in it.")
        return self.element(token)

    def element(self, token: str) -> str:
        """The element of a token; of a group if it opens one."""
        return f"<mrow>{self.row('}')}</mrow>" if token == "{" else element(token)


def element(token: str) -> str:
    """A number, a letter, a word or an operator."""
    if token[0].isdigit():
        return f"<mn>{token}</mn>"
    if token[-1] in ACCENTS:
        return f"<mover><mi>{token[:-1]}</mi><mo>{ACCENTS[token[-1]]}</mo></mover>"
    if token.isalpha():
        return word(token)
    large = ' largeop="true"' if token in SUMS.values() else ""
    return f"<mo{large}>{escape(token)}</mo>"


def word(token: str) -> str:
    """A variable, the name of a function, or a word of text."""
    if len(token) > 1 and token.islower() and token not in FUNCTIONS:
        return f"<mtext>\N{NO-BREAK SPACE}{token}\N{NO-BREAK SPACE}</mtext>"
    return f"<mi>{token}</mi>"


def with_indices(base: str, low: str, high: str) -> str:
    """`base` with its indices; those of a sum are below and above it."""
    under = "largeop" in base
    if low and high:
        name = "munderover" if under else "msubsup"
        return f"<{name}>{base}<mrow>{low}</mrow><mrow>{high}</mrow></{name}>"
    if low:
        name = "munder" if under else "msub"
        return f"<{name}>{base}<mrow>{low}</mrow></{name}>"
    return f"<msup>{base}<mrow>{high}</mrow></msup>" if high else base
