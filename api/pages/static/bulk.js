// Several alerts at once: which are selected, and the bar that says what can be done with them.

import { element, find } from "./element.js";
import { picked, shown, touch } from "./list.js";
import { several } from "./words.js";

const bar = find("bulk");
const ACTIONS = [["acknowledge", "Acknowledge"], ["snooze", "Snooze…"], ["silence", "Silence…"], ["assign", "Assign…"], ["resolve", "Resolve…"]];
let last = "";

export function begin(act) {
  bar.replaceChildren(element("span", { class: "many" }),
    ...ACTIONS.map(([what, word]) => element("button", { type: "button", class: what === "acknowledge" ? "main" : null, onclick: () => act(what, [...picked]) }, word)),
    element("button", { type: "button", class: "quiet", onclick: all }, "Select all shown"),
    element("button", { type: "button", class: "quiet", onclick: none }, "Clear"));
}

export function toggle(id, through = false) {
  const ids = [...shown.keys()];
  const range = through && last ? rows(last, id) : [id];
  const on = !picked.has(id);
  for (const each of range) if (ids.includes(each)) set(each, on);
  last = id;
  paint();
}

// The rows from one to another, in the order in which they stand.
function rows(one, other) {
  const ids = [...find("alerts").children].map((row) => row.dataset.id);
  const [from, to] = [ids.indexOf(one), ids.indexOf(other)].sort((a, b) => a - b);
  return from < 0 ? [other] : ids.slice(from, to + 1);
}

function set(id, on) {
  if (on) picked.add(id);
  else picked.delete(id);
  touch(id);
}

function all() {
  for (const id of shown.keys()) set(id, true);
  paint();
}

export function none() {
  for (const id of [...picked]) set(id, false);
  paint();
}

export function paint() {
  bar.hidden = !picked.size;
  document.body.classList.toggle("picking", picked.size > 0);
  if (picked.size) bar.firstElementChild.textContent = `${several(picked.size, "alert")} selected`;
}
