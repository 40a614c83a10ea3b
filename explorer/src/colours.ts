/** What points are coloured by. Both palettes are safe for colour-blind readers. */

import type { Contents } from "./contents";

/** Viridis (van der Walt & Smith 2015), at nine places. */
const VIRIDIS = ["#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"];

/** Shades of a continuous scale. */
const SHADES = 64;

/** Values that are told apart by colours of their own at the most. */
const CLASSES = 10;

export interface Entry {
  readonly name: string;
  readonly colour: string;
  readonly rows: readonly number[];
}

export interface Colouring {
  readonly shades: Uint8Array;
  readonly palette: readonly string[];
  /** Of a few classes each by name; empty for a continuous scale. */
  readonly entries: readonly Entry[];
  /** Of a continuous scale both ends. */
  readonly ends: readonly [number, number] | null;
  /** Whether some rows have no value, and are grey. */
  readonly lacks: boolean;
}

/** What can be chosen, by key. */
export function choices(contents: Contents): [key: string, name: string][] {
  const found: [string, string][] = contents.labels ? [["label", "label"]] : [];
  found.push(["error", "error"]);
  contents.header.table.forEach((column, j) => found.push([`column ${j}`, column.name]));
  return [...found, ["none", "one colour"]];
}

export function colouring(contents: Contents, key: string): Colouring {
  const { palette } = contents.header;
  if (key === "label" && contents.labels) {
    return byValue(contents.labels, palette, (label) => contents.labelName(label));
  }
  if (key === "error") return continuous(contents.errors);
  const j = key.startsWith("column ") ? Number(key.slice(7)) : -1;
  const column = contents.header.table[j];
  if (!column) return { shades: new Uint8Array(contents.n), palette: [palette[0]!], entries: [], ends: null, lacks: false };
  const values = Float64Array.from({ length: contents.n }, (_, row) => contents.original(row)?.[j] ?? NaN);
  return column.nature === "number"
    ? continuous(values)
    : byValue(values, palette, (level) => column.words[level] ?? String(level));
}

/** Each of a few values in a colour of its own, more of them on a scale. */
function byValue(values: ArrayLike<number>, palette: readonly string[], nameOf: (value: number) => string): Colouring {
  const rows = new Map<number, number[]>();
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    const mine = rows.get(value);
    if (mine) mine.push(i);
    else rows.set(value, [i]);
  }
  if (rows.size > CLASSES) return continuous(values);
  const found = [...rows.keys()].sort((a, b) => a - b);
  const shades = Uint8Array.from(values, (value) => (Number.isNaN(value) ? found.length : found.indexOf(value)));
  const entries = found.map((value, i) => ({ name: nameOf(value), colour: palette[i]!, rows: rows.get(value)! }));
  const colours = [...palette.slice(0, found.length), GREY];
  return { shades, palette: colours, entries, ends: null, lacks: shades.includes(found.length) };
}

const GREY = "#8a8f94";

/** A scale by rank, so that a few large values do not swallow all others. */
function continuous(values: ArrayLike<number>): Colouring {
  const sorted = Float64Array.from(values).filter((value) => !Number.isNaN(value)).sort();
  const steps = Array.from({ length: SHADES - 1 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / SHADES)]!);
  const shade = (value: number): number => {
    let [low, high] = [0, steps.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (steps[middle]! <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const shades = Uint8Array.from(values, (value) => (Number.isNaN(value) ? SHADES : shade(value)));
  const ends = sorted.length ? ([sorted[0]!, sorted[sorted.length - 1]!] as const) : null;
  return { shades, palette: [...scale(SHADES), GREY], entries: [], ends, lacks: shades.includes(SHADES) };
}

/** `n` colours from dark to bright. */
export function scale(n: number): string[] {
  return Array.from({ length: n }, (_, i) => {
    const at = (i / (n - 1)) * (VIRIDIS.length - 1);
    const k = Math.min(VIRIDIS.length - 2, Math.floor(at));
    const [a, b] = [channels(VIRIDIS[k]!), channels(VIRIDIS[k + 1]!)];
    return `#${a.map((value, c) => Math.round(value + (at - k) * (b[c]! - value)).toString(16).padStart(2, "0")).join("")}`;
  });
}

export function channels(colour: string): [number, number, number] {
  return [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16)) as [number, number, number];
}

/** A colour as a pixel without transparency. */
export function pixel(colour: string): number {
  const [red, green, blue] = channels(colour);
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}
