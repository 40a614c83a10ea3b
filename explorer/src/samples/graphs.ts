/** Many small graphs: nodes as points, edges as lines, on places that only depend on the edges. */

import { scale } from "../colours";
import type { Header } from "../contents";
import { h, inPrint } from "../dom";
import { compared, featureOf, graphIn, meanOf, nameOf, type Sample, type Small } from "./graph_values";
import { type Box, type Comparing, Kind, paintColour, type Quantity, type Showing, type Values } from "./kind";
import { layout, type Pair } from "./layout";

/** Features whose mean can colour the points, at most. */
const COLOURED = 16;
/** Pixels of a large drawing, twice as many as on the screen. */
const SIDE = 672;

/** Shades of nodes on a light and on a dark page. */
const [DEEP, BRIGHT] = [scale(64, 0, 0.85), scale(64, 0.35, 1)];

/** Lines of one colour, by its name. */
type Lines = readonly (readonly [readonly Pair[], string])[];

export class Graphs extends Kind {
  readonly ratio = 1;
  override readonly look = "thumbnail drawn";
  override readonly side = 72;
  override readonly quantities: readonly Quantity[];
  private readonly sample: Sample;

  constructor(header: Header) {
    super(header);
    this.sample = header.sample as Sample;
    this.quantities = this.quantitiesOf();
  }

  private quantitiesOf(): Quantity[] {
    const { sample } = this;
    const quantity = (name: string, of: (values: Values) => number): Quantity => ({
      name,
      words: [],
      classes: false,
      of: (original) => (original ? of(original) : NaN),
    });
    const features = Array.from({ length: Math.min(COLOURED, sample.features) }, (_, k) =>
      quantity(`mean of ${nameOf(sample, k)}`, (values) => meanOf(values, sample, k)),
    );
    const nodes = quantity("nodes", (values) => graphIn(values, sample).nodes);
    return [nodes, quantity("edges", (values) => graphIn(values, sample).edges.length), ...features];
  }

  paint(context: CanvasRenderingContext2D, box: Box, values: Values): void {
    const graph = graphIn(values, this.sample);
    this.draw(context, box, layout(graph.nodes, graph.edges), [[graph.edges, "--soft"]], this.coloursOf(values, graph));
  }

  override showing(name: string): Showing {
    const drawing = new Drawing(name);
    const words = h("p", { class: "readout" });
    const element = h("div", {}, drawing.canvas, words);
    return {
      element,
      show: (values, strength = 1) => {
        const graph = graphIn(values, this.sample);
        drawing.clear();
        this.paint(drawing.context, drawing.box, values);
        words.textContent = inWords(graph);
        drawing.canvas.style.opacity = String(strength);
      },
    };
  }

  override comparing(): Comparing {
    const drawing = new Drawing("the original and its reconstruction");
    const words = h("p", { class: "readout" });
    const at = h("p", { class: "readout" }, "Point at a node to read its features; nodes are numbered in canonical order.");
    const key = h("p", { class: "note" }, "Edges grey: of both. Orange: of the original only. Blue: of the reconstruction only.");
    const colours = h("p", { class: "note" }, this.coloursInWords());
    at.hidden = colours.hidden = !this.sample.features;
    return {
      element: h("div", {}, drawing.canvas, words, at, key, colours),
      show: (original, reconstruction) => {
        drawing.clear();
        key.hidden = !original;
        const places = this.overlay(drawing, original, reconstruction);
        const graphs = [...(original ? [graphIn(original, this.sample)] : []), graphIn(reconstruction, this.sample)];
        words.textContent = graphs.map(inWords).join("; reconstructed ");
        drawing.onPoint(places, (node) => (at.textContent = this.told(node, original, reconstruction)));
      },
    };
  }

  /** Draw an original and its reconstruction on the same places, which are returned. */
  private overlay(drawing: Drawing, original: Values | null, reconstruction: Values): Float64Array {
    const made = graphIn(reconstruction, this.sample);
    const given = original ? graphIn(original, this.sample) : made;
    const { both, lost, added } = compared(given, made);
    const nodes = Math.max(given.nodes, made.nodes);
    const places = layout(nodes, [...given.edges, ...added]);
    const colours = this.coloursOf(original && given.nodes >= made.nodes ? original : reconstruction, { nodes });
    this.draw(drawing.context, drawing.box, places, [[both, "--soft"], [lost, "--pca"], [added, "--ours"]], colours);
    return places;
  }

  /** What the colours of nodes mean. */
  private coloursInWords(): string {
    const [low, high] = this.sample.range.map(inPrint);
    return `Nodes are coloured by ${nameOf(this.sample, 0)}, dark for ${low}, bright for ${high}.`;
  }

  /** The features of a node in both, in words. */
  private told(node: number, original: Values | null, reconstruction: Values): string {
    const { sample } = this;
    const value = (values: Values, k: number): string => inPrint(featureOf(values, sample, node, k));
    const features = Array.from({ length: sample.features }, (_, k) => {
      const made = value(reconstruction, k);
      return `${nameOf(sample, k)} ${original ? `${value(original, k)}, reconstructed ${made}` : made}`;
    });
    return `node ${node}: ${features.join("; ")}`;
  }

  /** The colour of each node by its first feature. */
  private coloursOf(values: Values, { nodes }: Pick<Small, "nodes">): string[] {
    const { sample } = this;
    const [low, high] = sample.range;
    const shades = isDark() ? BRIGHT : DEEP;
    const shade = (value: number): string => {
      const share = Math.min(1, Math.max(0, (value - low) / (high - low || 1)));
      return shades[Math.round(share * (shades.length - 1))] ?? GREY;
    };
    return Array.from({ length: nodes }, (_, node) => (sample.features ? shade(featureOf(values, sample, node, 0)) : GREY));
  }

  private draw(context: CanvasRenderingContext2D, box: Box, places: Float64Array, lines: Lines, colours: readonly string[]): void {
    const size = Math.min(box.width, box.height);
    const margin = 0.07 * size;
    const x = (node: number): number => box.x + (box.width - size) / 2 + margin + (size - 2 * margin) * places[2 * node]!;
    const y = (node: number): number => box.y + (box.height - size) / 2 + margin + (size - 2 * margin) * places[2 * node + 1]!;
    for (const [pairs, colour] of lines) {
      context.beginPath();
      for (const [i, j] of pairs) {
        context.moveTo(x(i), y(i));
        context.lineTo(x(j), y(j));
      }
      const strokeStyle = paintColour(context, colour);
      Object.assign(context, { strokeStyle, lineWidth: Math.max(0.8, size / (colour === "--soft" ? 200 : 110)) }).stroke();
    }
    const radius = Math.max(1.4, Math.min(0.035 * size, (0.14 * size) / Math.sqrt(Math.max(1, colours.length))));
    Object.assign(context, { strokeStyle: paintColour(context, "--card"), lineWidth: radius / 5 });
    colours.forEach((fillStyle, node) => {
      context.beginPath();
      context.arc(x(node), y(node), radius, 0, 2 * Math.PI);
      Object.assign(context, { fillStyle }).fill();
      context.stroke();
    });
  }
}

const GREY = "#808890";

function isDark(): boolean {
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

/** "12 nodes, 14 edges". */
export function inWords({ nodes, edges }: Small): string {
  const counted = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;
  return `${counted(nodes, "node")}, ${counted(edges.length, "edge")}`;
}

/** A large canvas, and the node at the pointer. */
class Drawing {
  readonly canvas: HTMLCanvasElement;
  readonly context: CanvasRenderingContext2D;
  readonly box: Box = { x: 0, y: 0, width: SIDE, height: SIDE };
  private places: Float64Array = new Float64Array();
  private told: (node: number) => void = () => {};

  /** `name` is what a screen reader says. */
  constructor(name: string) {
    this.canvas = h("canvas", { width: SIDE, height: SIDE, class: "sample drawn", role: "img", "aria-label": name });
    this.context = this.canvas.getContext("2d")!;
    const point = ({ offsetX, offsetY }: PointerEvent): void => this.point(offsetX, offsetY);
    this.canvas.addEventListener("pointermove", point);
    this.canvas.addEventListener("pointerdown", point);
  }

  clear(): void {
    this.context.clearRect(0, 0, SIDE, SIDE);
  }

  /** Tell which of the nodes at `places` is the nearest to the pointer, when it moves. */
  onPoint(places: Float64Array, told: (node: number) => void): void {
    [this.places, this.told] = [places, told];
  }

  private point(px: number, py: number): void {
    const side = this.canvas.clientWidth;
    const at = (pixel: number): number => (pixel / side - 0.07) / 0.86;
    let [best, least] = [-1, Infinity];
    for (let node = 0; 2 * node < this.places.length; node++) {
      const distance = Math.hypot(this.places[2 * node]! - at(px), this.places[2 * node + 1]! - at(py));
      if (distance < least) [best, least] = [node, distance];
    }
    if (best >= 0) this.told(best);
  }
}
