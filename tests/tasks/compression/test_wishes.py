"""How much is lost: what is asked for decides the step, and what cannot be reached is refused."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.runs.run import Run
from narrows.tasks.compression.container import Container, to_bytes
from narrows.tasks.compression.quantised import pack
from narrows.tasks.compression.quantiser import Quantiser
from narrows.tasks.compression.wishes import Lot, Wish, bits, error_of, of_size, psnr, sampled
from tests.samples import DIGITS

pytest.importorskip("constriction")

PIXELS = (DIGITS * 15).astype(np.uint8)


def test_a_quality_is_a_step_without_a_search(rounded_run: Run) -> None:
    low, high = (pack(rounded_run, PIXELS[1200:1300], Wish(quality=quality)) for quality in (24, 34))
    assert low.psnr < high.psnr
    assert low.container.header["error"] == pytest.approx(10 ** (-24 / 20))


def test_one_wish_is_wanted(rounded_run: Run) -> None:
    for wish in (Wish(), Wish(psnr=30.0, bits=1.0)):
        with pytest.raises(InputError, match="one of psnr, bits and quality"):
            pack(rounded_run, PIXELS[:4], wish)
    with pytest.raises(InputError, match="above 0"):
        pack(rounded_run, PIXELS[:4], Wish(bits=0.0))


def test_a_psnr_beyond_the_model_is_refused_with_the_best(rounded_run: Run) -> None:
    with pytest.raises(InputError, match=r"which reaches .* dB at the most"):
        pack(rounded_run, PIXELS[1200:1300], Wish(psnr=90))


def test_the_ratio_is_relative_to_the_range_of_the_data(rounded_run: Run) -> None:
    lots = [Lot.of(rounded_run, some) for some in (PIXELS[:5], PIXELS[5:20])]
    made = np.concatenate([lot.quantiser.restored(lot.numbers(0.05), 0.05) for lot in lots])
    error = np.mean((made.astype(float) - PIXELS[:20]) ** 2)
    assert psnr(lots, 0.05) == pytest.approx(10 * np.log10(255**2 / error), abs=1e-4)


def test_a_wish_is_found_on_a_part_and_holds_for_all(
    rounded_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("narrows.tasks.compression.wishes.SEARCHED", 4096)
    monkeypatch.setattr("narrows.tasks.compression.wishes.SIDE", 4)
    picture = np.vstack([np.hstack(list(PIXELS[20 * i : 20 * i + 20])) for i in range(20)])
    lots = [Lot.of(rounded_run, some) for some in (picture[None], picture[None, :50, :35], PIXELS[:90])]
    some = sampled(lots)
    assert [lot.values.shape[1:] for lot in some] == [(16, 16), (16, 16), (8, 8)]
    assert 3500 < sum(lot.values.size for lot in some) < 4700
    assert 31 <= psnr(lots, error_of(Wish(psnr=31), lots)) < 31.1
    assert 0.96 < bits(lots, error_of(Wish(bits=1), lots)) < 1.04


def test_bits_are_counted_over_values_and_finer_steps_take_more(rounded_run: Run) -> None:
    lots = [Lot.of(rounded_run, PIXELS[:50])]
    assert 0 < bits(lots, 0.1) < bits(lots, 0.01) < 8


def test_the_choice_of_numbers_saves_bits_at_the_same_psnr(
    rounded_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = PIXELS[1200:]
    chosen = pack(rounded_run, values, Wish(psnr=20))
    monkeypatch.setattr(Quantiser, "rounded", lambda self, y, s: np.rint(y / self.step(s)).astype(np.int32))
    nearest = pack(rounded_run, values, Wish(psnr=20))
    assert len(chosen.container.payload) < 0.97 * len(nearest.container.payload)


@pytest.mark.parametrize("wanted", [0.6, 1.5, 3.0])
def test_the_file_has_the_bits_that_are_asked_for(rounded_run: Run, wanted: float) -> None:
    made = pack(rounded_run, PIXELS[1200:1500], Wish(bits=wanted))
    assert 8 * len(to_bytes(made.container)) / PIXELS[1200:1500].size == pytest.approx(wanted, rel=0.01)


def test_a_wrong_prediction_is_made_up_for_by_the_sizes_of_files(rounded_run: Run) -> None:
    """Files that are twice as large as the model predicts, and have a header besides."""
    lots = [Lot.of(rounded_run, PIXELS[:100])]
    errors: list[float] = []

    def make(error: float) -> Container:
        errors.append(error)
        size = 200 + int(2 * bits(lots, error) * lots[0].values.size / 8)
        return Container({"error": error}, bytes(size))

    made = of_size(make, lots, 2.0)
    assert 8 * len(to_bytes(made)) / lots[0].values.size == pytest.approx(2.0, rel=0.01)
    assert 1 < len(errors) <= 4
    nearest = of_size(make, lots, 0.001)
    assert nearest.header["error"] == max(errors)
    assert len(errors) < 20
