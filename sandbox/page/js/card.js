// WeCom template cards, and what they were changed to.

import { el, outerLink } from "./dom.js";
import { hourMinute } from "./time.js";

/** What a viewer sees of a card: `{face, buttons, changedAt}`. A change may be for some members only. */
export function faceFor(row, userid) {
  const first = { face: row.raw?.template_card ?? {}, buttons: row.card?.buttons ?? [], changedAt: 0 };
  const seen = (row.card?.updates ?? []).filter((update) => !update.userids.length || update.userids.includes(userid));
  const last = seen.at(-1);
  return last ? { face: last.raw ?? {}, buttons: last.buttons, changedAt: last.at } : first;
}

/** The card's element; `press(taskId, key)` resolves when the platform has taken the click. */
export function renderCard(row, userid, press) {
  const { face, buttons, changedAt } = faceFor(row, userid);
  const styles = stylesOf(face);
  const foot = buttons.map((button) => renderButton(button, styles.get(button.key) ?? 1, changedAt, (key) => press(row.card.task_id, key)));
  return el(
    "div",
    { class: changedAt ? "card is-changed" : "card", testid: "card", data: { task: row.card?.task_id ?? "" } },
    ...renderBody(face, row.text),
    foot.length ? el("div", { class: `card-buttons many-${Math.min(foot.length, 4)}` }, ...foot) : null,
    changedAt ? el("div", { class: "card-changed" }, `卡片已更新 ${hourMinute(changedAt)}`) : null,
  );
}

function stylesOf(face) {
  const found = [...(face.button_list ?? []), face.submit_button].filter(Boolean);
  return new Map(found.map((button) => [button.key, button.style ?? 1]));
}

function renderButton(button, style, changedAt, press) {
  const isSpent = changedAt && style === 3;
  const node = el("button", { type: "button", class: `card-button style-${style}${isSpent ? " is-spent" : ""}`, testid: `card-button-${button.key}` }, button.text);
  node.addEventListener("click", async () => {
    node.disabled = true;
    await press(button.key);
    node.disabled = false;
  });
  return node;
}

function renderBody(face, words) {
  const parts = [
    line("card-source", face.source?.desc),
    line("card-title", face.main_title?.title),
    line("card-desc", face.main_title?.desc),
    renderEmphasis(face.emphasis_content),
    renderQuote(face.quote_area),
    line("card-sub", face.sub_title_text),
    renderPairs(face.horizontal_content_list),
    ...(face.vertical_content_list ?? []).map((item) => el("div", { class: "card-vertical" }, line("card-desc", item.title), line("", item.desc))),
    ...(face.jump_list ?? []).map((jump) => el("div", { class: "card-jump" }, outerLink(jump.url ?? "", jump.title ?? ""))),
    renderAction(face.card_action),
  ].filter(Boolean);
  return parts.length ? parts : [line("card-sub", words)];
}

function line(look, text) {
  return text ? el("div", { class: look }, text) : null;
}

function renderEmphasis(part) {
  return part?.title ? el("div", { class: "card-emphasis" }, el("strong", {}, part.title), line("card-desc", part.desc)) : null;
}

function renderQuote(part) {
  return part?.quote_text ? el("blockquote", { class: "card-quote" }, line("card-desc", part.title), part.quote_text) : null;
}

function renderPairs(list) {
  const pairs = (list ?? []).flatMap((item) => [el("dt", {}, item.keyname ?? ""), el("dd", {}, item.url ? outerLink(item.url, item.value ?? item.url) : (item.value ?? ""))]);
  return pairs.length ? el("dl", { class: "card-pairs" }, ...pairs) : null;
}

function renderAction(action) {
  return action?.url ? el("div", { class: "card-jump" }, outerLink(action.url, "查看详情")) : null;
}
