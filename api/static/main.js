// The page of active alerts: loads them, follows the stream, and sends what the reader decides.

import { find } from "./element.js";
import { ask, signIn } from "./session.js";
import { alerts, clear, focus, node, put, remove } from "./list.js";
import { detail, notes } from "./detail.js";
import { follow } from "./live.js";
import { listen } from "./keys.js";
import { look } from "./banner.js";
import { ZONE, refresh } from "./words.js";

const state = { live: "connecting", total: 0, cursor: null, later: 0 };
const PAGE = 50;
const MOST = 500; // alerts in one answer
const busy = new Set(); // what was asked and not answered yet, so that a second click asks nothing
const form = find("filters");

function filters() {
  return new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
}

function tell(words, good = false) {
  const place = find("said");
  place.textContent = words;
  place.classList.toggle("good", good);
  place.hidden = !words;
  clearTimeout(state.toast);
  if (words) state.toast = setTimeout(() => tell(""), 8000);
}

function count() {
  const words = `${alerts.size} shown of ${Math.max(state.total, alerts.size)} · ${state.live}`;
  if (find("count").textContent !== words) find("count").textContent = words;
  const firing = [...alerts.values()].filter((alert) => alert.status === "firing").length;
  document.title = (firing ? `(${firing}${state.cursor ? "+" : ""}) ` : "") + "Alerts · Tocsin";
  find("empty").hidden = alerts.size > 0;
  find("empty").textContent = [...filters()].length ? "No alert matches these filters." : "No alert is open. All is quiet.";
  find("more").hidden = !state.cursor;
}

async function load(more = false) {
  const query = filters();
  if (more) query.set("cursor", state.cursor);
  else query.set("limit", Math.min(MOST, Math.max(PAGE, alerts.size))); // what "Show more" has brought stays
  const page = await ask(`/v1/alerts?${query}`);
  state.total = page.total;
  if (!more) state.sequence = page.sequence;
  const fresh = new Set(page.items.map((alert) => alert.id));
  if (!more && !state.cursor) for (const id of [...alerts.keys()]) if (!fresh.has(id)) remove(id);
  for (const alert of page.items) put(alert, act);
  if (more || !state.cursor) state.cursor = page.next_cursor;
  count();
}

// A burst of changes costs one look at the list, not one a change.
function soon() {
  clearTimeout(state.later);
  state.later = setTimeout(() => load().catch((failure) => tell(failure.message)), 400);
}

function arrived(alert) {
  const wanted = filters();
  const statuses = (wanted.get("status") || "firing,acknowledged").split(",");
  const fits = statuses.includes(alert.status) && (!wanted.get("severity") || wanted.get("severity") === alert.severity);
  if (!fits) remove(alert.id);
  else if (!wanted.get("q") || alerts.has(alert.id)) put(alert, act);
  count();
  soon();
}

async function changed(change) {
  const open = change.alert_id && node(change.alert_id);
  if (open && open.querySelector(".detail")) await fill(change.alert_id);
}

async function fill(id) {
  const inside = node(id).querySelector(".inside");
  const alert = await ask(`/v1/alerts/${encodeURIComponent(id)}`);
  if (node(id)) inside.replaceChildren(detail(alert, act));
}

function shut(id) {
  const one = node(id);
  if (!one) return;
  one.querySelector(".inside").hidden = true;
  one.querySelector(".inside").replaceChildren();
  one.querySelector(".title").setAttribute("aria-expanded", "false");
}

async function unfold(id) {
  const one = node(id);
  const inside = one.querySelector(".inside");
  if (!inside.hidden) return shut(id);
  inside.hidden = false;
  one.querySelector(".title").setAttribute("aria-expanded", "true");
  await fill(id);
}

async function acknowledge(id) {
  const { status, message } = alerts.get(id);
  if (status !== "firing") return tell("Only a firing alert can be acknowledged.");
  const answer = await ask(`/v1/alerts/${encodeURIComponent(id)}/acknowledge`, { method: "POST" });
  if (answer.status === "pending") tell("Taken; the answer is still on its way.", true);
  else tell(`You have it: ${message}`, true);
}

function resolve(id) {
  const one = node(id);
  if (alerts.get(id).status === "resolved") return tell("This alert is resolved already.");
  const inside = one.querySelector(".inside");
  const { form: sheet, text } = notes(alerts.get(id), async (words) => {
    shut(id);
    focus(node(id));
    await act("resolved", id, words);
  }, () => { shut(id); focus(node(id)); });
  inside.hidden = false;
  inside.replaceChildren(sheet);
  text.focus();
  sheet.scrollIntoView({ block: "nearest" }); // its button too, on a phone
}

async function resolved(id, words) {
  const body = JSON.stringify({ notes: words });
  const { message } = alerts.get(id) || {};
  const answer = await ask(`/v1/alerts/${encodeURIComponent(id)}/resolve`, { method: "POST", body });
  if (answer.status === "pending") tell("Taken; the answer is still on its way.", true);
  else tell(`Resolved: ${message}`, true);
}

async function judged(id, method) {
  const answer = await ask(`/v1/alerts/${encodeURIComponent(id)}/not-an-anomaly`, { method, body: method === "POST" ? "{}" : undefined });
  if (answer && answer.status === "pending") tell("Taken; the answer is still on its way.");
  await fill(id);
}

const dismiss = (id) => judged(id, "POST");
const recall = (id) => judged(id, "DELETE");

function close() {
  const held = document.activeElement.closest(".inside") && document.activeElement.closest(".alert");
  for (const id of alerts.keys()) shut(id);
  if (held) focus(held);
  if (document.activeElement.closest("#filters")) document.activeElement.blur();
}

async function act(what, id, words) {
  const asked = `${what} ${id}`;
  if (busy.has(asked)) return;
  busy.add(asked);
  try {
    await { open: unfold, acknowledge, resolve, resolved, dismiss, recall, close }[what](id, words);
  } catch (failure) {
    tell(failure.message);
    if (failure.status === 401) start();
  } finally {
    busy.delete(asked);
  }
}

function stream() {
  follow(state.sequence, {
    alert: arrived,
    change: changed,
    reset: () => load().then(stream).catch((failure) => tell(failure.message)),
    state: (words) => { state.live = words; count(); },
  });
}

function locked(why) {
  find("signin").hidden = false;
  find("signin-why").textContent = why;
  find("count").textContent = "signed out";
  form.hidden = true;
  clear();
}

async function start() {
  const session = await signIn();
  if (session.refused) return locked(session.refused);
  find("signin").hidden = true;
  form.hidden = false;
  find("who").textContent = `${session.name} · ${ZONE}`;
  for (const [name, value] of new URLSearchParams(location.search)) if (form.elements[name]) form.elements[name].value = value;
  await load();
  stream();
  look();
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", () => {
  history.replaceState(null, "", `?${filters()}`.replace(/\?$/, location.pathname));
  state.cursor = null;
  clear();
  soon();
});
find("more").addEventListener("click", () => load(true).catch((failure) => tell(failure.message)));
listen(act);
setInterval(() => refresh(document), 15000);
setInterval(() => form.hidden || look(), 15000);
start().catch((failure) => locked(failure.message));
