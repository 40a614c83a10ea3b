from __future__ import annotations

from html.parser import HTMLParser

from narrows.report.notebook import Frame


def test_a_frame_holds_the_page_whole_and_shut_off() -> None:
    page = '<p title="\'">£ & ☃</p><script>1 < 2</script>'
    found: dict[str, str | None] = {}

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert tag == "iframe"
            found.update(attrs)

    text = Frame(page)._repr_html_()
    Reader().feed(text)
    assert text.isascii()
    assert found["srcdoc"] == page
    assert found["sandbox"] == "allow-scripts allow-downloads", "no allow-same-origin"
