/** How examples of a kind of data are shown: one module for each kind, all with this interface. */

import type { Header } from "../contents";
import { h } from "../dom";

export type Values = ArrayLike<number>;

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Showing {
  readonly element: HTMLElement;
  /** `strength` is the opacity, 1 if not given. */
  show(values: Values, strength?: number): void;
}

export interface Comparing {
  readonly element: HTMLElement;
  /** The original, null if the page does not carry it, beside the reconstruction. */
  show(original: Values | null, reconstruction: Values): void;
}

/** A number that each example has, by which the points can be coloured. */
export interface Quantity {
  readonly name: string;
  /** The words that whole numbers stand for; empty for a number that is a quantity itself. */
  readonly words: readonly string[];
  /** Whether its values are classes, each with its own colour. */
  readonly classes: boolean;
  /** Its value for one example; NaN where it is missing. */
  of(values: Values): number;
}

export interface Read {
  readonly values: Float64Array;
  /** What was done to the file, in words; empty if nothing. */
  readonly note: string;
}

/** How a file of the user becomes an example. */
export interface Files {
  readonly title: string;
  /** File types, as an input element takes them. */
  readonly accept: string;
  /** The files that can be read, in words. */
  readonly wanted: string;
  /** Read a file as an example; rejects what cannot be read. */
  read(file: Blob): Promise<Read>;
}

/** The width in pixels of an example that is drawn large, where a kind does not say more. */
const LARGE = 336;

/** A kind says at least how an example is drawn small. */
export abstract class Kind {
  /** What one example is called. */
  readonly noun: string;
  /** Width over height of a small picture. */
  abstract readonly ratio: number;
  readonly quantities: readonly Quantity[] = [];
  /** null where no file of the user can become an example. */
  readonly files: Files | null = null;

  constructor(header: Header) {
    this.noun = header.noun;
  }

  /** Draw small, as in grids and strips. */
  abstract paint(context: CanvasRenderingContext2D, box: Box, values: Values): void;

  /** Draw large; `name` is what a screen reader says. */
  showing(name: string): Showing {
    const [width, height] = [LARGE, Math.round(LARGE / this.ratio)];
    const element = h("canvas", { width, height, class: "sample", role: "img", "aria-label": name });
    element.style.width = "100%";
    const context = element.getContext("2d")!;
    return {
      element,
      show: (values, strength = 1) => {
        context.clearRect(0, 0, width, height);
        this.paint(context, { x: 0, y: 0, width, height }, values);
        element.style.opacity = String(strength);
      },
    };
  }

  /** Draw an original and its reconstruction. */
  comparing(): Comparing {
    const both = ["original", "reconstruction"].map((name) => this.showing(name));
    const figures = both.map(({ element }, i) => h("figure", {}, element, h("figcaption", {}, ["original", "reconstruction"][i]!)));
    return {
      element: h("div", { class: "comparing" }, ...figures),
      show: (original, reconstruction) => {
        figures[0]!.hidden = !original;
        if (original) both[0]!.show(original);
        both[1]!.show(reconstruction);
      },
    };
  }
}

/** A small picture as an element of its own. */
export function thumbnail(kind: Kind, values: Values, name: string, side = 56): HTMLCanvasElement {
  const sharp = Math.min(2, window.devicePixelRatio || 1);
  const [width, height] = kind.ratio >= 1 ? [side, side / kind.ratio] : [side * kind.ratio, side];
  const size = { width: Math.max(1, Math.round(width * sharp)), height: Math.max(1, Math.round(height * sharp)) };
  const canvas = h("canvas", { ...size, class: "thumbnail", role: "img", "aria-label": name });
  kind.paint(canvas.getContext("2d")!, { x: 0, y: 0, ...size }, values);
  return canvas;
}
