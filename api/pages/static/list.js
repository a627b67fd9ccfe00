// The list of alerts: kept in order (the most severe first, then the newest) while it changes under the reader's eyes.

import { find } from "./element.js";
import { blank, paint } from "./alert.js";
import { RANK } from "./words.js";

const shown = new Map();
const leaving = new Set(); // no longer wanted, and still open: whoever reads or writes there is not interrupted
const list = find("alerts");

export const alerts = shown;
export const node = (id) => find(`alert-${id}`);

function before(one, other) {
  const rank = RANK[one.severity] - RANK[other.severity];
  return rank ? rank < 0 : one.triggered_at > other.triggered_at;
}

const opened = (id) => !node(id).querySelector(".inside").hidden;

export function clear() {
  shown.clear();
  leaving.clear();
  list.replaceChildren();
}

// The list as it has just been read: what is not in it goes.
export function show(items, act) {
  const wanted = new Set(items.map((alert) => alert.id));
  for (const alert of [...shown.values()]) if (!wanted.has(alert.id)) remove(alert, act);
  for (const alert of items) put(alert, act);
}

export function remove(alert, act) {
  if (!node(alert.id)) return;
  if (!opened(alert.id)) return drop(alert.id);
  put(alert, act);
  leaving.add(alert.id);
}

function drop(id) {
  const gone = node(id);
  const neighbour = gone.nextElementSibling || gone.previousElementSibling;
  const held = gone.contains(document.activeElement);
  shown.delete(id);
  leaving.delete(id);
  gone.remove();
  if (held && neighbour) focus(neighbour);
}

// It was closed: now it may go.
export function settle(id) {
  if (leaving.has(id)) drop(id);
}

// Only what says something else is painted; what is open stays open, and the focus where it was.
export function put({ timeline, anomaly, dismissed, ...alert }, act) {
  const known = shown.get(alert.id);
  leaving.delete(alert.id);
  if (known && (known.updated_at > alert.updated_at || JSON.stringify(known) === JSON.stringify(alert))) return;
  shown.set(alert.id, alert);
  const one = node(alert.id) || blank(alert.id);
  const held = one.contains(document.activeElement) && document.activeElement;
  paint(one, alert, act);
  if (!known || known.severity !== alert.severity || known.triggered_at !== alert.triggered_at) {
    const next = [...list.children].find((child) => child !== one && before(alert, shown.get(child.dataset.id)));
    list.insertBefore(one, next || null);
  }
  if (held) (held.isConnected ? held : one.querySelector(`[data-do="${held.dataset.do}"]`) || one).focus({ preventScroll: true });
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
