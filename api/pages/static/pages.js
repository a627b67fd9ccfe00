// What pages do besides showing what the server has drawn: the reader's zone, failures in place, words on what was done.

import { copy } from "./copying.js";
import "./shortcuts.js";

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const SHOWN = 8000; // ms that words on what was done stay

const flash = document.getElementById("flash");
let timer = 0;

function say(words, tone) {
  clearTimeout(timer);
  flash.textContent = words;
  flash.className = `toast ${tone === "bad" ? "" : "good"}`;
  flash.hidden = false;
  if (tone !== "bad") timer = setTimeout(() => (flash.hidden = true), SHOWN);
}

// The server writes times as the reader's clocks show them, once it knows which those are.
function settle() {
  const known = document.cookie.split("; ").includes(`tocsin_zone=${ZONE}`);
  if (!ZONE || known || !/^[\w+\-/]+$/.test(ZONE)) return;
  document.cookie = `tocsin_zone=${ZONE}; path=/; max-age=31536000; samesite=lax`;
  if (document.body.dataset.zone !== ZONE && document.cookie.includes(`tocsin_zone=${ZONE}`)) location.reload();
}

// Whoever comes from a link in a mail has a session that the browser did not show at first.
async function returned() {
  if (!document.querySelector("[data-signed-out]")) return;
  const answer = await fetch("/v1/session");
  if (answer.ok && !sessionStorage.returned) {
    sessionStorage.returned = "yes";
    location.reload();
  }
}

// A failure is told beside the button that was pressed, or else on top of the page.
function beside({ detail }) {
  if (!detail.isError) return;
  detail.shouldSwap = true;
  detail.swapOverride = "innerHTML";
  detail.selectOverride = "unset";
  detail.target = detail.requestConfig.elt.querySelector?.(".problem") || document.getElementById("problem");
}

function forget({ target }) {
  for (const place of [document.getElementById("problem"), ...target.querySelectorAll(".problem")]) place?.replaceChildren();
}

async function signOut() {
  const headers = JSON.parse(document.body.getAttribute("hx-headers"));
  const answer = await fetch("/v1/session", { method: "DELETE", headers }).catch(() => null);
  if (answer?.ok || answer?.status === 401) location.assign("/");
  else say("You are not signed out: Tocsin does not answer, or another tab has signed in. Load the page again.", "bad");
}

// A button that names what it copies by its id.
async function copied({ target }) {
  const button = target.closest?.("[data-copy]");
  if (!button) return;
  const done = await copy(document.getElementById(button.dataset.copy).textContent.trim());
  say(done ? "Copied." : "The browser lets nothing be copied: select it, and copy it by hand.", done ? "good" : "bad");
}

document.addEventListener("click", copied);
document.addEventListener("flash", ({ detail }) => say(detail.words, detail.tone));
document.addEventListener("htmx:beforeSwap", beside);
document.addEventListener("htmx:beforeRequest", forget);
for (const event of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(event, () => say("Tocsin does not answer. What you asked for may not have been done: load the page again once it does.", "bad"));
}
document.getElementById("signout")?.addEventListener("click", signOut);
if (!document.querySelector("[data-signed-out]")) sessionStorage.removeItem("returned");
document.querySelector("nav.pages [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
settle();
returned();
