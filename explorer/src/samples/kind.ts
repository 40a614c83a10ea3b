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

/** One example of several: its name in full, and in short. */
export interface Named {
  readonly title: string;
  readonly text: string;
  readonly values: Values;
}

/** A number that each example has, by which the points can be coloured. */
export interface Quantity {
  readonly name: string;
  /** The words that whole numbers stand for; empty for a number that is a quantity itself. */
  readonly words: readonly string[];
  /** Whether its values are classes, each with its own colour. */
  readonly classes: boolean;
  /** A value as the file writes it. */
  readonly text?: (value: number) => string;
  /** Its value for the example of a row, null if the page does not carry it; NaN where it is missing. */
  of(original: Values | null, row: number): number;
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
  readonly nouns: string;
  /** Width over height of a small picture. */
  abstract readonly ratio: number;
  readonly quantities: readonly Quantity[] = [];
  /** The class of its small pictures, for the style of the page. */
  readonly look: string = "thumbnail";
  /** The longer side of a small picture in pixels. */
  readonly side: number = 56;
  /** null where no file of the user can become an example. */
  readonly files: Files | null = null;

  constructor(header: Header) {
    this.noun = header.noun;
    this.nouns = header.nouns;
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

  /** Several examples beside each other; pressing one calls `press` with its place among them. */
  several(examples: readonly Named[], press: (i: number) => void): HTMLElement {
    const tiles = examples.map(({ title, values }, i) =>
      h("button", { type: "button", class: "tile", title, click: () => press(i) }, thumbnail(this, values, title)),
    );
    return h("div", { class: "strip" }, ...tiles);
  }

  /** The terms of A − B + C. */
  terms(values: readonly [Values, Values, Values]): HTMLElement {
    const [a, b, c] = values.map((each, i) => thumbnail(this, each, "ABC".charAt(i)));
    return h("div", { class: "row sum" }, a!, h("span", {}, "−"), b!, h("span", {}, "+"), c!, h("span", {}, "="));
  }
}

/** A colour of the page, by the name of its variable, where `context` draws. */
export function paintColour(context: CanvasRenderingContext2D, name: string): string {
  const place = context.canvas.isConnected ? context.canvas : document.documentElement;
  return getComputedStyle(place).getPropertyValue(name) || "#0b6bcb";
}

/** A small picture as an element of its own. */
export function thumbnail(kind: Kind, values: Values, name: string): HTMLCanvasElement {
  const sharp = Math.min(2, window.devicePixelRatio || 1);
  const [width, height] = kind.ratio >= 1 ? [kind.side, kind.side / kind.ratio] : [kind.side * kind.ratio, kind.side];
  const size = { width: Math.max(1, Math.round(width * sharp)), height: Math.max(1, Math.round(height * sharp)) };
  const canvas = h("canvas", { ...size, class: kind.look, role: "img", "aria-label": name });
  kind.paint(canvas.getContext("2d")!, { x: 0, y: 0, ...size }, values);
  return canvas;
}
