// The account's custom menu, as it is live in the sandbox.

import { api } from "./api.js";
import { el } from "./dom.js";
import { popover } from "./popover.js";

let menu = null;
let shape = "";
const listeners = new Set();

/** Reads the menu anew and tells who shows it when it has changed. */
export async function loadMenu() {
  menu = await api.menu();
  const found = JSON.stringify(menu);
  if (found === shape) return;
  shape = found;
  for (const listener of listeners) listener();
}

/** Calls `listener` when the menu has changed, until the returned function is called. */
export function onMenuChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What each key's button says. */
export function menuNames() {
  const names = new Map();
  for (const button of menu?.button ?? []) {
    names.set(button.key, button.name);
    for (const sub of button.sub_button ?? []) names.set(sub.key, sub.name);
  }
  return names;
}

/** The bar at a phone's bottom; `press(button)` is told of a button without sub-buttons. Null when there is no menu. */
export function renderMenu(press) {
  if (!menu?.button?.length) return null;
  return el("div", { class: "menu-bar", testid: "menu-bar" }, ...menu.button.map((button) => renderTop(button, press)));
}

function renderTop(button, press) {
  const subs = button.sub_button ?? [];
  const node = el("button", { type: "button", class: "menu-button", testid: "menu-button" }, subs.length ? `≡ ${button.name}` : button.name);
  const choices = subs.map((sub) => ({ text: sub.name, run: () => press(sub) }));
  node.addEventListener("click", () => (subs.length ? popover(node, choices) : press(button)));
  return node;
}
