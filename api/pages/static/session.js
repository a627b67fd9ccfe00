// Who reads the page: the one-time code becomes a cookie that scripts cannot read, and writes carry a proof.

const PATIENCE = 10000; // ms; the API answers a write within two seconds
const NOBODY = "You are not signed in.";
export const OVER = -1; // the status of what was asked in a session that is over
const ANSWERS = ["responder", "editor", "admin"]; // roles that may answer an alert (streams/access.py decides)
let proof = "", name = "", admin = false, roles = {}, sessions = 0;

export const reader = () => name;
export const teamsFor = () => [...(admin ? ["platform"] : []), ...Object.keys(roles).filter(mayAnswer)];
export const mayAnswer = (team) => admin || ANSWERS.includes(roles[team]);

export async function signIn() {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (!code) return current(NOBODY);
  forget();
  history.replaceState(null, "", location.pathname + location.search);
  try {
    await ask("/v1/session", { method: "POST", body: JSON.stringify({ code }) });
  } catch (failure) {
    return stay(failure);
  }
  return current();
}

// A token of ours, or of a gateway whose tokens are let in, becomes a cookie as well; nothing here keeps it.
export async function signInBy(token) {
  forget();
  await ask("/v1/session", { method: "POST", body: "{}", more: { Authorization: `Bearer ${token}` } });
}

// A link that is no longer good does not end the session that there is: its reader is told, and goes on.
async function stay(failure) {
  if (failure.status !== 403) throw failure;
  const session = await current().catch(() => { throw failure; });
  return { ...session, notice: `You are still signed in. The link did not work: ${failure.message}` };
}

export async function signOut() {
  await ask("/v1/session", { method: "DELETE" });
}

// Nothing that was asked before is heard any more.
export function forget() {
  sessions += 1;
  proof = name = "";
  admin = false;
  roles = {};
}

async function current(otherwise) {
  try {
    const session = await ask("/v1/session");
    ({ csrf_token: proof, name, is_admin: admin, roles } = session);
    return session;
  } catch (failure) {
    if (failure.status === 401 && otherwise) failure.message = otherwise;
    throw failure;
  }
}

// An answer that comes after its session shows nobody anything: it fails with `OVER` and no words.
export async function ask(path, options = {}) {
  const asked = sessions;
  try {
    return await answered(path, options);
  } finally {
    if (asked !== sessions) throw new Asked(OVER, "");
  }
}

async function answered(path, { key = fresh(), patience = PATIENCE, more = {}, ...options }, again = false) {
  const headers = { ...more };
  const writes = options.method && options.method !== "GET";
  if (writes) {
    headers["X-CSRF-Token"] = proof;
    headers["Content-Type"] = "application/json";
    headers["Idempotency-Key"] = key;
  }
  const answer = await fetched(path, { ...options, headers }, writes, patience);
  if (answer.status === 403 && writes && !again && (await renewed())) return answered(path, { key, patience, more, ...options }, true);
  if (!answer.ok) throw await refused(answer);
  return answer.status === 204 ? null : answer.json();
}

const fresh = () => (crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`);

// Another tab has signed in since: the cookie is a new one, and so is the proof.
async function renewed() {
  const before = proof;
  if (before) await current().catch(() => {});
  return before !== proof;
}

async function fetched(path, options, writes, patience) {
  try {
    return await fetch(path, { ...options, signal: AbortSignal.timeout(patience) });
  } catch {
    throw new Asked(0, "Tocsin does not answer." + (writes ? " What you asked for may not have been done: look again once it does." : ""));
  }
}

class Asked extends Error {
  constructor(status, words) {
    super(words);
    this.status = status;
  }
}

async function refused(answer) {
  const body = await answer.json().catch(() => ({}));
  const words = typeof body.detail === "string" ? body.detail : `answer ${answer.status}`;
  return Object.assign(new Asked(answer.status, words), { code: body.code });
}
