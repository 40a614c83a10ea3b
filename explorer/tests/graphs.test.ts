import { describe, expect, it } from "vitest";
import { kindOf } from "../src/samples";
import { compared, featureOf, graphIn, meanOf, nameOf } from "../src/samples/graph_values";
import { Graphs, inWords } from "../src/samples/graphs";
import { distances, layout, type Pair } from "../src/samples/layout";
import { HEADER } from "./data";

const SAMPLE = { nodes: 4, features: 1, names: ["size"], range: [0, 3] } as const;
const none = [NaN, NaN, NaN, NaN, NaN];
// A path of three nodes, of four at most, with a feature each.
const PATH = [1, 0, 1, 0, NaN, 2, 1, 0, 1, NaN, 6, 0, 1, 0, NaN, ...none];

describe("a graph of many", () => {
  it("has nodes, edges and features", () => {
    expect(graphIn(PATH, SAMPLE)).toEqual({ nodes: 3, edges: [[0, 1], [1, 2]] });
    expect([0, 1, 2].map((node) => featureOf(PATH, SAMPLE, node, 0))).toEqual([1, 2, 6]);
    expect(meanOf(PATH, SAMPLE, 0)).toBe(3);
    expect([nameOf(SAMPLE, 0), nameOf({ ...SAMPLE, names: [] }, 0)]).toEqual(["size", "feature 0"]);
    expect(inWords(graphIn(PATH, SAMPLE))).toBe("3 nodes, 2 edges");
    expect(inWords({ nodes: 1, edges: [[0, 1]] })).toBe("1 node, 1 edge");
  });

  it("is compared with its reconstruction edge by edge", () => {
    const made = { nodes: 3, edges: [[0, 1], [0, 2]] as Pair[] };
    expect(compared(graphIn(PATH, SAMPLE), made)).toEqual({ both: [[0, 1]], lost: [[1, 2]], added: [[0, 2]] });
  });

  it("can colour the points by its size and its features", () => {
    const kind = kindOf({ ...HEADER, columns: {}, drawing: "graphs", sample: SAMPLE });
    expect(kind).toBeInstanceOf(Graphs);
    expect(kind.quantities.map(({ name, of }) => [name, of(PATH, 0)])).toEqual([["nodes", 3], ["edges", 2], ["mean of size", 3]]);
    expect(kind.quantities[0]!.of(null, 0)).toBeNaN();
  });
});

describe("the places of nodes", () => {
  const ring = (n: number): Pair[] => Array.from({ length: n }, (_, i) => [i, (i + 1) % n]);
  const apart = (places: Float64Array, i: number, j: number): number =>
    Math.hypot(places[2 * i]! - places[2 * j]!, places[2 * i + 1]! - places[2 * j + 1]!);

  it("are as far apart as along the edges", () => {
    expect([...distances(3, [[0, 1], [1, 2]])]).toEqual([0, 1, 2, 1, 0, 1, 2, 1, 0]);
    expect(distances(2, [])[1]).toBeGreaterThan(2);
    const places = layout(5, [[0, 1], [1, 2], [2, 3], [3, 4]]);
    for (let i = 0; i < 5; i++) for (let j = 0; j < i; j++) expect(apart(places, i, j)).toBeCloseTo((i - j) / 4, 2);
  });

  it("of a ring are those of a regular polygon", () => {
    for (const n of [5, 8, 12]) {
      const places = layout(n, ring(n));
      const sides = Array.from({ length: n }, (_, i) => apart(places, i, (i + 1) % n));
      expect(Math.max(...sides) / Math.min(...sides)).toBeLessThan(1.05);
      const centre = [0, 1].map((axis) => places.filter((_, i) => i % 2 === axis).reduce((sum, each) => sum + each / n, 0));
      const out = Array.from({ length: n }, (_, i) => Math.hypot(places[2 * i]! - centre[0]!, places[2 * i + 1]! - centre[1]!));
      expect(Math.max(...out) / Math.min(...out)).toBeLessThan(1.1);
    }
  });

  it("are the same each time, and none falls on another one", () => {
    const star: Pair[] = [1, 2, 3, 4, 5, 6].map((leaf) => [0, leaf]);
    const places = layout(8, star);
    expect(layout(8, star)).toEqual(places);
    for (let i = 0; i < 8; i++) for (let j = 0; j < i; j++) expect(apart(places, i, j)).toBeGreaterThan(0.05);
    expect(Math.min(...places)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...places)).toBeLessThanOrEqual(1);
  });

  it("of none, one or two nodes need no edges", () => {
    expect([0, 1, 2].map((n) => layout(n, []).length)).toEqual([0, 2, 4]);
    expect(apart(layout(2, []), 0, 1)).toBeGreaterThan(0.2);
  });
});
