// Composers: sending, commands, completions, attached files, and drafts that survive switching channels.

import { refresh } from "./live.js";
import { answered } from "./menus.js";
import { editLast, toBottom } from "./messages.js";
import { act, busy, channel, me } from "./net.js";

const MOST = 8;
const attached = new WeakMap();
const filesOf = (form) => attached.get(form) ?? [];
const fieldOf = (form) => form.querySelector("textarea");
const listOf = (form) => form.querySelector(".completions");
const draftKey = (form) => `draft:${me}:${channel}:${form.dataset.thread}`;

function fit(form) {
  const field = fieldOf(form);
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
  form.classList.toggle("composer-empty", !field.value.trim() && !filesOf(form).length);
}

function write(form, text) {
  fieldOf(form).value = text;
  if (text) sessionStorage.setItem(draftKey(form), text);
  else sessionStorage.removeItem(draftKey(form));
  fit(form);
}

function complain(form, text = "") {
  const place = form.querySelector(".composer-error");
  place.textContent = text;
  place.hidden = !text;
}

// Sending

async function send(form) {
  const [text, files] = [fieldOf(form).value, filesOf(form)];
  if (!text.trim() && !files.length) return;
  write(form, "");
  attach(form, []);
  complain(form);
  suggest(form);
  const answer = await said(form, text, files);
  if (!answer.ok) {
    complain(form, answer.detail || answer.error);
    if (!fieldOf(form).value) write(form, text);
    attach(form, files);
  }
  await refresh("messages", "thread", "sidebar", "modal");
  toBottom(form.dataset.composer === "thread" ? form.parentElement.querySelector("[data-scroller]") : document.querySelector('[data-scroller="channel"]'));
}

function said(form, text, files) {
  const where = { channel, ...(form.dataset.thread ? { thread_ts: form.dataset.thread } : {}) };
  const command = /^(\/\S+)\s*([^]*)$/.exec(text);
  if (command && !files.length) return act("command", { ...where, command: command[1], text: command[2].trimEnd() });
  return act("message", { ...where, text, files });
}

let line = Promise.resolve();

/** Send messages in the order in which they were written. */
function submit(form) {
  const button = form.querySelector(".send");
  line = line.then(() => busy(button, () => send(form)));
}

// Files, by name

function attach(form, files) {
  attached.set(form, files);
  const list = form.querySelector(".attached");
  list.hidden = !files.length;
  list.replaceChildren(...files.map((file) => {
    const item = Object.assign(document.createElement("li"), { className: "chip", textContent: `📄 ${file.name}` });
    const remove = Object.assign(document.createElement("button"), { type: "button", textContent: "✕", ariaLabel: `Remove ${file.name}` });
    remove.addEventListener("click", () => attach(form, filesOf(form).filter((other) => other !== file)));
    item.append(remove);
    return item;
  }));
  fit(form);
}

async function askForFile(form) {
  const dialog = document.getElementById("attach");
  const [name, content] = [dialog.querySelector("input"), dialog.querySelector("textarea")];
  name.value = content.value = "";
  if ((await answered(dialog, name)) && name.value.trim()) attach(form, [...filesOf(form), { name: name.value.trim(), content: content.value }]);
  fieldOf(form).focus();
}

// Completions: commands after /, people after @, channels after #

const directory = () => document.getElementById("directory").dataset;
const channels = () => [...document.querySelectorAll('.place[data-test="channel"]')].map((place) => place.dataset.name);

const KINDS = [
  {
    pattern: /^(\/\S*)$/,
    find: (typed) => JSON.parse(directory().commands).filter((each) => each.command.startsWith(typed))
      .map((each) => ({ insert: each.command, label: `${each.command} ${each.hint}`, about: each.description })),
  },
  {
    pattern: /(?:^|\s)(@[\p{L}\d._-]*)$/u,
    find: (typed) => JSON.parse(directory().people).filter((each) => isNamed(each, typed.slice(1).toLowerCase()))
      .map((each) => ({ insert: `@${each.handle}`, label: each.name, about: `@${each.handle}` })),
  },
  {
    pattern: /(?:^|\s)(#[\p{L}\d_-]*)$/u,
    find: (typed) => channels().filter((name) => name.startsWith(typed.slice(1)))
      .map((name) => ({ insert: `#${name}`, label: `#${name}`, about: "" })),
  },
];

const isNamed = ({ handle, name }, start) => [handle, ...name.toLowerCase().split(" ")].some((word) => word.startsWith(start));

function usage(text) {
  const command = JSON.parse(directory().commands).find((each) => text.startsWith(`${each.command} `));
  return command ? [{ insert: "", label: `${command.command} ${command.hint}`, about: command.description }] : [];
}

function suggest(form) {
  const field = fieldOf(form);
  const before = field.value.slice(0, field.selectionStart);
  const kind = KINDS.find(({ pattern }) => pattern.test(before));
  const typed = kind?.pattern.exec(before)[1] ?? "";
  const found = kind ? kind.find(typed).slice(0, MOST) : usage(field.value);
  const active = found.some((each) => each.insert === typed) ? -1 : 0;
  const list = listOf(form);
  list.replaceChildren(...found.map((each, index) => completion(form, each, typed, index, index === active && Boolean(each.insert))));
  list.hidden = !found.length;
  field.setAttribute("aria-expanded", String(found.length > 0));
}

function completion(form, each, typed, index, isActive) {
  const item = document.createElement("li");
  item.id = `${listOf(form).id}-${index}`;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", String(isActive));
  item.dataset.test = "completion";
  item.append(Object.assign(document.createElement("b"), { textContent: each.label }), Object.assign(document.createElement("small"), { textContent: each.about }));
  if (each.insert) item.addEventListener("click", () => insert(form, typed, `${each.insert} `));
  return item;
}

function insert(form, typed, text) {
  const field = fieldOf(form);
  const end = field.selectionStart;
  field.setRangeText(text, end - typed.length, end, "end");
  write(form, field.value);
  field.focus();
  suggest(form);
}

function move(form, step) {
  const items = [...listOf(form).children];
  const at = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
  const next = items[(at + step + items.length) % items.length];
  for (const item of items) item.setAttribute("aria-selected", String(item === next));
  fieldOf(form).setAttribute("aria-activedescendant", next.id);
  next.scrollIntoView({ block: "nearest" });
}

// Keys

function onKey(event) {
  const form = event.target.closest?.("[data-composer]");
  if (!form || event.target !== fieldOf(form) || event.isComposing) return;
  const isOpen = !listOf(form).hidden;
  const active = isOpen && listOf(form).querySelector('[aria-selected="true"]');
  if (isOpen && (event.key === "ArrowDown" || event.key === "ArrowUp")) move(form, event.key === "ArrowDown" ? 1 : -1);
  else if (active && (event.key === "Enter" || event.key === "Tab")) active.click();
  else if (event.key === "Enter" && !event.shiftKey) submit(form);
  else if (event.key === "Escape" && isOpen) listOf(form).hidden = true;
  else if (event.key === "ArrowUp" && !event.target.value && editLast(form.parentElement.closest("section, main"))) { /* edits it */ }
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** Restore drafts, even in composers that have just appeared; their channels may have been renamed. */
export function prepareComposers() {
  for (const place of document.querySelectorAll("[data-label]")) {
    const field = place.querySelector("textarea");
    field.placeholder = field.ariaLabel = place.dataset.label;
  }
  for (const form of document.querySelectorAll("[data-composer]:not(.ready)")) {
    form.classList.add("ready");
    write(form, sessionStorage.getItem(draftKey(form)) ?? "");
  }
}

export function start() {
  prepareComposers();
  document.addEventListener("keydown", onKey);
  document.addEventListener("input", (event) => {
    const form = event.target.closest("[data-composer]");
    if (!form) return;
    write(form, event.target.value);
    complain(form);
    suggest(form);
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-composer]")) return;
    event.preventDefault();
    submit(event.target);
  });
  document.addEventListener("click", (event) => {
    const form = event.target.closest("[data-composer]");
    if (form && event.target.closest('[data-do="attach"]')) askForFile(form);
    for (const other of document.querySelectorAll("[data-composer]")) if (other !== form) listOf(other).hidden = true;
  });
}
