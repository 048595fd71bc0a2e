// A row of any chat in one short line, and what the platform's events mean in words.

import { sceneName } from "./store.js";

const PLACEHOLDERS = {
  image: "[图片]",
  voice: "[语音]",
  video: "[视频]",
  shortvideo: "[视频]",
  file: "[文件]",
  news: "[图文]",
  mpnews: "[图文]",
  template_card: "[卡片]",
  template: "[通知]",
  subscribe: "[通知]",
};

/** A message on one line, as a list of chats shows it. */
export function snippet(row) {
  const mark = PLACEHOLDERS[row.msgtype] ?? "";
  const text = plainLine(row.text ?? "");
  if (row.msgtype === "mixed") return `[图片] ${text}`;
  return mark && row.msgtype !== "file" ? `${mark} ${text}`.trim() : text || mark;
}

function plainLine(text) {
  return text
    .replace(/<\/?(?:font|a)\b[^>]*>/g, "")
    .replace(/\*\*(\S.*?)\*\*|`([^`]+)`|\[([^\]]+)\]\(https?:[^)\s]*\)/g, "$1$2$3")
    .replace(/^[>#\s]+/gm, "")
    .replace(/\s+/g, " ")
    .trim();
}

/** What a resident did that is no message: `[CLICK] PROGRESS` in words. `menuNames` maps keys to what the button says. */
export function eventWords(text, menuNames) {
  const [, name = "", key = ""] = /^\[([^\]]*)\]\s*(.*)$/s.exec(text) ?? [];
  const scene = key.replace(/^qrscene_/, "");
  switch (name) {
    case "subscribe":
      return scene ? `你扫描“${sceneName(scene)}”的二维码，关注了公众号` : "你关注了公众号";
    case "unsubscribe":
      return "你取消了关注";
    case "SCAN":
      return `你扫描了“${sceneName(scene)}”的二维码`;
    case "CLICK":
      return `你点击了菜单“${menuNames.get(key) ?? key}”`;
    case "VIEW":
      return `你打开了菜单链接 ${key}`;
    default:
      return text;
  }
}
