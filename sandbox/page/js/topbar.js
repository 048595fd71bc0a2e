// The bar at the top: the shared clock, the books, and who is connected.

import { api } from "./api.js";
import { el } from "./dom.js";
import { listBots, loadBots } from "./store.js";
import { clockNow, fullTime, secondsToMorning, setClock } from "./time.js";
import { guarded } from "./toast.js";

const clock = document.getElementById("clock");
const facts = document.getElementById("facts");
const links = document.getElementById("links");
const state = { isLive: false, account: null };

/** Makes the clock's buttons work. */
export function startTopbar() {
  for (const button of document.querySelectorAll("[data-advance]")) button.addEventListener("click", () => advance(button));
  drawLinks();
}

async function advance(button) {
  const wanted = button.dataset.advance;
  button.disabled = true;
  const answer = await guarded(() => api.advance(wanted === "morning" ? secondsToMorning() : Number(wanted)));
  button.disabled = false;
  if (answer) clockMoved(answer.now);
}

/** The sandbox told its time. */
export function clockMoved(seconds) {
  setClock(seconds);
  drawClock();
}

/** Draws the time; called each second. */
export function drawClock() {
  const now = clockNow();
  clock.textContent = fullTime(now);
  clock.dateTime = new Date(now * 1000).toISOString();
}

/** Whether the live feed is open. */
export function setLive(isLive) {
  state.isLive = isLive;
  drawLinks();
}

/** Reads clock, books and connections anew. */
export async function refreshTopbar() {
  const [time, books, account] = await Promise.all([api.clock(), api.books(), api.account(), loadBots()]);
  clockMoved(time.now);
  state.account = account;
  drawFacts(books);
  drawLinks();
}

function drawFacts(books) {
  const calls = sum(books.calls);
  const refusals = Object.values(books.refusals).reduce((total, codes) => total + sum(codes), 0);
  const shown = [
    fact("调用", calls, tableOf(books.calls)),
    fact("拒绝", refusals, refusalWords(books.refusals), refusals > 0),
    fact("三次未应答", books.platform_gave_up, "公众号三次都没有答复的消息数", books.platform_gave_up > 0),
  ];
  if (books.malformed_replies) shown.push(fact("答复无法识别", books.malformed_replies, "平台读不懂的被动回复", true));
  facts.replaceChildren(...shown);
}

function sum(counts) {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function tableOf(counts) {
  const rows = Object.entries(counts).sort((one, other) => other[1] - one[1]);
  return rows.slice(0, 12).map(([path, count]) => `${count}  ${path}`).join("\n");
}

function refusalWords(refusals) {
  const rows = Object.entries(refusals).flatMap(([path, codes]) => Object.entries(codes).map(([code, count]) => `${count}  ${path}  ${code}`));
  return rows.slice(0, 12).join("\n") || "平台没有拒绝过";
}

function fact(name, count, title, isBad = false) {
  return el("span", { class: isBad ? "fact is-bad" : "fact", title, testid: `fact-${name}` }, name, el("b", {}, String(count)));
}

function drawLinks() {
  const bots = listBots();
  const isBotThere = bots.some((bot) => bot.connected || bot.callback_url);
  const hasAccount = Boolean(state.account?.callback_url);
  links.replaceChildren(
    link("公众号", hasAccount, hasAccount ? "已接上服务" : "还没有服务接上公众号的回调地址"),
    link("机器人", isBotThere, isBotThere ? "已连接" : "还没有机器人连上来"),
    link("实时", state.isLive, state.isLive ? "页面与沙盒保持连接" : "与沙盒的连接断了，正在重连", "live-state"),
  );
}

function link(name, isGood, title, testid = null) {
  return el("span", { class: isGood ? "link is-good" : "link is-bad", title, testid, data: { state: isGood ? "open" : "closed" } }, name);
}
