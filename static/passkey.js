// Passkeys: only where the browser knows them, and the host has a name of letters.
"use strict";

const spell = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/[+/=]/g, (c) => ({ "+": "-", "/": "_" })[c] ?? "");
const read = (text) => Uint8Array.from(atob(text.replace(/[-_]/g, (c) => (c === "-" ? "+" : "/"))), (c) => c.charCodeAt(0));
// Where nothing can be done, what says so is shown.
const unable = () => document.querySelectorAll("[data-no-passkey]").forEach((sentence) => (sentence.hidden = false));
for (const place of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential || !/[a-z]$/i.test(location.hostname)) {
    unable();
    break;
  }
  const form = place.querySelector("form");
  const { challenge, user, name, rp, known = "" } = form.dataset;
  const publicKey = { challenge: read(challenge), userVerification: "required" };
  const create = place.dataset.passkey === "create";
  // Without these a passkey could be made and not be brought here.
  const { getPublicKey, getAuthenticatorData } = window.AuthenticatorAttestationResponse?.prototype ?? {};
  if (create && !(getPublicKey && getAuthenticatorData)) {
    unable();
    break;
  }
  if (create) {
    Object.assign(publicKey, {
      rp: { name: rp },
      user: { id: read(user), name, displayName: name },
      pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: "public-key", alg })),
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
      excludeCredentials: known.split(" ").filter(Boolean).map((id) => ({ type: "public-key", id: read(id) })),
    });
  }
  place.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    // Nothing is on its way yet.
    event.stopPropagation();
    try {
      const { rawId, response } = await navigator.credentials[create ? "create" : "get"]({ publicKey });
      const put = (field, bytes) => (form.elements[field].value = spell(bytes));
      put("credential", rawId);
      put("client", response.clientDataJSON);
      put("authenticator", create ? response.getAuthenticatorData() : response.authenticatorData);
      if (create) {
        put("key", response.getPublicKey());
        form.elements.algorithm.value = response.getPublicKeyAlgorithm();
      } else {
        put("user", response.userHandle ?? []);
        put("signature", response.signature);
      }
      form.submit();
    } catch {
      place.querySelector("[role=status]").textContent = place.dataset.failed;
    }
  });
}
