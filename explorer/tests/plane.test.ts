import { describe, expect, it } from "vitest";
import { channels, choices, colouring, pixel, scale } from "../src/colours";
import { Density, supportAt } from "../src/density";
import { codeFrame, combined, coordinate, coordinates, meanCode, moved, pathCodes, principalFrame } from "../src/frame";
import { cellsFor } from "../src/grid";
import { box, inside } from "../src/lasso";
import { drawCloud, nearest, over, stampOf } from "../src/points";
import { usualExtent, View } from "../src/view";
import { contents } from "./data";

describe("directions", () => {
  const half = Math.SQRT1_2;
  const turned = principalFrame(contents({}, { directions: Float32Array.of(half, half, -half, half) }));

  it("give coordinates from their origin", () => {
    expect([...coordinates(codeFrame(2), 1, contents().codes)]).toEqual([0, 0, 2, 2]);
    expect(coordinate(turned, 0, Float32Array.of(3, 2))).toBeCloseTo(Math.SQRT2, 6);
  });

  it("move a code along one of them and leave the others", () => {
    const to = moved(turned, 0, Float32Array.of(5, 1), 4);
    expect(coordinate(turned, 0, to)).toBeCloseTo(4, 5);
    expect(coordinate(turned, 1, to)).toBeCloseTo(coordinate(turned, 1, Float32Array.of(5, 1)), 5);
  });

  it("lead straight from one code to another, and add up", () => {
    const [a, b, c] = [Float32Array.of(0, 1), Float32Array.of(2, 5), Float32Array.of(1, 1)];
    expect([...pathCodes(a, b, 3)]).toEqual([0, 1, 1, 3, 2, 5]);
    expect([...combined([a, b, c], [1, -1, 1])]).toEqual([-1, -3]);
    expect([...meanCode(contents(), [1, 2])]).toEqual([4, 1]);
  });
});

describe("the density", () => {
  /** N(z | m, L Lᵀ) written out for two dimensions. */
  function normal(z: readonly number[], m: readonly number[], l: readonly number[]): number {
    const [xx, xy, yy] = [l[0]! ** 2, l[0]! * l[1]!, l[1]! ** 2 + l[2]! ** 2];
    const det = xx * yy - xy * xy;
    const [a, b] = [z[0]! - m[0]!, z[1]! - m[1]!];
    return Math.exp(-0.5 * ((yy * a * a - 2 * xy * a * b + xx * b * b) / det)) / Math.sqrt(det);
  }
  const exact = (z: readonly number[]): number => 0.5 * normal(z, [0, 0], [1, 0.5, 1]) + 0.5 * normal(z, [4, 2], [2, 0, 1]);

  it("is the mixture's, as a logarithm and on the plane", () => {
    const density = new Density(contents());
    const onPlane = density.onPlane(codeFrame(2), 0, 1);
    for (const z of [[0, 0], [1, -1], [5, 2.5]] as const) {
      expect(density.log(z)).toBeCloseTo(Math.log(exact(z)), 5);
      expect(onPlane(z[0], z[1])).toBeCloseTo(exact(z), 4);
    }
  });

  it("ranks places among the codes", () => {
    const density = new Density(contents());
    expect(density.rank([0, 0])).toBeGreaterThan(0.5);
    expect(density.rank([90, 90])).toBe(0);
    const made = contents();
    const ranks = Array.from({ length: made.n }, (_, row) => density.rank(made.code(row)));
    expect(Math.min(...ranks)).toBeGreaterThan(0);
  });

  it("fades what is decoded where data are sparse, and says so", () => {
    expect(supportAt(0.5).strength).toBe(1);
    expect(supportAt(0.05).strength).toBeLessThan(supportAt(0.09).strength);
    expect(supportAt(0.05).sentence).toContain("5 %");
    expect(supportAt(0).sentence).toContain("extrapolates");
  });
});

describe("the window", () => {
  const view = new View();
  view.resize(200, 100);
  view.fit([0, 10], [0, 5]);

  it("shows all points, upwards up", () => {
    expect(view.toScreen(5, 2.5)).toEqual([100, 50]);
    expect(view.toScreen(0, 5)[1]).toBeLessThan(view.toScreen(0, 0)[1]);
  });

  it("keeps the place under the cursor when it zooms", () => {
    const before = view.toPlane(30, 20);
    view.zoomAt(30, 20, 3);
    view.toPlane(30, 20).forEach((value, i) => expect(value).toBeCloseTo(before[i]!, 9));
    expect(view.zoom).toBeCloseTo(3, 9);
    view.zoomAt(30, 20, 1e9);
    expect(view.zoom).toBeCloseTo(200, 6);
  });
});

describe("a few far points", () => {
  const near = Array.from({ length: 100 }, (_, i) => i);

  it("do not stretch the window, which can be widened to show them", () => {
    expect(usualExtent([...near, 1e5])).toEqual([0, 99]);
    expect(usualExtent([...near, 150])).toEqual([0, 150]);
    expect(usualExtent([0, 0, 0, 0, 7])).toEqual([0, 7]);
    expect(usualExtent([])).toEqual([0, 1]);
    const view = new View();
    view.resize(200, 100);
    view.fit([...near, 1e5], [...near, 50]);
    expect(view.toScreen(99, 50)[0]).toBeLessThan(200);
    view.zoomAt(100, 50, 1e-9);
    expect(view.toScreen(1e5, 50)[0]).toBeLessThan(200);
  });
});

describe("a lasso", () => {
  it("takes what is inside, of a bent line too", () => {
    const bent = [[0, 0], [4, 0], [4, 4], [2, 1], [0, 4]] as const;
    expect(inside(bent, [2, 2, 3.5, 0.5, 9], [0.5, 3, 2, 2, 0])).toEqual([0, 2, 3]);
    expect(inside(box([3, 3], [1, 1]), [2, 0], [2, 2])).toEqual([0]);
    expect(inside([[0, 0], [1, 1]], [0.5], [0.5])).toEqual([]);
  });
});

describe("points", () => {
  const view = new View();
  view.resize(160, 160);
  view.fit([0, 1], [0, 1]);
  const cloud = { xs: Float32Array.of(0, 1), ys: Float32Array.of(0, 1), shades: Uint8Array.of(0, 1), palette: Uint32Array.of(pixel("#ff0000"), pixel("#0000ff")) };

  it("are drawn where they lie, in their colour", () => {
    const pixels = new Uint32Array(25_600);
    drawCloud(pixels, view, 1, { ...cloud, chosen: null });
    const at = (x: number, y: number): number => pixels[Math.round(y) * 160 + Math.round(x)]! & 0xffffff;
    expect(at(...view.toScreen(0, 0))).toBe(0x0000ff);
    expect(at(...view.toScreen(1, 1))).toBe(0xff0000);
    expect(at(80, 80)).toBe(0);
  });

  it("that were not chosen step back", () => {
    const pixels = new Uint32Array(25_600);
    drawCloud(pixels, view, 1, { ...cloud, chosen: Uint8Array.of(1, 0) });
    const alpha = (x: number, y: number): number => pixels[Math.round(y) * 160 + Math.round(x)]! >>> 24;
    expect(alpha(...view.toScreen(0, 0))).toBeGreaterThan(4 * alpha(...view.toScreen(1, 1)));
  });

  it("that are many are drawn in whole pixels", () => {
    expect([...stampOf(0.8, 1).cover]).toEqual([255, 255, 255, 255]);
    expect([...stampOf(1.1, 1).cover].every((share) => share === 0 || share === 255)).toBe(true);
    expect([...stampOf(3, 0.5).cover].some((share) => share > 0 && share < 127)).toBe(true);
  });

  it("cover what is below by their share", () => {
    expect(over(0, pixel("#ffffff"), 128) >>> 24).toBe(128);
    expect(over(pixel("#000000"), pixel("#ffffff"), 51)).toBe(0xff333333);
  });

  it("are found by the nearest pixel, within reach", () => {
    const [x, y] = view.toScreen(1, 1);
    expect(nearest(view, cloud.xs, cloud.ys, x + 3, y, 5)).toBe(1);
    expect(nearest(view, cloud.xs, cloud.ys, x + 9, y, 5)).toBe(-1);
  });
});

describe("colours", () => {
  it("stand for labels by name", () => {
    const { entries, shades } = colouring(contents(), [], "label", false);
    expect(entries.map(({ name, rows }) => [name, rows])).toEqual([["cat", [0, 3]], ["dog", [1, 2]]]);
    expect([...shades]).toEqual([0, 1, 1, 0]);
  });

  it("of a number go by rank, and rows without one are grey", () => {
    const size = { name: "size", words: [], classes: false, of: (values: ArrayLike<number> | null) => values?.[0] ?? NaN };
    const made = contents({ shape: [1] }, { originals: Float32Array.of(2, 5) });
    expect(choices(made, [size]).map(([, name]) => name)).toEqual(["label", "error", "size", "one colour"]);
    const found = colouring(made, [size], "quantity 0", false);
    expect(found.ends).toEqual(["2", "5"]);
    const euros = { ...size, text: (value: number) => `${value} €` };
    expect(colouring(made, [euros], "quantity 0", false).ends).toEqual(["2 €", "5 €"]);
    expect(found.lacks).toContain("not in this page");
    expect(found.shades[1]).toBeLessThan(found.shades[3]!);
    expect(found.palette[found.shades[0]!]).toBe("#8a8f94");
  });

  it("go from dark to bright", () => {
    expect([scale(5, 0, 1)[0], scale(5, 0, 1)[4]]).toEqual(["#440154", "#fde725"]);
  });

  it("of many words go to the commonest, and the others can be selected together", () => {
    const labels = Float64Array.from({ length: 60 }, (_, i) => (i < 45 ? i % 9 : i % 15));
    const names = Array.from({ length: 15 }, (_, i) => `kind ${i}`);
    const many = { codes: new Float32Array(120), errors: new Float32Array(60), numbers: new Uint32Array(60), labels };
    const found = colouring(contents({ label_names: names, palette: Array<string>(10).fill("#0072b2") }, many), [], "label", false);
    expect(found.ends).toBeNull();
    expect(found.entries.map(({ name }) => name)).toEqual([...names.slice(0, 9), "6 others"]);
    expect(found.entries.reduce((sum, { rows }) => sum + rows.length, 0)).toBe(60);
    expect(found.lacks).toBe("");
  });

  it("stand out from the ground, light or dark", () => {
    const light = (colour: string): number => {
      const [r, g, b] = channels(colour).map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
    };
    const contrast = (a: string, b: string): number => {
      const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
      return (high! + 0.05) / (low! + 0.05);
    };
    for (const [ground, dark] of [["#ffffff", false], ["#1c2024", true]] as const) {
      const { palette } = colouring(contents(), [], "error", dark);
      expect(Math.min(...palette.slice(0, -1).map((colour) => contrast(colour, ground)))).toBeGreaterThan(1.6);
    }
  });
});

describe("the grid", () => {
  it("fills the window with whole cells, not too many of them", () => {
    const { columns, rows, width } = cellsFor(900, 500, 1);
    expect(columns * width).toBeCloseTo(900, 9);
    expect(columns * rows).toBeLessThanOrEqual(400);
    expect(cellsFor(3000, 3000, 0.7).columns * cellsFor(3000, 3000, 0.7).rows).toBeLessThanOrEqual(400);
  });
});
