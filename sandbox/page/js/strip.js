// The strip of latest words in work groups: a case that was just dispatched is one click away.

import { el } from "./dom.js";
import { botName, chatName, workerName } from "./store.js";
import { hourMinute } from "./time.js";
import { snippet } from "./words.js";

const MOST = 14;
const LETTERS = 46;

const box = document.getElementById("strip");
const items = new Map();

/** Shows a new row of a group or single chat at the front; `open` shows that chat. */
export function addToStrip(kind, id, row, open) {
  const key = `${kind} ${id} ${row.seq}`;
  const isNew = !items.has(key);
  const node = renderItem(kind, id, row, open);
  if (isNew) box.prepend(node);
  else items.get(key).replaceWith(node);
  items.set(key, node);
  box.querySelector(".strip-empty")?.remove();
  if (items.size > MOST) dropOldest();
}

function dropOldest() {
  const [key, node] = items.entries().next().value;
  items.delete(key);
  node.remove();
}

function renderItem(kind, id, row, open) {
  const who = row.via === "say" ? workerName(row.userid) : botName();
  const name = kind === "group" ? chatName(kind, id).replace(/工作群$/, "") : `${chatName(kind, id)}私聊`;
  const words = snippet(row);
  const text = words.length > LETTERS ? `${words.slice(0, LETTERS)}…` : words;
  return el(
    "button",
    { type: "button", class: row.via === "say" ? "strip-item" : "strip-item is-bot", testid: "strip-item", title: words, data: { chat: id }, on: { click: open } },
    el("time", {}, hourMinute(row.at)),
    el("strong", {}, name),
    el("span", {}, `${who}：${text}`),
  );
}
