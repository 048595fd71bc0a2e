// The three questions that the page asks: who the new resident is, which code is scanned, where the place is.

import { api, qrPath } from "./api.js";
import { el } from "./dom.js";
import { nameResident, sceneName } from "./store.js";
import { guarded } from "./toast.js";

const MOST_CODES = 80;

/** Shows a dialog; resolves with what `finish(value)` was called with, null when it was put away. `build(finish)` makes its content. */
function ask(title, testid, build) {
  return new Promise((resolve) => {
    let value = null;
    const dialog = el("dialog", { class: "dialog", testid, "aria-label": title });
    const finish = (found) => {
      value = found;
      dialog.close();
    };
    const close = el("button", { type: "button", class: "text-button", on: { click: () => dialog.close() } }, "取消");
    dialog.append(el("h2", {}, title), ...build(finish, close));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(value);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

function field(label, input, hint = "") {
  return el("label", { class: "field" }, el("span", {}, label), input, hint ? el("small", {}, hint) : null);
}

function form(children, close, submitText, submit, testid) {
  const node = el("form", {}, ...children, el("div", { class: "dialog-foot" }, close, el("button", { type: "submit", class: "main-button", testid }, submitText)));
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  return node;
}

/** A new phone: its owner's name and openid. Resolves with the openid, null when nobody was added. */
export async function addPerson() {
  const found = await ask("添一位居民", "person-dialog", (finish, close) => {
    const name = el("input", { required: true, maxlength: "20", placeholder: "如：孙大姐", testid: "person-name" });
    const openid = el("input", { maxlength: "64", pattern: "\\S+", placeholder: "不填就用称呼", testid: "person-openid" });
    const submit = () => finish({ name: name.value.trim(), openid: openid.value.trim() || name.value.trim() });
    return [form([field("称呼", name), field("openid", openid, "微信给每位关注者的编号；新手机还没有关注公众号。")], close, "添加", submit, "person-add")];
  });
  if (!found?.openid) return null;
  return guarded(async () => {
    nameResident(found.openid, found.name);
    await api.putResident(found.openid, { follows: false });
    return found.openid;
  });
}

/** One of the QR codes that the service made; null when none was chosen. */
export async function chooseScene() {
  const codes = await guarded(() => api.qrcodes());
  if (!codes) return null;
  return ask("扫哪个二维码？", "scene-dialog", (finish, close) => {
    const search = el("input", { type: "search", placeholder: `在 ${codes.length} 个网格二维码里找`, testid: "scene-search" });
    const list = el("div", { class: "codes" });
    const draw = () => list.replaceChildren(...codeRows(codes, search.value.trim(), finish));
    search.addEventListener("input", draw);
    draw();
    return [search, list, el("div", { class: "dialog-foot" }, close)];
  });
}

function codeRows(codes, wanted, finish) {
  const found = codes.filter((code) => `${code.scene} ${sceneName(code.scene)}`.includes(wanted)).slice(0, MOST_CODES);
  if (!found.length) return [el("p", { class: "hint" }, codes.length ? "没有这样的二维码。" : "服务还没有生成过带场景的二维码。")];
  return found.map((code) =>
    el(
      "button",
      { type: "button", class: "code", testid: `scene-${code.scene}`, on: { click: () => finish(code) } },
      el("img", { src: qrPath(code.ticket), alt: "", loading: "lazy" }),
      el("span", {}, sceneName(code.scene), el("small", {}, code.scene)),
    ),
  );
}

const PLACES = [
  { label: "阳光水岸小区", lat: 46.802193, lon: 130.365536 },
  { label: "文采社区", lat: 46.804393, lon: 130.365536 },
  { label: "光明社区", lat: 46.803009, lon: 130.369182 },
  { label: "西林街道", lat: 46.805218, lon: 130.36795 },
  { label: "外地（不在辖区）", lat: 45.80378, lon: 126.53497 },
];

/** A place `{lat, lon, label}` in WeChat's coordinates (GCJ-02); null when none was chosen. */
export function choosePlace() {
  return ask("发送位置", "place-dialog", (finish, close) => {
    const label = el("input", { maxlength: "100", testid: "place-label" });
    const lat = el("input", { type: "number", step: "any", min: "-90", max: "90", required: true, testid: "place-lat" });
    const lon = el("input", { type: "number", step: "any", min: "-180", max: "180", required: true, testid: "place-lon" });
    const fill = (place) => [[label, place.label], [lat, place.lat], [lon, place.lon]].forEach(([input, value]) => (input.value = value));
    const chips = PLACES.map((place) => el("button", { type: "button", class: "chip", on: { click: () => fill(place) } }, place.label));
    fill(PLACES[0]);
    const submit = () => finish({ label: label.value.trim(), lat: Number(lat.value), lon: Number(lon.value) });
    const fields = [el("div", { class: "chips" }, ...chips), field("名称", label), el("div", { class: "pair" }, field("纬度", lat), field("经度", lon))];
    return [form(fields, close, "发送", submit, "place-send")];
  });
}
