// Every gate between an alert and people, passed or not; asked for when somebody wants to know.

import { element } from "./element.js";
import { OVER, ask } from "./session.js";
import { time, told, words } from "./words.js";

let open = ""; // of which alert it is shown, so that it stays so when the alert is read again

export function gates(alert) {
  if (alert.status === "resolved") return null;
  const place = element("div", { role: "status" });
  const box = element("details", { class: "gates", open: open === alert.id }, element("summary", {}, "Why these people, and why not others"), place);
  box.addEventListener("toggle", () => {
    open = box.open ? alert.id : "";
    if (box.open) look(alert.id, place);
  });
  return box;
}

async function look(id, place) {
  try {
    const { gates: listed } = await ask(`/v1/alerts/${encodeURIComponent(id)}/explain`);
    place.replaceChildren(element("ul", {}, listed.map(line)));
  } catch (failure) {
    if (failure.status !== OVER) place.replaceChildren(element("p", { class: "problem" }, failure.message));
  }
}

function line({ gate, passed, reason, until, document }) {
  return element("li", { class: passed ? "passed" : "stopped" },
    element("span", { "aria-hidden": "true" }, passed ? "✓ " : "✕ "), element("strong", {}, gate), passed ? ": " : " stops it: ", told(reason),
    until ? [", until ", time(until)] : null, document ? element("span", { class: "faint" }, " ", words(document)) : null);
}
