/** An example of the user: encoded here, placed on the plane, its error compared with the held-out ones. */

import { h, inPrint } from "../dom";
import type { Files } from "../samples/kind";
import { errorInWords, type Space, UNLIKE } from "../space";

/** Bytes of a file that is read, at most. */
const LARGEST = 50_000_000;

export class OwnPanel {
  readonly element: HTMLElement;
  private readonly place = h("div", { "aria-live": "polite" });

  constructor(
    private readonly space: Space,
    private readonly files: Files,
    private readonly put: (code: Float32Array) => void,
  ) {
    const input = h("input", { type: "file", accept: files.accept, "aria-label": files.title });
    input.addEventListener("change", () => void this.take(input.files?.[0]));
    this.element = h(
      "section",
      {},
      h("h3", {}, files.title),
      h("p", { class: "note" }, "Choose a file, or drop it anywhere in this section. It does not leave your browser."),
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

  /** Read, encode, place and reconstruct a file, and compare its error. */
  async take(file: File | undefined): Promise<void> {
    if (!file) return;
    try {
      if (file.size > LARGEST) throw new Error("too large");
      await this.show(file);
    } catch {
      const wanted = `wanted is ${this.files.wanted} of at most 50 MB.`;
      this.place.replaceChildren(h("p", {}, h("bdi", {}, file.name), ` cannot be read; ${wanted}`));
    }
  }

  private async show(file: File): Promise<void> {
    const { contents, model, kind } = this.space;
    const { values, note } = await this.files.read(file);
    const code = Float32Array.from(await model.encode(values));
    const reconstruction = await model.reconstruct(code, values);
    const compared = kind.comparing();
    compared.show(values, reconstruction);
    const error = contents.errorOf(values, reconstruction);
    const unlike = contents.rank(error) > UNLIKE;
    const judged = unlike ? "Unlike the training data. " : "Similar to the training data. ";
    const share = contents.n < 100 ? `the largest error of ${contents.n} held-out examples` : "the 99th percentile of the held-out errors";
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
