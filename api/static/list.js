// The list of alerts: kept in order (the most severe first, then the newest) while it changes under the reader's eyes.

import { find } from "./element.js";
import { item } from "./alert.js";
import { RANK } from "./words.js";

const shown = new Map();
const list = find("alerts");

export const alerts = shown;
export const node = (id) => find(`alert-${id}`);

function before(one, other) {
  const rank = RANK[one.severity] - RANK[other.severity];
  return rank ? rank < 0 : one.triggered_at > other.triggered_at;
}

export function clear() {
  shown.clear();
  list.replaceChildren();
}

export function remove(id) {
  const gone = node(id);
  if (!gone) return;
  const neighbour = gone.nextElementSibling || gone.previousElementSibling;
  const held = gone.contains(document.activeElement);
  shown.delete(id);
  gone.remove();
  if (held && neighbour) focus(neighbour);
}

// Replaces an item in place: what is open in it stays open, and the focus stays where it was.
export function put(alert, act) {
  const old = node(alert.id);
  const fresh = item(alert, act);
  const known = shown.get(alert.id);
  shown.set(alert.id, alert);
  if (old) keep(old, fresh);
  const moved = !known || known.severity !== alert.severity || known.triggered_at !== alert.triggered_at;
  if (old && !moved) old.replaceWith(fresh);
  else {
    if (old) old.remove();
    const next = [...list.children].find((child) => before(alert, shown.get(child.dataset.id)));
    list.insertBefore(fresh, next || null);
  }
  if (fresh.dataset.focused) {
    delete fresh.dataset.focused;
    focus(fresh);
  }
}

function keep(old, fresh) {
  const inside = old.querySelector(".inside");
  if (!inside.hidden) {
    fresh.querySelector(".inside").replaceWith(inside);
    fresh.querySelector(".title").setAttribute("aria-expanded", "true");
  }
  if (old.contains(document.activeElement) && !inside.contains(document.activeElement)) fresh.dataset.focused = "yes";
  if (old.tabIndex === 0) fresh.tabIndex = 0;
}

export function focus(target) {
  for (const child of list.children) child.tabIndex = -1;
  target.tabIndex = 0;
  target.focus();
  target.scrollIntoView({ block: "nearest" });
}

export function current() {
  const held = document.activeElement && document.activeElement.closest(".alert");
  return held || list.querySelector('.alert[tabindex="0"]');
}

export function step(by) {
  const now = current();
  const all = [...list.children];
  if (!all.length) return;
  const at = now ? all.indexOf(now) + by : 0;
  focus(all[Math.min(all.length - 1, Math.max(0, at))]);
}
