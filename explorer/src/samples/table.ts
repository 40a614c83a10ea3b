/** Rows of a table: a labelled bar for each column, in the column's own unit. */

import type { Header } from "../contents";
import { h, inPrint } from "../dom";
import { type Box, type Comparing, Kind, type Quantity, type Showing, type Values } from "./kind";

export interface Column {
  readonly name: string;
  readonly nature: "number" | "date" | "boolean" | "category";
  readonly whole: boolean;
  readonly words: readonly string[];
  /** Of its numbers in the training part. */
  readonly range: readonly [number, number];
  /** Of dates the day from which days are counted, and the first and the last character that are shown. */
  readonly since?: readonly [string, number, number] | null;
}

/** What the page carries to draw rows. */
export interface Sample {
  readonly columns: readonly Column[];
}

/** Columns that are drawn as bars, at most; how many more there are is said. */
const MOST = 60;

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
  return inPrint(column.whole ? Math.round(value) : value);
}

/** Where a cell lies in its column's range over the training part, 0 to 1. */
export function place(value: number, column: Column): number {
  const [low, high] = column.range;
  return Number.isNaN(value) ? 0 : Math.min(1, Math.max(0, (value - low) / (high - low || 1)));
}

interface Row {
  readonly bar: HTMLElement;
  readonly mark: HTMLElement;
  readonly text: HTMLElement;
}

export class Table extends Kind {
  readonly ratio = 1.5;
  override readonly quantities: readonly Quantity[];
  private readonly columns: readonly Column[];

  constructor(header: Header) {
    super(header);
    this.columns = (header.sample as Sample).columns;
    this.quantities = this.columns.map(({ name, words, nature }, j) => ({ name, words, classes: nature === "boolean" || nature === "category", of: (values) => values[j]! }));
  }

  /** A profile: one bar beside the other. */
  paint(context: CanvasRenderingContext2D, box: Box, values: Values): void {
    const style = getComputedStyle(context.canvas.isConnected ? context.canvas : document.documentElement);
    context.fillStyle = style.getPropertyValue("--card") || "#fff";
    context.fillRect(box.x, box.y, box.width, box.height);
    context.fillStyle = style.getPropertyValue("--ours") || "#0b6bcb";
    const step = box.width / this.columns.length;
    this.columns.forEach((column, j) => {
      const height = Math.max(1, place(values[j]!, column) * (box.height - 2));
      context.fillRect(box.x + j * step, box.y + box.height - height, Math.max(0.7, step - Math.min(1, step / 4)), height);
    });
  }

  override showing(name: string): Showing {
    const { element, rows } = this.bars(name);
    return {
      element,
      show: (values, strength = 1) => {
        this.fill(rows, values);
        element.style.opacity = String(strength);
      },
    };
  }

  override comparing(): Comparing {
    const { element, rows } = this.bars("reconstruction, the mark is the original");
    element.prepend(h("p", { class: "note" }, "Bar: the reconstruction. Mark: the original."));
    return {
      element,
      show: (original, reconstruction) => {
        this.fill(rows, reconstruction);
        rows.forEach(({ mark, text }, j) => {
          const column = this.columns[j]!;
          mark.hidden = !original || Number.isNaN(original[j]!);
          if (!original) return;
          mark.style.left = `${100 * place(original[j]!, column)}%`;
          const [from, to] = [original, reconstruction].map((values) => h("bdi", {}, cellText(values[j]!, column)));
          text.replaceChildren(from!, " → ", to!);
        });
      },
    };
  }

  private fill(rows: readonly Row[], values: Values): void {
    rows.forEach(({ bar, text }, j) => {
      bar.style.width = `${100 * place(values[j]!, this.columns[j]!)}%`;
      text.textContent = cellText(values[j]!, this.columns[j]!);
    });
  }

  private bars(name: string): { element: HTMLElement; rows: Row[] } {
    const element = h("div", { class: "bars-of-row", role: "group", tabindex: 0, "aria-label": name });
    const rows = this.columns.slice(0, MOST).map((column) => {
      const row = { bar: h("span", { class: "bar" }), mark: h("span", { class: "mark", hidden: true }), text: h("span", { class: "cell" }) };
      const [low, high] = column.range;
      const title = column.words.length ? column.words.join(", ") : `${cellText(low, column)} to ${cellText(high, column)} in training`;
      const track = h("span", { class: "track", title }, row.bar, row.mark);
      element.append(h("span", { class: "name", title: column.name }, column.name), track, row.text);
      return row;
    });
    const rest = this.columns.length - rows.length;
    if (rest > 0) element.append(h("p", { class: "note" }, `and ${rest} more columns`));
    return { element, rows };
  }
}
