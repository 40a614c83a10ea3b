import { beforeAll, describe, expect, it } from "vitest";
import { kindOf } from "../src/samples";
import { asExample, coloursOf, differenceOf, grey, layoutOf } from "../src/samples/images";
import { cellText, place } from "../src/samples/columns";
import { Curves, linesOf } from "../src/samples/curves";
import { bandOf, channelOf, durationText, Sequences } from "../src/samples/sequences";
import { fitted, fromText, readSequence } from "../src/samples/sequence_files";
import { stepAt, WIDTH } from "../src/samples/sheet";
import { Table } from "../src/samples/table";
import { contents, HEADER } from "./data";

beforeAll(() => {
  class Picture {
    readonly data: Uint8ClampedArray;
    constructor(readonly width: number, readonly height: number) {
      this.data = new Uint8ClampedArray(4 * width * height);
    }
  }
  Object.assign(globalThis, { ImageData: Picture });
});

describe("a kind that is not in the table", () => {
  it("is refused by name", () => {
    expect(() => kindOf({ ...HEADER, columns: {}, drawing: "songs" })).toThrow("songs");
  });
});

describe("images", () => {
  it("are read in each layout", () => {
    expect([...coloursOf([0, 51, 102, 255], layoutOf([2, 2], "HW"), [0, 255]).data.slice(4, 8)]).toEqual([51, 51, 51, 255]);
    const last = coloursOf([1, 2, 3, 4, 5, 6], layoutOf([1, 2, 3], "HWC"), [0, 255]).data;
    expect([...last]).toEqual([1, 2, 3, 255, 4, 5, 6, 255]);
    const first = coloursOf([1, 4, 2, 5, 3, 6], layoutOf([3, 1, 2], "CHW"), [0, 255]).data;
    expect([...first]).toEqual([...last]);
    expect([...coloursOf([10, 30], layoutOf([1, 1, 2], "HWC"), [0, 255]).data]).toEqual([20, 20, 20, 255]);
  });

  it("differ in orange where brighter and in blue where darker", () => {
    const [red, , blue] = differenceOf([0, 9], [9, 0], layoutOf([1, 2], "HW"), [0, 9]).data;
    expect(red! > blue!).toBe(true);
    const [r, , b] = differenceOf([0, 9], [9, 0], layoutOf([1, 2], "HW"), [0, 9]).data.slice(4);
    expect(b! > r!).toBe(true);
  });
});

describe("an image of the user", () => {
  it("becomes grey as Pillow does it", () => {
    expect([grey(255, 255, 255), grey(255, 0, 0), grey(0, 255, 0), grey(0, 0, 255)]).toEqual([255, 76, 150, 29]);
  });

  it("is laid out and ranged like the data", () => {
    const pixels = [10, 20, 30, 255, 40, 50, 60, 255];
    const values = asExample(pixels, layoutOf([3, 1, 2], "CHW"), [-1, 1]);
    expect(values[0]).toBeCloseTo(-1 + 20 / 255, 9);
    expect(values[1]).toBeCloseTo(-1 + 80 / 255, 9);
    expect(values[2]).toBeCloseTo(-1 + 40 / 255, 9);
  });

  it("is judged on the scale of the report", () => {
    expect(contents().errorOf([0, 0, 0, 0], [255, 0, 0, 0])).toBeCloseTo(0.25, 9);
  });
});

describe("cells of a table", () => {
  const number = { name: "n", nature: "number", whole: false, words: [], range: [10, 20] } as const;
  const word = { name: "w", nature: "category", whole: true, words: ["Ulm", "Rom"], range: [0, 1] } as const;

  it("are words, numbers, or missing", () => {
    expect([cellText(12.34567, number), cellText(NaN, number), cellText(1, word)]).toEqual(["12.35", "missing", "Rom"]);
    expect([57000, 1147123.4, -57123, 2023].map((value) => cellText(value, number))).toEqual(["57,000", "1,147,123", "−57,123", "2023"]);
    expect(cellText(-3.4, { ...number, whole: true })).toBe("−3");
    const price = { ...number, marks: [",", ".", "", " €"] } as const;
    expect([1250.5, -57123, 0.125, NaN].map((value) => cellText(value, price))).toEqual(["1.251 €", "−57.123 €", "0,125 €", "missing"]);
    const date = (first: number, last: number) => cellText(366.5208, { ...number, since: ["2023-01-31", first, last] });
    expect([date(0, 10), date(0, 16), date(11, 19)]).toEqual(["2024-02-02", "2024-02-01 12:30", "12:29:57"]);
  });

  it("can colour the points, words as classes", () => {
    const table = new Table({ ...HEADER, columns: {}, drawing: "table", sample: { columns: [number, word] } });
    expect(table.quantities.map(({ name, classes, words }) => [name, classes, words])).toEqual([["n", false, []], ["w", true, ["Ulm", "Rom"]]]);
    expect(table.quantities.map((quantity) => quantity.of([12, NaN], 0))).toEqual([12, NaN]);
    expect(table.files).toBeNull();
  });

  it("lie within their column's range", () => {
    expect([5, 10, 15, 99].map((value) => place(value, number))).toEqual([0, 0, 0.5, 1]);
  });
});

describe("curves", () => {
  const box = { x: 0, y: 0, width: 4, height: 10 };

  it("run from the first column to the last, upwards up, and are broken where cells are missing", () => {
    expect(linesOf([0, 5, 10], box, [0, 10])).toEqual([[[0, 10], [2, 5], [4, 0]]]);
    expect(linesOf([0, NaN, 10], box, [0, 10])).toEqual([[[0, 10]], [[4, 0]]]);
  });

  it("are chosen by the page", () => {
    const kind = kindOf({ ...HEADER, columns: {}, drawing: "curves", sample: { columns: [], curve: [0, 1] } });
    expect(kind).toBeInstanceOf(Curves);
  });
});

describe("sequences", () => {
  it("have a line for each channel, one below the other", () => {
    expect([...channelOf([1, 10, 2, 20, 3, 30], 2, 1)]).toEqual([10, 20, 30]);
    const bands = [0, 1].map((c) => bandOf({ x: 0, y: 0, width: 9, height: 200 }, 2, c));
    expect(bands.map(({ y, height }) => [y, height])).toEqual([[6, 88], [106, 88]]);
  });

  it("are read from a text with a line for each time step", () => {
    expect([...fromText("a,b\n1,10\n2,20\n", ["x", "y"])]).toEqual([1, 10, 2, 20]);
    expect([...fromText("1\r\n-2e3\r\n", ["x"])]).toEqual([1, -2000]);
    expect([...fromText("2025-03-03 00:15:00,1,10\n2025-03-03 00:30:00,,20", ["x", "y"])]).toEqual([1, 10, NaN, 20]);
    expect([...fromText('time;"y";other;x\n0;1,5;7;2', ["x", "y"])]).toEqual([2, 1.5]);
    for (const text of ["1,2,3\n4,5,6", "1\nx"]) expect(() => fromText(text, ["x"])).toThrow();
  });

  it("have the length of those of the model", () => {
    expect(fitted(Float64Array.of(1, 2, 3, 4), 3, 2)).toEqual({ values: Float64Array.of(1, 2, 3, 4, NaN, NaN), note: "" });
    const { values, note } = fitted(Float64Array.of(1, 2, 3, 4), 1, 2);
    expect([[...values], note]).toEqual([[1, 2], "The first 1 of its 2 time steps are shown."]);
    expect(() => fitted(new Float64Array(), 2, 1)).toThrow();
  });

  it("are read from an array of NumPy", () => {
    const head = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2, 1), }\n";
    const bytes = new Uint8Array(10 + head.length + 16);
    bytes.set([0x93, ...new TextEncoder().encode(`NUMPY\x01\x00${String.fromCharCode(head.length)}\x00${head}`)]);
    [1, 2, 3, 4].forEach((value, i) => new DataView(bytes.buffer).setFloat32(10 + head.length + 4 * i, value, true));
    expect(readSequence(bytes.buffer, 2, ["x"])).toEqual({ values: Float64Array.of(1, 2), note: "The first of 2 sequences." });
    expect(() => readSequence(bytes.buffer, 2, ["x", "y"])).toThrow();
    expect(() => readSequence(bytes.buffer.slice(0, -1), 2, ["x"])).toThrow();
  });

  it("are told at the pointer, in the unit of their time", () => {
    expect([0, 0.5, 1].map((share) => stepAt(share, 5))).toEqual([0, 2, 4]);
    expect([stepAt(3 / WIDTH, 5), stepAt(-1, 5), stepAt(2, 5)]).toEqual([0, 0, 4]);
    expect(durationText(193, { step: 0.25, unit: "h", label: "time in h" })).toBe("48.25 h");
    const time = { step: 1, unit: "", label: "time step" };
    const sample = { ranges: [[0, 1], [0, 2]], channels: ["load", "heat"], time };
    const kind = new Sequences({ ...HEADER, columns: {}, drawing: "sequences", shape: [2, 2], sample });
    const drawn = [[[1, 10, 2, 20], ""], [[3, 30, 4, NaN], ""]] as const;
    expect(kind.told(1, drawn)).toBe("time step 1: load 2, reconstructed 4; heat 20, reconstructed missing");
  });

  it("are chosen by the page", () => {
    const kind = kindOf({ ...HEADER, columns: {}, drawing: "sequences", shape: [30, 2], sample: { ranges: [[0, 1], [0, 2]], channels: ["a", "b"], time: {} } });
    expect(kind).toBeInstanceOf(Sequences);
    expect(kind.files!.wanted).toContain("2 channels");
  });
});
