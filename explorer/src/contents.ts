/** What the page carries of a run: a header in JSON, and binary columns, compressed together. */

export interface Place {
  readonly dtype: keyof typeof ARRAYS;
  readonly shape: readonly number[];
  readonly at: number;
  /** Whether the first bytes of all numbers come first, then the second ones, and so on. */
  readonly lanes: boolean;
}

/** What `narrows.data.scaling.Scaling` does; arrays have one number, or one for each channel, which is the last axis. */
export interface Scaling {
  readonly step: readonly number[];
  readonly centre: readonly number[];
  /** The unit of an arsinh, 0 where there is none. */
  readonly spread: readonly number[];
  /** The least and the greatest value of the training part, as they came. */
  readonly floor: readonly number[];
  readonly ceiling: readonly number[];
  readonly rooted: boolean;
  /** The factor of squared errors. */
  readonly unit: number;
}

/** A scan whose places the rows are, line by line. */
export interface Scan {
  readonly height: number;
  readonly width: number;
  /** The columns of the whole scan, of which the page may show a part. */
  readonly columns: number;
  /** The size of a place in `unit`; 0 where it is not known. */
  readonly scale: number;
  readonly unit: string;
}

export interface Header {
  readonly name: string;
  readonly recipe: string;
  readonly data: string;
  /** The name of the module in `samples/` that draws an example. */
  readonly drawing: string;
  /** What one example is called. */
  readonly noun: string;
  /** What several are called. */
  readonly nouns: string;
  /** What a row without an id is called, before its number. */
  readonly row_noun: string;
  readonly shape: readonly number[];
  readonly code_size: number;
  /** The unit of codes that are stored as whole numbers; 0 for codes that are not. */
  readonly code_step: number;
  readonly held_out: number;
  readonly unit: string;
  readonly ids: readonly string[];
  readonly label_names: readonly string[];
  /** Of the numbers that say how an image lies; empty where they are not found. */
  readonly pose_names: readonly string[];
  readonly palette: readonly string[];
  /** What the module of the kind in `samples/` needs to draw an example. */
  readonly sample: unknown;
  /** Where rows are places of a scan, else null. */
  readonly scan: Scan | null;
  readonly columns: Readonly<Record<string, Place>>;
  /** From here on: of runs whose codes are decoded. Of the encoder and the decoder. */
  readonly precision: "float32" | "float64";
  /** From values as they came to the model's scale. */
  readonly scaling: Scaling;
  /** Whether an example may end before others do, with missing values behind its end. */
  readonly ends_early: boolean;
  /** Whether the decoder clips its values to the range of the training part. */
  readonly clipped: boolean;
  readonly full: boolean;
  readonly drawn_note: string;
  /** Why originals are missing; empty where all are there. */
  readonly originals_note: string;
}

const ARRAYS = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

export type Numbers = InstanceType<(typeof ARRAYS)[keyof typeof ARRAYS]>;

/** The first `size` bytes of a text in base 85, whose letters begin with & and leave < out. */
export function bytesOf(text: string, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new DataView(new ArrayBuffer((text.length / 5) * 4));
  for (let i = 0, at = 0; i < text.length; at += 4) {
    let word = 0;
    for (const end = i + 5; i < end; i++) {
      const letter = text.charCodeAt(i);
      word = word * 85 + letter - 38 - Number(letter > 60);
    }
    bytes.setUint32(at, word);
  }
  return new Uint8Array(bytes.buffer, 0, size);
}

/** What the gzip in an element of the page holds. */
export async function unpacked(element: HTMLElement): Promise<ArrayBuffer> {
  const bytes = bytesOf(element.textContent, Number(element.dataset["size"]));
  element.remove();
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

/** The column that lies at `place` in `buffer`. */
export function columnAt(buffer: ArrayBuffer, place: Place): Numbers {
  const length = place.shape.reduce((a, b) => a * b, 1);
  const make = ARRAYS[place.dtype];
  if (!place.lanes) return new make(buffer, place.at, length);
  const size = length * make.BYTES_PER_ELEMENT;
  return new make(fromLanes(new Uint8Array(buffer, place.at, size)).buffer, 0, length);
}

/** Bytes from four lanes, back in their order. */
export function fromLanes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const found = Uint8Array.from(bytes);
  const rows = Math.floor(bytes.length / 4);
  for (let i = 0, from = 0; i < 4; i++) for (let j = 0; j < rows; j++, from++) found[4 * j + i] = bytes[from]!;
  return found;
}

/** What is added to a count before its square root is taken. */
const LEAST = 0.375;

export class Contents {
  readonly n: number;
  readonly d: number;
  /** How many numbers one example has. */
  readonly size: number;
  readonly codes: Float32Array;
  /** Empty where rows have none, as nodes of a graph; NaN of places of a scan that were not held out. */
  readonly errors: Float32Array;
  /** The number of each row in the data that were read. */
  readonly numbers: Uint32Array;
  readonly labels: Float64Array | null;
  /** The numbers of the pose of each row; empty where a page has none. */
  readonly poses: Float32Array;
  readonly originals: Numbers;
  /** Of each row the place of its original, or -1. */
  private readonly place: Int32Array;
  private readonly sorted: Float32Array;

  constructor(
    readonly header: Header,
    private readonly buffer: ArrayBuffer,
  ) {
    this.d = header.code_size;
    const { code_step: step } = header;
    this.codes = step ? Float32Array.from(this.column("codes"), (value) => step * value) : (this.column("codes") as Float32Array);
    this.n = this.codes.length / this.d;
    this.size = header.shape.reduce((a, b) => a * b, 1);
    this.errors = this.columnIn("errors") as Float32Array;
    this.numbers = this.column("numbers") as Uint32Array;
    this.labels = "labels" in header.columns ? (this.column("labels") as Float64Array) : null;
    this.poses = this.columnIn("poses") as Float32Array;
    this.originals = this.columnIn("originals");
    this.place = new Int32Array(this.n).fill(-1);
    (this.columnIn("kept") as Uint32Array).forEach((row, i) => (this.place[row] = i));
    this.sorted = Float32Array.from(this.errors.filter((error) => !Number.isNaN(error))).sort();
  }

  column(name: string): Numbers {
    return columnAt(this.buffer, this.header.columns[name]!);
  }

  /** A column that a run may lack; then an empty one. */
  private columnIn(name: string): Numbers {
    return name in this.header.columns ? this.column(name) : new Float32Array();
  }

  code(row: number): Float32Array {
    return this.codes.subarray(row * this.d, (row + 1) * this.d);
  }

  /** The example as it came; null where the page does not carry it. */
  original(row: number): Numbers | null {
    const i = this.place[row]!;
    return i < 0 ? null : this.originals.subarray(i * this.size, (i + 1) * this.size);
  }

  get carried(): number {
    return this.originals.length / this.size;
  }

  /** The mean squared error of a reconstruction over the values of the original, in the unit of the report. */
  errorOf(original: ArrayLike<number>, reconstruction: ArrayLike<number>): number {
    let [sum, count] = [0, 0];
    for (let i = 0; i < original.length; i++) {
      if (Number.isNaN(original[i]!)) continue;
      sum += (this.scaled(original[i]!, i) - this.scaled(reconstruction[i]!, i)) ** 2;
      count++;
    }
    return (sum / Math.max(1, count)) * this.header.scaling.unit;
  }

  /** A value at the place `i` of an example on the model's scale, but for an offset. */
  private scaled(value: number, i: number): number {
    const { step, centre, spread, rooted } = this.header.scaling;
    const c = i % step.length;
    const x = rooted ? Math.sign(value + LEAST) * Math.sqrt(Math.abs(value + LEAST)) : value;
    return (spread[c]! > 0 ? Math.asinh((x - centre[c]!) / spread[c]!) : x) / step[c]!;
  }

  /** The share of held-out rows with a smaller error. */
  rank(error: number): number {
    return countBelow(this.sorted, error) / Math.max(1, this.sorted.length);
  }

  /** The error that a share of the held-out rows stays below. */
  quantile(share: number): number {
    return this.sorted[Math.min(this.sorted.length - 1, Math.floor(share * this.sorted.length))] ?? 0;
  }

  /** The held-out rows: all, but of a scan. */
  get heldOut(): number[] {
    const rows = Array.from({ length: this.n }, (_, row) => row);
    return this.header.scan ? rows.filter((row) => !Number.isNaN(this.errors[row]!)) : rows;
  }

  /** What a row is called: its file or id, else its noun and number; a place by its line and column. */
  nameOf(row: number): string {
    const { scan } = this.header;
    const number = this.numbers[row]!;
    if (scan) return `line ${Math.floor(number / scan.columns)}, column ${number % scan.columns}`;
    return this.header.ids[row] ?? `${this.header.row_noun} ${this.numbers[row]}`;
  }

  labelOf(row: number): string | null {
    return this.labels ? this.labelName(this.labels[row]!) : null;
  }

  labelName(label: number): string {
    return this.header.label_names[label] ?? String(label);
  }
}

/** How many of the ascending `sorted` are smaller than `value`. */
export function countBelow(sorted: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The runs that stand in this page. */
export async function readPage(): Promise<Contents[]> {
  const headers = [...document.querySelectorAll(".live-header")];
  const columns = [...document.querySelectorAll<HTMLElement>(".live-columns")];
  return Promise.all(
    headers.map(async (header, i) => {
      const buffer = await unpacked(columns[i]!);
      return new Contents(JSON.parse(header.textContent) as Header, buffer);
    }),
  );
}
