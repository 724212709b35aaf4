// Passkeys, where the browser knows them: everything else of the studio works without this file.

const knows =
  window.PublicKeyCredential?.parseCreationOptionsFromJSON &&
  window.PublicKeyCredential?.parseRequestOptionsFromJSON;

/** The answer's JSON; whatever is no answer of ours is an error without words. */
const post = async (path, body) => {
  const answer = await fetch(path, { method: "POST", body, headers: { accept: "application/json" } });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok && !said.location) throw new Error(said.error ?? "");
  return said;
};

const ways = {
  async enter(place) {
    const options = await post("/studio/sign-in/passkey");
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    const signed = await navigator.credentials.get({ publicKey });
    const next = encodeURIComponent(place.dataset.next ?? "");
    return post(`/studio/sign-in/passkey/answer?next=${next}`, JSON.stringify(signed.toJSON()));
  },
  async add() {
    const options = await post("/studio/account/passkeys");
    if (options.location) return options;
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    const made = await navigator.credentials.create({ publicKey });
    return post("/studio/account/passkeys/answer", JSON.stringify(made.toJSON()));
  },
};

for (const place of knows ? document.querySelectorAll("[data-passkey]") : []) {
  const button = place.querySelector("button");
  const said = place.querySelector("[data-passkey-said]");
  place.hidden = false;
  button.addEventListener("click", async () => {
    said.textContent = "";
    button.disabled = true;
    try {
      const { location: next } = await ways[place.dataset.passkey](place);
      if (next) location.assign(next);
    } catch (error) {
      // Whoever closes the browser's own window has changed their mind: nothing to tell.
      if (!(error instanceof DOMException)) said.textContent = error.message;
    } finally {
      button.disabled = false;
    }
  });
}
if (knows) for (const none of document.querySelectorAll("[data-passkey-none]")) none.hidden = true;
