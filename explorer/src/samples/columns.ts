/** The columns of a table: cells as text, and where they lie in the range of their column. */

import { inPrint } from "../dom";
import type { Quantity } from "./kind";

export interface Column {
  readonly name: string;
  readonly nature: "number" | "date" | "boolean" | "category";
  readonly whole: boolean;
  readonly words: readonly string[];
  /** Of its numbers in the training part. */
  readonly range: readonly [number, number];
  /** Of dates the day from which days are counted, and the first and the last character that are shown. */
  readonly since?: readonly [string, number, number] | null;
  /** Of numbers that are not written as in Python: decimal mark, thousands separator, signs in front and behind. */
  readonly marks?: readonly [decimal: string, group: string, prefix: string, suffix: string] | null;
}

/** A number as the file writes it, with four significant digits. */
export function numberText(value: number, { marks, whole }: Column): string {
  const text = inPrint(whole ? Math.round(value) : value);
  if (!marks || !Number.isFinite(value)) return text;
  const [decimal, group, prefix, suffix] = marks;
  const sign = text.startsWith("−") ? "−" : "";
  const [integer = "", fraction] = text.slice(sign.length).replaceAll(",", "").split(".");
  const grouped = /^\d+$/.test(integer) ? integer.replace(/\B(?=(\d{3})+$)/g, group) : integer;
  return `${sign}${prefix}${grouped}${fraction === undefined ? "" : decimal + fraction}${suffix}`;
}

/** Days since a day as a date, `2024-01-31 12:30:00` or a part of it. */
export function dateText(days: number, [origin, first, last]: readonly [string, number, number]): string {
  const unit = last > 16 ? 1e3 : last > 10 ? 6e4 : 864e5;
  const moment = Date.parse(`${origin}T00:00:00Z`) + Math.round((days * 864e5) / unit) * unit;
  return new Date(moment).toISOString().replace("T", " ").slice(first, last);
}

/** A cell as text: a word, a date, a whole number, a number with four significant digits. */
export function cellText(value: number, column: Column): string {
  if (Number.isNaN(value)) return "missing";
  if (column.since) return dateText(value, column.since);
  if (column.words.length) return column.words[Math.round(value)] ?? String(value);
  return numberText(value, column);
}

/** Where a cell lies in its column's range over the training part, 0 to 1. */
export function place(value: number, column: Column): number {
  const [low, high] = column.range;
  return Number.isNaN(value) ? 0 : Math.min(1, Math.max(0, (value - low) / (high - low || 1)));
}

/** The columns as numbers by which points can be coloured. */
export function quantitiesOf(columns: readonly Column[]): Quantity[] {
  return columns.map((column, j) => {
    const { name, words, nature } = column;
    const classes = nature === "boolean" || nature === "category";
    return { name, words, classes, text: (value) => cellText(value, column), of: (original) => original?.[j] ?? NaN };
  });
}
