/** Sequences: a line for each channel above an axis of time, each channel on its own scale; files of the user. */

import type { Header } from "../contents";
import { inPrint } from "../dom";
import { lengthOf } from "../ends";
import { extent } from "../view";
import { frame, LineKind, strokeLines } from "./curves";
import { type Box, type Files, paintColour, type Values } from "./kind";
import { readSequence } from "./sequence_files";
import { type Drawn, FOOT, SPAN } from "./sheet";

export interface Sample {
  /** The least and the greatest value of each channel. */
  readonly ranges: readonly Range[];
  /** The names of the channels. */
  readonly channels: readonly string[];
  readonly time: Durations;
}

/** The duration of a time step, its unit, which may be empty, and the name of the axis. */
export interface Durations {
  readonly step: number;
  readonly unit: string;
  readonly label: string;
}

type Range = readonly [low: number, high: number];

/** Channels that are drawn, at the most. */
const BANDS = 8;
/** The height of all lines of a sheet, and of the line of one channel at the least. */
const [ALL, LEAST] = [316, 80];

/** The channel number `c` of values that are ordered by time, then by channel. */
export function channelOf(values: Values, channels: number, c: number): Float64Array {
  return Float64Array.from({ length: values.length / channels }, (_, t) => values[t * channels + c]!);
}

/** The part of a box that belongs to one of several channels, from the top downwards. */
export function bandOf({ x, y, width, height }: Box, channels: number, c: number): Box {
  const each = height / channels;
  return { x, y: y + c * each + 0.06 * each, width, height: 0.88 * each };
}

/** So many time steps as a duration. */
export function durationText(steps: number, { step, unit }: Durations): string {
  return `${inPrint(steps * step)} ${unit}`.trimEnd();
}

export class Sequences extends LineKind {
  readonly ratio = 1.75;
  override readonly look = "thumbnail curve";
  override readonly side = 120;
  override readonly files: Files;
  override readonly height: number;
  readonly steps: number;
  private readonly sample: Sample;
  private readonly ranges: readonly Range[];
  private readonly channels: number;
  /** The height of the line of a channel on a sheet. */
  private readonly band: number;

  constructor(header: Header) {
    super(header);
    const [steps, channels = 1] = header.shape as [number, number?];
    [this.steps, this.channels] = [steps, channels];
    this.sample = header.sample as Sample;
    this.ranges = this.sample.ranges.slice(0, BANDS);
    this.band = Math.max(LEAST, ALL / this.ranges.length);
    this.height = this.ranges.length * (FOOT + this.band) + FOOT;
    const columns = channels > 1 ? `a column for each of the ${channels} channels` : "a column of numbers";
    this.files = {
      title: "Your own sequence",
      accept: ".csv,.tsv,.txt,.npy,text/*",
      wanted: `a CSV or text file with a line for each time step and ${columns}, or a .npy array (time, channels),`,
      read: async (file) => readSequence(await file.arrayBuffer(), steps, this.sample.channels),
    };
  }

  paint(context: CanvasRenderingContext2D, box: Box, values: Values): void {
    context.fillStyle = paintColour(context, "--card");
    context.fillRect(box.x, box.y, box.width, box.height);
    this.ranges.forEach((range, c) =>
      strokeLines(context, bandOf(box, this.ranges.length, c), channelOf(values, this.channels, c), "--ours", range, Math.max(1, box.width / 70)),
    );
  }

  /** Lines over one scale for each channel, which reaches as far as they do, above the axis of time. */
  override plot(context: CanvasRenderingContext2D, drawn: Drawn): void {
    this.ranges.forEach((usual, c) => {
      const lines = drawn.map(([values, colour]) => [channelOf(values, this.channels, c), colour] as const);
      const range = extent([...usual, ...lines.flatMap(([line]) => extent(line, usual))]);
      const box = { ...SPAN, y: FOOT + c * (FOOT + this.band), height: this.band };
      frame(context, box);
      for (const [line, colour] of lines) strokeLines(context, box, line, colour, range, 3);
      const name = this.channels > 1 ? `${this.sample.channels[c]}: ` : "";
      this.write(context, `${name}${inPrint(range[0])} to ${inPrint(range[1])}`, box.x, box.y - 10, "left");
    });
    this.number(context);
  }

  /** The time, and the value of each channel that is drawn. */
  override told(step: number, drawn: Drawn): string {
    const { unit, label } = this.sample.time;
    const time = `${unit ? "" : `${label} `}${durationText(step, this.sample.time)}`;
    if (drawn.every(([values]) => step >= lengthOf(values, this.channels))) return `${time}: behind the end`;
    const values = this.ranges.map((_, c) => {
      const each = drawn.map(([values]) => inPrint(values[step * this.channels + c]!));
      return `${this.channels > 1 ? `${this.sample.channels[c]} ` : ""}${each.join(", reconstructed ")}`;
    });
    return `${time}: ${values.join("; ")}`;
  }

  /** The first and the last time below, and how many channels are left out. */
  private number(context: CanvasRenderingContext2D): void {
    const { time, channels } = this.sample;
    const more = channels.length - this.ranges.length;
    const [y, end] = [this.height - 8, SPAN.x + SPAN.width];
    this.write(context, time.unit ? "0" : `${time.label} 0`, SPAN.x, y, "left");
    if (more > 0) this.write(context, `${more} more channels are not drawn`, SPAN.x + SPAN.width / 2, y, "center");
    this.write(context, durationText(this.steps - 1, time), end, y, "right");
  }

  private write(context: CanvasRenderingContext2D, text: string, x: number, y: number, textAlign: CanvasTextAlign): void {
    Object.assign(context, { textAlign, fillStyle: paintColour(context, "--soft") });
    context.fillText(text, x, y, SPAN.width - 8);
  }
}
