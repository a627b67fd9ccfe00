// The one alert that is open, beside the list or, on a phone, in its place. The address holds which.

import { element, find } from "./element.js";
import { OVER, ask } from "./session.js";
import { detail } from "./detail.js";
import { node, touch, update, use } from "./list.js";
import { at, tell } from "./act.js";
import { copy } from "./copying.js";

const panel = find("panel");
const WAIT = 500; // ms in which several changes are one look
let open = "", alert = null, act = null, timer = 0, from = 0;

export const opened = () => open;
export const subject = () => alert;
const named = () => new URLSearchParams(location.hash.slice(1)).get("alert") || "";
export const begin = (doing) => { act = doing; };

// Shows what the address names, or nothing.
export async function follow() {
  const id = named();
  if (id === open) return;
  if (!id) return hide();
  if (!open) from = scrollY;
  mark(id);
  panel.hidden = false;
  panel.replaceChildren(bar(), element("p", { class: "faint", role: "status" }, "Loading…"));
  document.body.classList.add("reading");
  await look(id);
  if (open === id) panel.focus({ preventScroll: true });
}

async function look(id) {
  let found;
  try {
    found = await ask(at(id));
  } catch (failure) {
    if (open !== id || failure.status === OVER) return;
    if (!alert || alert.id !== id) panel.replaceChildren(bar(), element("p", { role: "alert" }, failure.message));
    else tell(failure.message);
    return;
  }
  if (open !== id) return;
  const scrolled = alert?.id === id ? panel.scrollTop : 0;
  const focus = panel.contains(document.activeElement) && [...panel.querySelectorAll("a,button")].indexOf(document.activeElement);
  alert = found;
  update(found);
  panel.replaceChildren(bar(), ...detail(found, act));
  panel.scrollTop = scrolled;
  if (focus !== false) (panel.querySelectorAll("a,button")[focus] || panel).focus({ preventScroll: true });
}

// Something happened to it: it is read again, once for all that happened within half a second.
export function changed({ alert_id: id, group }) {
  if (!open || (id !== open && !(alert && group && alert.groups.includes(group)))) return;
  timer ||= setTimeout(() => { timer = 0; if (open) look(open); }, WAIT);
}

export const again = () => open && look(open);

export function show(id) {
  history.pushState({ list: true }, "", `${location.pathname}${location.search}#alert=${encodeURIComponent(id)}`);
  return follow();
}

export function close() {
  if (!open) return false;
  if (history.state?.list) history.back();
  else {
    history.replaceState(null, "", location.pathname + location.search);
    hide();
  }
  return true;
}

export function hide() {
  const was = open;
  mark("");
  alert = null;
  panel.hidden = true;
  panel.replaceChildren();
  document.body.classList.remove("reading");
  if (was) scrollTo({ top: from });
  const row = was && node(was);
  if (row) row.focus({ preventScroll: true });
}

function mark(id) {
  const was = open;
  open = id;
  use({ open: id });
  for (const each of [was, id]) if (each) touch(each);
}

function bar() {
  return element("div", { class: "bar" }, element("button", { type: "button", class: "quiet", onclick: close }, element("span", { "aria-hidden": "true" }, "←"), " Back to the list"),
    open ? element("button", { type: "button", class: "quiet", onclick: () => copy(location.href).then((done) => tell(done ? "The link is copied." : "The browser lets nothing be copied: copy the address by hand.")) }, "Copy link") : null);
}
