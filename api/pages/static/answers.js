// What a reader is asked before something is done: to how long, to whom, with which words, and what it covers.

import { element } from "./element.js";
import { ask as question } from "./session.js";
import { ask, ends, field, lengths, notes } from "./forms.js";
import { acknowledge, at, command, each, later, once, tell } from "./act.js";
import { several, words } from "./words.js";

const SHOWN = 6; // alerts that a silence would cover, by name
const titled = (alerts) => (alerts.length === 1 ? words(alerts[0].message || alerts[0].rule) : several(alerts.length, "alert"));
const open = (alerts) => alerts.filter(({ status }) => status !== "resolved");

// One alert is done with its own words; several are counted.
async function done(alerts, word, undone, doing, undo) {
  if (alerts.length > 1) return each(alerts, word, undone, doing, undo);
  const answer = await doing(alerts[0]);
  if (answer?.status === "pending") return tell(later(answer), !answer.detail);
  tell(`${word}: ${alerts[0].message}`, true, undo && (async () => { await undo(alerts[0]); return `${undone}: ${alerts[0].message}`; }));
}

export function take(alerts) {
  if (alerts.length === 1) return once(`acknowledge ${alerts[0].id}`, () => acknowledge(alerts[0]));
  const firing = alerts.filter(({ status }) => status === "firing");
  if (!firing.length) return tell("None of these is firing: somebody has them, or they are over.");
  return once("acknowledge", () => each(firing, "You have", "", async (alert) => {
    try {
      await command(alert.id, "acknowledge");
    } catch (failure) {
      if (failure.code !== "nothing_to_acknowledge") throw failure; // its group was acknowledged with another one
    }
  }));
}

export function snooze(alerts) {
  alerts = open(alerts);
  if (!alerts.length) return tell("This alert is resolved already.");
  return ask({
    title: "Not now", about: titled(alerts), word: "Snooze",
    fields: [lengths("Nobody hears of it for"), field("Why", notes("notes", "Deploying, back at ten")), element("p", { class: "hint" }, "It ends sooner where the alert becomes worse.")],
    send: async (given) => {
      const until = ends(given);
      await done(alerts, "Snoozed", "Awake again", (alert) => command(alert.id, "snooze", { until, notes: given.notes.trim() }), (alert) => command(alert.id, "unsnooze"));
    },
  });
}

export const unsnooze = ([alert]) => once(`unsnooze ${alert.id}`, () => done([alert], "Awake again", "", () => command(alert.id, "unsnooze")));

export function resolve(alerts) {
  alerts = open(alerts);
  if (!alerts.length) return tell("This alert is resolved already.");
  return ask({
    title: "It is fixed", about: titled(alerts), word: "Resolve",
    fields: field("Notes for whoever meets this next", notes("notes", "What was it? What helped?")),
    send: (given) => done(alerts, "Resolved", "", (alert) => command(alert.id, "resolve", { notes: given.notes.trim() })),
  });
}

export function assign(alerts) {
  alerts = open(alerts);
  if (!alerts.length) return tell("This alert is resolved already.");
  const who = element("input", { name: "to", maxlength: "100", autocomplete: "off", autofocus: true, value: alerts.length === 1 ? alerts[0].assigned_to || "" : "" });
  return ask({
    title: "Who sees to it", about: titled(alerts), word: "Assign",
    fields: [field("Name", who, "Empty: nobody in particular. Nobody is told, and steps go on: acknowledge to stop them."), field("Why", element("input", { name: "notes", maxlength: "1000" }))],
    send: (given) => done(alerts, given.to.trim() ? `Assigned to ${given.to.trim()}` : "Assigned to nobody", "As before",
      (alert) => command(alert.id, "assign", { to: given.to.trim(), notes: given.notes.trim() }), (alert) => command(alert.id, "assign", { to: alert.assigned_to || "" })),
  });
}

export function comment(alerts) {
  const text = notes("notes", "What is to be remembered", true);
  text.autofocus = true;
  return ask({
    title: "Comment", about: titled(alerts), word: "Note it", fields: field("A line in its timeline", text),
    send: (given) => done(alerts, "Noted", "", (alert) => command(alert.id, "comment", { notes: given.notes.trim() })),
  });
}

// One silence for what all of these alerts have in common; of a single one, every label can be left out.
export async function silence(alerts) {
  const drafts = [];
  if (!(await once("silence", async () => { for (const { id } of alerts.slice(0, 20)) drafts.push(await question(at(id, "/silence"))); }))) return;
  const teams = new Set(drafts.map(({ team }) => team));
  if (teams.size > 1) return tell("These alerts are of several teams: silence those of one team at a time.");
  const [{ team, owner }] = drafts;
  const covers = element("textarea", { name: "covers", rows: "3", maxlength: "2000", required: true, spellcheck: "false", class: "code" });
  covers.value = drafts.length === 1 ? drafts[0].covers : common(drafts);
  const preview = element("div", { class: "preview", role: "status" });
  const look = previewing(covers, team, preview);
  covers.addEventListener("input", look);
  look();
  await ask({
    title: "Silence", about: [titled(alerts), ` (team ${team})`], word: "Silence", wide: true,
    fields: [field("What it covers", covers, "Matchers, joined by commas: all have to fit. Take one out to cover more."), preview,
      lengths("Until"), field("Why", element("input", { name: "reason", maxlength: "500", required: true, autofocus: true, placeholder: "vendor ticket 4711" }))],
    send: async (given) => {
      const body = { name: `page-${new Date().toISOString().replace(/\D/g, "").slice(0, 17)}`, team, covers: given.covers.trim(), ends: ends(given), owner, reason: given.reason.trim() };
      const made = await question("/v1/silences", { method: "POST", body: JSON.stringify(body) });
      const undo = made.id && (async () => { await question(`/v1/silences/${made.id}`, { method: "DELETE" }); return "The silence has ended."; });
      tell(made.id ? "Silenced: nobody is told of what it covers. What still fires at its end is told at once." : later(made), true, undo || null);
    },
  });
}

// The labels that all of them have; where that is none, their rules.
function common(drafts) {
  const [first, ...others] = drafts.map(({ labels }) => labels);
  const shared = Object.entries(first).filter(([name, value]) => others.every((labels) => labels[name] === value));
  const quoted = (text) => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
  const rules = [...new Set(drafts.map(({ labels }) => labels.rule))];
  if (!shared.length) return rules.length === 1 ? `rule=${quoted(rules[0])}` : `rule=~"${rules.map((rule) => rule.replace(/[.*+?^${}()|[\]\\]/g, "\\\\$&")).join("|")}"`;
  return shared.map(([name, value]) => `${name}=${quoted(value)}`).join(", ");
}

// What it would cover is asked a moment after the last key; an answer to an older question is not shown.
function previewing(covers, team, place) {
  let number = 0, timer = 0;
  const look = async () => {
    const mine = (number += 1);
    let shown;
    try {
      const covered = await question(`/v1/covered?${new URLSearchParams({ covers: covers.value, team, limit: SHOWN })}`);
      shown = [element("p", {}, `Covers ${several(covered.total, "open alert")} of ${covered.open}; ${covered.last_24h.count} of ${covered.last_24h.of} of the last 24 h.`),
        covered.warnings.map((text) => element("p", { class: "warn" }, "▲ ", text)),
        element("ul", {}, covered.items.map((alert) => element("li", {}, element("span", { class: `severity ${alert.severity}` }, alert.severity), " ", words(alert.message)))),
        covered.total > covered.items.length ? element("p", { class: "faint" }, `and ${covered.total - covered.items.length} more`) : null];
    } catch (failure) {
      shown = [element("p", { class: "problem" }, failure.message)];
    }
    if (mine === number) place.replaceChildren(...shown.flat().filter(Boolean));
  };
  return () => { clearTimeout(timer); timer = setTimeout(look, 300); };
}
