/** A picture of one's own: encoded here, placed on the plane, and its error set beside the held-out ones. */

import { h, inPrint } from "../dom";
import { errorOf, readPicture } from "../picture";
import { errorInWords, type Space, UNLIKE } from "../space";

/** Bytes of a file that is tried. */
const LARGEST = 50_000_000;

export class OwnPanel {
  readonly element: HTMLElement;
  private readonly place = h("div", { "aria-live": "polite" });

  constructor(
    private readonly space: Space,
    private readonly put: (code: Float32Array) => void,
  ) {
    const input = h("input", { type: "file", accept: "image/*", "aria-label": "a picture of your own" });
    input.addEventListener("change", () => void this.take(input.files?.[0]));
    this.element = h(
      "section",
      {},
      h("h3", {}, "A picture of your own"),
      h("p", { class: "note" }, "Choose one, or drop it anywhere on this part. It does not leave your browser."),
      input,
      this.place,
    );
  }

  /** Take files that are dropped or pasted on an element. */
  acceptOn(element: HTMLElement): void {
    element.addEventListener("dragover", () => element.classList.add("awaiting"));
    element.addEventListener("dragleave", () => element.classList.remove("awaiting"));
    element.addEventListener("drop", (event) => {
      element.classList.remove("awaiting");
      void this.take(event.dataTransfer?.files[0]);
    });
    element.addEventListener("paste", (event) => void this.take(event.clipboardData?.files[0]));
  }

  /** Read, encode, place, reconstruct and judge a file. */
  async take(file: File | undefined): Promise<void> {
    if (!file) return;
    try {
      if (file.size > LARGEST) throw new Error("too large");
      await this.show(file);
    } catch {
      const wanted = "wanted is a PNG, JPEG or WebP picture of at most 50 MB.";
      this.place.replaceChildren(h("p", {}, h("bdi", {}, file.name), ` cannot be read as a picture; ${wanted}`));
    }
  }

  private async show(file: File): Promise<void> {
    const { contents, model, kind } = this.space;
    const { values, note } = await readPicture(file, contents.header);
    const code = Float32Array.from(await model.encode(values));
    const reconstruction = await model.decode(code);
    const compared = kind.comparing();
    compared.show(values, reconstruction);
    const error = errorOf(contents, values, reconstruction);
    const unlike = contents.rank(error) > UNLIKE;
    const judged = unlike ? "Unlike what the model was fitted to. " : "Like what the model was fitted to. ";
    const share = contents.n < 100 ? `the largest error of ${contents.n} held-out examples` : "which one held-out example in a hundred exceeds";
    const threshold = `The threshold is ${inPrint(contents.quantile(UNLIKE))}, ${share}.`;
    this.put(code);
    this.place.replaceChildren(
      h("p", { class: "what" }, h("bdi", {}, file.name)),
      compared.element,
      h("p", {}, h("strong", {}, judged), `${errorInWords(this.space, error)} ${threshold}`),
      ...(note ? [h("p", { class: "note" }, note)] : []),
    );
  }
}
