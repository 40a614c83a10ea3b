/** The colours of points. Both palettes are safe for colour-blind readers. */

import type { Contents } from "./contents";
import { inPrint } from "./dom";
import type { Quantity } from "./samples/kind";

/** Viridis (van der Walt & Smith 2015), at nine places. */
const VIRIDIS = ["#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"];

/** Shades of a continuous scale. */
const SHADES = 64;

/** Values that have colours of their own, at most. */
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
  /** Of a continuous scale both ends, as text. */
  readonly ends: readonly [string, string] | null;
  /** Why some rows are grey; empty where none is. */
  readonly lacks: string;
}

/** What can be chosen, by key. */
export function choices(contents: Contents, quantities: readonly Quantity[]): [key: string, name: string][] {
  const found: [string, string][] = contents.labels ? [["label", "label"]] : [];
  if (contents.errors.length) found.push(["error", "error"]);
  quantities.forEach(({ name }, j) => found.push([`${QUANTITY}${j}`, name]));
  return [...found, ["none", "one colour"]];
}

/** What points are coloured by at first: of a scan the first of the quantities, as few places have an error. */
export function firstChoice(contents: Contents, quantities: readonly Quantity[]): string {
  const keys = choices(contents, quantities).map(([key]) => key);
  return (contents.header.scan && !contents.labels ? keys.find((key) => key.startsWith(QUANTITY)) : null) ?? keys[0]!;
}

/** What keys of quantities begin with, before their place among all. */
const QUANTITY = "quantity ";

/** What points are coloured by, in colours that contrast with a light or a dark background. */
export function colouring(contents: Contents, quantities: readonly Quantity[], key: string, dark: boolean): Colouring {
  const palette = dark ? contents.header.palette.map((colour) => mixed(colour, "#ffffff", 0.3)) : contents.header.palette;
  if (key === "label" && contents.labels) {
    const { label_names: names } = contents.header;
    return byValue(contents.labels, names, palette, dark, "Grey: no label.");
  }
  if (key === "error") return continuous(contents.errors, dark, contents.header.scan ? "Grey: not held out." : "");
  const quantity = key.startsWith(QUANTITY) ? quantities[Number(key.slice(QUANTITY.length))] : undefined;
  if (!quantity) return { shades: new Uint8Array(contents.n), palette: [palette[0]!], entries: [], ends: null, lacks: "" };
  const values = Float64Array.from({ length: contents.n }, (_, row) => quantity.of(contents.original(row), row));
  const lacks = contents.carried < contents.n ? "Grey: missing, or not in this page." : "Grey: missing.";
  return quantity.classes ? byValue(values, quantity.words, palette, dark, lacks) : continuous(values, dark, lacks, quantity.text);
}

/** A colour for each of a few values; of many words one for each of the commonest, of many numbers a scale. */
function byValue(values: ArrayLike<number>, words: readonly string[], palette: readonly string[], dark: boolean, lacks: string): Colouring {
  const rows = new Map<number, number[]>();
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    const mine = rows.get(value);
    if (mine) mine.push(i);
    else rows.set(value, [i]);
  }
  if (rows.size > CLASSES && !words.length) return continuous(values, dark, lacks);
  const common = [...rows.keys()].sort((a, b) => rows.get(b)!.length - rows.get(a)!.length || a - b);
  const found = (rows.size > CLASSES ? common.slice(0, CLASSES - 1) : common).sort((a, b) => a - b);
  const places = new Map(found.map((value, i) => [value, i]));
  const shades = Uint8Array.from(values, (value) => places.get(value) ?? found.length);
  const entries = found.map((value, i) => ({ name: words[value] ?? String(value), colour: palette[i]!, rows: rows.get(value)! }));
  const rest = common.filter((value) => !places.has(value));
  if (rest.length) entries.push({ name: `${rest.length} others`, colour: GREY, rows: rest.flatMap((value) => rows.get(value)!) });
  const missing = Array.from(values).some((value) => Number.isNaN(value));
  return { shades, palette: [...palette.slice(0, found.length), GREY], entries, ends: null, lacks: missing ? lacks : "" };
}

const GREY = "#8a8f94";

/** A scale by rank, so that a few large values do not compress all others. */
function continuous(values: ArrayLike<number>, dark: boolean, lacks: string, text: (value: number) => string = inPrint): Colouring {
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
  const ends = sorted.length ? ([text(sorted[0]!), text(sorted[sorted.length - 1]!)] as const) : null;
  const [low, high] = dark ? [0.35, 1] : [0, 0.85];
  return { shades, palette: [...scale(SHADES, low, high), GREY], entries: [], ends, lacks: shades.includes(SHADES) ? lacks : "" };
}

/** `n` colours from dark to bright, those between two shares of the whole scale. */
export function scale(n: number, low: number, high: number): string[] {
  return Array.from({ length: n }, (_, i) => {
    const at = (low + (i / (n - 1)) * (high - low)) * (VIRIDIS.length - 1);
    const k = Math.min(VIRIDIS.length - 2, Math.floor(at));
    return mixed(VIRIDIS[k]!, VIRIDIS[k + 1]!, at - k);
  });
}

/** The colour that lies the share `part` of the way from `a` to `b`. */
function mixed(a: string, b: string, part: number): string {
  const to = channels(b);
  return `#${channels(a).map((value, c) => Math.round(value + part * (to[c]! - value)).toString(16).padStart(2, "0")).join("")}`;
}

export function channels(colour: string): [number, number, number] {
  return [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16)) as [number, number, number];
}

/** A colour as a pixel without transparency. */
export function pixel(colour: string): number {
  const [red, green, blue] = channels(colour);
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}
