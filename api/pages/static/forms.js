// The one dialog in which something is asked before it is done. What somebody has written is not lost where it fails.

import { element, find } from "./element.js";

const dialog = find("form");

// `fields`: elements; `send` gets the form's values and throws where it fails. True once it has been done.
export function ask({ title, about, fields, word, send, wide = false }) {
  const problem = element("p", { class: "problem", role: "alert" });
  const submit = element("button", { type: "submit", class: "main" }, word);
  const form = element("form", { method: "dialog" },
    element("h2", { id: "form-title" }, title), about ? element("p", { class: "about" }, about) : null, fields, problem,
    element("div", { class: "buttons" }, element("button", { type: "button", onclick: () => dialog.close() }, "Cancel"), submit));
  dialog.classList.toggle("wide", wide);
  dialog.setAttribute("aria-labelledby", "form-title");
  dialog.replaceChildren(form);
  return new Promise((settled) => {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (submit.disabled) return; // a second click asks nothing
      submit.disabled = true;
      problem.textContent = "";
      try {
        await send(Object.fromEntries(new FormData(form)), form);
        settled(true);
        if (dialog.contains(form)) dialog.close();
      } catch (failure) {
        problem.textContent = failure.message;
        submit.disabled = false;
      }
    });
    dialog.addEventListener("close", () => settled(false), { once: true });
    dialog.showModal();
    (form.querySelector("[autofocus]") || submit).focus();
  });
}

export function close() {
  if (dialog.open) dialog.close();
  dialog.replaceChildren();
}

let numbers = 0;

// A field with its label above it.
export function field(label, input, hint) {
  input.id ||= `field-${(numbers += 1)}`;
  return element("div", { class: "field" }, element("label", { for: input.id }, label), input, hint ? element("p", { class: "hint" }, hint) : null);
}

export const notes = (name, placeholder, required = false) =>
  element("textarea", { name, rows: "3", maxlength: name === "reason" ? "500" : "1000", placeholder, required, autofocus: !required });

// For how long, or until when: the usual lengths as one tap each, and any instant.
export function lengths(label, chosen = "1h") {
  const morning = new Date();
  morning.setDate(morning.getDate() + 1);
  morning.setHours(9, 0, 0, 0);
  const usual = [["30m", "30 min"], ["1h", "1 h"], ["4h", "4 h"], ["8h", "8 h"], [morning.toISOString(), "tomorrow 9:00"], ["other", "until…"]];
  const until = element("input", { type: "datetime-local", name: "until", "aria-label": "Until when", hidden: true, min: local(new Date()), value: local(morning) });
  const chips = usual.flatMap(([value, word], n) => {
    const box = element("input", { type: "radio", name: "length", value, id: `length-${n}` });
    box.checked = box.defaultChecked = value === chosen;
    return [box, element("label", { for: box.id }, word)];
  });
  const place = element("fieldset", { class: "chips" }, element("legend", {}, label), chips, until);
  place.addEventListener("change", () => { until.hidden = !place.querySelector("[value=other]").checked; });
  return place;
}

const local = (at) => new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
const UNITS = { m: 60000, h: 3600000 };

// The instant that was chosen, as the API writes it.
export function ends({ length, until }) {
  const known = /^(\d+)([mh])$/.exec(length);
  const at = known ? new Date(Date.now() + known[1] * UNITS[known[2]]) : new Date(length === "other" ? until : length);
  if (Number.isNaN(at.getTime())) throw new Error("Say until when.");
  if (at <= new Date()) throw new Error("That time has passed: choose a later one.");
  return at.toISOString().replace(/\.\d+Z/, "Z");
}
