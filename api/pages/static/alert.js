// One alert as an item of the list: what, how bad, whose, since when, and the two things that can be done.

import { element } from "./element.js";
import { reader } from "./session.js";
import { SEVERITIES, STATUSES, sign, since, time, words } from "./words.js";

export function blank(id) {
  return element("li", { id: `alert-${id}`, "data-id": id, tabindex: "-1" }, element("div", { class: "inside", hidden: true }));
}

// Everything but what is open inside, which belongs to whoever reads or writes there.
export function paint(one, alert, act) {
  const inside = one.querySelector(".inside");
  one.className = `alert ${alert.severity} ${alert.status}`;
  one.setAttribute("aria-label", `${alert.severity}, ${alert.status}: ${alert.message}`);
  for (const child of [...one.children]) if (child !== inside) child.remove();
  one.prepend(...[head(alert), title(alert, act, !inside.hidden), facts(alert), held(alert), said(alert), buttons(alert, act)].filter(Boolean));
}

function head(alert) {
  return element("div", { class: "head" },
    sign("severity", alert.severity, SEVERITIES),
    sign("status", alert.status, STATUSES),
    alert.demonstration ? element("span", { class: "label" }, "demonstration") : null,
    alert.delayed ? element("span", { class: "label" }, "told late") : null);
}

function title(alert, act, open) {
  return element("h2", {},
    element("button", { type: "button", class: "title", "aria-expanded": String(open), "data-do": "open", onclick: () => act("open", alert.id) },
      words(alert.message || alert.rule)));
}

function facts(alert) {
  const all = [["team", alert.team], ["gateway", alert.gateway], ["rule", alert.rule]];
  return element("p", { class: "facts" },
    all.filter(([, value]) => value).map(([name, value]) =>
      element("span", {}, element("span", { class: "name" }, `${name} `), words(value))),
    alert.triggered_at ? since(alert.triggered_at, alert.resolved_at) : null);
}

// A state that is not known now is the last one that was: nobody should take it for fresh.
function held(alert) {
  if (!alert.unknown || alert.status === "resolved") return null;
  return element("p", { class: "by" }, element("strong", {}, "Not known right now: "), words(alert.unknown));
}

function said(alert) {
  if (alert.status === "resolved") {
    const by = alert.resolved_by ? ` by ${alert.resolved_by}` : "";
    return element("p", { class: "by" }, `resolved${by} `, alert.resolved_at ? time(alert.resolved_at) : null,
      alert.resolution_notes ? [" — ", words(alert.resolution_notes)] : null);
  }
  if (alert.status === "acknowledged") {
    return element("p", { class: "by" }, `${alert.acknowledged_by || "somebody"} has it, since `,
      alert.acknowledged_at ? time(alert.acknowledged_at) : null,
      alert.acknowledged_until ? [", until ", time(alert.acknowledged_until)] : null);
  }
  return null;
}

function buttons(alert, act) {
  if (alert.status === "resolved") return null;
  const about = alert.message || alert.rule;
  const button = (what, shown, spoken) =>
    element("button", { type: "button", "data-do": what, "aria-label": `${spoken}: ${about}`, onclick: () => act(what, alert.id) }, shown);
  const taken = alert.status === "firing" ? "Acknowledge" : alert.acknowledged_by !== reader() ? "Take it over" : "Keep it";
  return element("div", { class: "buttons" },
    alert.status === "firing" || taken === "Take it over" || alert.acknowledged_until ? button("acknowledge", taken, taken) : null,
    button("resolve", "Resolve…", "Resolve"));
}
