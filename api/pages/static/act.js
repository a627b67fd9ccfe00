// What a reader does with an alert: opens it, takes it, resolves it; each failure is said in words, and loses no notes.

import { find } from "./element.js";
import { ask } from "./session.js";
import { alerts, focus, node, put, settle } from "./list.js";
import { detail, notes } from "./detail.js";

const busy = new Set(); // what was asked and not answered yet, so that a second click asks nothing
const later = (answer) => answer.detail || "Taken; the answer is still on its way."; // `detail`: it may not have arrived
const GONE = "This alert is no longer in the list.";
const at = (id, what = "") => `/v1/alerts/${encodeURIComponent(id)}${what}`;
const inside = (id) => node(id) && node(id).querySelector(".inside");
let toast = 0;

export function tell(words, good = false) {
  const place = find("said");
  place.textContent = words;
  place.classList.toggle("good", good);
  place.hidden = !words;
  clearTimeout(toast);
  if (words) toast = setTimeout(() => tell(""), 8000);
}

export async function act(what, id, words) {
  const asked = `${what} ${id}`;
  if (busy.has(asked)) return false;
  busy.add(asked);
  tell("");
  try {
    if (id && !alerts.has(id)) return tell(GONE);
    await { open: unfold, acknowledge, resolve, resolved, dismiss, recall, close }[what](id, words);
    return true;
  } catch (failure) {
    tell(failure.message);
    return false;
  } finally {
    busy.delete(asked);
  }
}

export const reads = (id) => Boolean(inside(id)?.querySelector(".detail"));

// The alert's detail as it stands now; the focus stays where it was.
export async function fill(id) {
  const alert = await ask(at(id));
  const place = inside(id);
  if (!place || place.hidden || place.querySelector(".notes")) return; // closed meanwhile, or somebody writes there
  const held = [...place.querySelectorAll("a,button")].indexOf(document.activeElement);
  place.replaceChildren(detail(alert, act));
  if (held >= 0) (place.querySelectorAll("a,button")[held] || node(id)).focus();
}

// An alert that a link names is shown and opened, whatever the filters say and however long it is over.
export async function reveal() {
  const id = new URLSearchParams(location.hash.slice(1)).get("alert");
  if (!id) return;
  try {
    put(await ask(at(id)), act);
    if (inside(id).hidden) await unfold(id);
    focus(node(id));
  } catch (failure) {
    tell(failure.message);
  }
}

function opened(id, open) {
  inside(id).hidden = !open;
  node(id).querySelector(".title").setAttribute("aria-expanded", String(open));
}

function shut(id) {
  if (!node(id) || inside(id).hidden) return;
  if (inside(id).contains(document.activeElement)) focus(node(id));
  opened(id, false);
  inside(id).replaceChildren();
  settle(id);
}

async function unfold(id) {
  if (reads(id)) return shut(id);
  opened(id, true);
  await fill(id);
}

// An acknowledgement covers all groups of the alert; saying so spares the reader the other clicks.
async function acknowledge(id) {
  const { status, message, groups } = alerts.get(id);
  if (status === "resolved") return tell("This alert is resolved already.");
  const others = [...alerts.values()].filter((one) => one.groups.some((group) => groups.includes(group)) && one.id !== id && one.status === "firing").length;
  const answer = await ask(at(id, "/acknowledge"), { method: "POST" });
  if (answer.status !== "pending") put(answer, act); // the stream says the same a moment later
  tell(answer.status === "pending" ? later(answer) : `You have it: ${message}` + (others ? `, and ${others} more of its group${groups.length > 1 ? "s" : ""}` : ""), !answer.detail);
}

function resolve(id) {
  if (alerts.get(id).status === "resolved") return tell("This alert is resolved already.");
  const { form, text } = notes(alerts.get(id), async (words) => (await act("resolved", id, words)) && shut(id), () => shut(id));
  opened(id, true);
  inside(id).replaceChildren(form);
  text.focus();
  form.scrollIntoView({ block: "nearest" }); // its button too, on a phone
}

async function resolved(id, words) {
  const { message } = alerts.get(id);
  const answer = await ask(at(id, "/resolve"), { method: "POST", body: JSON.stringify({ notes: words }) });
  tell(answer.status === "pending" ? later(answer) : `Resolved: ${message}`, !answer.detail);
}

async function judged(id, method) {
  const answer = await ask(at(id, "/not-an-anomaly"), { method, body: method === "POST" ? "{}" : undefined });
  if (answer && answer.status === "pending") tell(later(answer), !answer.detail);
  await fill(id);
}

const dismiss = (id) => judged(id, "POST");
const recall = (id) => judged(id, "DELETE");

function close() {
  for (const id of [...alerts.keys()]) shut(id);
  if (document.activeElement.closest("#filters")) document.activeElement.blur();
}
