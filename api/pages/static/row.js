// One alert as a row of the list: what, how bad, whose, since when, and the one thing that is done most.

import { element } from "./element.js";
import { mayAnswer, reader } from "./session.js";
import { SEVERITIES, aged, sign, since, time, told, words } from "./words.js";

export function blank(id) {
  return element("li", { id: `alert-${id}`, "data-id": id, tabindex: "-1" });
}

export function paint(row, alert, { act, picked, open }) {
  const gone = row.classList.contains("gone");
  row.className = `alert ${alert.severity} ${alert.status}${alert.suppression ? " suppressed" : ""}${gone ? " gone" : ""}`;
  row.classList.toggle("picked", picked);
  row.classList.toggle("open", open);
  row.setAttribute("aria-label", `${alert.severity}, ${alert.status}: ${alert.message}`);
  row.replaceChildren(pick(alert, picked), body(alert), side(alert, act));
}

function pick(alert, picked) {
  const box = element("input", { type: "checkbox", class: "pick", "data-do": "pick", "aria-label": `Select: ${alert.message || alert.rule}` });
  box.checked = picked;
  return element("label", { class: "picker" }, box);
}

function body(alert) {
  return element("div", { class: "body" },
    element("h2", {}, element("a", { class: "title", href: `#alert=${encodeURIComponent(alert.id)}`, "data-do": "open" }, words(alert.message || alert.rule))),
    element("p", { class: "facts" },
      sign("severity", alert.severity, SEVERITIES),
      alert.demonstration ? element("span", { class: "label" }, "demonstration") : null,
      alert.delayed ? element("span", { class: "label" }, "told late") : null,
      [["team", alert.team], ["gateway", alert.gateway], ["rule", alert.rule]].filter(([, value]) => value)
        .map(([name, value]) => element("span", {}, element("span", { class: "name" }, `${name} `), words(value))),
      alert.status === "resolved" ? since(alert.triggered_at, alert.resolved_at) : null),
    standing(alert));
}

// Who has it, why nobody is told of it, what is not known: in sentences, as far as there is something to say.
export function standing(alert) {
  const lines = [];
  if (alert.status === "resolved") {
    lines.push(element("p", { class: "by resolved" }, `✔ resolved${alert.resolved_by ? ` by ${alert.resolved_by}` : ""} `,
      alert.resolved_at ? time(alert.resolved_at) : null, alert.resolution_notes ? [" — ", words(alert.resolution_notes)] : null));
    return lines;
  }
  if (alert.suppression) {
    lines.push(element("p", { class: "by quiet" }, element("span", { "aria-hidden": "true" }, "⏸\uFE0E "), "nobody is told",
      alert.suppression.until ? [" until ", time(alert.suppression.until)] : null, ": ", told(alert.suppression.reason)));
  }
  if (alert.status === "acknowledged") {
    lines.push(element("p", { class: "by taken" }, `✓ ${alert.acknowledged_by || "somebody"} has it, since `,
      alert.acknowledged_at ? time(alert.acknowledged_at) : null,
      alert.acknowledged_until ? [", until ", time(alert.acknowledged_until)] : null));
  }
  if (alert.assigned_to) lines.push(element("p", { class: "by" }, "assigned to ", words(alert.assigned_to)));
  if (alert.unknown) lines.push(element("p", { class: "by doubt" }, element("strong", {}, "Not known right now: "), words(alert.unknown)));
  return lines;
}

function side(alert, act) {
  if (alert.status === "resolved") return element("div", { class: "side" });
  const word = takes(alert);
  return element("div", { class: "side" },
    alert.triggered_at ? aged(alert.triggered_at) : null,
    word && mayAnswer(alert.team) ? element("button", { type: "button", "data-do": "acknowledge", "aria-label": `${word}: ${alert.message || alert.rule}`, onclick: () => act("acknowledge", alert.id) }, word) : null);
}

// What acknowledging means for the reader; empty where it would change nothing.
export function takes(alert) {
  if (alert.status === "firing") return "Acknowledge";
  if (alert.status !== "acknowledged") return "";
  return alert.acknowledged_by !== reader() ? "Take it over" : alert.acknowledged_until ? "Keep it" : "";
}
