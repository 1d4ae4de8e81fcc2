// The calendar: where events are in a day, and what people do with them.

import { drawPart, refresh } from "./live.js";
import { answered, confirmed, heading } from "./menus.js";
import { morphChildren } from "./morph.js";
import { attempt, busy } from "./net.js";
import { seconds } from "./times.js";

const { calendar, zone } = document.body.dataset;
const MINUTES = 24 * 60;
const FIRST_HOUR = 8;

/** Position events from here: the page's policy forbids styles in the markup, but lets a script set them. */
function place() {
  for (const event of document.querySelectorAll(".day-column > .event")) {
    const { begins, ends, lane, lanes } = event.dataset;
    event.style.top = `${(100 * begins) / MINUTES}%`;
    event.style.height = `${(100 * (ends - begins)) / MINUTES}%`;
    event.style.left = `${(100 * lane) / lanes}%`;
    event.style.width = `${100 / lanes}%`;
  }
}

/** Scroll to the working day, or to the event that somebody came for. */
function lookAt() {
  const week = document.querySelector(".week");
  const body = week.querySelector(".week-body");
  week.scrollTop = (body.scrollHeight * FIRST_HOUR) / 24;
  const wanted = week.querySelector("[data-wanted]");
  wanted?.scrollIntoView({ block: "center" });
  wanted?.click();
}

const instant = (local) => new Date(seconds(local, zone) * 1000);

function span(local, minutes) {
  const start = instant(local);
  return { start: start.toISOString(), end: new Date(start.getTime() + minutes * 60_000).toISOString() };
}

async function change(button, route, body) {
  await busy(button, () => attempt(route, { user: undefined, ...body }));
  await refresh("calendar");
}

async function newEvent(button) {
  const dialog = document.getElementById("event-form");
  const [title, start, minutes] = dialog.querySelectorAll("input");
  if (!(await answered(dialog, title))) return;
  if (!start.value) return;
  await change(button, "calendar-event", { calendar, summary: title.value || "(no title)", ...span(start.value, Number(minutes.value) || 30) });
}

async function deleteEvent(button) {
  const text = [heading("Delete this event?"), "Everybody who is invited will be notified."];
  if (await confirmed({ text, yes: "Delete", danger: true })) await change(button, "calendar-delete", { calendar, event: button.dataset.event });
}

export const DOES = {
  respond: (button) => change(button, "calendar-respond", { user: document.body.dataset.me, event: button.dataset.event, response: button.dataset.response }),
  "move-event": (button) => {
    const { event, minutes } = button.dataset;
    const at = button.parentElement.querySelector("input").value;
    return at ? change(button, "calendar-change", { calendar, event, ...span(at, Number(minutes)) }) : undefined;
  },
  "delete-event": deleteEvent,
  "new-event": newEvent,
};

export function start() {
  if (!document.querySelector(".week")) return;
  drawPart("calendar", (element, fragment) => {
    morphChildren(element, fragment);
    place();
  });
  place();
  lookAt();
}
