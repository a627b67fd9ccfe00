// Whether what is shown is how it stands now. The stream tells what happens; a question every few seconds proves that
// the API answers, and what it says of itself whether anything new can come at all.

import { find } from "./element.js";
import { ask } from "./session.js";
import { say } from "./banner.js";
import { clock } from "./words.js";

const EVERY = 5000; // ms between two questions
const PATIENCE = 4000; // ms in which an API that is there says that it is
const SILENT = 90000; // ms without a sign of life after which a machine has slept, or a line is dead
let source = null, heard = 0, since = 0, stuck = false, asking = false, on = {};

// `on`: alert, change and reset as the stream says them; `again` when it is live again, `ended` where the session is over.
export function follow(after, receivers) {
  on = receivers;
  leave();
  source = new EventSource(`/v1/stream?after=${after}`);
  source.addEventListener("open", alive);
  source.addEventListener("error", () => { lost(); if (source?.readyState === EventSource.CLOSED) setTimeout(pulse, 2000); });
  for (const name of ["alert", "change", "reset"]) {
    source.addEventListener(name, (event) => { heard = Date.now(); on[name](JSON.parse(event.data)); });
  }
  pulse();
}

export function leave() {
  if (source) source.close();
  source = null;
  back();
}

export const away = () => since;
export const delayed = () => stuck; // the API answers, and what it shows may be old

// Nothing is heard: from now on everything shown is old, and says so.
function lost(at = Date.now()) {
  if (since) return;
  since = at;
  document.body.classList.add("away");
  find("away").textContent = `No connection to Tocsin since ${clock.format(since)}: this is how it stood then. It is tried again by itself.`;
  find("away").hidden = false;
  on.state();
}

export function back() {
  since = 0;
  heard = Date.now();
  document.body.classList.remove("away");
  find("away").hidden = true;
}

// The stream is open. What was missed is read before anything counts as new.
function alive() {
  heard = Date.now();
  if (since) on.again();
}

async function pulse() {
  if (!source || asking) return;
  asking = true;
  try {
    await beat();
  } finally {
    asking = false;
  }
}

async function beat() {
  if (Date.now() - heard > SILENT) lost(heard);
  const system = ask("/v1/system", { patience: 2 * PATIENCE }).catch((failure) => failure);
  try {
    await ask("/v1/session", { patience: PATIENCE });
  } catch (failure) {
    if (!source) return;
    return failure.status === 401 ? on.ended(failure.message) : lost();
  }
  heard = Date.now();
  if (since && source) on.again();
  judge(await system);
}

// It answers, and is asked about the rest: where that is not well, or not known, nothing here is called live.
function judge(state) {
  if (!source) return;
  const unknown = { level: "bad", text: "Tocsin answers, and does not say how it is: what you see may be old." };
  const says = state instanceof Error ? [unknown] : state.says;
  say(says);
  const bad = says.some(({ level }) => level === "bad");
  if (bad === stuck) return;
  stuck = bad;
  on.state();
}

setInterval(pulse, EVERY);
document.addEventListener("visibilitychange", () => document.hidden || pulse());
addEventListener("online", pulse);
