"""How the numbers of a column are written: decimal mark, thousands separators, currency, unit or percent."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from narrows.core import numbers
from narrows.core.errors import InputError

CODES = "USD|EUR|GBP|CHF|JPY|CNY|INR|CAD|AUD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|BRL|ZAR|MXN|KRW|TRY|RUB"
SYMBOLS = "$€£¥₹₽₩₺₫₴₪฿₦₱₡₲₵₸₼"
UNITS = (
    "%|‰|°C|°F|°|K|mm/s|mm²|mm|cm²|cm|dm|m/s|m²|m³|mph|mmHg|mmol/l|mmol/L|mmol|mol|m|km/h|km²|km|ha|in|ft|mi|yd|"
    "mg/dl|mg/dL|mg|kg|g|t|lb|oz|µg|μg|µm|μm|nm|ml|mL|cl|l|L|ms|µs|μs|s|min|h|d|Hz|kHz|MHz|GHz|Pa|hPa|kPa|MPa|"
    "bar|mbar|psi|mV|V|kV|mA|A|W|kWh|kW|MWh|MW|GW|Wh|kJ|J|MJ|kcal|cal|kN|N|ppm|ppb|dB|px|bpm|B|kB|KB|MB|GB|TB"
)
"""Units that may follow each number of a column."""

GAPS = "'’ \u00a0\u202f\u2009"
"""Thousands separators beside comma and point: apostrophes and spaces."""

_CURRENCY = rf"(?:[A-Z]{{1,2}})?[{SYMBOLS}]|(?:{CODES})(?![A-Za-z])"
_NUMBER = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[-+−]?)\s*(?P<prefix>{_CURRENCY})?\s*(?P<minus>[-−]?)"
    rf"(?P<core>\d[\d.,{GAPS}]*|[.,]\d+)(?P<power>[eE][-+]?\d+|[dD][-+]\d+)?"
    rf"\s*(?P<suffix>{_CURRENCY}|{UNITS})?(?P<behind>[-−])?(?P<close>\))?"
)
_ODD = re.compile(r"(\d*)[.,](\d+)")


class Parts(NamedTuple):
    """The parts of a number as it is written: the digits with their separators, and what is around them."""

    negative: bool
    prefix: str
    core: str
    power: str
    suffix: str


def parts(text: str) -> Parts | None:
    """The parts of a number in any notation; None for other text.

    >>> parts("($1,250.50)")
    Parts(negative=True, prefix='$', core='1,250.50', power='', suffix='')
    >>> parts("12 monkeys")
    """
    found = _NUMBER.fullmatch(text.strip())
    if found is None or bool(found["open"]) != bool(found["close"]):
        return None
    negative = bool(found["open"] or found["minus"] or found["behind"] or found["sign"] in ("-", "−"))
    core = found["core"].strip(GAPS)
    if found["behind"] and (found["sign"] or found["minus"] or not re.search(r"[.,]\d", core)):
        return None  # 3- is a mark, 3.50- is what accountants write for -3.50
    if not (well_formed(core, ".") or well_formed(core, ",")):
        return None
    return Parts(
        negative,
        found["prefix"] or "",
        core,
        re.sub("[dD]", "e", found["power"] or ""),
        found["suffix"] or "",
    )


def is_currency(sign: str) -> bool:
    """Whether a sign is a currency, no unit."""
    return re.fullmatch(_CURRENCY, sign) is not None


def is_unit(text: str) -> bool:
    """Whether a text is a unit or a currency that a column of numbers may have."""
    return re.fullmatch(f"{_CURRENCY}|{UNITS}", text) is not None


def is_zero(cell: Parts) -> bool:
    return not re.search("[1-9]", cell.core)


def well_formed(core: str, decimal: str) -> re.Match[str] | None:
    """The match of digits in groups of three, or in none, and a fraction after `decimal`."""
    other = "," if decimal == "." else "."
    whole = rf"(?P<whole>[1-9]\d{{0,2}}(?P<group>[{other}{GAPS}])\d{{3}}(?:(?P=group)\d{{3}})*|\d*)"
    return re.fullmatch(rf"{whole}(?:\{decimal}(?P<fraction>\d*))?", core)


def decimals_shown(cells: Iterable[Parts]) -> set[str]:
    """The decimal marks that `cells` have without doubt: a mark before three digits may be either."""
    shown = set()
    for cell in cells:
        core = cell.core
        point, comma = well_formed(core, "."), well_formed(core, ",")
        if bool(point) != bool(comma) and re.search("[.,]", core):
            shown.add("." if point else ",")
    return shown


class Notation(NamedTuple):
    """How the numbers of a column are written.

    Attributes:
        decimal: point or comma.
        group: what separates thousands; empty if nothing does.
        prefix: a currency in front.
        suffix: a currency, unit or percent sign behind.
        places: digits after the decimal mark, the most that occur.
    """

    decimal: str = "."
    group: str = ""
    prefix: str = ""
    suffix: str = ""
    places: int = 0

    @classmethod
    def of(cls, cells: Sequence[Parts], decimal: str) -> Notation:
        """The notation of `cells`, with one sign or unit at the most.

        Half of them have it if it is a currency, else all but zeros: 0.5 beside 50 % could be either.
        """
        matches = [match for cell in cells if (match := well_formed(cell.core, decimal))]
        groups = Counter(match["group"] for match in matches if match["group"])
        signs = Counter((cell.prefix, cell.suffix) for cell in cells)
        bare = [cell for cell in cells if not (cell.prefix or cell.suffix)]
        (prefix, suffix), most = signs.most_common(1)[0] if signs else (("", ""), 0)
        few_bare = 2 * most >= len(cells) if is_currency(prefix or suffix) else all(map(is_zero, bare))
        if len([sign for sign in signs if any(sign)]) != 1 or not few_bare:
            prefix = suffix = ""
        comma = decimal if any(decimal in cell.core for cell in cells) else "."
        group = groups.most_common(1)[0][0] if groups else ""
        found = cls(comma if not group else decimal, group, prefix, suffix)
        if found == PLAIN:
            return found
        return found._replace(places=max((len(m["fraction"] or "") for m in matches), default=0))

    @classmethod
    def from_json(cls, record: Sequence[str | int]) -> Notation:
        """The notation with these fields in order; those that lack are as in Python.

        Raises:
            InputError: for other fields, as in an edited run folder.
        """
        if len(record) > len(cls._fields) or any(
            type(a) is not type(b) for a, b in zip(record, PLAIN, strict=False)
        ):
            raise InputError(f"{record!r} does not describe how the numbers of a column are written.")
        return cls(*record)  # type: ignore[arg-type]

    def bare(self) -> Notation:
        """The same without a sign or unit."""
        return self._replace(prefix="", suffix="")

    def read(self, text: str) -> str:
        """`text` as Python writes numbers, if it is a number in this notation; else `text` itself.

        A number that lacks the unit of the column is no number: "0.5 without %".

        >>> Notation(",", ".", suffix="%").read("1.250,5 %"), Notation().read("red")
        ('1250.5', 'red')
        """
        if self == PLAIN and number(text) is not None:
            return text
        found = parts(text)
        if found is None:
            return text
        if not self._allows(found):
            lacking = not (found.prefix or found.suffix)
            return f"{text} without {self.prefix or self.suffix}" if lacking else text
        digits = well_formed(found.core, self.decimal)
        odd = _ODD.fullmatch(found.core)
        if digits is None and odd is None:
            return text
        whole, fraction = (digits["whole"], digits["fraction"]) if digits else (odd[1], odd[2])  # type: ignore[index]
        value = re.sub(r"\D", "", whole) + (f".{fraction}" if fraction else "")
        return f"{'-' if found.negative else ''}{value}{found.power}"

    def _allows(self, cell: Parts) -> bool:
        """Whether a cell has the sign or unit of the column, or does without as it may."""
        sign = self.prefix or self.suffix
        if cell.prefix or cell.suffix:
            return (cell.prefix, cell.suffix) == (self.prefix, self.suffix)
        return not sign or is_currency(sign) or is_zero(cell)

    def write(self, value: float) -> str:
        """A number in this notation.

        >>> Notation(".", ",", "$", "", 2).write(-1250.5)
        '-$1,250.50'
        """
        return self._marked(f"{value:,.{self.places}f}")

    def show(self, value: float, digits: int = 4) -> str:
        """A number in this notation with so many digits, for a message or a page.

        >>> Notation(",", ".").show(8765.4), Notation(",", suffix="%").show(0.12345), PLAIN.show(8765.4)
        ('8.765', '0,1235%', '8765')
        """
        text = numbers.number(value, digits)
        if self == PLAIN:
            return text
        whole = re.match(r"-?\d{4}(?=\.|$)", text) if self.group else None
        return self._marked(f"{int(whole[0]):,}{text[whole.end() :]}" if whole else text)

    def _marked(self, text: str) -> str:
        """`text` of a number as Python writes it, with the marks and signs of the column."""
        digits = (
            text.removeprefix("-").replace(",", "\0").replace(".", self.decimal).replace("\0", self.group)
        )
        return f"{'-' if text.startswith('-') else ''}{self.prefix}{digits}{self.suffix}"


PLAIN = Notation()
"""Numbers as Python writes them."""


def number(text: str) -> float | None:
    """The number that a text is in Python's notation; None for other text."""
    try:
        return None if "_" in text else float(text)
    except ValueError:
        return None


def starts_with_zero(text: str) -> bool:
    """Whether a text is a whole number with a zero in front, as a postcode."""
    return len(text) > 1 and text[0] == "0" and text.isdigit()


def numbers_are_codes(counts: Mapping[str, int]) -> bool:
    """Whether numbers are codes, as postcodes, because zeros in front fill them up to one length.

    Half of the cells start with 0; or 1 % do, nine in ten cells are whole numbers of the length of these, and
    fewer cells are shorter than start with 0. One 007 among measurements is a number.

    Args:
        counts: how often each text occurs; others than numbers do not count.

    >>> numbers_are_codes({"01067": 1, "10115": 9}), numbers_are_codes({"007": 1, "12": 40, "105": 60})
    (True, False)
    """
    padded = Counter({text: n for text, n in counts.items() if starts_with_zero(text)})
    if not padded:
        return False
    numbers = {text: n for text, n in counts.items() if number(text) is not None}
    length, total = len(padded.most_common(1)[0][0]), sum(numbers.values())
    alike = sum(n for text, n in numbers.items() if text.isdigit() and len(text) == length)
    shorter = sum(n for text, n in numbers.items() if text.isdigit() and len(text) < length)
    zeros = padded.total()
    return 2 * zeros >= total or (100 * zeros >= total and 10 * alike >= 9 * total and shorter < zeros)
