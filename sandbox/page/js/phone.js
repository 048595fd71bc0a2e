// A resident's phone: the chat with the account, the input, the custom menu, and following.

import { api } from "./api.js";
import { renderPhoneRow } from "./bubbles.js";
import { ChatView } from "./chat.js";
import { choosePlace, chooseScene } from "./dialogs.js";
import { avatar, el, icon, iconButton, surname } from "./dom.js";
import { chooseFiles, pastedPictures, takePhoto, toBase64 } from "./files.js";
import { menuNames, onMenuChange, renderMenu } from "./menu.js";
import { popover } from "./popover.js";
import { residentName } from "./store.js";
import { chatTime, clockNow, hourMinute } from "./time.js";
import { guarded, toast } from "./toast.js";

const TRY_OUT = ["阳光水岸12号楼3单元下水道堵了，污水都冒出来了", "噪音太大了", "我的网格员"];

export class Phone {
  kind = "resident";

  /** The phone of `openid`; `onClose` when its × is pressed. */
  constructor(openid, onClose) {
    this.id = this.openid = openid;
    this.state = { follows: true, pushes_left: 0, window_open: false };
    this.waiting = 0;
    this.chat = new ChatView((row) => renderPhoneRow(row, this), this.renderEmpty());
    this.status = el("span", { class: "window-state", testid: "follow-state" });
    this.time = el("span", {});
    this.input = el("input", { class: "phone-input", testid: "phone-input", "aria-label": `${residentName(openid)}说`, placeholder: "说点什么，回车发送", autocomplete: "off", maxlength: "2000" });
    this.plus = el("div", { class: "plus-panel", hidden: true }, ...this.renderPlus());
    this.menu = el("div", { class: "menu-slot" });
    this.foot = el("div", { class: "phone-foot" });
    this.node = this.render(onClose);
    this.forgetMenu = onMenuChange(() => this.drawMenu());
    this.drawMenu();
  }

  get menuNames() {
    return menuNames();
  }

  render(onClose) {
    const name = residentName(this.openid);
    const more = iconButton("more", "更多", () => this.openMore(more), { testid: "phone-more" });
    const head = el("header", { class: "window-head" }, avatar(name, surname(name), "is-small"), el("span", { class: "window-name", title: this.openid }, name), this.status, more, iconButton("close", "收起这部手机", onClose, { testid: "window-close" }));
    const bar = el("div", { class: "phone-status" }, this.time, el("span", {}, "微信"), el("span", { class: "battery" }));
    const title = el("div", { class: "phone-title" }, icon("back"), el("strong", {}, "社区网格"), icon("more"));
    this.foot.append(...this.renderInput(), this.plus, this.menu);
    return el("article", { class: "window phone", testid: `phone-${this.openid}`, "aria-label": `${name}的手机` }, head, el("div", { class: "phone-frame" }, bar, title, this.chat.node, this.foot));
  }

  renderInput() {
    const send = el("button", { type: "submit", class: "send", testid: "phone-send" }, "发送");
    const toggle = iconButton("plus", "图片、位置、语音", () => this.plus.toggleAttribute("hidden"), { testid: "phone-plus" });
    const form = el("form", { class: "phone-form" }, this.input, toggle, send);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.sendText();
    });
    this.input.addEventListener("paste", (event) => pastedPictures(event).forEach((file) => this.sendFile("image", file)));
    return [form];
  }

  renderPlus() {
    const entry = (name, label, testid, run) => el("button", { type: "button", class: "plus-entry", testid, on: { click: () => this.fromPlus(run) } }, el("span", { class: "plus-icon" }, icon(name)), label);
    return [
      entry("picture", "照片", "phone-picture", () => this.pick("image", "image/*", true)),
      entry("camera", "拍摄", "phone-camera", async () => this.sendFile("image", await takePhoto("resident", chatTime(clockNow())))),
      entry("place", "位置", "phone-place", () => this.sendPlace()),
      entry("voice", "语音", "phone-voice", () => this.pick("voice", "audio/*,.amr", false)),
    ];
  }

  fromPlus(run) {
    this.plus.setAttribute("hidden", "");
    guarded(run);
  }

  renderEmpty() {
    const tries = TRY_OUT.map((text) => el("button", { type: "button", class: "try-out", on: { click: () => this.fill(text) } }, `试试：${text}`));
    return el("div", { class: "chat-empty" }, el("p", {}, "像居民一样说句话，或按右下角 ＋ 发照片、位置。"), ...tries);
  }

  fill(text) {
    this.input.value = text;
    this.input.focus();
  }

  drawMenu() {
    this.menu.replaceChildren(...[renderMenu((button) => this.press(button))].filter(Boolean));
  }

  /** Reads everything anew: at opening and after the feed was away. */
  async load() {
    const rows = await api.talk("resident", this.openid);
    for (const row of rows.slice(-200)) this.chat.put(row);
    await this.refresh();
  }

  /** A row from the feed. */
  put(row) {
    this.chat.put(row);
    if (/^\[(un)?subscribe\]/.test(row.text) && row.msgtype === "event") this.later();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => guarded(() => this.refresh()), 200);
  }

  async refresh() {
    this.state = await api.resident(this.openid);
    this.drawState();
  }

  drawState() {
    const { follows, window_open: isOpen, pushes_left: left } = this.state;
    this.status.textContent = follows ? (isOpen ? `48 小时内，还可推 ${left} 条` : "48 小时窗口已关") : "未关注";
    this.status.classList.toggle("is-off", !follows);
    this.node.classList.toggle("is-stranger", !follows);
    if (!follows && !this.cover) this.foot.before((this.cover = this.renderCover()));
    if (follows) this.cover = this.cover?.remove();
  }

  renderCover() {
    const follow = el("button", { type: "button", class: "follow", testid: "follow", on: { click: () => this.follow() } }, "关注公众号");
    const scan = el("button", { type: "button", class: "follow is-second", testid: "scan", on: { click: () => this.scan() } }, icon("scan"), "扫码关注");
    return el("div", { class: "phone-cover" }, avatar("社区网格", "网", "is-official is-big"), el("strong", {}, "社区网格"), el("p", {}, "身边事随手说，网格员来办。"), follow, scan);
  }

  /** Each second: the phone's own clock. */
  tick() {
    this.time.textContent = hourMinute(clockNow());
  }

  follow() {
    return this.say({ event: { Event: "subscribe", EventKey: "" } });
  }

  async scan() {
    const code = await chooseScene();
    if (code) await this.report(() => api.scan(this.openid, code.ticket));
  }

  openMore(anchor) {
    const { follows, window_open: isOpen, templates_accepted: accepted } = this.state;
    const put = (state) => () => guarded(async () => this.setState(await api.putResident(this.openid, state)));
    popover(anchor, [
      { text: "扫网格二维码…", run: () => this.scan(), testid: "more-scan" },
      follows
        ? { text: "取消关注", run: () => this.say({ event: { Event: "unsubscribe" } }), testid: "more-unfollow" }
        : { text: "关注公众号", run: () => this.follow() },
      { text: "48 小时窗口开着", isOn: isOpen, run: put({ window_open: !isOpen }) },
      { text: "接收通知", isOn: accepted !== false, run: put({ templates_accepted: accepted === false }) },
    ]);
  }

  setState(state) {
    this.state = state;
    this.drawState();
  }

  press(button) {
    if (button.type === "view") {
      window.open(button.url, "_blank", "noopener");
      return this.say({ event: { Event: "VIEW", EventKey: button.url } });
    }
    return this.say({ event: { Event: "CLICK", EventKey: button.key } });
  }

  /** Sends a tapped line of a msgmenu. */
  choose(content, id) {
    return this.say({ text: content, bizmsgmenuid: String(id) });
  }

  sendText() {
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    this.say({ text });
  }

  async pick(kind, accept, isMultiple) {
    for (const file of await chooseFiles(accept, isMultiple)) await this.sendFile(kind, file);
  }

  async sendFile(kind, file) {
    await this.say({ [kind]: await toBase64(file) });
  }

  async sendPlace() {
    const place = await choosePlace();
    if (place) await this.say({ location: place });
  }

  say(body) {
    return this.report(() => api.say("resident", this.openid, body));
  }

  /** Waits for the account's answer, and tells when there is none. */
  async report(work) {
    this.chat.setWaiting((this.waiting += 1) > 0);
    const outcome = await guarded(work);
    this.chat.setWaiting((this.waiting -= 1) > 0);
    if (outcome) this.tellOutcome(outcome);
    await guarded(() => this.catchUp());
  }

  tellOutcome(outcome) {
    const who = residentName(this.openid);
    if (outcome.platform_gave_up) toast(`三次未应答（${who}）：${outcome.tries.map(tryWords).join("，")}`, true);
    else if (outcome.why) toast(`${who}：${outcome.why}`, true);
  }

  /** What the feed may not have brought yet, and the state of the windows. */
  async catchUp() {
    for (const row of await api.talk("resident", this.openid, this.chat.lastSeq)) this.chat.put(row);
    await this.refresh();
  }

  /** The window has been closed. */
  close() {
    clearTimeout(this.timer);
    this.forgetMenu();
  }
}

function tryWords({ status, ms }) {
  if (status) return `HTTP ${status}`;
  return ms < 1000 ? "连不上" : `${(ms / 1000).toFixed(1)} 秒无应答`;
}
