import { describe, expect, it } from "vitest";
import { bytesOf, columnAt, countBelow, fromLanes } from "../src/contents";
import { asCsv } from "../src/csv";
import { fromHash, numbers, short, toHash } from "../src/link";
import { cut, Ends, lengthOf } from "../src/ends";
import { clip } from "../src/limits";
import { contents } from "./data";

describe("what a page carries", () => {
  it("reads the bytes that Python wrote in base 85", () => {
    expect(new TextDecoder().decode(bytesOf("F@Ke]GN7c6", 5))).toBe("abcde");
  });

  it("puts lanes back in order, with what stays at the end", () => {
    const text = new TextEncoder().encode("aAbBcCdD.");
    expect(new TextDecoder().decode(fromLanes(text))).toBe("abcdABCD.");
    const place = { dtype: "float32", shape: [2], at: 0, lanes: true } as const;
    const bytes = new Uint8Array(Float32Array.of(1.5, -2).buffer);
    const lanes = Uint8Array.from([0, 4, 1, 5, 2, 6, 3, 7], (i) => bytes[i]!);
    expect([...columnAt(lanes.buffer, place)]).toEqual([1.5, -2]);
  });

  it("knows originals, labels and ranks by row", () => {
    const made = contents();
    expect([made.n, made.d, made.carried]).toEqual([4, 2, 2]);
    expect(made.original(0)).toBeNull();
    expect([...made.original(3)!]).toEqual([5, 6, 7, 8]);
    expect(made.labelOf(1)).toBe("dog");
    expect([0.05, 0.15, 0.25, 9].map((error) => made.rank(error))).toEqual([0, 0.25, 0.5, 1]);
    expect([0, 0.5, 0.99].map((share) => made.quantile(share))).toEqual([0.1, 0.3, 0.4].map(Math.fround));
    expect(made.nameOf(3)).toBe("row 30");
    expect(contents({ ids: ["a.png", "b", "c", "d"] }).nameOf(0)).toBe("a.png");
  });

  it("counts what is smaller, and not what is equal", () => {
    expect([0, 1, 2, 3, 4].map((value) => countBelow([1, 2, 2, 3], value))).toEqual([0, 0, 1, 3, 4]);
  });
});

describe("a selection as CSV", () => {
  it("has the row numbers of the data, and codes where wanted", () => {
    expect(asCsv(contents(), [1, 2], false)).toBe("row,label,error\r\n8,dog,0.10000000149011612\r\n11,dog,0.30000001192092896\r\n");
    expect(asCsv(contents(), [1], true).split("\r\n")[0]).toBe("row,label,error,z0,z1");
    expect(asCsv(contents(), [1], true).split("\r\n")[1]).toMatch(/^8,dog,.*,4,0$/);
  });

  it("keeps a file name with a comma and quotes in one cell", () => {
    const made = contents({ ids: ['a,"b".png', "x", "y", "z"] });
    expect(asCsv(made, [0], false)).toContain('7,"a,""b"".png",cat,');
  });
});

describe("links", () => {
  it("come back as they went, whatever they hold", () => {
    const parts = [{ plane: "code", colour: "column 3" }, { at: "1,-2/#&=" }];
    expect(fromHash(toHash(parts))).toEqual(parts);
  });

  it("to other places, or with nonsense, say nothing", () => {
    expect(fromHash("#p0123")).toEqual([]);
    expect(numbers("1,x")).toBeNull();
    expect(numbers("1,2", 3)).toBeNull();
    expect(numbers(short([1 / 3, -2e-9]))).toEqual([0.333333, -2e-9]);
  });
});

describe("an error", () => {
  it("is measured on the scale of the model, over what was observed", () => {
    const scaling = { step: [2, 1], centre: [0, 1], spread: [0, 3], floor: [0, 0], ceiling: [9, 9], rooted: false, unit: 4 };
    const made = contents({ scaling });
    const error = ((3 / 2) ** 2 + (Math.asinh(2) - Math.asinh(1)) ** 2) / 2;
    expect(made.errorOf([4, 7, NaN, NaN], [1, 4, 9, 9])).toBeCloseTo(4 * error, 9);
    const rooted = contents({ scaling: { step: [1], centre: [0], spread: [0], floor: [0], ceiling: [9], rooted: true, unit: 1 } });
    expect(rooted.errorOf([8.625, 0], [3.625, 0])).toBeCloseTo(1 / 2, 9);
  });
});

describe("examples that end early", () => {
  it("are as long as their values", () => {
    expect([[1, NaN, NaN, NaN], [NaN, 1, 2, 3], [NaN, NaN, NaN, NaN]].map((values) => lengthOf(values, 2))).toEqual([1, 2, 0]);
    expect([...cut(Float32Array.of(1, 2, 3, 4), [1, 2], 1)]).toEqual([1, NaN, 3, 4]);
  });

  it("end where that of the nearest training code does, or the original", () => {
    const columns = { end_codes: Float32Array.of(0, 0, 4, 2), ends: Uint32Array.of(1, 2) };
    const ends = new Ends(contents({ ends_early: true }, columns));
    const codes = Float32Array.of(1, 0, 3, 3);
    expect([...ends.ofCodes(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), codes)]).toEqual([1, 2, NaN, NaN, 5, 6, 7, 8]);
    expect([...ends.ofExample(Float32Array.of(1, 2, 3, 4), [9, 9, NaN, NaN])]).toEqual([1, 2, NaN, NaN]);
  });

  it("are whole where no training example ended early", () => {
    expect([...new Ends(contents()).ofCodes(Float32Array.of(1, 2, 3, 4), Float32Array.of(0, 0))]).toEqual([1, 2, 3, 4]);
  });
});

describe("decoded values", () => {
  const { header } = contents({ scaling: { step: [1, 1], centre: [0, 0], spread: [0, 0], floor: [0, 0], ceiling: [10, 20], rooted: false, unit: 1 } });

  it("stay in the range of the training part, by channel", () => {
    expect([...clip(Float32Array.of(-1, -1, 12, 12), header)]).toEqual([0, 0, 10, 12]);
    expect([...clip(Float32Array.of(-1, 12), { ...header, clipped: true })]).toEqual([-1, 12]);
  });
});
