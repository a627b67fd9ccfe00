// What the list is narrowed by: kept in the address, and offered with counts.

import { element, find } from "./element.js";
import { SEVERITIES } from "./words.js";

const form = find("filters");
const STATUS = [["", "Open"], ["firing", "Firing"], ["acknowledged", "Acknowledged"], ["resolved", "Resolved"]];
const NAMES = ["status", "severity", "team", "gateway", "rule", "suppressed", "q"];
const ANY = { team: "any team", gateway: "any gateway", rule: "any rule", suppressed: "told or not" };
const TOLD = { yes: "not told: suppressed", no: "told" };

function chip(kind, name, value, label, sign) {
  const id = `${name}-${value || "any"}`;
  return [element("input", { type: kind, name, value, id }),
    element("label", { for: id, class: value || "any" }, sign ? element("span", { "aria-hidden": "true" }, sign) : null, sign ? " " : null, label, " ", element("b", {}))];
}

export function build() {
  if (form.querySelector(".chips input")) return;
  find("severity").append(...Object.entries(SEVERITIES).flatMap(([value, sign]) => chip("checkbox", "severity", value, value, sign)));
  find("status").append(...STATUS.flatMap(([value, label]) => chip("radio", "status", value, label)));
  find("status-any").defaultChecked = true;
  for (const [name, any] of Object.entries(ANY)) form.elements[name].append(element("option", { value: "" }, any));
}

// What is asked for; several severities are one parameter.
export function wanted() {
  const query = new URLSearchParams();
  for (const name of NAMES) {
    const value = new FormData(form).getAll(name).filter(Boolean).join(",");
    if (value) query.set(name, value);
  }
  return query;
}

export function fromAddress() {
  const asked = new URLSearchParams(location.search);
  for (const box of form.elements.severity) box.checked = (asked.get("severity") || "").split(",").includes(box.value);
  for (const name of ["team", "gateway", "rule", "suppressed"]) offer(name, asked.get(name) || "");
  form.elements.q.value = asked.get("q") || "";
  if (["team", "gateway", "rule", "suppressed", "q"].some((name) => asked.get(name))) form.classList.add("narrowing");
  const status = asked.get("status") || "";
  const known = STATUS.some(([value]) => value === status);
  if (!known) find("status").append(...chip("radio", "status", status, status === "firing,acknowledged,resolved" ? "All" : status.replaceAll(",", " + ")));
  for (const box of form.elements.status) box.checked = box.value === status;
}

export function toAddress() {
  const query = `${wanted()}`;
  history.replaceState(history.state, "", `${location.pathname}${query ? `?${query}` : ""}${location.hash}`);
}

// A value that the address names is offered even where nobody has counted it yet.
function offer(name, value) {
  const select = form.elements[name];
  if (value && ![...select.options].some((option) => option.value === value)) select.append(element("option", { value }, value));
  select.value = value;
}

// The counts of each choice, as the API has counted them.
export function count(facets) {
  const of = (name) => new Map(facets[name].map(({ value, count }) => [value, count]));
  number(find("severity"), of("severity"));
  const status = of("status");
  status.set("", (status.get("firing") || 0) + (status.get("acknowledged") || 0));
  number(find("status"), status);
  for (const name of ["team", "gateway", "rule", "suppressed"]) choices(form.elements[name], name, facets[name]);
  find("unfilter").hidden = ![...wanted()].length;
}

function number(place, counts) {
  for (const box of place.querySelectorAll("input")) {
    const mark = box.nextElementSibling.querySelector("b");
    const text = counts.has(box.value) ? counts.get(box.value).toLocaleString() : box.name === "severity" ? "0" : "";
    if (mark.textContent !== text) mark.textContent = text;
    box.nextElementSibling.classList.toggle("none", text === "0");
  }
}

function choices(select, name, values) {
  const text = JSON.stringify(values);
  if (select.dataset.shown === text || document.activeElement === select) return; // not under the reader's hand
  select.dataset.shown = text;
  const chosen = select.value;
  const word = (value) => (name === "suppressed" ? TOLD[value] : value || "none");
  select.replaceChildren(element("option", { value: "" }, ANY[name]),
    ...values.filter(({ value }) => value || name !== "gateway").map(({ value, count }) => element("option", { value }, `${word(value)} (${count.toLocaleString()})`)));
  offer(name, chosen);
}
