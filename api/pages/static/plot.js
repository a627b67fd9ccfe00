// The picture of an anomaly: the latest rows of its series, the band in which they were expected, and what was not.

import { drawn, element } from "./element.js";
import { time, words } from "./words.js";

const WIDE = 640, HIGH = 160, EDGE = 8;
const GAP = 3; // usual distances without a row over which no line is drawn

export function plot(anomaly) {
  const rows = anomaly.recent_points.map(([at, ...numbers]) => [Date.parse(at), ...numbers]);
  if (rows.length < 2) return null;
  const [first, last] = [rows[0][0], rows.at(-1)[0]];
  const across = scale(first, last, EDGE, WIDE - EDGE);
  const [least, most] = reach(rows);
  const up = scale(least, most, HIGH - EDGE, EDGE);
  const threshold = anomaly.threshold ?? 0.9;
  const since = Date.parse(anomaly.since);
  const picture = drawn("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", role: "img", "aria-label": `${anomaly.metric || "The series"} with the band in which it was expected; ${rows.length} rows`, class: "plot" },
    stretches(rows).map((part) => drawn("polygon", { class: "band", points: [
      ...part.map(([at, , , top]) => `${across(at)},${up(top)}`), ...part.map(([at, , low]) => `${across(at)},${up(low)}`).reverse()].join(" ") })),
    since > first && since < last ? drawn("line", { class: "begin", x1: across(since), x2: across(since), y1: 0, y2: HIGH }) : null,
    stretches(rows).map((part) => drawn("polyline", { class: "line", points: part.map(([at, value]) => `${across(at)},${up(value)}`).join(" ") })),
    rows.filter((row) => row[4] > threshold).map(([at, value]) => drawn("path", { class: "odd", d: `M${across(at)} ${up(value)}h0` })));
  return element("figure", { class: "anomaly" },
    element("figcaption", {}, anomaly.metric ? element("code", {}, words(anomaly.metric)) : null, anomaly.metric ? ": " : null, caption(anomaly)),
    element("div", { class: "frame" },
      element("div", { class: "side" }, element("span", {}, amount(most, anomaly)), element("span", {}, amount(least, anomaly))),
      picture,
      element("div", { class: "foot" }, time(anomaly.recent_points[0][0]), time(anomaly.recent_points.at(-1)[0]))),
    element("p", { class: "legend" }, key("line", "measured"), key("band", "usual"), key("odd", "unusual"),
      since > first && since < last ? key("begin", "it began") : null));
}

const key = (kind, meaning) => element("span", {}, element("i", { class: kind }), ` ${meaning}`);

// A gap is no row: what lies on both sides of it is drawn apart.
function stretches(rows) {
  const steps = rows.slice(1).map((row, n) => row[0] - rows[n][0]);
  const usual = [...steps].sort((one, other) => one - other)[Math.floor(steps.length / 2)];
  const parts = [[rows[0]]];
  rows.slice(1).forEach((row, n) => (steps[n] > GAP * usual ? parts.push([row]) : parts.at(-1).push(row)));
  return parts;
}

function caption(anomaly) {
  const [value, low, high] = ["value", "low", "high"].map((name) => amount(anomaly[name], anomaly, digits(anomaly)));
  const within = anomaly.low <= anomaly.value && anomaly.value <= anomaly.high;
  return [`${value}, ${within ? `within the usual ${low} to ${high}` : `where ${low} to ${high} is usual`}`,
    anomaly.since ? [", since ", time(anomaly.since)] : null];
}

// As many as tell a value from the band that it lies outside of.
function digits({ value, low, high }) {
  const nearest = value > high ? high : low;
  let count = 3;
  while (count < 12 && value !== nearest && value.toPrecision(count) === nearest.toPrecision(count)) count += 1;
  return count;
}

function amount(value, { unit }, count = 3) {
  return unit === "%" ? `${number(value * 100, count)} %` : unit ? `${number(value, count)} ${unit}` : number(value, count);
}

// The band may be far wider than anything that was seen; then only the part of it that matters is drawn.
function reach(rows) {
  const values = rows.map((row) => row[1]);
  const room = 2 * (Math.max(...values) - Math.min(...values)) || Math.abs(values[0]) || 1;
  const least = Math.max(Math.min(...rows.map((row) => row[2]), ...values), Math.min(...values) - room);
  const most = Math.min(Math.max(...rows.map((row) => row[3]), ...values), Math.max(...values) + room);
  return least < most ? [least, most] : [least - 1, most + 1];
}

function scale(from, to, first, last) {
  const share = (value) => Math.min(Math.max((value - from) / (to - from || 1), 0), 1);
  return (value) => Math.round((first + share(value) * (last - first)) * 10) / 10;
}

// What is too large or too small to be read digit by digit is shown with its power of ten; there is no -0.
const number = (value, count) => (value + 0).toLocaleString(undefined, { maximumSignificantDigits: count,
  notation: value && (Math.abs(value) >= 1e15 || Math.abs(value) < 1e-6) ? "scientific" : "standard" });

// The values of any other alert with the threshold of its rule, as far as they are known; null where there is no curve.
export function curve({ values, triggered_at: since }) {
  if (!values || values.points.length < 2) return null;
  const rows = values.points.map(([at, value]) => [Date.parse(at), value]);
  const limits = Object.entries(values.thresholds).filter(([, limit]) => Number.isFinite(limit));
  const all = [...rows.map((row) => row[1]), ...limits.map(([, limit]) => limit)];
  const margin = (Math.max(...all) - Math.min(...all)) * 0.08 || Math.abs(all[0]) * 0.1 || 1;
  const [least, most] = [Math.min(...all) - margin, Math.max(...all) + margin];
  const across = scale(rows[0][0], rows.at(-1)[0], EDGE, WIDE - EDGE), up = scale(least, most, HIGH - EDGE, EDGE);
  const begin = Date.parse(since);
  const picture = drawn("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", role: "img", class: "plot",
    "aria-label": `Its value at ${rows.length} instants, the last one ${amount(rows.at(-1)[1], values)}${limits.length ? `, and the threshold ${limits.map(([severity, limit]) => `${amount(limit, values)} of ${severity}`).join(", ")}` : ""}` },
    limits.map(([severity, limit]) => drawn("line", { class: `limit ${severity}`, x1: 0, x2: WIDE, y1: up(limit), y2: up(limit) })),
    begin > rows[0][0] && begin < rows.at(-1)[0] ? drawn("line", { class: "begin", x1: across(begin), x2: across(begin), y1: 0, y2: HIGH }) : null,
    drawn("polyline", { class: "line", points: rows.map(([at, value]) => `${across(at)},${up(value)}`).join(" ") }));
  return element("figure", { class: "anomaly" },
    element("figcaption", {}, amount(rows.at(-1)[1], values), limits.length ? [", where it is wrong ", values.comparison.replaceAll("_", " "), " ", limits.map(([severity, limit]) => `${amount(limit, values)} (${severity})`).join(", ")] : null),
    element("div", { class: "frame" },
      element("div", { class: "side" }, element("span", {}, amount(most, values)), element("span", {}, amount(least, values))),
      picture,
      element("div", { class: "foot" }, time(values.points[0][0]), time(values.points.at(-1)[0]))),
    element("p", { class: "legend" }, key("line", "measured"), limits.map(([severity]) => key(`limit ${severity}`, `${severity} threshold`))));
}
