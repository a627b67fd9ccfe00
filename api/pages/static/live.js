// Whether what is shown is how it stands now: the stream tells what happens, and a question now and then proves that it can.

import { find } from "./element.js";
import { look } from "./banner.js";
import { clock } from "./words.js";

const EVERY = 15000; // ms between two questions
const SILENT = 90000; // ms without a sign of life after which a machine has slept, or a line is dead
let source = null, heard = 0, since = 0, on = {};

// `on`: alert, change and reset as the stream says them; `again` when it is live again, `ended` where the session is over.
export function follow(after, receivers) {
  on = receivers;
  leave();
  source = new EventSource(`/v1/stream?after=${after}`);
  source.addEventListener("open", alive);
  source.addEventListener("error", () => { lost(); if (source.readyState === EventSource.CLOSED) setTimeout(pulse, 2000); });
  for (const name of ["alert", "change", "reset"]) {
    source.addEventListener(name, (event) => { heard = Date.now(); on[name](JSON.parse(event.data)); });
  }
}

export function leave() {
  if (source) source.close();
  source = null;
  back();
}

export const away = () => since;

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
  if (!source) return;
  if (Date.now() - heard > SILENT) lost(heard);
  try {
    await look();
  } catch (failure) {
    if (!source) return;
    return failure.status === 401 ? on.ended(failure.message) : lost();
  }
  heard = Date.now();
  if (since && source) on.again();
}

setInterval(pulse, EVERY);
document.addEventListener("visibilitychange", () => document.hidden || pulse());
addEventListener("online", pulse);
