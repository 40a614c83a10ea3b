/** Sequences: a line for each channel above an axis of time, each channel on its own scale; files of the user. */

import type { Header } from "../contents";
import { inPrint } from "../dom";
import { extent } from "../view";
import { FOOT, HEIGHT, LineKind, strokeLines, WIDTH } from "./curves";
import { type Box, type Files, paintColour, type Read, type Values } from "./kind";

export interface Sample {
  /** The least and the greatest value of each channel. */
  readonly ranges: readonly Range[];
}

type Range = readonly [low: number, high: number];

/** Channels that are drawn, at the most. */
const BANDS = 8;

/** The channel number `c` of values that are ordered by time, then by channel. */
export function channelOf(values: Values, channels: number, c: number): Float64Array {
  return Float64Array.from({ length: values.length / channels }, (_, t) => values[t * channels + c]!);
}

/** The part of a box that belongs to one of several channels, from the top downwards. */
export function bandOf({ x, y, width, height }: Box, channels: number, c: number): Box {
  const each = height / channels;
  return { x, y: y + c * each + 0.06 * each, width, height: 0.88 * each };
}

/** The numbers of a text, a line for each time step and a column for each channel; a first line of words is left out. */
export function sequenceOf(text: string, time: number, channels: number): Float64Array {
  const lines = text.split(/\r?\n/).map((line) => line.trim()).filter(Boolean);
  const rows = lines.map((line) => line.split(/[,;\s]+/).map(Number));
  if (rows[0]?.some(Number.isNaN)) rows.shift();
  if (rows.length !== time || rows.some((row) => row.length !== channels || row.some(Number.isNaN)))
    throw new Error(`wanted are ${time} lines of ${channels} number${channels > 1 ? "s" : ""}`);
  return Float64Array.from(rows.flat());
}

export class Sequences extends LineKind {
  readonly ratio = 1.75;
  override readonly look = "thumbnail curve";
  override readonly side = 120;
  override readonly files: Files;
  private readonly ranges: readonly Range[];
  private readonly time: number;
  private readonly channels: number;

  constructor(header: Header) {
    super(header);
    const [time, channels = 1] = header.shape as [number, number?];
    [this.time, this.channels] = [time, channels];
    this.ranges = (header.sample as Sample).ranges.slice(0, BANDS);
    this.files = {
      title: "Your own sequence",
      accept: ".csv,.tsv,.txt,text/*",
      wanted: `a text file of ${time} lines, one for each time step, with ${channels} number${channels > 1 ? "s" : ""} each`,
      read: async (file): Promise<Read> => ({ values: sequenceOf(await file.text(), time, channels), note: "" }),
    };
  }

  paint(context: CanvasRenderingContext2D, box: Box, values: Values): void {
    context.fillStyle = paintColour(context, "--card");
    context.fillRect(box.x, box.y, box.width, box.height);
    this.draw(context, box, values, "--ours", this.ranges, Math.max(1, box.width / 70));
  }

  /** Lines over one scale for each channel, which reaches as far as they do, above the axis of time. */
  protected override plot(context: CanvasRenderingContext2D, drawn: readonly (readonly [Values, string])[]): void {
    const ranges = this.ranges.map((range, c) =>
      extent([...range, ...drawn.flatMap(([values]) => extent(channelOf(values, this.channels, c)))]),
    );
    const box = { x: 3, y: FOOT, width: WIDTH - 6, height: HEIGHT - 2 * FOOT };
    context.clearRect(0, 0, WIDTH, HEIGHT);
    Object.assign(context, { fillStyle: paintColour(context, "--soft"), strokeStyle: paintColour(context, "--line"), lineWidth: 2 });
    context.strokeRect(box.x, box.y, box.width, box.height);
    for (const [values, colour] of drawn) this.draw(context, box, values, colour, ranges, 3);
    this.number(context, box, ranges);
  }

  /** The first and the last time step below, and the range of the values above. */
  private number(context: CanvasRenderingContext2D, { x, width }: Box, ranges: readonly Range[]): void {
    const [low, high] = ranges[0]!;
    const many = this.channels > 1 ? `channel 0 of ${this.channels}, above: ` : "";
    const write = (text: string, at: number, y: number, textAlign: CanvasTextAlign): void => {
      context.textAlign = textAlign;
      context.fillText(text, at, y, width - 8);
    };
    write(`${many}from ${inPrint(low)} to ${inPrint(high)}`, x, FOOT - 10, "left");
    write("time step 0", x, HEIGHT - 8, "left");
    write(String(this.time - 1), x + width, HEIGHT - 8, "right");
  }

  private draw(context: CanvasRenderingContext2D, box: Box, values: Values, colour: string, ranges: readonly Range[], lineWidth: number): void {
    ranges.forEach((range, c) =>
      strokeLines(context, bandOf(box, ranges.length, c), channelOf(values, this.channels, c), colour, range, lineWidth),
    );
  }
}
