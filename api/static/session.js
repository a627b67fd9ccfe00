// Who reads the page: the one-time code becomes a cookie that scripts cannot read, and writes carry a proof.

let proof = "";

export async function signIn() {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (code) {
    history.replaceState(null, "", location.pathname + location.search);
    const answer = await fetch("/v1/session", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ code }),
    });
    if (!answer.ok) return { refused: await reason(answer) };
  }
  return current(code ? "" : "This page needs a session.");
}

async function current(otherwise) {
  const answer = await fetch("/v1/session");
  if (!answer.ok) return { refused: otherwise || (await reason(answer)) };
  const session = await answer.json();
  proof = session.csrf_token;
  return session;
}

export async function ask(path, options = {}) {
  const headers = { ...(options.headers || {}) };
  if (options.method && options.method !== "GET") {
    headers["X-CSRF-Token"] = proof;
    headers["Content-Type"] = "application/json";
    headers["Idempotency-Key"] = crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`;
  }
  const answer = await fetch(path, { ...options, headers });
  if (!answer.ok) throw new Asked(answer.status, await reason(answer));
  return answer.status === 204 ? null : answer.json();
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
