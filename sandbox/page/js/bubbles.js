// What a resident's phone shows of each row, as WeChat shows it.

import { avatar, el, icon, outerLink, surname } from "./dom.js";
import { renderMedia } from "./media.js";
import { linked } from "./rich.js";
import { residentName } from "./store.js";
import { hourMinute } from "./time.js";
import { eventWords } from "./words.js";

const CHANNELS = { passive: "被动回复", custom: "客服消息", template: "模板消息", subscribe: "订阅通知", mass: "群发" };

/** A row's element. `phone` has `openid`, `menuNames` and `choose(content, id)`, which sends a tapped menu line. */
export function renderPhoneRow(row, phone) {
  if (row.msgtype === "event") return tip(eventWords(row.text, phone.menuNames));
  if (row.via === "system") return renderFault(row);
  if (row.via === "template" || row.via === "subscribe") return renderNotice(row);
  if (row.via === "me") return ownSide(row, phone);
  return accountSide(row, renderContent(row, phone));
}

function tip(...children) {
  return el("div", { class: "tip", testid: "tip" }, ...children);
}

/** The platform's own sentence: after three tries without an answer, or for an answer that it cannot read. */
function renderFault(row) {
  const why = typeof row.raw === "string" ? `答复无法识别：${row.raw}` : "三次未应答";
  return el("div", { class: "tip is-fault", testid: "fault" }, el("strong", {}, why), row.text);
}

function side(row, look, name, mark, ...content) {
  const title = `${CHANNELS[row.via] ?? "发出"} ${hourMinute(row.at)}`;
  const body = el("div", { class: "side-body", title }, ...content);
  return el("div", { class: `side ${look}`, testid: "bubble", data: { via: row.via, msgtype: row.msgtype } }, avatar(name, mark, look === "is-account" ? "is-official" : ""), body);
}

function ownSide(row, phone) {
  const name = residentName(phone.openid);
  return side(row, "is-own", name, surname(name), ...(row.msgtype === "location" ? [renderPlace(row.text)] : plainContent(row)));
}

function accountSide(row, content) {
  const caption = el("span", { class: "channel" }, CHANNELS[row.via] ?? row.via);
  return side(row, "is-account", "社区网格", "网", ...content, caption);
}

function bubble(...children) {
  return el("div", { class: "bubble" }, ...children);
}

function plainContent(row) {
  const files = renderMedia(row);
  return row.text && row.msgtype !== "file" && row.msgtype !== "voice" ? [...files, bubble(...linked(row.text))] : files;
}

function renderContent(row, phone) {
  if (row.msgtype === "msgmenu") return [renderChoices(row, phone)];
  if (row.msgtype === "news") return [renderNews(row)];
  if (row.msgtype === "mpnews" || row.msgtype === "mpnewsarticle") return [bubble("[图文消息]")];
  return plainContent(row);
}

/** A text with lines to tap; each tap is a message of its own. */
function renderChoices(row, phone) {
  const menu = row.raw?.msgmenu ?? {};
  const lines = (menu.list ?? []).map((entry) =>
    el("button", { type: "button", class: "choice", testid: "choice", on: { click: () => phone.choose(entry.content, entry.id) } }, entry.content),
  );
  const head = menu.head_content ? el("div", {}, ...linked(menu.head_content)) : null;
  const tail = menu.tail_content ? el("div", {}, ...linked(menu.tail_content)) : null;
  return bubble(head, el("div", { class: "choices" }, ...lines), tail);
}

function renderNews(row) {
  const articles = row.raw?.news?.articles ?? row.text.split("\n").map(articleOfLine);
  const items = articles.map((article) =>
    el("div", { class: "article" }, el("strong", {}, outerLink(article.url ?? "", article.title ?? "")), article.description ? el("p", {}, article.description) : null),
  );
  return el("div", { class: "panel" }, ...items);
}

function articleOfLine(line) {
  const [, title, url] = /^(.*?)\s*(https?:\S+)?$/.exec(line);
  return { title, url };
}

const KEYWORDS = {
  thing: "内容", character_string: "编号", number: "数量", time: "时间", date: "日期", phrase: "状态", const: "说明",
  name: "姓名", phone_number: "电话", amount: "金额", letter: "字母", symbol: "符号", short_thing: "事项", car_number: "车牌", content: "内容",
  first: "", remark: "", keyword: "",
};

/** A template message or subscription notice: a card with its fields. What they are called is known to the template only; their kind stands for it. */
function renderNotice(row) {
  const body = row.raw ?? {};
  const fields = Object.entries(body.data ?? {}).map(([name, entry]) => renderField(name, entry?.value ?? ""));
  const more = body.url || body.page ? el("div", { class: "notice-more" }, outerLink(body.url || body.page, "查看详情")) : null;
  return el(
    "div",
    { class: "notice panel", testid: "bubble", data: { via: row.via, msgtype: row.msgtype }, title: `模板 ${body.template_id ?? ""}` },
    el("div", { class: "notice-head" }, avatar("社区网格", "网", "is-official is-small"), "社区网格", el("span", { class: "channel" }, CHANNELS[row.via])),
    el("div", { class: "notice-title" }, body.title || "服务通知"),
    el("dl", { class: "notice-fields" }, ...fields.flat()),
    more,
  );
}

function renderField(name, value) {
  const kind = name.replace(/\d+$/, "");
  const label = KEYWORDS[kind] ?? name;
  return [el("dt", {}, label), el("dd", {}, value)];
}

/** `[位置] 名称 46.799,130.318` as the card with a map that WeChat shows. */
function renderPlace(text) {
  const [, label = "", point = text] = /^\[位置\]\s*(.*?)\s*(-?[\d.]+,-?[\d.]+)$/.exec(text) ?? [];
  return el(
    "div",
    { class: "place panel" },
    el("strong", {}, label || "位置"),
    el("span", {}, point),
    el("div", { class: "map", "aria-hidden": "true" }, icon("place")),
  );
}
