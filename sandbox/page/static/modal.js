// Modals: the topmost view in one dialog. Views below keep their form, and so what was typed into it.

import { prepare } from "./combo.js";
import { valuesOf } from "./elements.js";
import { drawPart, refresh } from "./live.js";
import { morphChildren } from "./morph.js";
import { attempt, busy } from "./net.js";

const dialog = document.getElementById("modal");
const OPENS_WITHIN = 5000;
const below = new Map();
const formIn = (root) => root.querySelector("form.view");

function draw(element, fragment) {
  const [now, fresh] = [formIn(element), formIn(fragment)];
  if (now && fresh?.dataset.view !== now.dataset.view) {
    below.set(now.dataset.view, now);
    now.remove();
    const kept = fresh && below.get(fresh.dataset.view);
    if (kept) element.append(kept);
  }
  if (!fresh) below.clear();
  morphChildren(element, fragment);
  sync(formIn(element) !== now);
}

function sync(isNew) {
  const form = formIn(dialog);
  if (!form) {
    if (dialog.open) dialog.close();
    return;
  }
  prepare(form);
  if (!dialog.open) dialog.showModal();
  const invalid = form.querySelector('[aria-invalid="true"]');
  if (invalid && form.dataset.view === submitted) focusOn(invalid);
  else if (isNew) focusOn(form.querySelector("[data-focus]") ?? form.querySelector(".view-body :is(input, textarea, select, fieldset)"));
  submitted = "";
}

function focusOn(control) {
  (control?.matches("fieldset, .combo") ? control.querySelector("input") : control)?.focus();
}

let submitted = "";

/** The form that is open, once there is one; nothing if none opens soon. */
export async function opened() {
  for (const until = Date.now() + OPENS_WITHIN; Date.now() < until && !formIn(dialog);) {
    await new Promise((resolve) => { setTimeout(resolve, 100); });
    await refresh("modal");
  }
  return formIn(dialog);
}

async function submit(form) {
  await busy(form.querySelector('[type="submit"]'), () => attempt("view-submit", { view: form.dataset.view, values: valuesOf(form) }));
  submitted = form.dataset.view;
  await refresh("modal");
}

async function closeTop() {
  await attempt("view-close");
  await refresh("modal");
}

export function start() {
  drawPart("modal", draw);
  dialog.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(event.target);
  });
  dialog.addEventListener("click", (event) => {
    if (event.target.closest('[data-do="close-view"]')) closeTop();
  });
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    closeTop();
  });
  // A second Esc may close the dialog in spite of preventDefault().
  dialog.addEventListener("close", () => {
    if (formIn(dialog)) closeTop();
  });
  sync(true);
}
