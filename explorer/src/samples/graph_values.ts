/** Graphs among many: an example is an array of their nodes, each with its features and a place for each other node. */

import type { Pair } from "./layout";
import type { Values } from "./kind";

/** What the page carries to draw graphs. */
export interface Sample {
  /** Nodes of a graph, at most, and features of a node. */
  readonly nodes: number;
  readonly features: number;
  /** Their names; empty if they have none. */
  readonly names: readonly string[];
  /** The least and the greatest value of the first feature, which colours the nodes. */
  readonly range: readonly [number, number];
}

export interface Small {
  readonly nodes: number;
  readonly edges: readonly Pair[];
}

/** The nodes and edges of an example: a node that is not there has no values. */
export function graphIn(values: Values, { nodes: most, features }: Sample): Small {
  const width = features + most;
  const near = (i: number, j: number): number => values[i * width + features + j]!;
  let nodes = 0;
  while (nodes < most && !Number.isNaN(near(nodes, 0))) nodes++;
  const edges: Pair[] = [];
  for (let i = 0; i < nodes; i++) for (let j = 0; j < i; j++) if (near(i, j) > 0.5) edges.push([j, i]);
  return { nodes, edges };
}

/** A feature of a node. */
export function featureOf(values: Values, sample: Sample, node: number, feature: number): number {
  return values[node * (sample.features + sample.nodes) + feature]!;
}

/** The mean of a feature over the nodes of an example. */
export function meanOf(values: Values, sample: Sample, feature: number): number {
  const { nodes } = graphIn(values, sample);
  let sum = 0;
  for (let node = 0; node < nodes; node++) sum += featureOf(values, sample, node, feature);
  return sum / nodes;
}

export function nameOf({ names }: Sample, feature: number): string {
  return names[feature] ?? `feature ${feature}`;
}

/** The edges of both graphs, and those of one only. */
export function compared(original: Small, reconstruction: Small): { both: Pair[]; lost: Pair[]; added: Pair[] } {
  const key = ([i, j]: Pair): number => i * 1e6 + j;
  const [ours, theirs] = [original, reconstruction].map(({ edges }) => new Set(edges.map(key)));
  return {
    both: original.edges.filter((edge) => theirs!.has(key(edge))),
    lost: original.edges.filter((edge) => !theirs!.has(key(edge))),
    added: reconstruction.edges.filter((edge) => !ours!.has(key(edge))),
  };
}
