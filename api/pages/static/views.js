// Views of the list that teams have given a name: chosen from a menu, and made of what the list is narrowed by now.

import { element, find } from "./element.js";
import { ask, teamsFor } from "./session.js";
import * as forms from "./forms.js";

const menu = find("view");
let views = [], chosen = () => {};

// `onChoice` gets the filters of the view that was chosen.
export async function begin(onChoice) {
  chosen = onChoice;
  ({ items: views } = await ask("/v1/views"));
  paint();
}

// The view that is shown: the one with exactly these filters, in whatever order.
export function mark(query) {
  const now = sorted(query);
  menu.value = views.find(({ shows }) => sorted(shows) === now)?.id || "";
}

const sorted = (query) => { const of = new URLSearchParams(query); of.sort(); return `${of}`; };

function paint() {
  const kept = menu.value;
  menu.replaceChildren(element("option", { value: "" }, "Views…"),
    ...views.map(({ id, name, team }) => element("option", { value: id }, `${name} (${team})`)),
    ...(teamsFor().length ? [element("option", { value: "+" }, "Keep this view…")] : []));
  menu.value = views.some(({ id }) => id === kept) ? kept : "";
  menu.hidden = menu.options.length < 2;
}

menu.addEventListener("change", async () => {
  if (menu.value === "+") return keep();
  const view = views.find(({ id }) => id === menu.value);
  if (view) chosen(view.shows);
});

async function keep() {
  menu.value = "";
  const shows = location.search.slice(1);
  if (!shows) return forms.ask({ title: "Narrow the list first", about: "A view is what the list is narrowed by: choose a severity, a gateway or words, then keep it.", fields: [], word: "Close", send: async () => {} });
  const name = element("input", { name: "name", required: true, maxlength: "100", pattern: "[a-z0-9][a-z0-9._\\-]*", autocomplete: "off", autofocus: true });
  const team = element("select", { name: "team" }, teamsFor().map((each) => element("option", { value: each }, each)));
  const done = await forms.ask({
    title: "Keep this view", about: "Whoever is in the team finds it in the menu.", word: "Keep",
    fields: [forms.field("Name", name, "lower case, such as critical-of-prod"), forms.field("Team", team)],
    send: (given) => ask("/v1/views", { method: "POST", body: JSON.stringify({ ...given, shows }) }),
  });
  if (!done) return;
  await begin(chosen);
  mark(shows);
}
