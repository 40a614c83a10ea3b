import { beforeAll, describe, expect, it } from "vitest";
import { Adjacency } from "../src/adjacency";
import { asCsv } from "../src/csv";
import { choices } from "../src/colours";
import { counted, Graph } from "../src/samples/graph";
import { typicalOf } from "../src/samples/node_group";
import { percent, tally } from "../src/samples/node";
import { matches } from "../src/panels/search";
import { sideOf } from "../src/samples";
import { Nodes } from "../src/samples/nodes";
import { contents } from "./data";

// A path 0 - 1 - 2 and an edge 0 - 3; nodes 4 and 5 of the graph are not in the page.
const SAMPLE = { nodes: 6, edges: 5, partners: 2, odds: 0.5, feature_names: ["rain", "sun", "wind"] };
const COLUMNS = {
  later: Uint8Array.of(2, 1, 0, 0),
  joined: Uint8Array.of(1, 3, 2),
  degrees: Uint8Array.of(2, 2, 3, 1),
  scored: Uint8Array.of(1, 3),
  partners: Uint8Array.of(3, 4, 2, 1),
  odds: Int16Array.of(4, 0, 0, -4),
  present: Uint8Array.of(2, 0, 3, 1),
  kept: Uint8Array.of(2, 0, 1, 1),
  features: Uint8Array.of(2, 0, 1, 0),
  values: Float32Array.of(1, 1, 0.5, 1),
  errors: new Float32Array(),
};
const made = (sample = {}) => contents({ drawing: "nodes", row_noun: "node", sample: { ...SAMPLE, ...sample } }, COLUMNS);
const HERE = { nearest: () => -1, pick: () => {}, select: () => {} };

beforeAll(() => {
  const element = { append: () => {}, setAttribute: () => {} };
  Object.assign(globalThis, { document: { createElement: () => element } });
});

describe("edges", () => {
  const near = new Adjacency(COLUMNS.later, COLUMNS.joined);

  it("are known from both ends, in order", () => {
    expect([0, 1, 2, 3].map((row) => [...near.of(row)])).toEqual([[1, 3], [0, 2], [1], [0]]);
    expect(near.edges).toBe(3);
  });

  it("lead to common neighbours, and inside or out of a group", () => {
    expect([near.common(0, 2), near.common(1, 3), near.common(2, 3)]).toEqual([[1], [0], []]);
    expect(near.around([0, 1])).toEqual({ inside: 1, across: 2 });
    expect(near.around([])).toEqual({ inside: 0, across: 0 });
  });
});

describe("a graph", () => {
  const graph = new Graph(made());

  it("knows the likely partners of some nodes, as probabilities, and leaves out those that do not exist", () => {
    expect(graph.partnersOf(0)).toBeNull();
    expect(graph.partnersOf(1)!.map(({ row }) => row)).toEqual([3]);
    expect(graph.partnersOf(3)!.map(({ row }) => row)).toEqual([2, 1]);
    expect(graph.partnersOf(1)![0]!.probability).toBeCloseTo(1 / (1 + Math.exp(-2)), 9);
    expect(graph.scoredNodes).toBe(2);
  });

  it("knows the largest features by name", () => {
    expect(graph.featuresOf(0)).toEqual([{ name: "wind", value: 1 }, { name: "rain", value: 1 }]);
    expect(graph.featuresOf(1)).toEqual([]);
    expect(new Graph(made({ feature_names: [] })).featuresOf(2)).toEqual([{ name: "feature 1", value: 0.5 }]);
  });

  it("knows what is typical of some nodes", () => {
    expect(typicalOf(graph, [0, 3])).toEqual(["rain (100 %, of all 50 %)", "wind (50 %, of all 25 %)"]);
    expect(typicalOf(graph, [0, 1, 2, 3])).toEqual([]);
  });

  it("says how much of it is in the page", () => {
    expect(graph.whole).toBe(false);
    expect([0, 2].map((row) => graph.neighboursInWords(row))).toEqual(["2 neighbours", "3 neighbours, 1 of them in this page"]);
    const foot = new Nodes(made(), HERE).foot;
    expect(foot).toContain("4 of 6 nodes, drawn at random, and the 3 edges between them of 5.");
    expect(new Nodes(made({ nodes: 4, edges: 3 }), HERE).foot).toContain("all 4 nodes and 3 edges.");
  });

  it("is shown by the side of nodes, with lines to neighbours and likely partners", () => {
    const side = sideOf(made(), HERE);
    expect(side).toBeInstanceOf(Nodes);
    expect(side.joins([1])).toEqual([{ from: 1, to: 3, likely: true }, { from: 1, to: 0, likely: false }, { from: 1, to: 2, likely: false }]);
    expect(side.quantities.map((quantity) => quantity.of(null, 2))).toEqual([3]);
  });
});

describe("nodes", () => {
  it("have no errors to be coloured by or written", () => {
    expect(choices(made(), []).map(([key]) => key)).toEqual(["label", "none"]);
    expect(asCsv(made(), [1], false)).toBe("row,label\r\n8,dog\r\n");
  });

  it("have codes that may be whole numbers of a unit", () => {
    const rounded = contents({ code_step: 0.5 }, { ...COLUMNS, codes: Int16Array.of(1, -2, 3, 4, 0, 0, 0, 0) });
    expect([...rounded.code(0), ...rounded.code(1)]).toEqual([0.5, -1, 1.5, 2]);
  });
});

describe("a search", () => {
  it("finds rows by what they are called: exactly, by the beginning, by a part", () => {
    const named = contents({ ids: ["theory of nets", "Nets", "nets and rules", "rules"] });
    expect(matches(named, "NETS ")).toEqual([1, 2, 0]);
    expect(matches(named, "nets", 1)).toEqual([1]);
    expect([matches(named, ""), matches(named, "x")]).toEqual([[], []]);
  });

  it("finds them by their number", () => {
    expect(matches(contents(), "11")).toEqual([2]);
    expect(matches(contents(), "row 30")).toEqual([3]);
  });
});

describe("words", () => {
  it("count, and give shares that are neither nothing nor all", () => {
    expect([counted(1, "edge"), counted(2000, "edge")]).toEqual(["1 edge", "2,000 edges"]);
    expect([0.9999999, 0.9944, 0.5, 1e-9].map(percent)).toEqual(["> 99.9 %", "99.4 %", "50.0 %", "< 0.1 %"]);
    expect(tally(["a", "b", "b"])).toEqual([["b", 2], ["a", 1]]);
  });
});
