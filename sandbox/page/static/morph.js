// Turns what is on the page into a new rendering of it by changing only what differs, so that focus, typed text,
// scroll positions and open menus stay. data-key identifies elements; only scripts change [data-keep].

const OURS = new Set(["aria-busy", "aria-disabled", "aria-expanded", "data-sought", "open", "style"]);

export function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

const keyOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node.dataset.key || node.id : "");
const alike = (one, other) => one.nodeName === other.nodeName && keyOf(one) === keyOf(other);

function attributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!OURS.has(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (!OURS.has(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

function morph(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
  } else if (!old.matches("[data-keep], .editing") && !old.isEqualNode(fresh)) {
    attributes(old, fresh);
    morphChildren(old, fresh);
  }
}

/** Make the children of `old` equal to those of `fresh`, which is consumed. */
export function morphChildren(old, fresh) {
  const keyed = new Map();
  for (const child of old.childNodes) if (keyOf(child)) keyed.set(keyOf(child), child);
  let cursor = old.firstChild;
  for (const node of [...fresh.childNodes]) {
    const known = keyOf(node) ? keyed.get(keyOf(node)) : cursor;
    if (!known || !alike(known, node)) {
      old.insertBefore(node, cursor);
      continue;
    }
    keyed.delete(keyOf(node));
    if (known === cursor) cursor = cursor.nextSibling;
    else old.insertBefore(known, cursor);
    morph(known, node);
  }
  while (cursor) {
    const next = cursor.nextSibling;
    cursor.remove();
    cursor = next;
  }
}
