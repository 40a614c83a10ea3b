/** The live part of a report: one stage for each run that the page carries. */

import "./explorer.css";
import { type Contents, readPage } from "./contents";
import { h } from "./dom";
import { fromHash, toHash } from "./link";
import { hasRuntime, Model, startRuntime } from "./model";
import { type Follower, Stage } from "./stage";

declare global {
  interface Window {
    /** The stages, for the console. */
    narrows?: readonly Stage[];
  }
}

/** Whether two runs were judged on the same rows of the same data. */
function sameRows(a: Contents, b: Contents): boolean {
  return a.header.data === b.header.data && a.n === b.n && a.numbers.every((number, i) => number === b.numbers[i]);
}

async function begin(place: HTMLElement): Promise<void> {
  const runtime = hasRuntime() ? startRuntime() : null;
  const contents = await readPage();
  const links = linkWriter(() => stages);
  const follower: Follower = {
    picked: (from, picks, selected) => {
      for (const stage of stages) {
        if (stage !== from && sameRows(stage.contents, from.contents)) stage.setPicks(picks, selected);
      }
    },
    changed: links.write,
  };
  const stages: Stage[] = contents.map((each) => new Stage(each, follower, contents.length > 1));
  place.replaceChildren(h("div", { class: stages.length > 1 ? "stages beside" : "stages" }, ...stages.map(({ element }) => element)));
  window.narrows = stages;
  const follow = (): void => fromHash(location.hash).forEach((shown, i) => stages[i]?.follow(shown));
  requestAnimationFrame(() => {
    if (fromHash(location.hash).length) place.scrollIntoView();
    follow();
    links.begin();
  });
  addEventListener("hashchange", follow);
  if (runtime) for (const stage of stages) if (stage.decoded) stage.attach(await Model.open(await runtime, stage.contents));
  performance.mark("narrows:ready");
  place.dataset["ready"] = "";
}

/** Keeps the address in step with the view, a little later and not before the reader has done something. */
function linkWriter(stages: () => readonly Stage[]): { begin(): void; write(): void } {
  let begun = false;
  let due = 0;
  const put = (): void => {
    try {
      history.replaceState(null, "", toHash(stages().map((stage) => stage.link())));
    } catch {
      // Inside a frame the page has no address of its own.
    }
  };
  const begin = (): void => ["pointermove", "keydown", "change", "click"].forEach((name) => addEventListener(name, () => (begun = true), { once: true }));
  const write = (): void => {
    clearTimeout(due);
    if (begun) due = setTimeout(put, 250);
  };
  return { begin, write };
}

// A file that is dropped beside a stage would otherwise be opened in place of the page.
for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault());

const place = document.getElementById("live")!;
begin(place).catch((error: unknown) => {
  place.prepend(h("p", { class: "warning" }, `The live part could not start: ${String(error)}`));
});
