/** Contents made on the spot, as a page would carry them. */

import { Contents, type Header, type Numbers, type Place } from "../src/contents";

const COLUMNS: Record<string, Numbers> = {
  // Four codes of two numbers, at the corners of a rectangle.
  codes: Float32Array.of(0, 0, 4, 0, 4, 2, 0, 2),
  errors: Float32Array.of(0.4, 0.1, 0.3, 0.2),
  numbers: Uint32Array.of(7, 8, 11, 30),
  labels: Float64Array.of(0, 1, 1, 0),
  kept: Uint32Array.of(1, 3),
  originals: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  mean: Float32Array.of(2, 1),
  directions: Float32Array.of(1, 0, 0, 1),
  shares: Float32Array.of(0.8, 0.2),
  density_weights: Float32Array.of(0.5, 0.5),
  density_means: Float32Array.of(0, 0, 4, 2),
  density_factors: Float32Array.of(1, 0, 0.5, 1, 2, 0, 0, 1),
};

export const HEADER: Omit<Header, "columns"> = {
  name: "made",
  recipe: "vae",
  data: "",
  drawing: "images",
  noun: "image",
  nouns: "images",
  scan: null,
  row_noun: "row",
  shape: [2, 2],
  precision: "float32",
  code_size: 2,
  code_step: 0,
  held_out: 4,
  scaling: { step: [255], centre: [0], spread: [0], floor: [0], ceiling: [255], rooted: false, unit: 1 },
  ends_early: false,
  clipped: false,
  unit: "",
  ids: [],
  label_names: ["cat", "dog"],
  pose_names: [],
  full: true,
  palette: ["#0072b2", "#e69f00"],
  drawn_note: "",
  originals_note: "",
  sample: { axes: "HW", range: [0, 255] },
};

export function contents(change: Partial<Header> = {}, columns: Partial<Record<string, Numbers>> = {}): Contents {
  const buffer = new ArrayBuffer(4096);
  const places: Record<string, Place> = {};
  let at = 0;
  for (const [name, values] of Object.entries({ ...COLUMNS, ...columns })) {
    const dtype = values!.constructor.name.replace("Array", "").toLowerCase() as Place["dtype"];
    new Uint8Array(buffer).set(new Uint8Array(values!.buffer), at);
    places[name] = { dtype, shape: [values!.length], at, lanes: false };
    at += Math.ceil(values!.byteLength / 8) * 8;
  }
  return new Contents({ ...HEADER, ...change, columns: places }, buffer);
}
