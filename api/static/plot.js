// The picture of an anomaly: the latest rows of its series, the band in which they were expected, and what was not.

import { drawn, element } from "./element.js";
import { time } from "./words.js";

const WIDE = 640, HIGH = 160, EDGE = 8;

export function plot(anomaly) {
  const rows = anomaly.trail.map(([at, ...numbers]) => [Date.parse(at), ...numbers]);
  if (rows.length < 2) return null;
  const across = scale(rows[0][0], rows.at(-1)[0], EDGE, WIDE - EDGE);
  const [least, most] = reach(rows);
  const up = scale(least, most, HIGH - EDGE, EDGE);
  const high = rows.map(([at, , , top]) => point(across(at), up(top)));
  const low = rows.map(([at, , bottom]) => point(across(at), up(bottom))).reverse();
  const line = rows.map(([at, value]) => point(across(at), up(value)));
  const odd = rows.filter((row) => row[4] > 0.9);
  const picture = drawn("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": words(anomaly), class: "plot" },
    drawn("polygon", { class: "band", points: [...high, ...low].join(" ") }),
    drawn("polyline", { class: "line", points: line.join(" ") }),
    odd.map(([at, value]) => drawn("circle", { class: "odd", cx: across(at), cy: up(value), r: 3 })));
  return element("figure", { class: "anomaly" }, picture,
    element("figcaption", {}, `${words(anomaly)} `, element("span", { class: "span" },
      `${number(least)} to ${number(most)}, from `, time(anomaly.trail[0][0]), " to ", time(anomaly.trail.at(-1)[0]))));
}

function words(anomaly) {
  const since = anomaly.since ? `, since ${new Date(anomaly.since).toLocaleString()}` : "";
  return `${number(anomaly.value)}, where ${number(anomaly.low)} to ${number(anomaly.high)} is usual; score ${number(anomaly.score)}${since}.`;
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

const point = (x, y) => `${x},${y}`;
const number = (value) => Number(value.toPrecision(3)).toLocaleString();
