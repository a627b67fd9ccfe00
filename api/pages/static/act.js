// What a reader does with alerts: each failure is said in words, and what can be undone offers that for a while.

import { find } from "./element.js";
import { OVER, ask } from "./session.js";
import { shown, update } from "./list.js";
import { several } from "./words.js";

const busy = new Set(); // what was asked and not answered yet, so that a second click asks nothing
const AT_ONCE = 4; // questions about several alerts
const SAID = 12000; // ms that a sentence stays
export const GONE = "This alert is no longer in the list.";
const PENDING = "Taken; the answer is still on its way.";
export const at = (id, what = "") => `/v1/alerts/${encodeURIComponent(id)}${what}`;
let timer = 0, back = null;

// `undo`: takes it back, where that can be done.
export function tell(words, good = false, undo = null) {
  find("said").textContent = words;
  find("toast").classList.toggle("good", good);
  find("toast").hidden = !words;
  find("undo").hidden = !undo;
  back = undo;
  clearTimeout(timer);
  if (words) timer = setTimeout(() => tell(""), SAID);
}

find("undo").addEventListener("click", async () => {
  const undo = back;
  if (!undo) return;
  tell("");
  try {
    tell(await undo(), true);
  } catch (failure) {
    if (failure.status !== OVER) tell(failure.message);
  }
});

// Once at a time: true where it was done.
export async function once(name, doing) {
  if (busy.has(name)) return false;
  busy.add(name);
  tell("");
  try {
    await doing();
    return true;
  } catch (failure) {
    if (failure.status !== OVER) tell(failure.message);
    return false;
  } finally {
    busy.delete(name);
  }
}

// One command about one alert; the list shows its answer, and the stream says the same a moment later.
export async function command(id, what, body) {
  const answer = await ask(at(id, `/${what}`), { method: "POST", ...(body ? { body: JSON.stringify(body) } : {}) });
  if (answer.status !== "pending") update(answer);
  return answer;
}

export const later = (answer) => answer.detail || PENDING; // `detail`: it may not have arrived

// An acknowledgement covers all groups of the alert; saying so spares the reader the other clicks.
export async function acknowledge(alert) {
  if (alert.status === "resolved") return tell("This alert is resolved already.");
  const others = [...shown.values()].filter((other) => other.groups.some((group) => alert.groups.includes(group)) && other.id !== alert.id && other.status === "firing").length;
  const answer = await command(alert.id, "acknowledge");
  if (answer.status === "pending") return tell(later(answer), !answer.detail);
  tell(`You have it: ${alert.message}${others ? `, and ${others} more of its group${alert.groups.length > 1 ? "s" : ""}` : ""}`, true);
}

// The same for several alerts, a few at a time. What is done says how many, what is not says why.
export async function each(alerts, done, undone, doing, undo) {
  const succeeded = [], failures = new Map();
  const waiting = [...alerts];
  const work = async () => {
    for (let alert = waiting.shift(); alert; alert = waiting.shift()) {
      try {
        await doing(alert);
        succeeded.push(alert);
      } catch (failure) {
        if (failure.status === OVER) throw failure;
        failures.set(failure.message, (failures.get(failure.message) || 0) + 1);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const why = [...failures].map(([message, count]) => `${several(count, "alert")} not: ${message}`).join(" ");
  const takeBack = undo && succeeded.length ? () => each(succeeded, undone, "", undo, null).then(() => `${undone}: ${several(succeeded.length, "alert")}`) : null;
  tell([succeeded.length ? `${done}: ${several(succeeded.length, "alert")}.` : "", why].filter(Boolean).join(" "), !failures.size, takeBack);
}
