// The page of alerts: loads them, follows the stream, and keeps list, counts and the open alert as they are now.
// However much happens, what is asked for is a page of the list, and no oftener than that can be answered.

import { find } from "./element.js";
import { OVER, ask, forget, signIn, signInBy, signOut } from "./session.js";
import { clear, show, shown, update, use } from "./list.js";
import { GONE, at, once, tell } from "./act.js";
import * as answers from "./answers.js";
import * as bell from "./bell.js";
import * as bulk from "./bulk.js";
import * as filters from "./filters.js";
import * as forms from "./forms.js";
import * as panel from "./panel.js";
import { away, back, delayed, follow, leave } from "./live.js";
import { listen } from "./keys.js";
import { say } from "./banner.js";
import * as views from "./views.js";
import { ZONE, clock, countDown, refresh } from "./words.js";

const PAGE = 50, MOST = 500; // alerts that are shown at first, and at most
const GAP = 1000; // ms between two looks at the list, at least; and no more than a quarter of the time is spent on them
const TOLD = ["firing", "escalated", "acknowledged", "resolved", "reminder", "summary", "test", "code", "hand_off", "bundle", "report"];
const state = { total: 0, most: PAGE, sequence: 0, later: 0, asked: false, next: 0, visit: 0 };
const form = find("filters");

function count() {
  const now = away() ? `as of ${clock.format(away())}` : delayed() ? "not live: see above" : "live";
  write(find("count"), `${shown.size.toLocaleString()} shown of ${Math.max(state.total, shown.size).toLocaleString()} · ${now}`);
  find("count").className = away() || delayed() ? "off" : "on";
  const firing = [...shown.values()].filter((alert) => alert.status === "firing" && !alert.suppression).length;
  document.title = `${away() ? "Not connected · " : firing ? `(${firing}${state.total > shown.size ? "+" : ""}) ` : ""}Alerts · Tocsin`;
  find("empty").hidden = shown.size > 0 || form.hidden;
  write(find("empty"), [...filters.wanted()].length ? "No alert matches these filters." : "No alert is open. All is quiet.");
  const left = state.total - shown.size;
  find("rest").hidden = left <= 0 || form.hidden;
  find("more").hidden = state.most >= MOST;
  write(find("more"), `Show more (${left.toLocaleString()} are not shown)`);
  find("rest").dataset.rest = state.most >= MOST ? `${left.toLocaleString()} more are open: narrow the list by the filters above.` : "";
  bulk.paint();
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// The first so many alerts as they stand, and the counts of every choice.
async function load(force = false) {
  const query = filters.wanted(), visit = state.visit;
  const narrowed = new URLSearchParams(query);
  query.set("limit", state.most);
  const begun = performance.now();
  const [page, counted] = await Promise.all([ask(`/v1/alerts?${query}`), ask(`/v1/alerts/facets?${narrowed}`)]);
  state.next = performance.now() + Math.max(GAP, 3 * (performance.now() - begun));
  if (visit !== state.visit) return;
  if (`${filters.wanted()}` !== `${narrowed}`) return load(force); // they have changed meanwhile
  Object.assign(state, { total: page.total, sequence: page.sequence });
  filters.count(counted.facets);
  await show(page.items, force);
  count();
}

// A burst of changes costs one look at the list, not one a change; what comes during a look causes another.
function soon(wait = 400, force = false) {
  state.asked = true;
  state.force ||= force;
  state.later ||= setTimeout(async () => {
    const forced = state.force;
    state.asked = state.force = false;
    await load(forced).catch(failed);
    state.later = 0;
    if (state.asked && !away()) soon();
  }, force ? wait : Math.max(wait, state.next - performance.now()));
}

function failed(failure) {
  if (failure.status === OVER) return;
  if (failure.status === 401) return locked(failure.message);
  tell(failure.message);
}

const receivers = {
  alert(alert) {
    update(alert);
    soon();
  },
  change(change) {
    panel.changed(change);
    if (change.subject === "notification" && TOLD.includes(change.what)) bell.soon();
  },
  reset: () => begin().catch(failed),
  again: () => begin().then(() => panel.again()).catch(() => {}), // it is tried again
  ended: (why) => locked(why),
  state: count,
};

async function begin() {
  await load();
  follow(state.sequence, receivers);
  back();
  count();
}

// What is done with one alert, or with several. `ids`: an id, or many.
async function act(what, ids) {
  const several = Array.isArray(ids);
  if (what === "open") return panel.show(ids);
  if (what === "pick") return bulk.toggle(ids);
  const known = (several ? ids : [ids]).map((id) => shown.get(id) || (panel.subject()?.id === id ? panel.subject() : null)).filter(Boolean);
  if (!known.length) return tell(GONE);
  const done = what in judging ? await judging[what](known[0]) : await answers[what === "acknowledge" ? "take" : what](known);
  if (several && done) bulk.none();
  panel.again();
  return done;
}

// What a reader thinks of an anomaly.
const judged = (alert, method) => once(`judge ${alert.id}`, () => ask(at(alert.id, "/not-an-anomaly"), { method, body: method === "POST" ? "{}" : undefined }));
const judging = { dismiss: (alert) => judged(alert, "POST"), recall: (alert) => judged(alert, "DELETE") };

function close() {
  if (bell.close() || panel.close()) return;
  bulk.none();
  if (document.activeElement.closest("#filters")) document.activeElement.blur();
}

function locked(why) {
  forget();
  leave();
  clearTimeout(state.later);
  Object.assign(state, { later: 0, asked: false, total: 0, most: PAGE, visit: state.visit + 1 });
  find("signin").hidden = false;
  find("signin-why").textContent = why;
  for (const id of ["filters", "empty", "rest", "me"]) find(id).hidden = true;
  panel.hide();
  forms.close();
  bell.end();
  clear();
  tell("");
  say([]);
  write(find("count"), "signed out");
  document.title = "Signed out · Tocsin";
}

async function start() {
  const session = await signIn();
  find("signin").hidden = true;
  form.hidden = find("me").hidden = false;
  find("who").textContent = session.name;
  find("zone").textContent = `All times are of ${ZONE}.`;
  filters.fromAddress();
  await begin();
  if (session.notice) tell(session.notice);
  bell.begin(failed).catch(failed);
  views.begin(chosen).then(() => views.mark(location.search)).catch(failed);
  await panel.follow();
}

// Who is not let in is told why; where nothing answers, it is tried again.
function retry(failure) {
  if (failure.status === OVER) return;
  if ([401, 403].includes(failure.status)) return locked(failure.message);
  write(find("count"), `${failure.message} It is tried again by itself.`);
  setTimeout(() => start().catch(retry), 3000);
}

// A view takes the place of all that the list was narrowed by.
function chosen(query) {
  form.reset();
  history.replaceState(history.state, "", `${location.pathname}?${query}${location.hash}`);
  filters.fromAddress();
  narrow();
}

function narrow() {
  filters.toAddress();
  views.mark(location.search);
  state.most = PAGE;
  soon(200, true);
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", narrow);
find("signin-token").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = event.target.elements.token;
  signInBy(field.value.trim()).then(start).catch((failure) => { find("signin-why").textContent = failure.message; });
  field.value = "";
});
find("unfilter").addEventListener("click", () => { form.reset(); narrow(); });
find("more").addEventListener("click", () => { state.most = Math.min(MOST, state.most + PAGE); load(true).catch(failed); });
find("signout").addEventListener("click", () => signOut().then(() => locked("You have signed out."), failed));
find("alerts").addEventListener("click", (event) => {
  const row = event.target.closest(".alert");
  if (!row) return;
  if (event.target.closest(".picker")) {
    if (event.target.tagName === "INPUT") bulk.toggle(row.dataset.id, event.shiftKey);
    return;
  }
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.target.closest("button") || getSelection().toString()) return;
  event.preventDefault();
  act("open", row.dataset.id);
});
// Another link was opened here, or the reader went back.
addEventListener("popstate", () => (/^#code=/.test(location.hash) ? start() : find("signin").hidden ? panel.follow() : Promise.resolve()).catch(retry));
filters.build();
find("further").addEventListener("click", () => find("further").setAttribute("aria-expanded", form.classList.toggle("narrowing")));
bulk.begin(act);
panel.begin(act);
use({ act, changed: count });
listen(act, { close, bell: bell.toggle }, panel.opened);
setInterval(() => away() || refresh(document), 15000);
setInterval(() => away() || countDown(find("panel")), 1000);
start().catch(retry);
