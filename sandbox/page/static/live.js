// Keeps the page up to date: server-sent notices say what changed, and only those parts are fetched again.

import { morphChildren, parse } from "./morph.js";
import { channel, me } from "./net.js";

const page = document.body.dataset;

/** What this page requests in addition to its channel: `limit` messages, a thread, the unread line. */
export const view = {
  thread: new URLSearchParams(location.search).get("thread") || document.querySelector(".thread")?.dataset.thread || "",
  at: new URLSearchParams(location.search).get("at") || "",
  limit: 60,
  newAfter: page.newAfter || "",
};

const drawing = {};
const afterwards = [];

/** Let `draw(element, fragment)` put a part on the page, instead of the default. */
export const drawPart = (name, draw) => { drawing[name] = draw; };
/** Call `react(names)` after parts have been redrawn. */
export const onDrawn = (react) => { afterwards.push(react); };

const wanted = new Set();
let running = null;

/** Fetch parts again and put them on the page; calls made in the meantime share the next fetch. */
export function refresh(...names) {
  for (const name of names) if (document.querySelector(`[data-part="${name}"]`)) wanted.add(name);
  running ??= run().finally(() => { running = null; });
  return running;
}

async function run() {
  await Promise.resolve();
  while (wanted.size) {
    const names = [...wanted];
    wanted.clear();
    await fetchParts(names);
  }
}

async function fetchParts(names) {
  const query = { as: me, channel, thread: view.thread, at: view.at, limit: view.limit, new_after: view.newAfter, of: page.calendar, day: page.day, parts: names };
  const response = await fetch(`/page/parts?${new URLSearchParams(query)}`).catch(() => null);
  if (response?.status === 404) location.assign("/");
  if (!response?.ok) return;
  const { parts } = await response.json();
  for (const [name, html] of Object.entries(parts)) {
    const element = document.querySelector(`[data-part="${name}"]`);
    if (element) (drawing[name] || morphChildren)(element, parse(html));
  }
  for (const react of afterwards) react(names);
}

const EVERYTHING = ["sidebar", "header", "messages", "foot", "thread", "modal", "home", "calendar", "greeting", "bot", "people", "browse", "directory"];

/** The parts that are out of date after a notice from the store. */
function outdated(notice) {
  const parts = [];
  if (notice.channels.length) parts.push("sidebar", "browse", "greeting");
  if (notice.channels.includes(channel)) parts.push("header", "messages", "foot", "thread");
  if (notice.people.length) parts.push("sidebar", "header", "foot", "people", "browse", "directory");
  if (notice.people.some((person) => person !== me)) parts.push("messages", "thread");
  if (notice.modals.includes(me)) parts.push("modal");
  if (notice.homes.includes(me)) parts.push("home");
  if (notice.calendars.includes(page.calendar)) parts.push("calendar");
  if (notice.greeting.length) parts.push("greeting");
  if (notice.bot) parts.push("bot", "greeting");
  return parts;
}

let source = null;

function listen() {
  source = new EventSource(`/page/changes?as=${me}`);
  // No notice was sent for what happened before the stream was open.
  source.onopen = () => refresh(...EVERYTHING);
  source.onmessage = (event) => refresh(...outdated(JSON.parse(event.data)));
}

/** Start listening. A hidden tab disconnects, because browsers allow few connections per server. */
export function start() {
  listen();
  document.addEventListener("visibilitychange", () => {
    source?.close();
    source = null;
    if (document.visibilityState === "visible") listen();
  });
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => {
    if (event.persisted) listen();
  });
}
