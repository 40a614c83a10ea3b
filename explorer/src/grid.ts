/** Decoded codes across the window: one example in each cell, redrawn when the window moves. */

import type { Plane } from "./plane";
import { supportAt } from "./density";
import { nth, type Space } from "./space";

/** The longer side of a cell in screen pixels, and the number of cells, at most. */
const CELL = 52;
const MOST = 400;

interface Cells {
  readonly columns: number;
  readonly rows: number;
  readonly width: number;
  readonly height: number;
}

/** Cells of pictures of this ratio that fill a window. */
export function cellsFor(width: number, height: number, ratio: number): Cells {
  const [w, h] = ratio >= 1 ? [CELL, CELL / ratio] : [CELL * ratio, CELL];
  const shrink = Math.min(1, Math.sqrt((MOST * w * h) / (width * height)));
  const columns = Math.max(1, Math.floor((width / w) * shrink));
  const rows = Math.max(1, Math.floor((height / h) * shrink));
  return { columns, rows, width: width / columns, height: height / rows };
}

export class Grid {
  shown = false;
  private busy = false;
  private again = false;

  constructor(
    private readonly plane: Plane,
    private readonly space: Space,
    private readonly codeOf: (x: number, y: number) => Float32Array,
  ) {}

  clear(): void {
    const { width, height } = this.plane.grid;
    this.plane.grid.getContext("2d")!.clearRect(0, 0, width, height);
  }

  /** Draw what the window shows; if it moves meanwhile, draw again. */
  async draw(): Promise<void> {
    this.again = true;
    if (this.busy) return;
    this.busy = true;
    while (this.again && this.shown) {
      this.again = false;
      await this.drawOnce();
    }
    this.busy = false;
    if (!this.shown) this.clear();
  }

  private async drawOnce(): Promise<void> {
    const { plane, space } = this;
    const { columns, rows, width, height } = cellsFor(plane.view.width, plane.view.height, space.kind.ratio);
    const codes = new Float32Array(columns * rows * space.contents.d);
    const place = (i: number): [number, number] => [((i % columns) + 0.5) * width, (Math.floor(i / columns) + 0.5) * height];
    for (let i = 0; i < columns * rows; i++) {
      codes.set(this.codeOf(...plane.view.toPlane(...place(i))), i * space.contents.d);
    }
    const values = await space.model.decode(codes);
    this.clear();
    const context = plane.grid.getContext("2d")!;
    context.setTransform(plane.scale, 0, 0, plane.scale, 0, 0);
    const side = Math.min(width - 2, (height - 2) * space.kind.ratio);
    for (let i = 0; i < columns * rows; i++) {
      const [x, y] = place(i);
      const code = codes.subarray(i * space.contents.d, (i + 1) * space.contents.d);
      context.globalAlpha = supportAt(space.density.rank(code)).strength;
      const box = { x: x - side / 2, y: y - side / space.kind.ratio / 2, width: side, height: side / space.kind.ratio };
      space.kind.paint(context, box, nth(space, values, i));
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalAlpha = 1;
  }
}
