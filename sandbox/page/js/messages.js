// What a work group, or a worker's single chat with the bot, shows of each row.

import { renderCard } from "./card.js";
import { avatar, el, iconButton, surname } from "./dom.js";
import { renderMarkdown, renderPlain } from "./markdown.js";
import { renderMedia } from "./media.js";
import { botName, workerName } from "./store.js";
import { hourMinute } from "./time.js";
import { snippet } from "./words.js";

/** A row's element. `room` has `kind`, `speaker`, `find(seq)`, `quote(row)` and `press(taskId, key)`. */
export function renderRoomRow(row, room) {
  const who = speakerOf(row);
  const isOwn = row.via === "say" && (room.kind === "worker" || row.userid === room.speaker);
  const look = isOwn ? "is-own" : who.isBot ? "is-bot" : "is-other";
  const name = el("div", { class: "said-by" }, who.name, who.isBot ? el("span", { class: "bot-mark" }, "机器人") : null, el("time", {}, hourMinute(row.at)));
  const quote = iconButton("quote", "引用这条消息", () => room.quote(row), { class: "quote-button", testid: "quote-button" });
  const content = el("div", { class: "side-content" }, ...renderContent(row, room), quote);
  return el("div", { class: `side ${look}`, testid: "bubble", data: { via: row.via, msgtype: row.msgtype } }, avatar(who.name, who.isBot ? "助" : surname(who.name), who.isBot ? "is-robot" : ""), el("div", { class: "side-body" }, name, content, renderQuoted(row, room)));
}

function speakerOf(row) {
  if (row.via === "bot") return { name: botName(), isBot: true };
  if (row.via === "webhook") return { name: "群机器人", isBot: true };
  return { name: workerName(row.userid), isBot: false };
}

function renderContent(row, room) {
  if (row.msgtype === "template_card") return [renderCard(row, room.speaker, (taskId, key) => room.press(taskId, key))];
  const files = renderMedia(row);
  const hasWords = row.text && !["file", "voice", "video"].includes(row.msgtype);
  return hasWords || !files.length ? [...files, renderWords(row)] : files;
}

function renderWords(row) {
  const isMarked = ["markdown", "markdown_v2", "stream"].includes(row.msgtype);
  const words = isMarked ? renderMarkdown(row.text, workerName) : renderPlain(row.text, workerName);
  const more = row.finished === false ? el("span", { class: "typing", "aria-label": "还在写" }) : null;
  return el("div", { class: isMarked ? "bubble is-marked" : "bubble" }, ...words, more);
}

function renderQuoted(row, room) {
  const seq = row.via === "say" ? row.raw?.quote : null;
  if (!seq) return null;
  const quoted = room.find(seq);
  return el("div", { class: "quoted" }, quoted ? `${speakerOf(quoted).name}：${snippet(quoted)}` : "引用的消息");
}
