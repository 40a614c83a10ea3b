/** How an example is shown: one module for each kind of data, all with this face. */

export type Values = ArrayLike<number>;

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Showing {
  readonly element: HTMLElement;
  show(values: Values, strength?: number): void;
}

export interface Comparing {
  readonly element: HTMLElement;
  /** The original, null if the page does not carry it, beside what came back. */
  show(original: Values | null, reconstruction: Values): void;
}

export interface Kind {
  /** Width over height of a small picture. */
  readonly ratio: number;
  /** What one example is called. */
  readonly noun: string;
  /** Draw small, as in grids and strips. */
  paint(context: CanvasRenderingContext2D, box: Box, values: Values): void;
  /** Draw large; `name` is what a screen reader says. */
  showing(name: string): Showing;
  /** Draw both, and where they differ. */
  comparing(): Comparing;
}

/** A small picture as an element of its own. */
export function thumbnail(kind: Kind, values: Values, name: string, side = 56): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  const sharp = Math.min(2, window.devicePixelRatio || 1);
  const [width, height] = kind.ratio >= 1 ? [side, side / kind.ratio] : [side * kind.ratio, side];
  canvas.width = Math.max(1, Math.round(width * sharp));
  canvas.height = Math.max(1, Math.round(height * sharp));
  canvas.className = "thumbnail";
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", name);
  kind.paint(canvas.getContext("2d")!, { x: 0, y: 0, width: canvas.width, height: canvas.height }, values);
  return canvas;
}
