// The state of the system itself, in sentences: what lags, what cannot be reached, that a demonstration runs.

import { element, find } from "./element.js";

export function say(says) {
  const place = find("banners");
  const text = JSON.stringify(says);
  if (place.dataset.said === text) return; // or screen readers would hear the same every time
  place.dataset.said = text;
  place.replaceChildren(...says.map(({ level, text: words }) =>
    element("p", { class: `banner ${level}` },
      element("span", { "aria-hidden": "true" }, level === "bad" ? "▲ " : "ℹ\uFE0E "), words)));
}
