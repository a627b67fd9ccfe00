// The words, signs and times that the page uses for what the API says.

import { element } from "./element.js";

export const SEVERITIES = { critical: "▲", warning: "◆", info: "●" };

export function sign(kind, word, signs) {
  const mark = element("span", { "aria-hidden": "true" }, signs[word] || "·");
  return element("span", { class: `${kind} ${word}` }, mark, " ", word);
}

export const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone; // in which all times are shown
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
export const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const day = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });
const long = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

// How long it is from one instant to another, in the two largest units that matter.
export function span(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86400)} d ${Math.floor((seconds % 86400) / 3600)} h`;
}

const ago = (text, now = Date.now()) => span(now - Date.parse(text));

// A time in the reader's own zone; the exact instant is in its title and for machines in its attribute.
export function time(text) {
  const at = new Date(text);
  const now = new Date();
  const same = at.toDateString() === now.toDateString() ? clock : at.getFullYear() === now.getFullYear() ? day : long;
  return element("time", { datetime: text, title: full.format(at) }, same.format(at));
}

// What others have written: it may run from right to left, and turns nothing around but itself.
export const words = (text) => element("bdi", {}, text);

// A reason names its instants in UTC, as logs do; here they are shown as all others.
export function told(text) {
  return element("bdi", {}, text.split(/(\d{4}-\d\d-\d\d \d\d:\d\d UTC)/).map((part, n) =>
    n % 2 ? time(part.replace(" UTC", "Z").replace(" ", "T")) : part));
}

// Since when, and for how long until now; of what is over, how long it lasted.
export function since(text, end) {
  if (end) return element("span", { class: "since" }, time(text), `, lasted ${ago(text, Date.parse(end))}`);
  return element("span", { class: "since" }, "since ", time(text));
}

export const aged = (text) => element("span", { class: "ago", "data-since": text }, ago(text));

// How long until an instant; it counts down.
export const left = (text) => element("span", { class: "left", "data-until": text }, countdown(text));

function countdown(text, now = Date.now()) {
  const rest = Date.parse(text) - now;
  if (rest <= 0) return "now";
  const seconds = Math.ceil(rest / 1000);
  return seconds < 600 ? `in ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}` : `in ${span(rest)}`;
}

// Only what says something else is written: a text node that changes is laid out anew.
export function refresh(root) {
  for (const node of root.querySelectorAll("[data-since]")) write(node, ago(node.dataset.since));
}

export function countDown(root) {
  for (const node of root.querySelectorAll("[data-until]")) write(node, countdown(node.dataset.until));
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export const several = (count, noun) => `${count.toLocaleString()} ${noun}${count === 1 ? "" : "s"}`;
