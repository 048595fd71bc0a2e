// Which windows stand side by side: up to three, the one that was opened longest ago gives way.

import { el } from "./dom.js";
import { clearUnread, remember, remembered } from "./store.js";
import { guarded } from "./toast.js";

const MOST = 3;

export class Windows {
  /** `name` is what the browser remembers them under; `make(kind, id, close)` makes a window; `emptyText` stands when there is none. */
  constructor(name, box, make, emptyText) {
    this.name = name;
    this.box = box;
    this.make = make;
    this.open = new Map();
    this.empty = el("div", { class: "pane-empty" }, emptyText);
    this.arrange();
  }

  /** The window of a chat if it is shown. */
  find(kind, id) {
    return this.open.get(`${kind} ${id}`);
  }

  /** Shows a chat, or brings it to notice where it already is. */
  async show(kind, id, isByHand = true) {
    const there = this.find(kind, id);
    if (there) return this.flash(there, isByHand);
    if (this.open.size >= MOST) this.close(this.open.keys().next().value);
    const key = `${kind} ${id}`;
    const window = this.make(kind, id, () => this.close(key));
    this.open.set(key, window);
    this.arrange();
    clearUnread(kind, id);
    window.tick();
    await guarded(() => window.load());
    return this.flash(window, isByHand);
  }

  flash(window, isByHand) {
    if (!isByHand) return;
    window.node.scrollIntoView({ block: "nearest", inline: "nearest" });
    window.node.classList.remove("is-flashing");
    requestAnimationFrame(() => window.node.classList.add("is-flashing"));
    window.input.focus({ preventScroll: true });
  }

  close(key) {
    const window = this.open.get(key);
    window?.close();
    window?.node.remove();
    this.open.delete(key);
    this.arrange();
  }

  arrange() {
    for (const window of this.open.values()) if (!window.node.isConnected) this.box.append(window.node);
    if (this.open.size) this.empty.remove();
    else this.box.append(this.empty);
    this.box.parentElement.style.setProperty("--windows", String(Math.max(1, this.open.size)));
    if (this.isReady) remember(this.name, [...this.open.values()].map(({ kind, id }) => ({ kind, id })));
  }

  /** Opens what was open last time; `isThere(kind, id)` tells what still exists, `fallback` is opened when nothing is remembered. */
  async restore(isThere, fallback) {
    const last = remembered(this.name, null);
    const wanted = (last ?? []).filter(({ kind, id }) => isThere(kind, id));
    const chosen = wanted.length || last?.length === 0 ? wanted : fallback;
    for (const { kind, id } of chosen.slice(0, MOST)) await this.show(kind, id, false);
    this.isReady = true;
  }

  /** Every window that is shown. */
  all() {
    return [...this.open.values()];
  }
}
