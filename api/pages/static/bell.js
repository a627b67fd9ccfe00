// What one's teams were told: how much of it is unread, and the newest of it.

import { element, find } from "./element.js";
import { OVER, ask } from "./session.js";
import { SEVERITIES, sign, time, told, words } from "./words.js";

const WAIT = 2000; // ms in which several notifications are one look
const COUNTED = 1000; // unread ones, at most
const place = find("told"), bell = find("bell");
let timer = 0, newest = 0, failed = () => {};

export function begin(onFailure) {
  failed = onFailure;
  bell.hidden = false;
  return look();
}

export function end() {
  clearTimeout(timer);
  timer = 0;
  bell.hidden = place.hidden = true;
  place.replaceChildren();
  bell.setAttribute("aria-expanded", "false");
}

export function soon() {
  timer ||= setTimeout(() => { timer = 0; look().catch(failed); }, WAIT);
}

async function look() {
  const open = !place.hidden;
  const page = await ask(`/v1/notifications?limit=${open ? 30 : 1}`);
  newest = page.items[0]?.sequence || newest;
  count(page.unread);
  if (open) paint(page);
}

function count(unread) {
  const mark = find("unread");
  mark.hidden = !unread;
  mark.textContent = unread >= COUNTED ? `${COUNTED - 1}+` : String(unread);
  bell.setAttribute("aria-label", unread ? `Notifications, ${mark.textContent} unread` : "Notifications");
}

function paint({ items, unread }) {
  place.replaceChildren(
    element("div", { class: "bar" }, element("h2", {}, "What your teams were told"),
      unread ? element("button", { type: "button", class: "quiet", onclick: () => mark({ through: newest }).catch(failed) }, "All are read") : null,
      element("button", { type: "button", class: "quiet", "aria-label": "Close", onclick: close }, "✕")),
    items.length ? element("ol", {}, items.map(line)) : element("p", { class: "faint" }, "Nothing yet."));
}

function line(item) {
  const name = item.alert_id ? element("a", { href: `#alert=${encodeURIComponent(item.alert_id)}`, onclick: () => { mark({ sequences: [item.sequence] }).catch(failed); close(); } }, words(item.title)) : words(item.title);
  return element("li", { class: item.read ? "read" : "unread" },
    element("div", {}, item.severity ? sign("severity", item.severity, SEVERITIES) : null, " ", name),
    element("p", { class: "faint" }, item.what, " · team ", words(item.team), " · ", time(item.at), " — ", told(item.reason)),
    element("button", { type: "button", class: "quiet", "aria-label": `${item.read ? "Mark as unread" : "Mark as read"}: ${item.title}`, onclick: () => mark({ sequences: [item.sequence], read: !item.read }).catch(failed) }, item.read ? "unread" : "read"));
}

async function mark(which) {
  const { unread } = await ask("/v1/notifications/read", { method: "POST", body: JSON.stringify(which) });
  count(unread);
  if (!place.hidden) await look();
}

export function toggle() {
  if (!place.hidden) return close();
  place.hidden = false;
  bell.setAttribute("aria-expanded", "true");
  place.replaceChildren(element("p", { class: "faint" }, "Loading…"));
  place.focus();
  look().catch((failure) => { if (failure.status !== OVER) failed(failure); });
}

export function close() {
  if (place.hidden) return false;
  const inside = place.contains(document.activeElement);
  place.hidden = true;
  bell.setAttribute("aria-expanded", "false");
  if (inside) bell.focus();
  return true;
}

bell.addEventListener("click", toggle);
document.addEventListener("pointerdown", (event) => { if (!place.hidden && !place.contains(event.target) && !bell.contains(event.target)) close(); });
