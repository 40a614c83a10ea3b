/** Rows whose columns are places in order, as of a spectrum or a window of a recording: drawn as curves. */

import type { Header } from "../contents";
import { h } from "../dom";
import { extent } from "../view";
import { cellText, type Column, numberText, quantitiesOf } from "./columns";
import { type Box, type Comparing, Kind, paintColour, type Quantity, type Showing, type Values } from "./kind";
import { type Drawn, FOOT, HEIGHT, type Plots, Sheet, SPAN } from "./sheet";

export interface Sample {
  readonly columns: readonly Column[];
  /** The values that a curve covers as a rule. */
  readonly curve: readonly [low: number, high: number];
}

/** Where a curve runs in a box, as one line for each piece without missing values. */
export function linesOf(values: Values, box: Box, [low, high]: readonly [number, number]): [number, number][][] {
  const lines: [number, number][][] = [[]];
  for (let i = 0; i < values.length; i++) {
    const x = box.x + (box.width * i) / Math.max(1, values.length - 1);
    const y = box.y + box.height * (1 - (values[i]! - low) / (high - low || 1));
    if (Number.isNaN(y)) lines.push([]);
    else lines.at(-1)!.push([x, y]);
  }
  return lines.filter((line) => line.length);
}

/** A kind whose examples are drawn as lines on a sheet of their own. */
export abstract class LineKind extends Kind implements Plots {
  abstract readonly steps: number;
  readonly height: number = HEIGHT;
  abstract plot(context: CanvasRenderingContext2D, drawn: Drawn): void;
  abstract told(step: number, drawn: Drawn): string;

  override showing(name: string): Showing {
    const sheet = new Sheet(name, this);
    return {
      element: sheet.element,
      show: (values, strength = 1) => {
        sheet.draw([[values, "--ours"]]);
        sheet.element.style.opacity = String(strength);
      },
    };
  }

  override comparing(): Comparing {
    const sheet = new Sheet("the original and its reconstruction", this);
    const key = h("p", { class: "note" }, "Orange: the original. Blue: the reconstruction.");
    return {
      element: h("div", {}, sheet.element, key),
      show: (original, reconstruction) => {
        key.hidden = !original;
        sheet.draw([...(original ? [[original, "--pca"] as const] : []), [reconstruction, "--ours"]]);
      },
    };
  }
}

export class Curves extends LineKind {
  readonly ratio = 1.75;
  override readonly look = "thumbnail curve";
  override readonly side = 120;
  override readonly quantities: readonly Quantity[];
  private readonly columns: readonly Column[];
  private readonly range: readonly [number, number];

  constructor(header: Header) {
    super(header);
    const { columns, curve } = header.sample as Sample;
    this.columns = columns;
    this.range = curve;
    this.quantities = quantitiesOf(columns);
  }

  get steps(): number {
    return this.columns.length;
  }

  paint(context: CanvasRenderingContext2D, box: Box, values: Values): void {
    context.fillStyle = paintColour(context, "--card");
    context.fillRect(box.x, box.y, box.width, box.height);
    strokeLines(context, box, values, "--ours", this.range, Math.max(1, box.width / 70));
  }

  /** Curves over one scale that reaches as far as they do, with its ends in numbers. */
  override plot(context: CanvasRenderingContext2D, curves: Drawn): void {
    const range = extent([...this.range, ...curves.flatMap(([values]) => extent(values, this.range))]);
    const box = { ...SPAN, y: FOOT, height: HEIGHT - 2 * FOOT };
    frame(context, box);
    for (const [values, colour] of curves) strokeLines(context, box, values, colour, range, 3);
    this.number(context, range, box);
  }

  /** The column, and its value in each of the curves. */
  override told(step: number, curves: Drawn): string {
    const column = this.columns[step]!;
    return `${column.name}: ${curves.map(([values]) => cellText(values[step]!, column)).join(", reconstructed ")}`;
  }

  private number(context: CanvasRenderingContext2D, [low, high]: readonly [number, number], { x, width }: Box): void {
    const column = this.columns[0]!;
    const last = this.columns[this.columns.length - 1]!.name;
    const write = (text: string, at: number, y: number, textAlign: CanvasTextAlign): void => {
      context.textAlign = textAlign;
      context.fillText(text, at, y, width / 2 - 8);
    };
    write(`from ${numberText(low, column)} to ${numberText(high, column)}`, x, FOOT - 10, "left");
    write(column.name, x, HEIGHT - 8, "left");
    write(last, x + width, HEIGHT - 8, "right");
  }
}

/** The frame around lines; what is written next has the colour of notes. */
export function frame(context: CanvasRenderingContext2D, { x, y, width, height }: Box): void {
  Object.assign(context, { fillStyle: paintColour(context, "--soft"), strokeStyle: paintColour(context, "--line"), lineWidth: 2 });
  context.strokeRect(x, y, width, height);
}

/** Draw a curve in a box, in a colour of the page; a value between missing ones is a dot. */
export function strokeLines(context: CanvasRenderingContext2D, box: Box, values: Values, colour: string, range: readonly [number, number], lineWidth: number): void {
  context.save();
  context.beginPath();
  context.rect(box.x, box.y, box.width, box.height);
  context.clip();
  context.beginPath();
  for (const line of linesOf(values, box, range)) {
    context.moveTo(...line[0]!);
    for (const point of line) context.lineTo(...point);
  }
  Object.assign(context, { strokeStyle: paintColour(context, colour), lineWidth, lineJoin: "round", lineCap: "round" }).stroke();
  context.restore();
}
