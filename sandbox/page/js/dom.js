// Building the page. Text goes in as text only: nothing here parses HTML, so a resident's words can never become markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element; `props` are attributes, and of these `on` holds listeners, `testid` and `data` become data-…; children are nodes or strings. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) setProp(node, name, value);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function setProp(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "on") for (const [event, heard] of Object.entries(value)) node.addEventListener(event, heard);
  else if (name === "data") Object.assign(node.dataset, value);
  else if (name === "testid") node.dataset.testid = value;
  else if (name === "value") node.value = value;
  else node.setAttribute(name, value === true ? "" : value);
}

/** An icon of the sprite in index.html. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** A button that shows only an icon; `label` is read aloud and shown on hover. */
export function iconButton(name, label, onClick, props = {}) {
  const look = `icon-button ${props.class ?? ""}`.trim();
  return el("button", { type: "button", title: label, "aria-label": label, ...props, class: look, on: { click: onClick } }, icon(name));
}

/** A link that leaves the page; anything but http and https stays text. */
export function outerLink(address, text) {
  if (!/^https?:\/\//i.test(address)) return document.createTextNode(text);
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, text);
}

const TONES = 8;

/** A square picture with one character; the colour follows from the name. */
export function avatar(name, mark, extra = "") {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return el("span", { class: `avatar tone-${sum % TONES} ${extra}`.trim(), "aria-hidden": "true" }, mark);
}

/** The first character that stands for a person: the surname, without a leading 居民. */
export function surname(name) {
  const bare = name.replace(/^居民/, "") || name;
  return Array.from(bare)[0]?.toUpperCase() ?? "?";
}
