// Block Kit's interactive elements: the value of each, and how the app learns about it.

import { chosen, isCombo } from "./combo.js";
import { refresh } from "./live.js";
import { confirmed } from "./menus.js";
import { attempt, busy, placeOf } from "./net.js";
import { seconds } from "./times.js";

const text = (control) => control.value;
const orNothing = (control) => control.value || null;
const checked = (control) => [...control.querySelectorAll("input:checked")].map((box) => box.value);

const HELD = {
  plain_text_input: text, number_input: text, email_text_input: text, url_text_input: text,
  static_select: orNothing, users_select: orNothing, conversations_select: orNothing, channels_select: orNothing,
  radio_buttons: (control) => checked(control)[0] ?? null,
  checkboxes: checked,
  datepicker: orNothing, timepicker: orNothing,
  datetimepicker: (control) => (control.value ? seconds(control.value, document.body.dataset.zone) : null),
};

const held = (control) => (isCombo(control) ? chosen(control) : HELD[control.dataset.element]?.(control));

/** The values of a view's elements, as {block_id: {action_id: value}}, without those that nobody touched. */
export function valuesOf(surface) {
  const values = {};
  for (const control of surface.querySelectorAll("[data-element]")) {
    const value = held(control);
    if (value !== undefined) (values[control.dataset.block] ??= {})[control.dataset.action] = value;
  }
  return values;
}

async function agreed(control) {
  const source = control.closest("[data-key]").querySelector("template[data-confirm]");
  if (!source) return true;
  const asked = source.content.cloneNode(true);
  const [yes, no] = ["[data-yes]", "[data-no]"].map((part) => asked.querySelector(part));
  yes.remove();
  no.remove();
  return confirmed({ text: [...asked.children], yes: yes.textContent, no: no.textContent, danger: source.dataset.style === "danger" });
}

async function interact(control, value) {
  if (!(await agreed(control))) return;
  const surface = control.closest("[data-surface]");
  const about = { action: control.dataset.action, block: control.dataset.block, ...placeOf(control) };
  if (about.view) about.values = valuesOf(surface);
  await busy(control, () => attempt("interact", { ...about, ...(value === undefined ? {} : { value }) }));
  await refresh(about.view ? "modal" : "messages", "home");
}

const acts = (control) => control.dataset.test === "action" || "dispatch" in control.dataset;

function onClick(event) {
  const control = event.target.closest("button[data-element], a[data-element]");
  if (control) interact(control, control.dataset.element === "button" ? undefined : control.dataset.value);
}

function onChange(event) {
  const control = event.target.closest("[data-element]");
  const isTyped = control?.matches("input[type=text], input[type=email], input[type=url], textarea");
  if (control && !isTyped && !isCombo(control) && acts(control)) interact(control, held(control));
}

function onKey(event) {
  const control = event.target;
  if (event.key !== "Enter" || event.isComposing || !control.dataset?.on?.includes("on_enter_pressed") || !acts(control)) return;
  if (control.matches("textarea") && event.shiftKey) return;
  event.preventDefault();
  interact(control, control.value);
}

let typing = 0;

function onInput(event) {
  const control = event.target;
  if (!control.dataset?.on?.includes("on_character_entered") || !acts(control)) return;
  clearTimeout(typing);
  typing = setTimeout(() => interact(control, control.value), 250);
}

export function start() {
  document.addEventListener("click", onClick);
  document.addEventListener("change", onChange);
  document.addEventListener("keydown", onKey);
  document.addEventListener("input", onInput);
  document.addEventListener("combo-chosen", (event) => {
    if (acts(event.target)) interact(event.target, chosen(event.target));
  });
}

