// Menus and panels that pop up next to what opened them, and the two dialogs that ask for confirmation.

const GAP = 4;

/** Put an open popover below its anchor, or above if there is no room. */
function place(popover, anchor) {
  const spot = anchor.getBoundingClientRect();
  const { width, height } = popover.getBoundingClientRect();
  const below = spot.bottom + GAP + height <= innerHeight || spot.top < height + GAP;
  const top = below ? spot.bottom + GAP : spot.top - GAP - height;
  const left = spot.left + width <= innerWidth - GAP ? spot.left : spot.right - width;
  popover.style.top = `${Math.max(GAP, Math.min(top, innerHeight - height - GAP))}px`;
  popover.style.left = `${Math.max(GAP, Math.min(left, innerWidth - width - GAP))}px`;
}

/** Open a popover next to `anchor` and focus its first item. */
export function popUp(popover, anchor) {
  popover.showPopover();
  place(popover, anchor);
  items(popover)[0]?.focus();
}

const items = (menu) => [...menu.querySelectorAll('[role="menuitem"]')].filter((item) => !item.hidden);

function onToggle(event) {
  if (event.newState !== "open") return;
  const popover = event.target;
  const anchor = document.querySelector(`[popovertarget="${CSS.escape(popover.id)}"]`);
  if (anchor) place(popover, anchor);
  popover.style.visibility = "";
  if (anchor && popover.getAttribute("role") === "menu") items(popover)[0]?.focus();
}

function beforeToggle(event) {
  const declared = document.querySelector(`[popovertarget="${CSS.escape(event.target.id)}"]`);
  if (event.newState === "open" && declared) event.target.style.visibility = "hidden";
}

const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

function onKey(event) {
  const menu = event.target.closest?.('[role="menu"]');
  if (!menu) return;
  const all = items(menu);
  const at = all.indexOf(document.activeElement);
  const to = { Home: 0, End: all.length - 1 }[event.key] ?? (event.key in STEPS ? (at + STEPS[event.key] + all.length) % all.length : -1);
  if (to < 0) return;
  event.preventDefault();
  all[to].focus();
}

/** Ask with the page's own dialog; `parts` are nodes or strings. Resolves to whether the answer is yes. */
export function confirmed({ text, yes = "OK", no = "Cancel", danger = false }) {
  const dialog = document.getElementById("confirm");
  const [deny, confirm] = dialog.querySelectorAll("button");
  dialog.querySelector("#confirm-text").replaceChildren(...text);
  dialog.querySelector("h2")?.setAttribute("id", "confirm-title");
  [deny.textContent, confirm.textContent] = [no, yes];
  confirm.className = `button ${danger ? "danger filled" : "primary"}`;
  return answered(dialog, confirm);
}

/** Show a dialog; resolves to whether it was confirmed. */
export function answered(dialog, focus) {
  dialog.returnValue = "no";
  dialog.showModal();
  focus?.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

/** A heading for confirmed(). */
export function heading(text) {
  const title = document.createElement("h2");
  title.textContent = text;
  return title;
}

/** Restore the caret after a dialog: Chromium restores only the focus, so nothing could be typed. */
function giveCaret() {
  const field = document.activeElement;
  if (typeof field?.selectionStart === "number") field.setSelectionRange(field.selectionStart, field.selectionEnd);
}

export function start() {
  document.addEventListener("close", giveCaret, true);
  document.addEventListener("beforetoggle", beforeToggle, true);
  document.addEventListener("toggle", onToggle, true);
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    const item = event.target.closest('[role="menuitem"]');
    item?.closest("[popover]")?.hidePopover();
  });
}
