// Starts the page: everything but messages, composers and modals, and the wiring of events.

import * as calendar from "./calendar.js";
import * as combo from "./combo.js";
import * as composer from "./composer.js";
import * as elements from "./elements.js";
import * as greeting from "./greeting.js";
import * as live from "./live.js";
import * as menus from "./menus.js";
import * as messages from "./messages.js";
import * as modal from "./modal.js";
import { attempt, busy, channel, me, toast } from "./net.js";

const page = document.body.dataset;
const { refresh } = live;

async function membership(button, what) {
  await busy(button, () => attempt(what, { channel: button.dataset.channel }));
  await refresh("sidebar", "header", "foot", "browse", "messages", "thread");
}

async function convert(button) {
  await busy(button, () => attempt("convert-channel", { channel: button.dataset.channel, private: button.dataset.private === "yes" }));
  await refresh("sidebar", "header", "browse", "messages");
}

async function openDirectMessage() {
  const answer = await attempt("open-dm");
  if (answer.ok) location.assign(`/as/${me}/${answer.channel}`);
}

async function bot(button) {
  await busy(button, () => attempt("bot", { action: button.dataset.action, user: undefined }));
  await refresh("bot");
}

async function unpin(button) {
  await busy(button, () => attempt("pin", { channel, ts: button.dataset.ts, present: false }));
  await refresh("header", "messages");
}

async function globalShortcut(button) {
  const answer = await attempt("shortcut", { callback_id: button.dataset.callback });
  if (answer.problem) toast(answer.problem);
  await refresh("modal");
}

async function earlier() {
  const scroller = document.querySelector('[data-scroller="channel"]');
  const fromEnd = scroller.scrollHeight - scroller.scrollTop;
  live.view.limit += 100;
  await refresh("messages");
  scroller.scrollTop = scroller.scrollHeight - fromEnd;
}

const DOES = {
  join: (button) => membership(button, "join"),
  leave: (button) => membership(button, "leave"),
  convert,
  "open-dm": openDirectMessage,
  "close-thread": messages.closeThread,
  "close-dialog": (button) => button.closest("dialog").close(),
  "global-shortcut": globalShortcut,
  bot,
  unpin: (button) => button.closest("#pins") && unpin(button),
  earlier,
  ...calendar.DOES,
  ...greeting.DOES,
};

function openDialog(id) {
  const dialog = document.getElementById(id);
  document.getElementById("browse-filter").value = "";
  filterChannels();
  refresh("browse");
  dialog.showModal();
  dialog.querySelector("input")?.focus();
}

function filterChannels() {
  const wanted = document.getElementById("browse-filter").value.toLowerCase();
  for (const row of document.querySelectorAll(".browse-row")) row.hidden = !row.textContent.toLowerCase().includes(wanted);
}

function openSidebar(open) {
  document.body.classList.toggle("sidebar-open", open);
  const button = document.getElementById("toggle-sidebar");
  button.setAttribute("aria-expanded", String(open));
  (open ? document.querySelector(".sidebar a") : button).focus();
}

function onClick(event) {
  const button = event.target.closest("[data-do], [data-dialog], #toggle-sidebar");
  if (button?.dataset.dialog) openDialog(button.dataset.dialog);
  else if (button?.id === "toggle-sidebar") openSidebar(!document.body.classList.contains("sidebar-open"));
  else if (button) DOES[button.dataset.do]?.(button);
  if (!button && document.body.classList.contains("sidebar-open") && !event.target.closest(".sidebar")) openSidebar(false);
}

function onKey(event) {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openDialog("browse");
  } else if (event.key === "Escape" && !document.querySelector("dialog[open], [popover]:popover-open")) {
    if (document.body.classList.contains("sidebar-open")) openSidebar(false);
    else if (live.view.thread) messages.closeThread();
  }
}

function showTitle() {
  const { unread, title } = document.querySelector(".places").dataset;
  document.title = Number(unread) ? `(${unread}) ${title}` : title;
}

let watching = 0;

/** Poll the log while it is in view: it grows without change notices. */
function watchLog(event) {
  if (event.target.id === "people" && event.newState === "open") refresh("people");
  if (event.target.id !== "bot-log") return;
  clearInterval(watching);
  if (event.newState !== "open") return;
  showLog(true);
  watching = setInterval(showLog, 1000);
}

/** Fetch the log; if its end was in view, it stays in view. */
async function showLog(toEnd = false) {
  const log = document.querySelector("#bot-log .log");
  const follow = toEnd || (log && messages.atBottom(log));
  await refresh("bot");
  if (follow) messages.toBottom(document.querySelector("#bot-log .log"));
}

for (const part of [menus, combo, elements, messages, composer, modal, calendar, greeting, live]) part.start();
document.addEventListener("click", onClick);
document.addEventListener("keydown", onKey);
document.addEventListener("toggle", watchLog, true);
document.getElementById("browse-filter").addEventListener("input", filterChannels);
document.getElementById("browse-filter").addEventListener("keydown", (event) => {
  const first = document.querySelector(".browse-row:not([hidden]) a");
  if (event.key === "Enter" && first) location.assign(first.href);
});
live.onDrawn(() => {
  composer.prepareComposers();
  filterChannels();
  showTitle();
});
showTitle();
if (page.channel) {
  if (!live.view.at && matchMedia("(hover: hover)").matches && !document.querySelector("dialog[open]")) document.querySelector(".main [data-composer] textarea")?.focus();
} else if (!page.calendar) {
  attempt("open-home");
}
document.body.dataset.ready = "true";
