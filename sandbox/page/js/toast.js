// Short words at the edge of the page: what did not arrive and why.

import { el } from "./dom.js";

const STAY_MS = 7000;

/** Shows a sentence for seven seconds; `isBad` makes it red. */
export function toast(text, isBad = false) {
  const node = el("div", { class: isBad ? "toast is-bad" : "toast", testid: "toast" }, text);
  document.getElementById("toasts").append(node);
  setTimeout(() => node.remove(), STAY_MS);
}

/** Runs `work`; a failure becomes a toast instead of silence. */
export async function guarded(work) {
  try {
    return await work();
  } catch (fault) {
    toast(`没有成功：${fault.message}`, true);
    return null;
  }
}
