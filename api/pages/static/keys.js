// The keyboard: one key an action, never while somebody writes.

import { find } from "./element.js";
import { current, step } from "./list.js";

export function listen(act) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (find("help").open) return; // it closes itself, and what lies behind it stays as it is
    if (event.key === "Escape") return act("close");
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    const key = event.key === "ArrowDown" ? "j" : event.key === "ArrowUp" ? "k" : event.key;
    const held = current();
    const todo = {
      j: () => step(1),
      k: () => step(-1),
      a: () => held && act("acknowledge", held.dataset.id),
      r: () => held && act("resolve", held.dataset.id),
      Enter: () => held && event.target === held && act("open", held.dataset.id),
      "/": () => find("filters").elements.q.focus(),
      "?": () => find("help").showModal(),
    }[key];
    if (!todo) return;
    if (key === "Enter" && event.target !== held) return;
    event.preventDefault();
    todo();
  });
  find("help-open").addEventListener("click", () => find("help").showModal());
}
