/** Files of the user as sequences: text with a line for each time step, and arrays of NumPy. */

import { isNpy, readNpy } from "../npy";
import type { Read } from "./kind";

/** Cells that stand for a missing value. */
const MISSING = new Set(["", "nan", "na", "null", "none"]);

/** A file as a sequence of so many time steps with these channels; a shorter one has missing values behind its end. */
export function readSequence(buffer: ArrayBuffer, steps: number, channels: readonly string[]): Read {
  const [values, note] = isNpy(buffer) ? fromNpy(buffer, steps, channels.length) : [fromText(new TextDecoder().decode(buffer), channels), ""];
  return fitted(values, steps, channels.length, note);
}

/** Values, ordered by time, of so many time steps: the first ones, or with missing values behind their end. */
export function fitted(values: Float64Array, steps: number, width: number, note = ""): Read {
  const has = values.length / width;
  const found = new Float64Array(steps * width).fill(NaN);
  found.set(values.subarray(0, found.length));
  if (!found.some(Number.isFinite)) throw new Error("there are no values");
  const cut = has > steps ? `The first ${steps.toLocaleString("en-US")} of its ${has.toLocaleString("en-US")} time steps are shown.` : "";
  return { values: found, note: [note, cut].filter(Boolean).join(" ") };
}

/** The numbers of a text, by time step and channel. Channels are found by their names, or are the last columns. */
export function fromText(text: string, channels: readonly string[]): Float64Array {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/).filter((line) => line.trim());
  const mark = [";", "\t", ","].find((each) => lines[0]?.includes(each)) ?? /\s+/;
  const rows = lines.map((line) => line.trim().split(mark).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1")));
  const width = rows[0]?.length ?? 0;
  const named = channels.map((name) => rows[0]!.indexOf(name));
  const columns = named.every((at) => at >= 0) ? named : channels.map((_, c) => width - channels.length + c);
  const headed = columns.some((at) => Number.isNaN(numberOf(rows[0]?.[at], mark)) && !isMissing(rows[0]?.[at]));
  if (columns !== named && (width < channels.length || width > channels.length + 1)) throw new Error("other columns");
  return Float64Array.from(rows.slice(headed ? 1 : 0).flatMap((row) => columns.map((at) => checked(row[at], mark))));
}

function isMissing(cell: string | undefined): boolean {
  return MISSING.has((cell ?? "").toLowerCase());
}

/** A cell as a number; beside semicolons a comma is a decimal mark. */
function numberOf(cell: string | undefined, mark: string | RegExp): number {
  return Number((mark === ";" ? cell?.replace(",", ".") : cell) || NaN);
}

function checked(cell: string | undefined, mark: string | RegExp): number {
  const value = numberOf(cell, mark);
  if (!Number.isFinite(value) && !isMissing(cell)) throw new Error(`${cell} is no number`);
  return value;
}

/** The first sequence of an array `(time)`, `(time, channels)` or `(n, time, channels)`, and what is said of it. */
function fromNpy(buffer: ArrayBuffer, steps: number, width: number): [Float64Array, string] {
  const { shape, values } = readNpy(buffer);
  const last = shape.at(-1);
  if (last === width && shape.length > 1) return firstOf(values, shape.at(-2)! * width);
  if (width === 1 && (shape.length === 1 || last === steps)) return firstOf(values, last!);
  throw new Error("an array of another shape");
}

/** The first `size` of values, which may be several examples. */
function firstOf(values: Float64Array, size: number): [Float64Array, string] {
  const many = values.length / size;
  return [values.subarray(0, size), many > 1 ? `The first of ${many.toLocaleString("en-US")} sequences.` : ""];
}
