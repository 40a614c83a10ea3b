/** What is drawn over the points: lines between them, marks with letters, a path, the outline of a selection, the cursor. */

import type { Outline } from "./lasso";
import type { View } from "./view";

export interface Mark {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

/** A line from one point to another, whose end is ringed; `likely` if no edge joins them. */
export interface Joined {
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
  readonly likely: boolean;
}

export interface Marked {
  readonly joins: readonly Joined[];
  readonly marks: readonly Mark[];
  readonly path: readonly Mark[];
  /** In pixels. */
  readonly outline: Outline;
  readonly cursor: readonly [x: number, y: number] | null;
}

interface Colours {
  readonly ink: string;
  readonly paper: string;
}

export function coloursAt(element: HTMLElement): Colours {
  const style = getComputedStyle(element);
  return { ink: style.getPropertyValue("--ink"), paper: style.getPropertyValue("--card") };
}

export function drawMarks(context: CanvasRenderingContext2D, view: View, colours: Colours, shown: Marked): void {
  context.clearRect(0, 0, view.width, view.height);
  drawJoins(context, view, colours, shown.joins);
  stroke(context, shown.path.map(({ x, y }) => view.toScreen(x, y)), colours);
  stroke(context, shown.outline, colours);
  for (const { x, y, text } of shown.marks) drawMark(context, view.toScreen(x, y), text, colours);
  if (shown.cursor) drawCursor(context, view.toScreen(...shown.cursor), colours);
}

/** Lines above which they are drawn fainter. */
const MANY = 60;

function drawJoins(context: CanvasRenderingContext2D, view: View, { ink, paper }: Colours, joins: readonly Joined[]): void {
  for (const { from, to, likely } of joins) {
    const [[x0, y0], [x1, y1]] = [view.toScreen(...from), view.toScreen(...to)];
    context.setLineDash(likely ? [3, 4] : []);
    context.beginPath();
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
    Object.assign(context, { lineWidth: likely ? 1.2 : 1.8, strokeStyle: ink, globalAlpha: joins.length > MANY ? 0.3 : 0.75 }).stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
    for (const [width, colour] of [[3.6, paper], [likely ? 1 : 2, ink]] as const) {
      context.beginPath();
      context.arc(x1, y1, likely ? 5 : 6.5, 0, 2 * Math.PI);
      Object.assign(context, { lineWidth: width, strokeStyle: colour }).stroke();
    }
  }
}

function drawMark(context: CanvasRenderingContext2D, at: [number, number], text: string, { ink, paper }: Colours): void {
  context.beginPath();
  context.arc(...at, 10, 0, 2 * Math.PI);
  Object.assign(context, { fillStyle: ink, strokeStyle: paper, lineWidth: 2 });
  context.fill();
  context.stroke();
  Object.assign(context, { fillStyle: paper, font: "600 12px system-ui, sans-serif", textAlign: "center", textBaseline: "middle" });
  context.fillText(text, at[0], at[1] + 0.5);
}

function drawCursor(context: CanvasRenderingContext2D, at: [number, number], { ink, paper }: Colours): void {
  for (const [width, colour] of [[4, paper], [1.8, ink]] as const) {
    context.beginPath();
    context.arc(...at, 8, 0, 2 * Math.PI);
    Object.assign(context, { lineWidth: width, strokeStyle: colour }).stroke();
  }
}

function stroke(context: CanvasRenderingContext2D, places: Outline, { ink }: Colours): void {
  if (places.length < 2) return;
  context.beginPath();
  places.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
  Object.assign(context, { lineWidth: 1.6, strokeStyle: ink });
  context.setLineDash([5, 4]);
  context.stroke();
  context.setLineDash([]);
}
