// Text of the official account: links that a phone makes tappable, everything else as written.

import { outerLink } from "./dom.js";

const LINKS = /<a\s+href=(["'])(https?:\/\/[^"'<>\s]+)\1[^>]*>([^<]*)<\/a>|(https?:\/\/[0-9A-Za-z\-._~:/?#@!$&'()*+,;=%]+)/gi;

/** Nodes of `text`: WeChat's `<a href>` and bare addresses become links, all else is plain text. */
export function linked(text) {
  const nodes = [];
  let at = 0;
  for (const found of text.matchAll(LINKS)) {
    nodes.push(text.slice(at, found.index));
    nodes.push(outerLink(found[2] ?? found[4], found[3] ?? found[4]));
    at = found.index + found[0].length;
  }
  nodes.push(text.slice(at));
  return nodes.filter((node) => node !== "");
}
