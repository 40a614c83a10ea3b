"""Every defect of a run, made on purpose, and runs that have none."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
import typer

from narrows.cli.parsing import parse_changes
from narrows.cli.verbs import app
from narrows.core.errors import InputError
from narrows.core.findings import Finding
from narrows.core.registry import check_options
from narrows.data.datasets import load
from narrows.data.examples import Data
from narrows.data.readers import as_data, from_table
from narrows.data.reading import Reading
from narrows.data.recordings.examples import from_recordings
from narrows.data.recordings.recording import Recording, Recordings
from narrows.data.sources import InMemory
from narrows.data.tables.table import from_frame
from narrows.doctor.residuals import along
from narrows.doctor.runs import CHECKS, KEPT, MEASURED, examine
from narrows.fitting.choices import resolve
from narrows.fitting.fit import fit
from narrows.fitting.parts import split_data
from narrows.model.build import build
from narrows.report import render
from narrows.runs.folder import load_run, save_run
from narrows.runs.run import Run
from narrows.training.options import Training
from tests.commands import as_json, narrows
from tests.golden import HERE
from tests.samples import curve

Made = Callable[[], Run]


def made(
    data: Callable[[], Data], recipe: str = "autoencoder", latent_dim: int | None = None, **changes: Any
) -> Made:
    return lambda: fit(data(), recipe=recipe, latent_dim=latent_dim, overrides=changes)


def digits(n: int = 600) -> Data:
    return load("digits").rows(np.arange(n))


def noise() -> Data:
    return as_data(np.random.default_rng(0).standard_normal((400, 8)))


def factor() -> Data:
    """One factor in six columns."""
    rng = np.random.default_rng(0)
    return as_data(rng.standard_normal((400, 1)) * np.arange(1, 7) + 0.02 * rng.standard_normal((400, 6)))


def squares() -> Data:
    """Small squares anywhere in an image."""
    images = np.zeros((600, 16, 16), dtype="u1")
    for image, (top, left) in zip(images, np.random.default_rng(0).integers(0, 12, (600, 2)), strict=True):
        image[top : top + 4, left : left + 4] = 255
    return as_data(images)


def copies() -> Data:
    rows = np.repeat(np.random.default_rng(0).standard_normal((80, 8)), 5, axis=0)
    return as_data(rows + 0.01 * np.random.default_rng(1).standard_normal(rows.shape))


def numbered() -> Data:
    return as_data(np.c_[factor().array, np.arange(400)])


def planted() -> Data:
    """A gross mistake in a held-out row, in a column that is nearly always 0."""
    x = np.c_[factor().array, np.random.default_rng(1).random(400) < 0.1]
    x[split_data(as_data(x), 0).index.held_out[3], 6] = 1e6
    return as_data(x)


DEFECTS: dict[str, tuple[Made, str]] = {
    "outlying rows": (made(planted, training={"epochs": 5}), "(x6 = 1,000,000) holds 100 % of the error"),
    "posterior collapse": (
        made(digits, "vae", bottleneck={"beta": 100.0}, training={"epochs": 6}),
        "0 of 8 latent dimensions are active",
    ),
    "underfitting": (made(digits, training={"epochs": 1}), "after 1 epoch, "),
    "overfitting": (
        made(
            lambda: digits(120),
            latent_dim=16,
            training={"epochs": 300, "keep": "last", "weight_decay": 0.0},
        ),
        "times that on training rows",
    ),
    "dead units": (
        made(
            digits,
            encoder={"name": "mlp", "activation": "relu"},
            training={"epochs": 5, "learning_rate": 0.1},
        ),
        "in layer",
    ),
    "ignored code": (
        made(digits, training={"epochs": 1, "learning_rate": 1e-7}),
        "The decoder makes nearly the same of all codes",
    ),
    "unused codes": (
        made(digits, "vq-vae", bottleneck={"entries": 4096}, training={"epochs": 3}),
        "of 4,096 entries of the codebook",
    ),
    "noise is reproduced": (made(noise, "linear", 8, training={"epochs": 40}), "8 dimensions for 8 values"),
    "structure in the residual": (
        made(factor, latent_dim=1, loss={"name": "squared", "link": "tanh"}, training={"epochs": 30}),
        "residuals on training rows lie along one direction (mostly",
    ),
    "blurred images": (
        made(squares, latent_dim=1, training={"epochs": 15}),
        "of the differences between neighbouring pixels are reconstructed",
    ),
    "worse than a simpler method": (made(lambda: load("iris"), "vae"), "times that of PCA"),
    "copied dimensions": (made(factor, latent_dim=3, training={"epochs": 20}), "with their rank correlation"),
    "identifiers": (made(numbered, training={"epochs": 5}), "x6 (rises by 1 with every row) seems to number"),
    "split leakage": (made(copies, training={"epochs": 5}), "have a near-copy among the training rows"),
}
"""By finding: a run that has the defect, and words of the evidence."""

GOOD: dict[str, Made] = {
    "digits": made(digits, training={"epochs": 30}),
    "digits denoising": made(digits, "denoising", training={"epochs": 30}),
    "digits VAE": made(lambda: load("digits"), "vae", training={"epochs": 15}),
    "digits VQ": made(digits, "vq-vae", bottleneck={"entries": 64}, training={"epochs": 30}),
    "iris": made(lambda: load("iris")),
    "wine sparse": made(lambda: load("wine"), "sparse"),
    "diabetes": made(lambda: load("diabetes")),
    "breast cancer": made(lambda: load("breast-cancer")),
    "breast cancer VAE": made(lambda: load("breast-cancer"), "vae"),
    "breast cancer WAE": made(lambda: load("breast-cancer"), "wae", training={"epochs": 40}),
    "breast cancer contractive": made(lambda: load("breast-cancer"), "contractive", training={"epochs": 40}),
    "curve": made(lambda: as_data(curve(400)), latent_dim=1),
}


@cache
def run_of(name: str) -> Run:
    return (DEFECTS[name][0] if name in DEFECTS else GOOD[name])()


def named(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}


def test_every_check_has_a_defect() -> None:
    assert DEFECTS.keys() == set(CHECKS)
    assert all(check.__doc__ for check in (*MEASURED.values(), *KEPT.values()))


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_found_and_named(name: str) -> None:
    finding = named(examine(run_of(name)))[name]
    assert finding.severity == "warning"
    assert DEFECTS[name][1] in finding.evidence
    assert re.search(r"\d", finding.evidence)
    assert finding.advice


@pytest.mark.parametrize("name", GOOD)
def test_a_good_run_has_no_findings(name: str) -> None:
    assert [finding.paragraph for finding in examine(run_of(name))] == []


FLAG = re.compile(r"--[a-z-]+(?: (?:\[[^\]]*\]|[^\s,;])+)?")


@pytest.mark.parametrize("name", [name for name in DEFECTS if name != "split leakage"])
def test_advice_names_flags_that_a_fit_takes(name: str) -> None:
    run = run_of(name)
    flags = [flag.rstrip(".,") for flag in FLAG.findall(named(examine(run))[name].advice)]
    assert flags
    known = {option for p in typer.main.get_command(app).commands["fit"].params for option in p.opts}  # type: ignore[attr-defined]
    for flag in flags:
        option, value = shlex.split(flag)
        assert option in known
        if option == "--latent-dim":
            assert int(value) >= 1
        built(run, option, value)


def built(run: Run, option: str, value: str) -> None:
    """Build the model that the run's would be with `option`."""
    spec = run.config["spec"]
    data = Data(InMemory(np.zeros((3, *run.schema.shape))), run.schema, "a")
    changes = parse_changes([value]) if option == "--set" else {}
    training = {**changes.pop("training", {}), **({"epochs": int(value)} if option == "--epochs" else {})}
    check_options("training", Training, training)
    recipe = value if option == "--recipe" else run.config["recipe"]
    choice = run.schema.choose(run.schema.arrange(run.evidence.worst.originals))
    given = (
        {part: spec[part] for part in ("encoder", "bottleneck", "loss")}
        if recipe == run.config["recipe"]
        else {}
    )
    for part, change in changes.items():
        given[part] = {**given[part], **change}
    size = int(value) if option == "--latent-dim" else run.model.code_size
    full, _ = resolve(recipe, data, choice, size, given)
    build(full, run.schema.domain(run.scaling))


def test_an_older_run_is_examined_for_what_it_holds() -> None:
    run = load_run(HERE / "1" / "vae")
    found = named(examine(run))
    assert found["skipped"].severity == "info"
    assert all(name in found["skipped"].evidence for name in MEASURED)
    assert "earlier version of Narrows" in render(run)


def test_an_unfinished_run_is_sent_back() -> None:
    run = replace(run_of("iris"), unfinished="not yet")
    with pytest.raises(InputError, match="not yet"):
        examine(run)


def test_it_survives_the_folder_and_stands_in_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    run = run_of("posterior collapse")
    save_run(run, Path("defective"))
    record = as_json(capsys, "doctor", "defective")
    assert record["worst"] == "warning"
    assert [f["name"] for f in record["findings"]] == [f.name for f in examine(run)]
    assert {"name", "severity", "evidence", "advice"} == record["findings"][0].keys()
    assert "warning: posterior collapse: 0 of 8" in narrows(capsys, "doctor", "defective")[0]
    page = render(run)
    assert "Posterior collapse" in page
    assert "nats per latent dimension" in page


def test_a_good_run_is_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    save_run(run_of("iris"), Path("good"))
    assert as_json(capsys, "doctor", "good")["findings"] == []
    assert "Nothing is wrong" in narrows(capsys, "doctor", "good")[0]
    assert "and found nothing" in render(run_of("iris"))
    told = json.loads(narrows(capsys, "doctor", "good", "--columns", "a", "--json", code=2)[0])
    assert "leave the options out" in told["error"]


@pytest.mark.parametrize("name", DEFECTS)
def test_every_defect_can_be_drawn(name: str) -> None:
    assert name.capitalize() in render(run_of(name))


def test_models_that_pass_data_by_their_code_are_examined_too() -> None:
    data = as_data(np.random.default_rng(0).random((40, 40, 40)))
    run = fit(
        data,
        recipe="denoising",
        overrides={"encoder": {"widths": [4], "blocks": 1}, "training": {"epochs": 1}},
    )
    assert run.model.bypassed
    assert {"posterior collapse", "noise is reproduced", "blurred images"}.isdisjoint(named(examine(run)))
    assert run.evidence.meaning is None


def test_the_residual_is_told_of_the_columns_it_lies_along() -> None:
    """The model has the numbers in front of the booleans; the file need not."""
    x = np.random.default_rng(0).standard_normal((60, 1)) * np.ones((1, 2))
    frame = pandas.DataFrame({"flag": x[:, 0] > 0, "a": x[:, 0], "b": x[:, 1]})
    run = fit(from_table(from_frame(frame, "X"), "X"), latent_dim=1, overrides={"training": {"epochs": 1}})
    run.evidence = replace(run.evidence, residual=np.array([1.0, 0.1, 0.0]))
    assert along(run) == " (mostly a, b, flag)"


def test_of_a_few_rows_nothing_is_claimed() -> None:
    run = fit(as_data(np.random.default_rng(0).standard_normal((8, 4))))
    assert {"overfitting", "dead units"}.isdisjoint(named(examine(run)))


def windows(channels: int = 2) -> Data:
    """Windows of a noisy recording with a period of 24 time steps."""
    steps = np.arange(1200)[:, None]
    values = np.sin(2 * np.pi * (steps / 24 + np.arange(channels) / 3))
    noisy = values * (1 + 0.3 * np.sin(steps / 40)) + 0.1 * np.random.default_rng(0).normal(size=values.shape)
    recordings = Recordings((Recording("plant", noisy),), ("load", "heat")[:channels])
    return from_recordings(recordings, "plant", Reading(kind="sequences", window=24))


def test_a_decoder_of_sequences_that_ignores_its_code_is_named() -> None:
    beta = {"bottleneck": {"name": "gaussian", "beta": 100.0}, "training": {"epochs": 15}}
    assert [f.name for f in examine(fit(windows(), recipe="vae", overrides=beta))] == ["posterior collapse"]
    run = fit(windows(), overrides={"training": {"epochs": 15}})
    assert "ignored code" not in named(examine(run))
    decoder = run.model.decoder
    decoder.forward = lambda z, *rest, of=decoder.forward: of(0 * z, *rest)  # type: ignore[method-assign]
    found = named(examine(run))["ignored code"]
    assert "held-out sequences has 0 % of their variance" in found.evidence
