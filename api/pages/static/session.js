// Who reads the page: the one-time code becomes a cookie that scripts cannot read, and writes carry a proof.

const PATIENCE = 10000; // ms; the API answers a write within two seconds
const NOBODY = "You are not signed in.";
export const OVER = -1; // the status of what was asked in a session that is over
let proof = "", name = "", sessions = 0;

export const reader = () => name;

export async function signIn() {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (!code) return current(NOBODY);
  forget();
  history.replaceState(null, "", location.pathname + location.search);
  await ask("/v1/session", { method: "POST", body: JSON.stringify({ code }) });
  return current();
}

export async function signOut() {
  await ask("/v1/session", { method: "DELETE" });
}

// Nothing that was asked before is heard any more.
export function forget() {
  sessions += 1;
  proof = name = "";
}

async function current(otherwise) {
  try {
    const session = await ask("/v1/session");
    ({ csrf_token: proof, name } = session);
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

async function answered(path, options, again = false) {
  const headers = {};
  const writes = options.method && options.method !== "GET";
  if (writes) {
    headers["X-CSRF-Token"] = proof;
    headers["Content-Type"] = "application/json";
    headers["Idempotency-Key"] = crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`;
  }
  const answer = await fetched(path, { ...options, headers }, writes);
  if (answer.status === 403 && writes && !again && (await renewed())) return answered(path, options, true);
  if (!answer.ok) throw new Asked(answer.status, await reason(answer));
  return answer.status === 204 ? null : answer.json();
}

// Another tab has signed in since: the cookie is a new one, and so is the proof.
async function renewed() {
  const before = proof;
  if (before) await current().catch(() => {});
  return before !== proof;
}

async function fetched(path, options, writes) {
  try {
    return await fetch(path, { ...options, signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    throw new Asked(0, "Tocsin does not answer." + (writes ? " What you asked for may not have been done: look again once it does." : ""));
  }
}

export class Asked extends Error {
  constructor(status, words) {
    super(words);
    this.status = status;
  }
}

async function reason(answer) {
  try {
    const body = await answer.json();
    return typeof body.detail === "string" ? body.detail : `answer ${answer.status}`;
  } catch {
    return `answer ${answer.status}`;
  }
}
