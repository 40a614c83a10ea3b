/** Rows of a table: a line for each column, with its value in words or in the column's own unit. */

import type { Header } from "../contents";
import { h } from "../dom";
import { type Column, cellText, place, quantitiesOf } from "./columns";
import { type Box, type Comparing, Kind, type Named, paintColour, type Quantity, type Showing, type Values } from "./kind";

/** What the page carries to draw rows. */
export interface Sample {
  readonly columns: readonly Column[];
}

/** Columns that have a line, at most; how many more there are is said. */
const MOST = 60;

/** A line of one example: its bar and the mark on it, and a cell for each value. */
interface Line {
  readonly bar: HTMLElement;
  readonly mark: HTMLElement;
  readonly cells: readonly HTMLElement[];
}

/** Letters of a cell that stay on one line, at most. */
const SHORT = 16;

/** Put a text into a cell. */
function write(cell: HTMLElement, text: string): HTMLElement {
  cell.textContent = text;
  cell.classList.toggle("short", text.length <= SHORT);
  return cell;
}

export class Table extends Kind {
  readonly ratio = 1.5;
  override readonly quantities: readonly Quantity[];
  private readonly columns: readonly Column[];

  constructor(header: Header) {
    super(header);
    this.columns = (header.sample as Sample).columns;
    this.quantities = quantitiesOf(this.columns);
  }

  /** A profile, in the cells of the grid: one bar beside the other. */
  paint(context: CanvasRenderingContext2D, box: Box, values: Values): void {
    context.fillStyle = paintColour(context, "--card");
    context.fillRect(box.x, box.y, box.width, box.height);
    context.fillStyle = paintColour(context, "--ours");
    const step = box.width / this.columns.length;
    this.columns.forEach((column, j) => {
      const height = Math.max(1, place(values[j]!, column) * (box.height - 2));
      context.fillRect(box.x + j * step, box.y + box.height - height, Math.max(0.7, step - Math.min(1, step / 4)), height);
    });
  }

  override showing(name: string): Showing {
    const { element, lines } = this.lines(name, ["value"]);
    return {
      element,
      show: (values, strength = 1) => {
        this.fill(lines, values, 0);
        element.style.opacity = String(strength);
      },
    };
  }

  override comparing(): Comparing {
    const { element, lines } = this.lines("the row and its reconstruction", ["value", "reconstruction"]);
    const key = h("p", { class: "note" }, "Bar: the reconstruction. Mark: the value.");
    return {
      element: h("div", {}, element, key),
      show: (original, reconstruction) => {
        this.fill(lines, reconstruction, 1);
        element.classList.toggle("alone", !original);
        key.hidden = !original;
        lines.forEach(({ mark, cells }, j) => {
          const column = this.columns[j]!;
          mark.hidden = !original || Number.isNaN(original[j]!);
          if (!original) return;
          mark.style.left = `${100 * place(original[j]!, column)}%`;
          write(cells[0]!, cellText(original[j]!, column));
        });
      },
    };
  }

  override several(examples: readonly Named[], press: (i: number) => void): HTMLElement {
    const button = ({ title, text }: Named, i: number): HTMLElement =>
      h("button", { type: "button", class: "chip tile-of-row", title, "aria-label": title, click: () => press(i) }, text);
    return this.table(examples.map(button), examples);
  }

  override terms([a, b, c]: readonly [Values, Values, Values]): HTMLElement {
    const terms = [["A", a], ["− B", b], ["+ C", c]] as const;
    return this.table(terms.map(([text]) => text), terms.map(([text, values]) => ({ title: text, text, values })));
  }

  /** A line for each column, a cell for each example. */
  private table(heads: readonly (Node | string)[], examples: readonly Named[]): HTMLElement {
    const body = this.columns.slice(0, MOST).map((column, j) => {
      const cells = examples.map(({ values }) => write(h("td", {}), cellText(values[j]!, column)));
      return h("tr", {}, h("th", { scope: "row" }, h("bdi", {}, column.name)), ...cells);
    });
    return this.framed(`${examples.length} ${this.nouns}`, heads, body);
  }

  private fill(lines: readonly Line[], values: Values, cell: number): void {
    lines.forEach(({ bar, cells }, j) => {
      bar.style.width = `${100 * place(values[j]!, this.columns[j]!)}%`;
      write(cells[cell]!, cellText(values[j]!, this.columns[j]!));
    });
  }

  private lines(name: string, heads: readonly string[]): { element: HTMLElement; lines: Line[] } {
    const made = this.columns.slice(0, MOST).map((column) => {
      const line = { bar: h("span", { class: "bar" }), mark: h("span", { class: "mark", hidden: true }), cells: heads.map(() => h("td", {})) };
      const [low, high] = column.range;
      const title = column.words.length ? column.words.join(", ") : `${cellText(low, column)} to ${cellText(high, column)} in training`;
      const track = h("span", { class: "track", title }, line.bar, line.mark);
      return { line, row: h("tr", {}, h("th", { scope: "row" }, h("bdi", {}, column.name), track), ...line.cells) };
    });
    return { element: this.framed(name, heads, made.map(({ row }) => row)), lines: made.map(({ line }) => line) };
  }

  /** A table that scrolls in itself, with what `name` is to a screen reader. */
  private framed(name: string, heads: readonly (Node | string)[], body: readonly HTMLElement[]): HTMLElement {
    const head = h("tr", {}, h("th", { scope: "col" }, "column"), ...heads.map((each) => h("th", { scope: "col" }, each)));
    const table = h("table", {}, h("thead", {}, head), h("tbody", {}, ...body));
    const rest = this.columns.length - body.length;
    const more = rest > 0 ? [h("p", { class: "note" }, `and ${rest} more columns`)] : [];
    return h("div", { class: "cells", role: "group", tabindex: 0, "aria-label": name }, table, ...more);
  }
}
