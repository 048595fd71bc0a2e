// A work group, or a worker's single chat with the bot: who speaks, the @, quoting, pictures, buttons.

import { api } from "./api.js";
import { ChatView } from "./chat.js";
import { avatar, el, icon, iconButton, surname } from "./dom.js";
import { chooseFiles, pastedPictures, takePhoto, toBase64 } from "./files.js";
import { renderRoomRow } from "./messages.js";
import { botName, groups, remember, remembered, workerName } from "./store.js";
import { chatTime, clockNow } from "./time.js";
import { guarded, toast } from "./toast.js";
import { snippet } from "./words.js";

const HINT_MENTION = "只有 @ 了机器人，它才听得到。";
const HINT_SILENT = "没有 @，机器人听不到这句话。";

export class Room {
  /** `kind` is group or worker, `id` the chat id or user id; `hooks` has `close()` and `openWorker(userid)`. */
  constructor(kind, id, hooks) {
    this.kind = kind;
    this.id = id;
    this.hooks = hooks;
    this.isMentioning = true;
    this.isPhone = remembered("isPhone", true);
    this.pictures = [];
    this.quoted = null;
    this.chat = new ChatView((row) => renderRoomRow(row, this), this.renderEmpty());
    this.input = el("input", { class: "room-input", testid: `${kind}-input`, autocomplete: "off", maxlength: "4000", "aria-label": "发消息" });
    this.tray = el("div", { class: "tray", hidden: true });
    this.hint = el("p", { class: "room-hint" });
    this.node = kind === "group" ? this.renderGroup() : this.renderSingle();
    this.drawHint();
  }

  get speaker() {
    return this.kind === "group" ? this.who.value : this.id;
  }

  find(seq) {
    return this.chat.find(seq);
  }

  renderGroup() {
    this.who = el("select", { class: "speaker", testid: "group-speaker", "aria-label": "谁来说" });
    this.who.addEventListener("change", () => this.changeSpeaker());
    this.mention = el("button", { type: "button", class: "toggle", testid: "mention-toggle", on: { click: () => this.setMention(!this.isMentioning) } });
    this.device = iconButton("phone", "", () => this.setDevice(!this.isPhone), { testid: "device-toggle" });
    this.title = el("strong", {});
    this.count = el("span", { class: "member-count" });
    const single = iconButton("chat", "打开所选成员与机器人的私聊", () => this.hooks.openWorker(this.speaker), { testid: "open-single" });
    const head = el("header", { class: "window-head room-head" }, avatar(this.id, "群", "is-small is-group"), el("span", { class: "window-name", title: this.id }, this.title, this.count), single, iconButton("close", "收起这个群", () => this.hooks.close(), { testid: "window-close" }));
    this.drawMembers();
    this.setMention(true);
    this.setDevice(this.isPhone);
    return this.assemble(head, `group-${this.id}`, [this.who, this.mention, el("span", { class: "grow" }), ...this.renderTools(), this.device]);
  }

  renderSingle() {
    const name = workerName(this.id);
    const head = el("header", { class: "window-head room-head" }, avatar(name, surname(name), "is-small"), el("span", { class: "window-name", title: this.id }, el("strong", {}, `${name} 与 ${botName()}`), el("span", { class: "member-count" }, "私聊")), iconButton("close", "收起这个私聊", () => this.hooks.close(), { testid: "window-close" }));
    const voice = iconButton("voice", "发语音（上传录音）", () => guarded(() => this.sendFiles("voice", "audio/*,.amr")), { testid: "room-voice" });
    const file = iconButton("file", "发文件", () => guarded(() => this.sendFiles("file", "")), { testid: "room-file" });
    return this.assemble(head, `worker-${this.id}`, [el("span", { class: "speaker is-fixed" }, `${name}说`), el("span", { class: "grow" }), ...this.renderTools(), voice, file]);
  }

  renderTools() {
    return [
      iconButton("picture", "选图片", () => guarded(() => this.pickPictures()), { testid: "room-picture" }),
      iconButton("camera", "拍一张处理后的照片", () => guarded(async () => this.addPictures([await takePhoto("worker", chatTime(clockNow()))])), { testid: "room-camera" }),
    ];
  }

  assemble(head, testid, tools) {
    const form = el("form", { class: "room-form" }, this.input, el("button", { type: "submit", class: "send", testid: "room-send" }, "发送"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      guarded(() => this.send());
    });
    this.input.addEventListener("paste", (event) => this.addPictures(pastedPictures(event)));
    this.input.addEventListener("input", () => this.drawHint());
    const foot = el("div", { class: "room-foot" }, el("div", { class: "room-tools" }, ...tools), this.tray, form, this.hint);
    return el("article", { class: `window room is-${this.kind}`, testid }, head, this.chat.node, foot);
  }

  renderEmpty() {
    const words = this.kind === "group" ? ["居民报来的事派到这个网格时，卡片会出现在这里。", "试试：待办　帮助　上报 3号楼门前建筑垃圾"] : ["这里只有这位网格员和机器人，不用 @。", "试试：发一张处理后的照片，或写：待办"];
    return el("div", { class: "chat-empty" }, ...words.map((line) => el("p", {}, line)));
  }

  /** Name, members and speaker anew: the roster has changed. */
  drawMembers() {
    const group = groups.get(this.id) ?? { name: this.id, members: [] };
    this.title.textContent = group.name;
    this.count.textContent = `（${group.members.length}）`;
    const wanted = this.who.value || remembered("speakers", {})[this.id];
    const members = group.members.length ? group.members : [{ userid: "w-guest", name: "新成员" }];
    this.who.replaceChildren(...members.map((member) => el("option", { value: member.userid }, `${member.name}说`)));
    if (members.some((member) => member.userid === wanted)) this.who.value = wanted;
  }

  refreshRoster() {
    if (this.kind === "group" && document.activeElement !== this.who) this.drawMembers();
  }

  /** Speaks as that member from now on. */
  changeSpeaker() {
    remember("speakers", { ...remembered("speakers", {}), [this.id]: this.speaker });
    this.chat.redraw();
  }

  setMention(isOn) {
    this.isMentioning = isOn;
    this.mention.setAttribute("aria-pressed", String(isOn));
    this.mention.textContent = `@${botName()}`;
    this.drawHint();
  }

  setDevice(isPhone) {
    this.isPhone = isPhone;
    remember("isPhone", isPhone);
    const label = isPhone ? "手机端：图片与文字分开发（点击换成电脑端）" : "电脑端：文字带图片一起发（点击换成手机端）";
    this.device.replaceChildren(icon(isPhone ? "phone" : "pc"));
    this.device.title = label;
    this.device.setAttribute("aria-label", label);
    this.drawHint();
  }

  drawHint() {
    const isGroup = this.kind === "group";
    this.input.placeholder = isGroup ? (this.isMentioning ? `@${botName()} 办结 已疏通，更换一段管道` : "只在群里说说") : `对${botName()}说`;
    const apart = isGroup && this.pictures.length && this.isPhone ? "手机端图片与文字分开发，图片带不上 @。" : "";
    this.hint.textContent = apart || (isGroup ? (this.isMentioning ? HINT_MENTION : HINT_SILENT) : "");
    this.hint.classList.toggle("is-silent", isGroup && !this.isMentioning);
  }

  quote(row) {
    this.quoted = row;
    this.drawTray();
    this.input.focus();
  }

  async pickPictures() {
    this.addPictures(await chooseFiles("image/*", true));
  }

  addPictures(files) {
    this.pictures.push(...files);
    this.drawTray();
  }

  drawTray() {
    const quote = this.quoted ? el("span", { class: "tray-quote", testid: "quote-preview" }, `引用 ${snippet(this.quoted).slice(0, 60)}`, iconButton("close", "不引用了", () => this.dropQuote())) : null;
    const thumbs = this.pictures.map((file, index) => this.renderThumb(file, index));
    this.tray.replaceChildren(...[quote, ...thumbs].filter(Boolean));
    this.tray.toggleAttribute("hidden", !quote && !thumbs.length);
    this.drawHint();
  }

  renderThumb(file, index) {
    const address = URL.createObjectURL(file);
    const picture = el("img", { src: address, alt: "待发的图片", on: { load: () => URL.revokeObjectURL(address) } });
    return el("span", { class: "tray-thumb", testid: "tray-thumb" }, picture, iconButton("close", "不发这张", () => this.dropPicture(index)));
  }

  dropQuote() {
    this.quoted = null;
    this.drawTray();
  }

  dropPicture(index) {
    this.pictures.splice(index, 1);
    this.drawTray();
  }

  async send() {
    const text = this.input.value.trim();
    const images = await Promise.all(this.pictures.map(toBase64));
    if (!text && !images.length) return;
    const body = { text, ...(this.quoted ? { quote: this.quoted.seq } : {}), ...(images.length ? { images } : {}) };
    this.input.value = "";
    this.pictures = [];
    this.dropQuote();
    await (this.kind === "group" ? this.sayInGroup(body) : this.deliver(body));
  }

  /** A phone sends pictures alone: with no words there is nothing to carry the @ either. */
  async sayInGroup(body) {
    const isAlone = this.isPhone && !body.text;
    const device = this.isPhone ? { device: "phone" } : {};
    if (isAlone) for (const image of body.images) await this.deliver({ ...body, text: "", images: [image], userid: this.speaker, mention: false }, true);
    else await this.deliver({ ...body, ...device, userid: this.speaker, mention: this.isMentioning }, !this.isMentioning);
  }

  async deliver(body, isQuiet = false) {
    const answer = await api.say(this.kind, this.id, body);
    if (!answer.delivered && !isQuiet) toast(answer.why, true);
    await this.catchUp();
  }

  async sendFiles(kind, accept) {
    for (const file of await chooseFiles(accept)) await this.deliver({ [kind]: await toBase64(file), filename: file.name });
  }

  /** A member presses a card's button. */
  async press(taskId, key) {
    const answer = await guarded(() => api.click(this.kind, this.id, { userid: this.speaker, task_id: taskId, key }));
    if (answer && !answer.delivered) toast(answer.why, true);
  }

  /** Reads everything anew: at opening and after the feed was away. */
  async load() {
    for (const row of (await api.talk(this.kind, this.id)).slice(-200)) this.chat.put(row);
  }

  put(row) {
    this.chat.put(row);
  }

  async catchUp() {
    for (const row of await api.talk(this.kind, this.id, this.chat.lastSeq)) this.chat.put(row);
  }

  tick() {}

  close() {}
}
