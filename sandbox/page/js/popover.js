// A short list that opens at a button and closes with the next click or Escape.

import { el } from "./dom.js";

let closeOpen = () => {};

/** Opens `choices` ({text, run, isOn?, testid?}) at `anchor`; an open list is closed first. */
export function popover(anchor, choices) {
  closeOpen();
  const items = choices.map((choice) =>
    el("button", { type: "button", class: "popover-item", role: "menuitem", testid: choice.testid, on: { click: choice.run } }, choice.text, choice.isOn ? el("span", { class: "tick" }, "✓") : null),
  );
  const node = el("div", { class: "popover", role: "menu" }, ...items);
  document.body.append(node);
  place(node, anchor.getBoundingClientRect());
  closeOpen = closeOnNext(node);
  items[0]?.focus();
}

function place(node, rect) {
  const size = node.getBoundingClientRect();
  const left = Math.min(Math.max(8, rect.left + rect.width / 2 - size.width / 2), innerWidth - size.width - 8);
  const isBelow = rect.bottom + size.height + 8 < innerHeight;
  node.style.left = `${left}px`;
  node.style.top = `${isBelow ? rect.bottom + 6 : Math.max(8, rect.top - size.height - 6)}px`;
}

function closeOnNext(node) {
  const control = new AbortController();
  const close = () => {
    node.remove();
    control.abort();
  };
  const { signal } = control;
  // The click that opened the list is still on its way up.
  setTimeout(() => !signal.aborted && document.addEventListener("click", close, { signal }), 0);
  document.addEventListener("keydown", (event) => event.key === "Escape" && close(), { signal });
  return close;
}
