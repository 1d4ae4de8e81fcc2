// Actions: they all go through the sandbox's control API, like those of any script.

const page = document.body.dataset;

export const me = page.me;
export const channel = page.channel;

/** Do something as this page's person. Resolves to the API's JSON; if `ok` is false, show `detail`. */
export async function act(route, body = {}) {
  try {
    const response = await fetch(`/_control/${route}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ user: me, ...body }),
    });
    return await response.json();
  } catch {
    return { ok: false, error: "unreachable", detail: "The sandbox isn't answering. Is it still running?" };
  }
}

/** Like act, but shows a refusal as a notice. */
export async function attempt(route, body) {
  const answer = await act(route, body);
  if (!answer.ok) toast(answer.detail || answer.error);
  return answer;
}

/** Where an element is, in the control API's terms. */
export function placeOf(control) {
  const surface = control.closest("[data-surface]");
  if (surface.dataset.surface === "message") return { channel: surface.dataset.channel, message_ts: surface.dataset.ts };
  return { view: surface.dataset.view };
}

/** Show a short notice on top of the page. */
export function toast(text) {
  const note = document.createElement("p");
  note.className = "toast";
  note.textContent = text;
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), 6000);
}

/** Run `work` while `control` shows that it is busy and ignores clicks. */
export async function busy(control, work) {
  if (control.getAttribute("aria-busy") === "true") return undefined;
  control.setAttribute("aria-busy", "true");
  control.setAttribute("aria-disabled", "true");
  try {
    return await work();
  } finally {
    control.removeAttribute("aria-busy");
    control.removeAttribute("aria-disabled");
  }
}
