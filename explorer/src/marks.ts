/** What is drawn over the points: marks with letters, a path, the outline of a selection, the cursor. */

import type { Outline } from "./lasso";
import type { View } from "./view";

export interface Mark {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

export interface Marked {
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
  stroke(context, shown.path.map(({ x, y }) => view.toScreen(x, y)), colours);
  stroke(context, shown.outline, colours);
  for (const { x, y, text } of shown.marks) drawMark(context, view.toScreen(x, y), text, colours);
  if (shown.cursor) drawCursor(context, view.toScreen(...shown.cursor), colours);
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
