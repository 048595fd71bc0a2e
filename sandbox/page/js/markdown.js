// The markdown that work groups show, built as elements: headings, quotes, lists, bold, code, font colours, links, @ of members.

import { el, outerLink } from "./dom.js";

const COLOURS = new Set(["info", "comment", "warning"]);
const INLINE = /\*\*(.+?)\*\*|`([^`]+)`|\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)|<font\s+color=["']?(\w+)["']?>(.*?)<\/font>|<@([0-9A-Za-z_.@-]+)>|(https?:\/\/[0-9A-Za-z\-._~:/?#@!$&'()+,;=%]+)/s;
const BLOCKS = [
  [/^(#{1,6})\s+(.*)$/, (found, name) => el("h4", { class: `level-${found[1].length}` }, ...inline(found[2], name))],
  [/^>\s?(.*)$/, (found, name) => el("blockquote", {}, ...inline(found[1], name))],
  [/^\s*[-*+]\s+(.*)$/, (found, name) => el("div", { class: "item" }, el("i", {}, "•"), el("span", {}, ...inline(found[1], name)))],
  [/^\s*(\d{1,9}[.)])\s+(.*)$/, (found, name) => el("div", { class: "item" }, el("i", {}, found[1]), el("span", {}, ...inline(found[2], name)))],
  [/^\s*([-*_])\1{2,}\s*$/, () => el("hr")],
];

/** The elements of a markdown text; `nameOf(userid)` tells who `<@userid>` is. Words stay text whatever they look like. */
export function renderMarkdown(text, nameOf) {
  return text.split("\n").map((line) => renderLine(line, nameOf));
}

function renderLine(line, nameOf) {
  for (const [pattern, build] of BLOCKS) {
    const found = pattern.exec(line);
    if (found) return build(found, nameOf);
  }
  return el("div", { class: "line" }, ...(line ? inline(line, nameOf) : [el("br")]));
}

/** Text without blocks: what a webhook's `text` knows, bold and links. */
export function inline(text, nameOf) {
  const nodes = [];
  let rest = text;
  for (let found = INLINE.exec(rest); found; found = INLINE.exec(rest)) {
    if (found.index) nodes.push(rest.slice(0, found.index));
    nodes.push(inlineNode(found, nameOf));
    rest = rest.slice(found.index + found[0].length);
  }
  if (rest) nodes.push(rest);
  return nodes;
}

function inlineNode([whole, bold, code, title, address, colour, coloured, userid, bare], nameOf) {
  if (bold) return el("strong", {}, ...inline(bold, nameOf));
  if (code) return el("code", {}, code);
  if (title) return outerLink(address, title);
  if (colour) return el("span", { class: COLOURS.has(colour) ? `font-${colour}` : "" }, ...inline(coloured, nameOf));
  if (userid) return el("span", { class: "mention" }, `@${nameOf(userid)}`);
  return bare ? outerLink(bare, bare) : whole;
}

/** Plain text of WeCom: addresses and members are marked, nothing else. */
export function renderPlain(text, nameOf) {
  const nodes = [];
  let at = 0;
  for (const found of text.matchAll(/<@([0-9A-Za-z_.@-]+)>|https?:\/\/[0-9A-Za-z\-._~:/?#@!$&'()+,;=%]+|^@\S+/g)) {
    nodes.push(text.slice(at, found.index), plainNode(found, nameOf));
    at = found.index + found[0].length;
  }
  return [...nodes, text.slice(at)].filter((node) => node !== "");
}

function plainNode([whole, userid], nameOf) {
  if (userid) return el("span", { class: "mention" }, `@${nameOf(userid)}`);
  return whole.startsWith("@") ? el("span", { class: "mention" }, whole) : outerLink(whole, whole);
}
