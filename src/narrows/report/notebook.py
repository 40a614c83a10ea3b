"""A page inside a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Frame:
    """A page that a notebook shows in a frame of its own, isolated from the rest of the notebook.

    Attributes:
        html: the whole page.
    """

    html: str

    def _repr_html_(self) -> str:
        # ASCII is the same in every encoding, whatever the notebook's is.
        page = escape(self.html).encode("ascii", "xmlcharrefreplace").decode()
        return (
            f'<iframe srcdoc="{page}" sandbox="allow-scripts allow-downloads" '
            f'title="Narrows" style="width: 100%; height: 880px; border: 0"></iframe>'
        )
