// Files as bubbles: pictures that open large, voices, videos, other files.

import { mediaPath } from "./api.js";
import { el, icon, iconButton } from "./dom.js";
import { toast } from "./toast.js";

/** Elements for all files of a row. */
export function renderMedia(row) {
  return (row.media ?? []).map((medium) => (DRAW[medium.kind] ?? renderFile)(medium, row));
}

function renderImage(medium) {
  const address = mediaPath(medium);
  const picture = el("img", { src: address, alt: "图片", class: "thumb" });
  return el("button", { type: "button", class: "thumb-button", title: "点击看大图", testid: "picture", on: { click: () => openLarge(address) } }, picture);
}

/** Shows a picture as large as the page allows; a click or Escape closes it. */
export function openLarge(address) {
  const dialog = el("dialog", { class: "lightbox", testid: "lightbox", "aria-label": "大图" });
  dialog.append(el("img", { src: address, alt: "大图" }), iconButton("close", "关闭", () => dialog.close()));
  dialog.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function renderVoice(medium, row) {
  const play = () =>
    new Audio(mediaPath(medium)).play().catch(() => toast("浏览器放不出这种录音（手机常用 AMR），但它已经发出去了。"));
  const heard = row.text ? el("span", { class: "voice-text" }, row.text) : null;
  return el("div", { class: "voice" }, el("button", { type: "button", class: "voice-button", on: { click: play } }, icon("voice"), "语音"), heard);
}

function renderVideo(medium) {
  return el("video", { class: "thumb", src: mediaPath(medium), controls: true, preload: "metadata" });
}

function renderFile(medium) {
  const name = medium.filename || "文件";
  return el("a", { class: "file", href: mediaPath(medium), download: name }, icon("file"), el("span", {}, name));
}

const DRAW = { image: renderImage, thumb: renderImage, voice: renderVoice, video: renderVideo, shortvideo: renderVideo };
