from __future__ import annotations

import base64
import io
import re

import numpy as np
from PIL import Image

from narrows.data.readers import as_data
from narrows.data.scan_axes import parse_scan_axes
from narrows.data.scan_reading import read_scan
from narrows.data.sources import InMemory
from narrows.fitting.fit import fit
from narrows.report.code_maps import code_maps, picture
from tests.tasks.maps.test_maps import two_phases


def test_each_latent_dimension_is_a_picture_of_the_scan() -> None:
    cube = two_phases()
    data = read_scan(InMemory(cube), parse_scan_axes("YX|E"), "scan")
    run = fit(data, recipe="linear", latent_dim=2, overrides={"training": {"epochs": 2}})
    made = code_maps(run)
    found = [Image.open(io.BytesIO(base64.b64decode(text))) for text in re.findall(r"base64,([^\"]+)", made)]
    assert [image.size for image in found] == [cube.shape[1::-1]] * 2
    codes = run.encode(data.source).reshape(*cube.shape[:2], 2)
    for image, plane in zip(found, np.moveaxis(codes, -1, 0), strict=True):
        np.testing.assert_array_equal(np.asarray(image), np.asarray(picture(plane)))
    assert f"over {cube.shape[0]} places x {cube.shape[1]} places" in made


def test_other_data_have_no_map() -> None:
    run = fit(as_data(np.random.default_rng(0).normal(size=(60, 4))), overrides={"training": {"epochs": 1}})
    assert code_maps(run) == ""


def test_the_usual_values_span_the_colours() -> None:
    values = np.append(np.linspace(0, 1, 399), 1e6).reshape(20, 20)
    colours = np.asarray(picture(values)).reshape(400, 3)
    assert len(np.unique(colours, axis=0)) > 200
    assert (np.asarray(picture(np.zeros((3, 4)))) == np.asarray(picture(np.zeros((3, 4))))[0, 0]).all()
