// A chat on the screen: rows in order, times between them, and a scroll that stays at the newest.

import { el } from "./dom.js";
import { chatTime } from "./time.js";

const GAP_SECONDS = 300;
const MOST_ROWS = 300;
const NEAR_PIXELS = 60;

export class ChatView {
  /** `render(row)` makes a row's element; `empty` stands there while nothing was said. */
  constructor(render, empty) {
    this.render = render;
    this.rows = new Map();
    this.lastAt = 0;
    this.empty = empty;
    this.list = el("div", { class: "chat-list", role: "log" });
    this.more = el("button", { type: "button", class: "chat-more", hidden: true, on: { click: () => this.toEnd() } }, "新消息 ↓");
    this.box = el("div", { class: "chat-scroll", tabindex: "0" }, this.empty, this.list);
    this.node = el("div", { class: "chat" }, this.box, this.more);
    this.isFollowing = true;
    this.top = 0;
    this.box.addEventListener("scroll", () => this.noteScroll());
    // A picture grows the chat when it has come, and a narrower window makes longer bubbles.
    const grown = new ResizeObserver(() => this.isFollowing && this.toEnd());
    grown.observe(this.box);
    grown.observe(this.list);
  }

  /** The newest row's number. */
  get lastSeq() {
    return Math.max(0, ...this.rows.keys());
  }

  /** The row of that number, if it is on the screen. */
  find(seq) {
    return this.rows.get(seq)?.row;
  }

  /** A new row, or a row that has changed. */
  put(row) {
    const old = this.rows.get(row.seq);
    const node = this.render(row);
    node.dataset.seq = row.seq;
    this.isFollowing ||= row.via === "me" || row.via === "say";
    if (old) old.node.replaceWith(node);
    else this.append(row, node);
    this.rows.set(row.seq, { row, node });
    this.settle();
  }

  append(row, node) {
    this.empty.remove();
    const later = [...this.rows.values()].find((entry) => entry.row.seq > row.seq);
    if (later) return later.node.before(node);
    if (row.at - this.lastAt > GAP_SECONDS) this.list.append(el("div", { class: "chat-time" }, chatTime(row.at)));
    this.lastAt = row.at;
    this.list.append(node);
    if (this.rows.size >= MOST_ROWS) this.dropOldest();
    return undefined;
  }

  dropOldest() {
    const [seq, { node }] = this.rows.entries().next().value;
    this.rows.delete(seq);
    while (this.list.firstChild !== node) this.list.firstChild.remove();
    node.remove();
  }

  /** Draws every row anew: names or the viewer have changed. */
  redraw() {
    for (const entry of this.rows.values()) {
      const node = this.render(entry.row);
      node.dataset.seq = entry.row.seq;
      entry.node.replaceWith(node);
      entry.node = node;
    }
  }

  /** Shows or hides that the other side is about to answer. */
  setWaiting(isWaiting) {
    this.waiting ??= el("div", { class: "chat-waiting", role: "status", "aria-label": "正在等待答复" }, el("i"), el("i"), el("i"));
    if (!isWaiting) return this.waiting.remove();
    this.box.append(this.waiting);
    return this.toEnd();
  }

  isAtEnd() {
    return this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < NEAR_PIXELS;
  }

  /** Only a person scrolls up; growth alone leaves the chat following its newest row. */
  noteScroll() {
    if (this.isAtEnd()) this.follow();
    else if (this.box.scrollTop < this.top) this.isFollowing = false;
    this.top = this.box.scrollTop;
  }

  settle() {
    if (this.isFollowing) this.toEnd();
    else this.more.removeAttribute("hidden");
  }

  /** Scrolls to the newest row. */
  toEnd() {
    this.box.scrollTop = this.box.scrollHeight;
    this.top = this.box.scrollTop;
    this.follow();
  }

  follow() {
    this.isFollowing = true;
    this.more.setAttribute("hidden", "");
  }
}
