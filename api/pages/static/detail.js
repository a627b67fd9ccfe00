// What opens inside an alert: why it fires, its labels, and everything that happened, each with its reason.

import { element } from "./element.js";
import { plot } from "./plot.js";
import { time, told, words } from "./words.js";

export function detail(alert, act) {
  return element("div", { class: "detail" },
    element("p", { class: "why" }, element("strong", {}, "Why: "), told(alert.reason || "no reason was given")),
    doubts(alert.data_quality || []),
    alert.anomaly ? plot(alert.anomaly) : null,
    alert.anomaly ? verdict(alert, act) : null,
    alert.runbook ? runbook(alert.runbook) : null,
    labels(alert.labels || {}),
    element("h3", {}, "What happened"),
    timeline(alert.timeline || []),
    element("p", { class: "onward" },
      element("a", { href: `/#alert=${encodeURIComponent(alert.id)}` }, "Link to this alert"),
      element("a", { href: searched(alert.rule, true) }, "All alerts of this rule, past ones too")));
}

// Why what is shown may not hold: its source is lost, its counters cannot be trusted, a clock is off.
function doubts(all) {
  return all.length ? element("ul", { class: "doubts", "aria-label": "What casts doubt on it" },
    all.map((doubt) => element("li", {}, words(doubt)))) : null;
}

// What the reader thinks of an anomaly, and how to take it back.
function verdict(alert, act) {
  const said = alert.dismissed;
  return element("p", { class: "verdict" },
    said ? element("span", {}, `${said.by} said that it is none: its model asks for more, by half less every week. `) : null,
    element("button", { type: "button", onclick: () => act(said ? "recall" : "dismiss", alert.id) },
      said ? "Take that back" : "Not an anomaly"));
}

// Only web addresses become links; anything else stays text.
function runbook(address) {
  const safe = /^https?:\/\//.test(address);
  return element("p", {}, element("strong", {}, "Runbook: "),
    safe ? element("a", { href: address, rel: "noreferrer noopener", target: "_blank" }, address) : words(address));
}

function searched(text, past = false) {
  return `/?${new URLSearchParams({ ...(past ? { status: "firing,acknowledged,resolved" } : {}), q: text.slice(0, 200) })}`;
}

function labels(all) {
  const pairs = Object.entries(all);
  if (!pairs.length) return null;
  return element("ul", { class: "labels", "aria-label": "Labels" },
    pairs.map(([name, value]) => element("li", {}, element("a", { href: searched(value), title: "Alerts with this value" }, words(name), "=", words(value)))));
}

function timeline(entries) {
  entries = entries.filter((entry) => entry.title !== "command accepted"); // what it did stands beside it
  if (!entries.length) return element("p", {}, "Nothing is recorded yet.");
  return element("ol", { class: "timeline" }, entries.map((entry) =>
    element("li", { class: `about-${entry.subject}` },
      time(entry.at), " ", element("strong", {}, entry.title || entry.what),
      entry.by ? ` by ${entry.by}` : null,
      entry.reason ? element("span", { class: "reason" }, " — ", told(entry.reason)) : null)));
}

export function notes(alert, send, cancel) {
  const id = `notes-${alert.id}`;
  const text = element("textarea", { id, rows: "2", maxlength: "2000", placeholder: "What was it? What helped?" });
  const form = element("form", { class: "notes" },
    element("label", { for: id }, "Notes for whoever meets this next"), text,
    element("div", { class: "buttons" },
      element("button", { type: "submit", class: "main" }, "Resolve"),
      element("button", { type: "button", onclick: cancel }, "Cancel")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(text.value.trim());
  });
  return { form, text };
}
