// The page of active alerts: loads them, follows the stream, and keeps the list as the reader wants it.

import { find } from "./element.js";
import { OVER, ask, forget, signIn, signOut } from "./session.js";
import { alerts, clear, put, remove, show } from "./list.js";
import { act, fill, reads, reveal, tell } from "./act.js";
import { away, back, follow, leave } from "./live.js";
import { listen } from "./keys.js";
import { look, say } from "./banner.js";
import { ZONE, clock, refresh } from "./words.js";

const PAGE = 50;
const MOST = 500; // alerts in one answer
const state = { total: 0, more: false, sequence: 0, later: null, asked: false, read: new Set() };
const form = find("filters");

function filters() {
  return new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
}

function fits(alert) {
  const wanted = filters();
  const statuses = (wanted.get("status") || "firing,acknowledged").split(",");
  return statuses.includes(alert.status) && (!wanted.get("severity") || wanted.get("severity") === alert.severity);
}

function count() {
  const words = `${alerts.size} shown of ${Math.max(state.total, alerts.size)} · ${away() ? `as of ${clock.format(away())}` : "live"}`;
  if (find("count").textContent !== words) find("count").textContent = words;
  const firing = [...alerts.values()].filter((alert) => alert.status === "firing").length;
  document.title = (away() ? "Not connected · " : firing ? `(${firing}${state.more ? "+" : ""}) ` : "") + "Alerts · Tocsin";
  find("empty").hidden = alerts.size > 0;
  find("empty").textContent = [...filters()].length ? "No alert matches these filters." : "No alert is open.";
  find("more").hidden = !state.more;
  find("more").textContent = `Show more (${state.total - alerts.size} are not shown)`;
}

// The first so many alerts as they stand; what "Show more" has brought stays.
async function load(most = Math.max(PAGE, alerts.size)) {
  const wanted = filters();
  const found = await pages(wanted, most);
  if (`${filters()}` !== `${wanted}`) return load(most); // they have changed meanwhile
  Object.assign(state, { total: found.total, more: Boolean(found.cursor), sequence: found.sequence });
  show(found.items, act);
  count();
}

async function pages(wanted, most) {
  const found = { items: [], cursor: null };
  do {
    const query = new URLSearchParams(wanted);
    query.set("limit", Math.min(MOST, most - found.items.length));
    if (found.cursor) query.set("cursor", found.cursor);
    const page = await ask(`/v1/alerts?${query}`);
    if (!found.cursor) Object.assign(found, { total: page.total, sequence: page.sequence });
    found.items.push(...page.items);
    found.cursor = page.next_cursor;
  } while (found.cursor && found.items.length < most);
  return found;
}

// A burst of changes costs one look at the list, not one a change; what comes during a look causes another.
function soon(wait = 400) {
  state.asked = true;
  state.later ??= setTimeout(async () => {
    state.asked = false;
    await load().catch(failed);
    state.later = null;
    if (state.asked && !away()) soon();
  }, wait);
}

function failed(failure) {
  if (failure.status === OVER) return;
  if (failure.status === 401) return locked(failure.message);
  tell(failure.message);
}

const receivers = {
  alert(alert) {
    if (!fits(alert)) remove(alert, act);
    else if (!filters().get("q") || alerts.has(alert.id)) put(alert, act);
    count();
    soon();
  },
  change(change) {
    const about = [...alerts.values()].filter((one) => one.id === change.alert_id || one.groups.includes(change.group));
    for (const one of about.filter(({ id }) => reads(id))) read(one.id);
  },
  reset: () => begin().catch(failed),
  again: () => begin().catch(() => {}), // it is tried again
  ended: (why) => locked(why),
  state: count,
};

// An open alert is read again half a second after something happened to it, however much that was.
function read(id) {
  if (!state.read.size) setTimeout(() => {
    for (const one of state.read) fill(one).catch(failed);
    state.read.clear();
  }, 500);
  state.read.add(id);
}

async function begin() {
  await load();
  follow(state.sequence, receivers);
  back();
  count();
}

function locked(why) {
  forget();
  leave();
  clearTimeout(state.later);
  Object.assign(state, { later: null, asked: false });
  state.read.clear();
  find("signin").hidden = false;
  find("signin-why").textContent = why;
  find("signout").hidden = form.hidden = find("empty").hidden = find("more").hidden = true;
  find("who").textContent = "";
  clear();
  tell("");
  say([]);
  find("count").textContent = "signed out";
  document.title = "Signed out · Tocsin";
}

async function start() {
  const session = await signIn();
  find("signin").hidden = true;
  find("signout").hidden = form.hidden = false;
  find("who").textContent = `${session.name} · ${ZONE}`;
  for (const [name, value] of new URLSearchParams(location.search)) if (form.elements[name]) form.elements[name].value = value;
  await begin();
  look().catch(() => {}); // it is asked again
  await reveal();
}

// Who is not let in is told why; where nothing answers, it is tried again.
function retry(failure) {
  if (failure.status === OVER) return;
  if ([401, 403].includes(failure.status)) return locked(failure.message);
  find("count").textContent = `${failure.message} It is tried again by itself.`;
  setTimeout(() => start().catch(retry), 3000);
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", () => {
  history.replaceState(null, "", `?${filters()}`.replace(/\?$/, location.pathname));
  soon(200);
});
find("more").addEventListener("click", () => load(2 * alerts.size).catch(failed));
find("signout").addEventListener("click", () => signOut().then(() => locked("You have signed out."), failed));
addEventListener("hashchange", () => /^#(code|alert)=/.test(location.hash) && start().catch(retry)); // another link was opened here
listen(act);
setInterval(() => away() || refresh(document), 15000);
start().catch(retry);
