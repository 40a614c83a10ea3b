"""Recordings in files, from the command line: what is wrong is said in one sentence, and times come back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile

from tests.commands import narrows


def table(name: str, rows: Iterable[str], columns: str = "t,a") -> None:
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text(f"{columns}\n" + "\n".join(rows))


def minutes(n: int) -> list[str]:
    return [str(np.datetime64("2024-01-01T00:00") + k * np.timedelta64(1, "m")) for k in range(n)]


def with_row(row: str, at: int) -> list[str]:
    """Rows of a regular recording, of which one is another."""
    rows = [f"{when},{k % 7}" for k, when in enumerate(minutes(300))]
    rows[at] = row
    return rows


def out_of_order() -> str:
    table("a.csv", with_row("2024-01-01T00:02,1", 9))
    return "Line 11 of a.csv has the time 2024-01-01T00:02 in 't', before the row above"


def twice() -> str:
    table("a.csv", with_row("2024-01-01T00:08,1", 9))
    return "Line 11 of a.csv has the time 2024-01-01T00:08 in 't', as the row above has"


def unreadable() -> str:
    table("a.csv", with_row("soon,1", 9))
    return "Line 11 of a.csv has 'soon' in 't', which cannot be read as a time"


def missing() -> str:
    table("a.csv", with_row(",1", 9))
    return "Line 11 of a.csv has no time in 't'"


def of_one_value() -> str:
    table("a.csv", [f"{when},5" for when in minutes(2000)])
    return "All values of a are 5: there is nothing to learn"


def words() -> str:
    table("a.csv", [f"{when},{'xy'[k % 2]}" for k, when in enumerate(minutes(300))])
    return "The column 'a' of a.csv holds words (x, y)"


def short() -> str:
    table("a.csv", with_row("2024-01-01T00:09,1", 9)[:3])
    return "a is one recording of 3 time steps, too short to be cut into windows"


def changing_rate() -> str:
    table("a.csv", [*(f"{k},{k % 7}" for k in range(90)), *(f"{90 + 5 * k},{k % 7}" for k in range(90))])
    return "The sampling rate of a changes at 90, from a step of 1 to 5"


def lengths() -> str:
    np.savez("a.npz", X=np.random.default_rng(0).random((4, 9, 2)), lengths=[9, 10, 3, 4])
    return "The length 10 of sequence 1"


def cut_short() -> str:
    wavfile.write("a.wav", 8000, (np.sin(np.arange(900)) * 9999).astype(np.int16))
    Path("a.wav").write_bytes(Path("a.wav").read_bytes()[:-50])
    return "a.wav is cut short"


def missing_channel() -> str:
    for n in range(3):
        table(f"logs/{n}.csv", [f"{k},{k % 7},1" for k in range(30)], "t,a,b" if n != 1 else "t,a,c")
    return "1.csv has no channel 'b', which 0.csv has"


def time_stamps() -> str:
    Path("a.ts").write_text("@timeStamps true\n@classLabel false\n@data\n(0,1.5),(1,2.5)\n")
    return "Line 4 of a.ts has time stamps in parentheses"


@pytest.mark.parametrize(
    "make",
    [
        *(out_of_order, twice, unreadable, missing, of_one_value, words, short),
        *(changing_rate, lengths, cut_short, missing_channel, time_stamps),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    make: Callable[[], str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    sentence = make()
    source = next(name for name in ("logs", "a.csv", "a.npz", "a.wav", "a.ts") if Path(name).exists())
    said = narrows(capsys, "fit", source, "--kind", "sequences", "--quiet", "--out", "run", code=2)[1]
    assert said.startswith(f"narrows: {sentence}")
    assert said.strip().count("\n") == 0
    assert not Path("run").exists()


def test_a_recording_shorter_than_a_window_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    table("a.csv", with_row("2024-01-01T00:09,1", 9))
    options = ("a.csv", "--kind", "sequences", "--window", "400")
    assert "a has 300 time steps, too few for windows of 400" in narrows(capsys, "data", *options, code=2)[1]


def test_the_times_of_a_recording_come_back_with_its_reconstruction(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    random = np.random.default_rng(0)
    steps = [k for k in range(1200) if not 400 <= k < 420]
    start = np.datetime64("2024-03-01T00:00")
    rows = [
        f"{start + k * np.timedelta64(30, 'm')}+01:00,{np.sin(k * np.pi / 24) + random.normal() / 9:.3f}"
        for k in steps
    ]
    table("a.csv", rows, "when,load")
    narrows(
        capsys, "fit", "a.csv", "--kind", "sequences", "--epochs", "1", "--latent-dim", "2", "--out", "run"
    )
    narrows(capsys, "reconstruct", "run", "a.csv", "-o", "b.csv")
    lines = [line.split(",") for line in Path("b.csv").read_text().splitlines()]
    assert lines[0] == ["when", "load"]
    times = [when for when, _ in lines[1:]]
    assert len(times) == 1200
    assert [times[k] for k in steps] == [row.split(",")[0] for row in rows]
