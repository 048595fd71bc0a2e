// The page's start: reads what there is, opens the windows, and hands on what the live feed brings.

import { addPerson } from "./dialogs.js";
import { el } from "./dom.js";
import { listen } from "./live.js";
import { loadMenu } from "./menu.js";
import { Phone } from "./phone.js";
import { picker } from "./picker.js";
import { Room } from "./room.js";
import { groups, loadRosters, noteMember, noteUnread, onStoreChange, residentName, residents, unreadOf, workers } from "./store.js";
import { addToStrip } from "./strip.js";
import { clockMoved, drawClock, refreshTopbar, setLive, startTopbar } from "./topbar.js";
import { guarded } from "./toast.js";
import { Windows } from "./windows.js";

const ROSTER_MS = 400;
const BOOKS_MS = 1500;
const IDLE_MS = 15000;

const box = (id) => document.getElementById(id);
const phones = new Windows("phones", box("phones"), (kind, id, close) => new Phone(id, close), "搜索一位居民，或按“＋居民”添一部手机。");
const rooms = new Windows("rooms", box("rooms"), makeRoom, "搜索并打开一个工作群；群里有新消息时，也可以从上面的“最新动态”打开。");

function makeRoom(kind, id, close) {
  return new Room(kind, id, { close, openWorker: (userid) => rooms.show("worker", userid) });
}

/** Calls `work` once, `ms` after the first of many wishes; slow work is done more rarely, so that it takes a twentieth of the time at most. */
function later(work, ms) {
  let isWanted = false;
  let pause = ms;
  const run = async () => {
    isWanted = false;
    const begin = performance.now();
    await guarded(work);
    pause = Math.max(ms, 20 * (performance.now() - begin));
  };
  return () => {
    if (isWanted) return;
    isWanted = true;
    setTimeout(run, pause);
  };
}

const rosterSoon = later(loadRosters, ROSTER_MS);
const booksSoon = later(refreshTopbar, BOOKS_MS);

function onEvent({ kind, id, message }) {
  if (kind === "clock") return clockMoved(message.now);
  if (kind === "roster") return rosterSoon();
  booksSoon();
  if (kind === "resident") return toChat(phones, kind, id, message);
  if (kind === "group") noteMember(id, message.via === "say" ? message.userid : "");
  addToStrip(kind, id, message, () => rooms.show(kind, id));
  return toChat(rooms, kind, id, message);
}

function toChat(windows, kind, id, row) {
  const window = windows.find(kind, id);
  if (window) window.put(row);
  else if (row.via !== "me") noteUnread(kind, id);
}

function onState(isOpen) {
  setLive(isOpen);
  if (isOpen) guarded(catchUp);
}

let isStarted = false;

/** After each opening of the feed: what happened while it was away. */
async function catchUp() {
  await Promise.all([loadRosters(), loadMenu(), refreshTopbar()]);
  if (!isStarted) return start();
  for (const window of [...phones.all(), ...rooms.all()]) await window.load();
  return undefined;
}

async function start() {
  isStarted = true;
  const first = [...residents.keys()].slice(0, 2).map((id) => ({ kind: "resident", id }));
  await phones.restore((kind, id) => residents.has(id), first);
  await rooms.restore((kind, id) => (kind === "group" ? groups : workers).has(id), firstRooms(first));
}

/** The groups of the grids that the first residents follow; else the first two. */
function firstRooms(people) {
  const scenes = [...new Set(people.map(({ id }) => residents.get(id)?.scene))].filter((scene) => groups.has(scene));
  const ids = scenes.length ? scenes : [...groups.keys()].slice(0, 2);
  return ids.map((id) => ({ kind: "group", id }));
}

function buildBars() {
  const add = el("button", { type: "button", class: "main-button", testid: "add-resident", on: { click: () => guarded(addPhone) } }, "＋居民");
  box("phones-bar").append(el("h2", {}, "居民手机"), picker(residentPicker()), add);
  box("rooms-bar").append(el("h2", {}, "工作群"), picker(groupPicker()), picker(workerPicker()));
}

async function addPhone() {
  const openid = await addPerson();
  if (!openid) return;
  await loadRosters();
  await phones.show("resident", openid);
}

function residentPicker() {
  const list = () => [...residents.values()].map((person) => entry("resident", person.openid, residentName(person.openid), person.follows ? "" : "未关注"));
  return { kind: "resident", placeholder: "找居民", list, isShown: (id) => Boolean(phones.find("resident", id)), open: (id) => phones.show("resident", id) };
}

function groupPicker() {
  const list = () => [...groups.values()].map((group) => entry("group", group.chatid, group.name, `${group.members.length} 人`));
  return { kind: "group", placeholder: "找工作群", list, isShown: (id) => Boolean(rooms.find("group", id)), open: (id) => rooms.show("group", id) };
}

function workerPicker() {
  const list = () => [...workers.values()].map((worker) => entry("worker", worker.userid, worker.name, worker.userid));
  return { kind: "worker", placeholder: "找网格员私聊", list, isShown: (id) => Boolean(rooms.find("worker", id)), open: (id) => rooms.show("worker", id) };
}

function entry(kind, id, name, note) {
  return { id, name, note, unread: unreadOf(kind, id) };
}

function everySecond() {
  drawClock();
  for (const phone of phones.all()) phone.tick();
}

async function whileIdle() {
  await Promise.all([refreshTopbar(), loadMenu()]);
}

buildBars();
startTopbar();
onStoreChange(() => rooms.all().forEach((room) => room.refreshRoster()));
listen(onEvent, onState);
setInterval(everySecond, 1000);
setInterval(() => document.hidden || whileIdle().catch(() => setLive(false)), IDLE_MS);
