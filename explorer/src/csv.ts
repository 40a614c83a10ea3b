/** Rows of a selection as a CSV text. */

import type { Contents } from "./contents";

/** The number of each row, with its id, label and error, and with `codes` its code. */
export function asCsv(contents: Contents, rows: readonly number[], codes: boolean): string {
  const names = [
    "row",
    ...(contents.header.ids.length ? ["id"] : []),
    ...(contents.labels ? ["label"] : []),
    ...(contents.errors.length ? ["error"] : []),
    ...(codes ? Array.from({ length: contents.d }, (_, k) => `z${k}`) : []),
  ];
  const lines = rows.map((row) => [
    contents.numbers[row]!,
    ...(contents.header.ids.length ? [contents.nameOf(row)] : []),
    ...(contents.labels ? [contents.labelOf(row)!] : []),
    ...(contents.errors.length ? [contents.errors[row]!] : []),
    ...(codes ? contents.code(row) : []),
  ]);
  return [names, ...lines].map((line) => line.map(cell).join(",") + "\r\n").join("");
}

function cell(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
