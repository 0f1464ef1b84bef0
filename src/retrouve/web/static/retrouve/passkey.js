// Passkeys: asks the browser for a key, and sends what it answers with the form. Everything else works without.

const again = 4 * 60 * 1000; // milliseconds: what was given to sign is good for five minutes
let waiting = null; // the request that the username field's list answers, while the page is open

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  document.querySelector("[data-without-passkeys]")?.remove();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    waiting?.abort();
    answer(form).catch(() => say(form, form.dataset.refused));
  });
  if ("conditional" in form.dataset) offerInList(form);
}

async function answer(form, more = {}) {
  say(form, "");
  const publicKey = read(await ask(form));
  const make = form.dataset.passkey === "create" ? "create" : "get";
  const credential = await navigator.credentials[make]({ publicKey, ...more });
  form.elements.answer.value = JSON.stringify(written(credential));
  if (document.querySelector("[name=remember_me]")?.checked) remember(form);
  form.submit();
}

// The keys of this device appear in the list of the username field, before anything is typed.
async function offerInList(form) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  waiting = new AbortController();
  const { signal } = waiting;
  const timer = setTimeout(() => waiting?.abort("again"), again);
  try {
    await answer(form, { mediation: "conditional", signal });
  } catch {
    if (signal.reason === "again" && !document.hidden) offerInList(form);
  } finally {
    clearTimeout(timer);
  }
}

async function ask(form) {
  const body = new URLSearchParams({ csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value });
  const given = await fetch(form.dataset.options, { method: "POST", body });
  if (!given.ok) throw new Error("no options");
  return given.json();
}

function say(form, sentence) {
  form.querySelector("[data-passkey-status]").textContent = sentence;
}

function remember(form) {
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: "remember_me", value: "on" });
  form.append(field);
}

// Browsers speak bytes, forms speak text: base64url in between (WebAuthn L3, §5.1.8 and §5.1.10).

function read(options) {
  const keys = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));
  const read = { ...options, challenge: bytes(options.challenge) };
  if (options.user) read.user = { ...options.user, id: bytes(options.user.id) };
  if (options.allowCredentials) read.allowCredentials = keys(options.allowCredentials);
  if (options.excludeCredentials) read.excludeCredentials = keys(options.excludeCredentials);
  return read;
}

function written(credential) {
  const { response } = credential;
  const said = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) said[name] = text(response[name]);
  }
  if (response.getTransports) said.transports = response.getTransports();
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: said,
    clientExtensionResults: {},
  };
}

function bytes(base64url) {
  const base64 = base64url.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function text(buffer) {
  const characters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte));
  return btoa(characters.join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
