/** A large drawing of lines, with the values at the pointer below it. */

import { h } from "../dom";
import { paintColour, type Values } from "./kind";

/** Pixels of a sheet, twice as many as on the screen, and of the margins for its numbers. */
export const [WIDTH, HEIGHT, FOOT] = [672, 384, 34];
const FONT = "24px system-ui, sans-serif";
const EDGE = 3;

/** Examples over one another, each in the colour of that name. */
export type Drawn = readonly (readonly [Values, string])[];

export interface Plots {
  /** The places along the sheet. */
  readonly steps: number;
  /** The height of the sheet in its pixels. */
  readonly height: number;
  plot(context: CanvasRenderingContext2D, drawn: Drawn): void;
  /** The values at one of the places, in words. */
  told(step: number, drawn: Drawn): string;
}

/** Where the lines of a sheet begin and how far they go. */
export const SPAN = { x: EDGE, width: WIDTH - 2 * EDGE } as const;

/** The place of a sheet that is at a share of its width. */
export function stepAt(share: number, steps: number): number {
  const along = (share * WIDTH - SPAN.x) / SPAN.width;
  return Math.round(Math.min(1, Math.max(0, along)) * (steps - 1));
}

export class Sheet {
  readonly element: HTMLElement;
  private readonly context: CanvasRenderingContext2D;
  private readonly readout = h("p", { class: "readout" });
  private drawn: Drawn = [];
  private step: number | null = null;

  /** `name` is what a screen reader says. */
  constructor(
    name: string,
    private readonly plots: Plots,
  ) {
    const size = { width: WIDTH, height: plots.height };
    const canvas = h("canvas", { ...size, class: "sample curve", role: "img", "aria-label": name });
    this.context = canvas.getContext("2d")!;
    this.context.font = FONT;
    const point = (event: PointerEvent): void => this.point(stepAt(event.offsetX / canvas.clientWidth, plots.steps));
    canvas.addEventListener("pointermove", point);
    canvas.addEventListener("pointerdown", point);
    canvas.addEventListener("pointerleave", () => this.point(null));
    this.element = h("div", { class: "sheet" }, canvas, this.readout);
  }

  draw(drawn: Drawn): void {
    this.drawn = drawn;
    const { context, plots, step } = this;
    context.clearRect(0, 0, WIDTH, plots.height);
    plots.plot(context, drawn);
    this.readout.textContent = step === null ? "" : plots.told(step, drawn);
    if (step === null) return;
    const x = SPAN.x + (SPAN.width * step) / Math.max(1, plots.steps - 1);
    context.fillStyle = paintColour(context, "--soft");
    context.fillRect(x - 1, 0, 2, plots.height - FOOT);
  }

  private point(step: number | null): void {
    this.step = step;
    this.draw(this.drawn);
  }
}
