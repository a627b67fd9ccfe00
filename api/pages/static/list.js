// The rows that are shown: never more than were asked for, however many alerts there are, and they do not move
// under the reader's hand. What came meanwhile waits until the reader is idle, or asks for it.

import { find } from "./element.js";
import { blank, paint } from "./row.js";

const AT_ONCE = 25; // rows painted before the browser may do something else
const IDLE = 2500; // ms after the last touch of the list
const alerts = new Map(); // what is shown, as it is now
const dirty = new Set(); // whose rows are painted with the next frame
export const picked = new Set();
const list = find("alerts");
let touched = 0, held = null, frame = 0, running = 0, how = { act: null, open: "", changed: () => {} };

export const shown = alerts;
export const node = (id) => find(`alert-${id}`);
export const use = (more) => Object.assign(how, more);

for (const kind of ["pointermove", "pointerdown", "keydown", "wheel", "touchmove"]) {
  list.addEventListener(kind, () => { touched = Date.now(); }, { passive: true });
}

const busy = () => picked.size > 0 || scrollY > 120 || find("form").open || Date.now() - touched < IDLE;

export function clear() {
  running += 1;
  held = null;
  for (const each of [alerts, dirty, picked]) each.clear();
  list.replaceChildren();
  announce();
}

// One alert that is shown has changed; others are not the list's business.
export function update({ timeline, told, next, earlier, anomaly, dismissed, ...alert }) {
  const known = alerts.get(alert.id);
  if (!known || known.updated_at > alert.updated_at) return Boolean(known);
  alerts.set(alert.id, alert);
  touch(alert.id);
  return true;
}

export function touch(id) {
  if (!alerts.has(id)) return;
  dirty.add(id);
  frame ||= requestAnimationFrame(painting);
}

function painting() {
  frame = 0;
  for (const id of [...dirty].slice(0, AT_ONCE)) {
    dirty.delete(id);
    const row = node(id);
    if (row) repaint(row, alerts.get(id));
  }
  if (dirty.size) frame = requestAnimationFrame(painting);
}

function repaint(row, alert) {
  const focus = row.contains(document.activeElement) && document.activeElement;
  paint(row, alert, { act: how.act, picked: picked.has(alert.id), open: how.open === alert.id });
  if (focus && !focus.isConnected) (row.querySelector(`[data-do="${focus.dataset.do}"]`) || row).focus({ preventScroll: true });
}

// The list as it has just been read. `force`: the reader has asked for it, so that it may move.
export async function show(items, force = false) {
  if (!force && busy() && items.some(({ id }, n) => list.children[n]?.dataset.id !== id)) {
    for (const alert of items) update(alert);
    held = items;
    return announce();
  }
  held = null;
  await settle(items);
  announce();
}

// A part at a time, so that a click in between is heard.
async function settle(items) {
  const mine = ++running;
  const wanted = new Set(items.map(({ id }) => id));
  for (const row of [...list.children]) if (!wanted.has(row.dataset.id)) drop(row);
  for (let n = 0; n < items.length; n += 1) {
    if (n % AT_ONCE === 0 && n) await breath();
    if (mine !== running) return;
    place(items[n], n);
  }
}

const breath = () => new Promise((done) => setTimeout(done));

function place(alert, n) {
  const known = alerts.get(alert.id);
  let row = node(alert.id);
  const fresh = !row;
  row ??= blank(alert.id);
  const same = known && !row.classList.contains("gone") && (known.updated_at > alert.updated_at || JSON.stringify(known) === JSON.stringify(alert));
  if (!same) {
    row.classList.remove("gone");
    alerts.set(alert.id, alert);
    repaint(row, alert);
  }
  if (fresh || list.children[n] !== row) list.insertBefore(row, list.children[n] || null);
}

function drop(row) {
  const id = row.dataset.id;
  const neighbour = row.nextElementSibling || row.previousElementSibling;
  const focus = row.contains(document.activeElement);
  alerts.delete(id);
  picked.delete(id);
  row.remove();
  if (focus && neighbour) focusOn(neighbour);
}

// What waits above, or is over: said in words, and one click away.
function announce() {
  const ids = held && new Set(held.map(({ id }) => id));
  const fresh = held ? held.filter(({ id }) => !alerts.has(id)).length : 0;
  const over = held ? [...alerts.keys()].filter((id) => !ids.has(id)) : [];
  for (const id of over) node(id)?.classList.add("gone");
  const text = [fresh ? `${fresh} new` : "", over.length ? `${over.length} no longer in this list` : "", held && !fresh && !over.length ? "the order has changed" : ""].filter(Boolean).join(", ");
  const place = find("fresh");
  place.hidden = !held;
  if (place.firstElementChild.textContent !== `↑ ${text}`) place.firstElementChild.textContent = `↑ ${text}`;
  how.changed();
}

async function refreshed() {
  if (!held) return;
  const items = held;
  scrollTo({ top: 0 });
  await show(items, true);
}

// Who has put the list down is shown what came meanwhile.
setInterval(() => { if (held && !busy()) show(held).catch(() => {}); }, 500);
find("fresh").firstElementChild.addEventListener("click", () => refreshed().catch(() => {}));

function focusOn(target) {
  for (const child of list.children) child.tabIndex = -1;
  target.tabIndex = 0;
  target.focus();
  target.scrollIntoView({ block: "nearest" });
}

export function current() {
  const row = document.activeElement && document.activeElement.closest(".alert");
  return row || list.querySelector('.alert[tabindex="0"]');
}

export function step(by) {
  const now = current();
  const all = [...list.children];
  if (!all.length) return;
  const at = now ? all.indexOf(now) + by : 0;
  focusOn(all[Math.min(all.length - 1, Math.max(0, at))]);
}
