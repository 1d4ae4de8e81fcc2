// The panel that greets newcomers: its steps do what a person would do by hand, through the same calls.

import { drawPart, refresh } from "./live.js";
import { opened } from "./modal.js";
import { morphChildren } from "./morph.js";
import { act, attempt, busy, channel, me, toast } from "./net.js";

const part = document.querySelector('[data-part="greeting"]');
const announcer = document.getElementById("announcer");
const narrow = matchMedia("(max-width: 700px)");
const panel = () => part.querySelector(".greeting");

/** Submit the form that has been opened, in the page, where one can see it. */
async function submit() {
  const form = await opened();
  form?.requestSubmit();
  return form ? { ok: true } : { ok: false, detail: "The form didn't open. Try again." };
}

/** Do one call after another. Resolves to whether all of them succeeded. */
async function done(calls) {
  let ts;
  for (const [route, about] of calls) {
    const answer = await (route === "submit" ? submit() : act(route, { user: undefined, ts, ...about }));
    const problem = answer.ok ? answer.problem : answer.detail || answer.error;
    if (problem) {
      toast(problem);
      return false;
    }
    ts = answer.ts;
  }
  return true;
}

async function greet(button) {
  if (button.getAttribute("aria-busy")) return;
  if (button.dataset.why) {
    toast(`${button.querySelector(".step-title").textContent}: ${button.dataset.why}.`);
    return;
  }
  const { calls, place } = button.dataset;
  const isDone = await busy(button, () => done(JSON.parse(calls)));
  if (isDone && place && place !== channel) location.assign(`/as/${me}/${place}`);
  else await refresh("messages", "modal", "sidebar", "bot", "greeting");
}

/** In a wide window, folding lasts; in a narrow one, where the panel is a line at first, until the next page. */
async function fold() {
  if (narrow.matches) panel().classList.toggle("unfolded");
  else await attempt("greeting", { user: undefined, folded: !("folded" in panel().dataset) });
  await refresh("greeting");
}

async function dismiss() {
  const answer = await attempt("greeting", { user: undefined, dismissed: true });
  if (!answer.ok) return;
  await refresh("greeting");
  document.getElementById("main").focus();
  toast("The first steps are gone. “make sandbox-reset” brings them back, in a fresh workspace.");
}

/** Set what morphing leaves to scripts. */
function settle() {
  const section = panel();
  if (!section) return;
  const isOpen = section.querySelector(".greeting-body").checkVisibility();
  section.querySelector(".greeting-fold").setAttribute("aria-expanded", String(isOpen));
  for (const button of section.querySelectorAll(".step-button:not([aria-busy])")) {
    if (button.dataset.why) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

const ticked = () => new Set([...part.querySelectorAll(".step.done")].map((step) => step.dataset.key));

function draw(element, fragment) {
  const before = ticked();
  const isUnfolded = panel()?.classList.contains("unfolded");
  morphChildren(element, fragment);
  if (isUnfolded) panel()?.classList.add("unfolded");
  for (const step of element.querySelectorAll(".step.done")) if (!before.has(step.dataset.key)) celebrate(step);
  settle();
}

function celebrate(step) {
  step.classList.add("just-done");
  announcer.textContent = `Done: ${step.querySelector(".step-title").textContent}. ${panel().dataset.done} of 7 steps.`;
}

export const DOES = { greet, "fold-greeting": fold, "dismiss-greeting": dismiss };

export function start() {
  drawPart("greeting", draw);
  narrow.addEventListener("change", settle);
  settle();
}
