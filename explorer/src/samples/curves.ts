/** Rows whose columns are places in order, as of a spectrum or a window of a recording: drawn as curves. */

import type { Header } from "../contents";
import { h } from "../dom";
import { extent } from "../view";
import { type Column, numberText, quantitiesOf } from "./columns";
import { type Box, type Comparing, Kind, paintColour, type Quantity, type Showing, type Values } from "./kind";

export interface Sample {
  readonly columns: readonly Column[];
  /** The values that a curve covers as a rule. */
  readonly curve: readonly [low: number, high: number];
}

/** Pixels of a curve that is drawn large, twice as many as on the screen, and of the margins for its numbers. */
export const [WIDTH, HEIGHT, FOOT] = [672, 384, 34];
const FONT = "24px system-ui, sans-serif";

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
export abstract class LineKind extends Kind {
  /** Draw examples, each in the colour of that name, over one another. */
  protected abstract plot(context: CanvasRenderingContext2D, drawn: readonly (readonly [Values, string])[]): void;

  override showing(name: string): Showing {
    const { element, context } = sheet(name);
    return {
      element,
      show: (values, strength = 1) => {
        this.plot(context, [[values, "--ours"]]);
        element.style.opacity = String(strength);
      },
    };
  }

  override comparing(): Comparing {
    const { element, context } = sheet("the original and its reconstruction");
    const key = h("p", { class: "note" }, "Orange: the original. Blue: the reconstruction.");
    return {
      element: h("div", {}, element, key),
      show: (original, reconstruction) => {
        key.hidden = !original;
        this.plot(context, [...(original ? [[original, "--pca"] as const] : []), [reconstruction, "--ours"]]);
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

  paint(context: CanvasRenderingContext2D, box: Box, values: Values): void {
    context.fillStyle = paintColour(context, "--card");
    context.fillRect(box.x, box.y, box.width, box.height);
    strokeLines(context, box, values, "--ours", this.range, Math.max(1, box.width / 70));
  }

  /** Curves over one scale that reaches as far as they do, with its ends in numbers. */
  protected override plot(context: CanvasRenderingContext2D, curves: readonly (readonly [Values, string])[]): void {
    const ends = curves.flatMap(([values]) => extent(values));
    const range = extent([...this.range, ...ends]);
    const box = { x: 3, y: FOOT, width: WIDTH - 6, height: HEIGHT - 2 * FOOT };
    context.clearRect(0, 0, WIDTH, HEIGHT);
    Object.assign(context, { fillStyle: paintColour(context, "--soft"), strokeStyle: paintColour(context, "--line"), lineWidth: 2 });
    context.strokeRect(box.x, box.y, box.width, box.height);
    for (const [values, colour] of curves) strokeLines(context, box, values, colour, range, 3);
    this.number(context, range, box);
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

/** Draw a curve in a box, in a colour of the page. */
export function strokeLines(context: CanvasRenderingContext2D, box: Box, values: Values, colour: string, range: readonly [number, number], lineWidth: number): void {
  context.save();
  context.beginPath();
  context.rect(box.x, box.y, box.width, box.height);
  context.clip();
  context.beginPath();
  for (const line of linesOf(values, box, range)) line.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
  Object.assign(context, { strokeStyle: paintColour(context, colour), lineWidth, lineJoin: "round" }).stroke();
  context.restore();
}

/** A large canvas; `name` is what a screen reader says. */
export function sheet(name: string): { element: HTMLCanvasElement; context: CanvasRenderingContext2D } {
  const element = h("canvas", { width: WIDTH, height: HEIGHT, class: "sample curve", role: "img", "aria-label": name });
  const context = element.getContext("2d")!;
  context.font = FONT;
  return { element, context };
}
