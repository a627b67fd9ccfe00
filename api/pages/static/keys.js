// The keyboard: one key an action, never while somebody writes.

import { find } from "./element.js";
import { current, step } from "./list.js";

const ACTS = { a: "acknowledge", r: "resolve", z: "snooze", s: "silence", c: "comment", x: "pick" };

// `act`: does something with an alert; `other`: what keys do that are about none; `about`: the alert that is open.
export function listen(act, other, about) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (find("help").open || find("form").open) return; // they close themselves, and what lies behind them stays as it is
    if (event.key === "Escape") return other.close();
    if (/^(TEXTAREA|SELECT)$/.test(event.target.tagName) || (event.target.tagName === "INPUT" && !/^(checkbox|radio)$/.test(event.target.type))) return;
    const key = event.key === "ArrowDown" ? "j" : event.key === "ArrowUp" ? "k" : event.key;
    if (event.target.type === "radio" && event.key.startsWith("Arrow")) return;
    if (event.key.startsWith("Arrow") && event.target.closest("#panel,#told")) return; // they scroll
    const row = current();
    const id = event.target.closest("#panel") ? about() : row?.dataset.id || about();
    const todo = {
      j: () => step(1), k: () => step(-1), n: other.bell,
      Enter: () => act("open", row.dataset.id),
      "/": () => find("filters").elements.q.focus(),
      "?": () => find("help").showModal(),
    }[key] || (ACTS[key] && id && (() => act(ACTS[key], id)));
    if (!todo || (key === "Enter" && (!row || event.target !== row))) return;
    event.preventDefault();
    todo();
  });
  find("help-open").addEventListener("click", () => find("help").showModal());
}
