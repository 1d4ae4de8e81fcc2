// Messages: their menu, reactions, threads, editing, keyboard navigation, and what is new.

import { prepare } from "./combo.js";
import { drawPart, onDrawn, refresh, view } from "./live.js";
import { confirmed, heading, popUp } from "./menus.js";
import { morphChildren } from "./morph.js";
import { attempt, channel, me, toast } from "./net.js";

const page = document.body.dataset;
const actions = document.getElementById("message-actions");
const reactions = document.getElementById("reactions");
const announcer = document.getElementById("announcer");
const NEAR = 80;

let target = null;
const about = (message) => ({ channel: message.dataset.channel, ts: message.dataset.ts });
const act = async (route, message, more = {}) => {
  await attempt(route, { ...about(message), ...more });
  await refresh("messages", "thread", "header");
};

// Threads

export async function openThread(ts) {
  view.thread = ts;
  remember();
  await refresh("thread");
  const pane = document.querySelector(".thread");
  toBottom(pane?.querySelector("[data-scroller]"));
  (pane?.querySelector("textarea") ?? pane?.querySelector("[data-do]"))?.focus();
}

export async function closeThread() {
  const before = view.thread;
  view.thread = "";
  remember();
  await refresh("thread");
  document.getElementById(`channel-${before}`)?.focus();
}

function remember() {
  const address = new URL(location.href);
  address.search = view.thread ? `?thread=${view.thread}` : "";
  address.hash = "";
  history.replaceState(null, "", address);
}

// The menu of a message

function openMenu(message, anchor) {
  target = message;
  const { mine, pinned } = { mine: "mine" in message.dataset, pinned: "pinned" in message.dataset };
  const fits = { thread: message.id.startsWith("channel"), pin: !pinned, unpin: pinned, edit: mine, delete: mine || "admin" in page };
  for (const item of actions.querySelectorAll("[data-do]")) item.hidden = fits[item.dataset.do] === false;
  popUp(actions, anchor);
}

function openPicker(message, button) {
  target = message;
  popUp(reactions, button.closest(".message") ? button : message.querySelector(".tool:last-child"));
}

const mineAlready = (message, name) => Boolean(message.querySelector(`.reaction.mine[data-name="${CSS.escape(name)}"]`));

function react(message, name, button) {
  if (button?.getAttribute("aria-busy")) return;
  button?.setAttribute("aria-busy", "true");
  act("reaction", message, { name, present: !mineAlready(message, name) }).finally(() => button?.removeAttribute("aria-busy"));
}

async function copyLink(message) {
  const { ts, thread } = message.dataset;
  const reply = thread && thread !== ts ? `?thread_ts=${thread}&cid=${channel}` : "";
  const link = `${page.archive}${channel}/p${ts.replace(".", "")}${reply}`;
  const copied = await navigator.clipboard?.writeText(link).then(() => true, () => false);
  toast(copied ? "Link copied" : link);
}

async function remove(message) {
  const text = [heading("Delete message"), "This can't be undone."];
  if (await confirmed({ text, yes: "Delete", danger: true })) await act("delete-message", message);
}

const MENU = {
  thread: (message) => openThread(message.dataset.thread || message.dataset.ts),
  menu: openMenu,
  pick: openPicker,
  copy: copyLink,
  pin: (message) => act("pin", message, { present: true }),
  unpin: (message) => act("pin", message, { present: false }),
  edit: (message) => edit(message),
  delete: remove,
  dismiss: (message) => act("delete-message", message),
  react: (message, button) => react(message, button.dataset.name),
  shortcut: (message, button) => act("shortcut", message, { callback_id: button.dataset.callback }),
};

function onClick(event) {
  const reaction = event.target.closest(".reaction");
  if (reaction) return react(reaction.closest(".message"), reaction.dataset.name, reaction);
  const button = event.target.closest("[data-do]");
  const message = button?.closest(".message") ?? (button?.closest("#message-actions, #reactions") ? target : null);
  if (message) MENU[button.dataset.do]?.(message, button);
  return undefined;
}

// Editing

function edit(message) {
  const editor = document.createElement("form");
  editor.className = "editor";
  editor.innerHTML = `<textarea class="input" rows="2" aria-label="Edit message" data-test="editor"></textarea>
    <div class="editor-foot"><button type="button" class="button">Cancel</button><button class="button primary" data-test="editor-save">Save</button></div>`;
  const field = editor.querySelector("textarea");
  const body = message.querySelector(".message-text");
  field.value = message.dataset.source;
  message.classList.add("editing");
  body.hidden = true;
  body.after(editor);
  const end = () => {
    editor.remove();
    body.hidden = false;
    message.classList.remove("editing");
    message.focus();
  };
  const save = async () => {
    const answer = await attempt("edit-message", { ...about(message), text: field.value });
    if (!answer.ok) return;
    end();
    refresh("messages", "thread");
  };
  editor.addEventListener("submit", (event) => { event.preventDefault(); save(); });
  editor.querySelector("button").addEventListener("click", end);
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") end();
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); save(); }
  });
  field.focus();
}

/** Edit the person's last message, for ↑ in an empty composer. */
export function editLast(root) {
  const last = [...root.querySelectorAll(".message[data-mine]")].at(-1);
  if (last) edit(last);
  return Boolean(last);
}

// The keyboard

const KEYS = { t: "thread", m: "menu", r: "pick", p: "pin", e: "edit" };

function onKey(event) {
  const message = event.target.closest?.(".message");
  if (!message || event.altKey || event.ctrlKey || event.metaKey) return;
  const tools = [...message.querySelectorAll(".toolbar .tool")];
  const tool = tools.indexOf(event.target);
  if (event.target !== message && tool < 0) return;
  const all = [...message.parentElement.querySelectorAll(".message")];
  const step = { ArrowDown: 1, ArrowUp: -1, ArrowRight: 0, ArrowLeft: 0 }[event.key];
  if (step) all[all.indexOf(message) + step]?.focus();
  else if (step === 0) (tools[tool + (event.key === "ArrowRight" ? 1 : -1)] ?? message).focus();
  else if (event.key === "Escape" && tool >= 0) message.focus();
  else if (KEYS[event.key] && event.target === message) shortcutKey(message, KEYS[event.key]);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function shortcutKey(message, what) {
  const mayNot = "ephemeral" in message.dataset || "gone" in message.dataset || (what === "edit" && !("mine" in message.dataset));
  if (mayNot) return;
  const does = what === "pin" && "pinned" in message.dataset ? "unpin" : what;
  MENU[does](message, message);
}

// Drawing: keep the scroll position, or follow the end if that is in view

export const atBottom = (scroller) => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR;

export function toBottom(scroller) {
  if (scroller) scroller.scrollTop = scroller.scrollHeight;
}

const following = new WeakMap();

/** If the end is in view, keep it there, whatever grows or shrinks: new messages, images, the composer. */
function follow(scroller) {
  following.set(scroller, true);
  const stay = new ResizeObserver(() => following.get(scroller) && toBottom(scroller));
  for (const each of [scroller, ...scroller.children]) stay.observe(each);
  scroller.addEventListener("scroll", () => following.set(scroller, atBottom(scroller)), { passive: true });
}

function draw(element, fragment) {
  morphChildren(element, fragment);
  prepare(element);
  const scroller = element.closest("[data-scroller]") ?? element.querySelector("[data-scroller]");
  if (!scroller) return;
  if (!following.has(scroller)) follow(scroller);
  if (following.get(scroller)) toBottom(scroller);
}

const known = new Set();

/** Announce new messages to assistive technology, and to people who have scrolled up. */
function tellNews() {
  const fresh = [...document.querySelectorAll(".message")].filter((message) => !known.has(message.dataset.ts));
  for (const message of fresh) known.add(message.dataset.ts);
  const news = fresh.filter((message) => message.dataset.user !== me && message.dataset.ts > newest);
  newest = [...known].reduce((latest, ts) => (ts > latest ? ts : latest), "");
  if (!news.length) return;
  announcer.textContent = news.slice(-3).map((each) => `${each.dataset.author}: ${each.querySelector(".message-text").innerText.slice(0, 160)}`).join(". ");
  const scroller = document.querySelector('[data-scroller="channel"]');
  document.querySelector(".to-bottom").hidden = atBottom(scroller);
}

let newest = "";

/** Mark the channel as read up to its last message, once somebody can see that. */
function markRead() {
  const scroller = document.querySelector('[data-scroller="channel"]');
  const unread = document.querySelector('.place.unread[aria-current="page"]');
  if (!scroller || !unread || document.visibilityState !== "visible" || !atBottom(scroller)) return;
  const last = [...scroller.querySelectorAll(".message:not([data-ephemeral])")].at(-1);
  if (last) attempt("read", { channel, ts: last.dataset.ts });
}

function arrive() {
  const sought = view.at && document.querySelectorAll(`.message[data-ts="${CSS.escape(view.at)}"]`);
  for (const each of document.querySelectorAll('[data-scroller="channel"], .thread [data-scroller]')) {
    toBottom(each);
    follow(each);
  }
  for (const message of sought || []) {
    message.scrollIntoView({ block: "center" });
    message.dataset.sought = "";
    message.focus();
  }
}

export function start() {
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  drawPart("thread", draw);
  drawPart("messages", draw);
  const scroller = document.querySelector('[data-scroller="channel"]');
  prepare(document);
  if (!scroller) return;
  arrive();
  tellNews();
  onDrawn(() => { tellNews(); markRead(); });
  markRead();
  const button = document.querySelector(".to-bottom");
  button.addEventListener("click", () => toBottom(scroller));
  scroller.addEventListener("scroll", () => {
    if (atBottom(scroller)) { button.hidden = true; markRead(); }
  }, { passive: true });
}
