// The state of the system itself, in sentences: what lags, what cannot be reached, that a demonstration runs.

import { element, find } from "./element.js";
import { ask } from "./session.js";

export async function look() {
  try {
    const { says } = await ask("/v1/system");
    show(says);
  } catch (failure) {
    show([{ level: "bad", text: `The state of the system cannot be read: ${failure.message}` }]);
  }
}

function show(says) {
  const place = find("banners");
  const text = JSON.stringify(says);
  if (place.dataset.said === text) return; // or screen readers would hear the same every time
  place.dataset.said = text;
  place.replaceChildren(...says.map(({ level, text: words }) =>
    element("p", { class: `banner ${level}` },
      element("span", { "aria-hidden": "true" }, level === "bad" ? "▲ " : "ℹ "), words)));
}
