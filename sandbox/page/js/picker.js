// Finding one among thousands: a search field whose list opens on focus.

import { el, icon } from "./dom.js";
import { countUnreadChats, onStoreChange } from "./store.js";

const MOST = 50;
// Sorting tens of thousands of Chinese names takes longer than a keystroke; they come in a good order anyway.
const MOST_SORTED = 1000;
const LETTERS = new Intl.Collator("zh-CN", { numeric: true });

/** A search field. `options`: `kind` (resident, group or worker), `placeholder`, `list()` → `[{id, name, note, unread}]`, `isShown(id)`, `open(id)`. */
export function picker(options) {
  const input = el("input", { type: "search", placeholder: options.placeholder, "aria-label": options.placeholder, autocomplete: "off", testid: `${options.kind}-search` });
  const list = el("div", { class: "picker-list", hidden: true, testid: `${options.kind}-list` });
  const badge = el("span", { class: "badge", hidden: true });
  const node = el("div", { class: "picker" }, icon("search"), input, badge, list);
  const close = () => list.setAttribute("hidden", "");
  const choose = (id) => {
    input.value = "";
    close();
    input.blur();
    options.open(id);
  };
  const draw = () => list.replaceChildren(...renderRows(options, input.value.trim(), choose));
  const open = () => {
    draw();
    list.removeAttribute("hidden");
  };
  input.addEventListener("focus", open);
  input.addEventListener("input", open);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) list.querySelector("button")?.click();
    if (event.key === "Escape") input.blur();
  });
  node.addEventListener("focusout", (event) => node.contains(event.relatedTarget) || close());
  onStoreChange(() => {
    drawBadge(badge, countUnreadChats(options.kind));
    if (!list.hasAttribute("hidden")) draw();
  });
  return node;
}

function drawBadge(badge, count) {
  badge.textContent = `${count} 个有新消息`;
  badge.toggleAttribute("hidden", count === 0);
}

/** Unread first, then by name; all words that were typed must occur. */
function renderRows(options, wanted, choose) {
  const words = wanted.split(/\s+/).filter(Boolean);
  const found = options.list().filter((entry) => words.every((word) => `${entry.name} ${entry.id} ${entry.note}`.includes(word)));
  if (found.length <= MOST_SORTED) found.sort((one, other) => LETTERS.compare(one.name, other.name));
  found.sort((one, other) => other.unread - one.unread);
  const rows = found.slice(0, MOST).map((entry) => renderRow(options, entry, choose));
  const rest = found.length > MOST ? [el("p", { class: "hint" }, `还有 ${found.length - MOST} 个，再打几个字缩小范围。`)] : [];
  return rows.length ? [...rows, ...rest] : [el("p", { class: "hint" }, "没有找到。")];
}

function renderRow(options, entry, choose) {
  const isShown = options.isShown(entry.id);
  return el(
    "button",
    { type: "button", class: isShown ? "picker-row is-shown" : "picker-row", testid: `${options.kind}-row-${entry.id}`, on: { click: () => choose(entry.id) } },
    el("span", { class: "picker-name" }, entry.name),
    el("small", {}, isShown ? "已打开" : entry.note),
    entry.unread ? el("span", { class: "badge", testid: "unread" }, String(entry.unread)) : null,
  );
}
