// One alert as an item of the list: what, how bad, whose, since when, and the two things that can be done.

import { element } from "./element.js";
import { SEVERITIES, STATUSES, sign, since, time } from "./words.js";

export function item(alert, act) {
  const open = alert.status !== "resolved";
  const head = element("div", { class: "head" },
    sign("severity", alert.severity, SEVERITIES),
    sign("status", alert.status, STATUSES),
    alert.demonstration ? element("span", { class: "label" }, "demonstration") : null,
    alert.delayed ? element("span", { class: "label" }, "told late") : null);
  const title = element("h2", {},
    element("button", { type: "button", class: "title", "aria-expanded": "false", onclick: () => act("open", alert.id) },
      alert.message || alert.rule));
  const node = element("li", {
    class: `alert ${alert.severity} ${alert.status}`, id: `alert-${alert.id}`, "data-id": alert.id, tabindex: "-1",
    "aria-label": `${alert.severity}, ${alert.status}: ${alert.message}`,
  }, head, title, facts(alert), held(alert), said(alert), open ? buttons(alert, act) : null,
  element("div", { class: "inside", hidden: true }));
  return node;
}

function facts(alert) {
  const all = [["team", alert.team], ["gateway", alert.gateway], ["rule", alert.rule]];
  return element("p", { class: "facts" },
    all.filter(([, value]) => value).map(([name, value]) =>
      element("span", {}, element("span", { class: "name" }, `${name} `), value)),
    alert.triggered_at ? since(alert.triggered_at) : null);
}

// A state that is not known now is the last one that was: nobody should take it for fresh.
function held(alert) {
  if (!alert.unknown || alert.status === "resolved") return null;
  return element("p", { class: "by" }, element("strong", {}, "Not known right now: "), alert.unknown);
}

function said(alert) {
  if (alert.status === "resolved") {
    const by = alert.resolved_by ? ` by ${alert.resolved_by}` : "";
    return element("p", { class: "by" }, `resolved${by} `, alert.resolved_at ? time(alert.resolved_at, true) : null,
      alert.resolution_notes ? ` — ${alert.resolution_notes}` : null);
  }
  if (alert.status === "acknowledged") {
    return element("p", { class: "by" }, `${alert.acknowledged_by || "somebody"} has it, since `,
      alert.acknowledged_at ? time(alert.acknowledged_at, true) : null,
      alert.acknowledged_until ? [", until ", time(alert.acknowledged_until, true)] : null);
  }
  return null;
}

function buttons(alert, act) {
  const about = alert.message || alert.rule;
  return element("div", { class: "buttons" },
    alert.status === "firing" || alert.acknowledged_until
      ? element("button", { type: "button", "aria-label": `Acknowledge: ${about}`, onclick: () => act("acknowledge", alert.id) },
        alert.status === "firing" ? "Acknowledge" : "Keep it")
      : null,
    element("button", { type: "button", "aria-label": `Resolve: ${about}`, onclick: () => act("resolve", alert.id) }, "Resolve…"));
}
