// Who and what there is: residents, groups, workers, unread counts, and what this browser remembers.

import { api } from "./api.js";

const MEMORY = "wangge.sandbox";

const memory = recall();

function recall() {
  try {
    return JSON.parse(localStorage.getItem(MEMORY) ?? "{}") ?? {};
  } catch {
    return {};
  }
}

/** A value kept in this browser, `fallback` when there is none. */
export function remembered(key, fallback) {
  return memory[key] ?? fallback;
}

/** Keeps a value in this browser; a browser that forbids it only forgets. */
export function remember(key, value) {
  memory[key] = value;
  try {
    localStorage.setItem(MEMORY, JSON.stringify(memory));
  } catch {
    /* private windows may refuse */
  }
}

export const residents = new Map();
export const groups = new Map();
export const workers = new Map();
const bots = new Map();
const unread = new Map();
const listeners = new Set();

/** Calls `listener` after anything here has changed, once for many changes. */
export function onStoreChange(listener) {
  listeners.add(listener);
}

let isTelling = false;

/** Tells the listeners in the next frame. */
export function storeChanged() {
  if (isTelling) return;
  isTelling = true;
  requestAnimationFrame(() => {
    isTelling = false;
    for (const listener of listeners) listener();
  });
}

/** Reads the rosters anew. Every list may be thousands long, so this is not done for each message. */
export async function loadRosters() {
  const [people, chats, staff] = await Promise.all([api.residents(), api.groups(), api.workers(), loadBots()]);
  fill(residents, people, "openid");
  fill(groups, chats, "chatid");
  fill(workers, staff, "userid");
  storeChanged();
}

/** Reads the bots anew: whether they are connected is in no feed. */
export async function loadBots() {
  fill(bots, await api.bots(), "bot_id");
}

function fill(map, rows, key) {
  map.clear();
  for (const row of rows) map.set(row[key], row);
}

/** All bots. */
export function listBots() {
  return [...bots.values()];
}

/** How the bot of the work groups is called. */
export function botName() {
  return listBots()[0]?.name ?? "网格助手";
}

/** A resident's shown name: the one given on this page, else the openid. */
export function residentName(openid) {
  return remembered("names", {})[openid] ?? openid;
}

/** Gives a resident a name on this page; the platform itself knows only openids. */
export function nameResident(openid, name) {
  remember("names", { ...remembered("names", {}), [openid]: name });
}

/** A worker's name, the user id when nobody told it. */
export function workerName(userid) {
  return workers.get(userid)?.name ?? userid;
}

/** A chat's shown name; `kind` is resident, group or worker. */
export function chatName(kind, id) {
  if (kind === "resident") return residentName(id);
  return kind === "group" ? (groups.get(id)?.name ?? id) : workerName(id);
}

/** What a scene's QR code belongs to, in words: a group of that key, else the scene itself. */
export function sceneName(scene) {
  return (groups.get(scene)?.name ?? scene).replace(/工作群$/, "");
}

/** Somebody spoke who is not listed in the group yet. */
export function noteMember(chatid, userid) {
  const group = groups.get(chatid);
  if (!group || !userid || group.members.some((member) => member.userid === userid)) return;
  group.members.push({ userid, name: workerName(userid) });
  storeChanged();
}

const unreadKey = (kind, id) => `${kind} ${id}`;

/** One more message that nobody looked at. */
export function noteUnread(kind, id) {
  const key = unreadKey(kind, id);
  unread.set(key, (unread.get(key) ?? 0) + 1);
  storeChanged();
}

/** The chat was opened. */
export function clearUnread(kind, id) {
  if (unread.delete(unreadKey(kind, id))) storeChanged();
}

/** Unread messages of a chat. */
export function unreadOf(kind, id) {
  return unread.get(unreadKey(kind, id)) ?? 0;
}

/** Chats of a kind with unread messages. */
export function countUnreadChats(kind) {
  let count = 0;
  for (const key of unread.keys()) if (key.startsWith(`${kind} `)) count += 1;
  return count;
}
