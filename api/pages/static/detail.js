// All about one alert: what comes next, who was told, why it fires, how it was before, and everything that happened.

import { element } from "./element.js";
import { gates } from "./explain.js";
import { curve, plot } from "./plot.js";
import { mayAnswer } from "./session.js";
import { standing, takes } from "./row.js";
import { SEVERITIES, aged, left, sign, since, span, time, told, words } from "./words.js";

const OUTCOMES = { held: "waits", sent: "on its way", retry: "tried again", delivered: "delivered", failed: "failed", cancelled: "not needed any more" };
const MARKS = { held: "⏸\uFE0E", sent: "…", retry: "↻", delivered: "✓", failed: "✕", cancelled: "–" };
const NEXT = { step: "the next step tells", last_resort: "the last resort is told:", repeat: "it is said again to",
  acknowledgement_ends: "the acknowledgement ends, and people are called again", suppression_ends: "people are told, if it still fires" };

export function detail(alert, act) {
  return [
    element("div", { class: "top" },
      element("p", { class: "facts" }, sign("severity", alert.severity, SEVERITIES), element("span", { class: `status ${alert.status}` }, alert.status),
        alert.triggered_at ? [since(alert.triggered_at, alert.resolved_at), alert.status === "resolved" ? null : element("span", {}, "for ", aged(alert.triggered_at))] : null),
      element("h2", { id: "panel-title" }, words(alert.message || alert.rule)),
      standing(alert)),
    actions(alert, act),
    next(alert),
    element("p", { class: "why" }, element("strong", {}, "Why: "), told(alert.reason || "no reason was given")),
    alert.told_again ? element("p", { class: "why" }, element("strong", {}, "Why now: "), told(alert.told_again)) : null,
    doubts(alert.data_quality || []),
    alert.anomaly ? [plot(alert.anomaly), verdict(alert, act)] : curve(alert),
    alert.runbook ? runbook(alert.runbook) : null,
    section("Who was told", [people(alert.told || []), gates(alert)]),
    section("What it is about", about(alert)),
    section("Before", before(alert)),
    section("What happened", timeline(alert.timeline || [])),
    element("p", { class: "onward" },
      element("a", { href: `/#alert=${encodeURIComponent(alert.id)}` }, "Link to this alert"),
      element("a", { href: searched(alert.rule, true) }, "All alerts of this rule, past ones too")),
  ].flat(Infinity).filter(Boolean);
}

const section = (title, content) => (content ? element("section", {}, element("h3", {}, title), content) : null);

function actions(alert, act) {
  if (!mayAnswer(alert.team)) return element("p", { class: "hint" }, "You may read this alert. A responder of its team may answer it.");
  const button = (what, word, main = false) => element("button", { type: "button", class: main ? "main" : null, "data-do": what, onclick: () => act(what, alert.id) }, word);
  if (alert.status === "resolved") return element("div", { class: "buttons" }, button("comment", "Comment…"));
  return element("div", { class: "buttons" },
    takes(alert) ? button("acknowledge", takes(alert), alert.status === "firing") : null,
    button("resolve", "Resolve…"),
    alert.suppression?.kind === "snooze" ? button("unsnooze", "End the snooze") : button("snooze", "Snooze…"),
    button("silence", "Silence…"), button("assign", "Assign…"), button("comment", "Comment…"));
}

// What happens by itself if nobody does anything, and how long that is away.
function next({ next, status }) {
  if (status === "resolved") return null;
  if (!next) return element("p", { class: "next" }, status === "acknowledged" ? "Nobody else is called while somebody has it." : "Nothing more happens by itself.");
  const to = next.to.map((target) => called(target)).join(", ");
  return element("p", { class: "next" }, left(next.at), " ", element("span", { class: "faint" }, "(", time(next.at), ")"), ": ",
    NEXT[next.what] || next.what, to ? [" ", words(to)] : null, next.what === "step" ? ` (step ${next.step})` : null);
}

// `endpoint/payments/hook` → `hook`; of other kinds the kind is said too.
function called(target) {
  const [kind, team, ...name] = target.split("/");
  return kind === "endpoint" ? name.join("/") || team : `${kind} ${name.join("/") || team}`;
}

// Why what is shown may not hold: its source is lost, its counters cannot be trusted, a clock is off.
function doubts(all) {
  return all.length ? element("ul", { class: "doubts", "aria-label": "What casts doubt on it" },
    all.map((doubt) => element("li", {}, words(doubt)))) : null;
}

// What the reader thinks of an anomaly, and how to take it back.
function verdict(alert, act) {
  const dismissal = alert.dismissed;
  return element("p", { class: "verdict" },
    dismissal ? element("span", {}, `${dismissal.by} said that it is none: its model asks for more, by half less every week. `) : null,
    element("button", { type: "button", "data-do": "dismiss", onclick: () => act(dismissal ? "recall" : "dismiss", alert.id) },
      dismissal ? "Take that back" : "Not an anomaly"));
}

// Only web addresses become links; anything else stays text.
function runbook(address) {
  const safe = /^https?:\/\//.test(address);
  return element("p", { class: "runbook" }, element("strong", {}, "Runbook: "),
    safe ? element("a", { href: address, rel: "noreferrer noopener", target: "_blank" }, address) : words(address));
}

function people(lines) {
  if (!lines.length) return element("p", { class: "faint" }, "Nobody yet.");
  return element("ol", { class: "heard" }, lines.map((line) => element("li", {},
    element("span", { class: `outcome ${line.outcome}` }, element("span", { "aria-hidden": "true" }, `${MARKS[line.outcome] || "·"} `), OUTCOMES[line.outcome] || line.outcome),
    element("span", {}, element("strong", {}, words(called(line.to))), line.channel ? ` by ${line.channel}` : null, ", ",
      element("span", { class: "faint" }, line.purpose, " ", time(line.at), line.attempts > 1 ? `, ${line.attempts} attempts` : null),
      line.outcome === "delivered" ? null : element("span", { class: "faint" }, " — ", told(line.reason))))));
}

function searched(text, past = false) {
  return `/?${new URLSearchParams({ ...(past ? { status: "firing,acknowledged,resolved" } : {}), q: text.slice(0, 200) })}`;
}

function about(alert) {
  const facts = [["team", alert.team, alert.why_team], ["gateway", alert.gateway], ["rule", alert.rule], ["assigned to", alert.assigned_to], ["id", alert.id]];
  return [element("dl", { class: "about" }, facts.filter(([, value]) => value).map(([name, value, why]) => [element("dt", {}, name), element("dd", { title: why || null }, words(value))])),
    labels(alert.labels || {})];
}

function labels(all) {
  const pairs = Object.entries(all);
  if (!pairs.length) return null;
  return element("ul", { class: "labels", "aria-label": "Labels" },
    pairs.map(([name, value]) => element("li", {}, element("a", { href: searched(value), title: "Alerts with this value" }, words(name), "=", words(value)))));
}

// How the same went before: the notes of whoever met it last are worth more than any manual.
function before({ earlier }) {
  if (!earlier?.items.length) return null;
  return [element("p", { class: "faint" }, earlier.within_month ? `${earlier.within_month === 1 ? "once" : `${earlier.within_month} times`} in the 30 days before` : "not in the 30 days before"),
    element("ol", { class: "before" }, earlier.items.map((past) => element("li", {},
      element("a", { href: `#alert=${encodeURIComponent(past.id)}` }, time(past.triggered_at)), ` ${past.severity}`,
      past.resolved_at ? `, lasted ${span(Date.parse(past.resolved_at) - Date.parse(past.triggered_at))}` : ", open",
      past.resolved_by || past.acknowledged_by ? `, ${past.resolved_by || past.acknowledged_by}` : null,
      past.resolution_notes ? element("q", {}, words(past.resolution_notes)) : null)))];
}

function timeline(entries) {
  entries = entries.filter((entry) => entry.title !== "command accepted").reverse(); // what it did stands beside it
  if (!entries.length) return element("p", { class: "faint" }, "Nothing is recorded yet.");
  return element("ol", { class: "timeline" }, entries.map((entry) =>
    element("li", { class: `about-${entry.subject}` },
      time(entry.at), " ", element("strong", {}, entry.title || entry.what),
      entry.by ? ` by ${entry.by}` : null,
      entry.reason ? element("span", { class: "reason" }, " — ", told(entry.reason)) : null)));
}
