// Menus that people type into: external selects, whose options the app suggests, and all multi-selects.

import { act, placeOf } from "./net.js";

const states = new WeakMap();

export const isCombo = (control) => control.classList.contains("combo");

function stateOf(combo) {
  if (!states.has(combo)) {
    const initial = [...combo.querySelectorAll("datalist option")].map((option) => ({ value: option.value, label: option.textContent }));
    states.set(combo, { picked: initial, touched: false, offered: new Map(), asked: 0 });
  }
  return states.get(combo);
}

/** The chosen value or list of values; undefined if nobody has touched the menu. */
export function chosen(combo) {
  const state = stateOf(combo);
  if (!state.touched) return undefined;
  const values = state.picked.map((each) => each.option ?? each.value);
  return "many" in combo.dataset ? values : values[0] ?? null;
}

const inputOf = (combo) => combo.querySelector("input");
const listOf = (combo) => combo.querySelector(".options");
const optionsOf = (combo) => [...listOf(combo).querySelectorAll('[role="option"]')].filter((option) => !option.hidden);

function chip(combo, each) {
  const item = document.createElement("li");
  const remove = document.createElement("button");
  item.className = "chip";
  remove.type = "button";
  remove.textContent = "✕";
  remove.setAttribute("aria-label", `Remove ${each.label}`);
  remove.addEventListener("click", () => drop(combo, each));
  item.append(each.label, remove);
  return item;
}

function show(combo) {
  const { picked } = stateOf(combo);
  if ("many" in combo.dataset) {
    const chips = combo.querySelector(".chips");
    chips.replaceChildren(...picked.map((each) => chip(combo, each)));
    chips.hidden = !picked.length;
  } else {
    inputOf(combo).value = picked[0]?.label ?? "";
  }
}

function changed(combo) {
  stateOf(combo).touched = true;
  show(combo);
  combo.dispatchEvent(new CustomEvent("combo-chosen", { bubbles: true }));
}

function drop(combo, each) {
  const state = stateOf(combo);
  state.picked = state.picked.filter((other) => other !== each);
  changed(combo);
  inputOf(combo).focus();
}

function pick(combo, option) {
  const state = stateOf(combo);
  const each = { value: option.dataset.value, label: option.firstChild.textContent, option: state.offered.get(option.dataset.value) };
  const others = state.picked.filter((other) => other.value !== each.value);
  const full = others.length >= Number(combo.dataset.max || Infinity);
  state.picked = "many" in combo.dataset ? (full ? others : [...others, each]) : [each];
  if ("many" in combo.dataset) inputOf(combo).value = "";
  close(combo);
  changed(combo);
}

function close(combo) {
  listOf(combo).hidden = true;
  inputOf(combo).setAttribute("aria-expanded", "false");
  inputOf(combo).removeAttribute("aria-activedescendant");
}

function point(combo, option) {
  for (const each of listOf(combo).querySelectorAll(".active")) each.classList.remove("active");
  option?.classList.add("active");
  option?.scrollIntoView({ block: "nearest" });
  if (option) inputOf(combo).setAttribute("aria-activedescendant", option.id);
}

function note(combo, text) {
  const item = document.createElement("li");
  item.className = "group";
  item.setAttribute("role", "presentation");
  item.textContent = text;
  return item;
}

function offer(combo, option, index) {
  const item = document.createElement("li");
  item.id = `${listOf(combo).id}-${index}`;
  item.setAttribute("role", "option");
  item.dataset.value = option.value;
  item.append(option.text.text);
  if (option.description) item.append(Object.assign(document.createElement("small"), { textContent: option.description.text }));
  stateOf(combo).offered.set(option.value, option);
  return item;
}

async function suggest(combo, query) {
  const state = stateOf(combo);
  const asked = (state.asked += 1);
  const { action, block } = combo.dataset;
  const answer = await act("suggest", { action, block, value: query, ...placeOf(combo) });
  if (asked !== state.asked) return;
  const groups = answer.option_groups ?? [{ options: answer.options ?? [] }];
  let index = 0;
  const rows = groups.flatMap((group) => [
    ...(group.label ? [note(combo, group.label.text)] : []),
    ...group.options.map((option) => offer(combo, option, (index += 1))),
  ]);
  const problem = answer.problem ?? answer.detail;
  listOf(combo).replaceChildren(...(rows.length ? rows : [note(combo, problem ?? "No results")]));
  point(combo, optionsOf(combo)[0]);
}

let typing = 0;

function open(combo, query) {
  listOf(combo).hidden = false;
  inputOf(combo).setAttribute("aria-expanded", "true");
  const least = Number(combo.dataset.min || 0);
  clearTimeout(typing);
  if ("external" in combo.dataset && query.length < least) {
    const letters = least === 1 ? "a letter" : `${least} letters`;
    listOf(combo).replaceChildren(note(combo, `Type at least ${letters}.`));
  } else if ("external" in combo.dataset) {
    typing = setTimeout(() => suggest(combo, query), 120);
  } else {
    const picked = new Set(stateOf(combo).picked.map((each) => each.value));
    for (const option of listOf(combo).querySelectorAll('[role="option"]')) {
      const fits = option.textContent.toLowerCase().includes(query.toLowerCase());
      option.hidden = !fits || ("many" in combo.dataset && picked.has(option.dataset.value));
    }
    point(combo, optionsOf(combo)[0]);
  }
}

function settle(combo) {
  const state = stateOf(combo);
  close(combo);
  if ("many" in combo.dataset) inputOf(combo).value = "";
  else if (!inputOf(combo).value && state.picked.length) {
    state.picked = [];
    changed(combo);
  } else show(combo);
}

function onKey(event) {
  const combo = event.target.closest?.(".combo");
  if (!combo || event.target !== inputOf(combo)) return;
  const isOpen = !listOf(combo).hidden;
  const options = optionsOf(combo);
  const at = options.findIndex((option) => option.classList.contains("active"));
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    if (isOpen) point(combo, options[(at + step + options.length) % options.length]);
    else open(combo, "");
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (isOpen && options[at]) pick(combo, options[at]);
  } else if (event.key === "Escape" && isOpen) {
    event.preventDefault();
    event.stopPropagation();
    settle(combo);
  } else if (event.key === "Backspace" && !event.target.value && "many" in combo.dataset) {
    const last = stateOf(combo).picked.at(-1);
    if (last) drop(combo, last);
  }
}

const comboOf = (event) => (event.target.matches?.(".combo input") ? event.target.closest(".combo") : null);

/** Show the initial choice in every such menu under `root`. */
export function prepare(root) {
  for (const combo of root.querySelectorAll(".combo")) if (!states.has(combo)) show(combo);
}

export function start() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    const option = event.target.closest('.combo [role="option"]');
    if (option) pick(option.closest(".combo"), option);
    else if (comboOf(event) && listOf(comboOf(event)).hidden) open(comboOf(event), "");
  });
  document.addEventListener("mousedown", (event) => {
    if (event.target.closest(".combo .options")) event.preventDefault();
  });
  document.addEventListener("input", (event) => comboOf(event) && open(comboOf(event), event.target.value));
  document.addEventListener("focusout", (event) => comboOf(event) && settle(comboOf(event)));
}
