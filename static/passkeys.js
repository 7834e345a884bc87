// Passkeys: only a script can ask a device for one. Every other page and every other way of signing in
// works with this file absent.
(() => {
  "use strict";
  const able = Boolean(window.isSecureContext && window.PublicKeyCredential && navigator.credentials);

  const toBytes = (text) => {
    const base64 = text.replace(/-/g, "+").replace(/_/g, "/");
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  };
  const toText = (buffer) => {
    const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
    return btoa(letters).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };
  const ids = (list) => (list ?? []).map((entry) => ({ ...entry, id: toBytes(entry.id) }));

  // Sends a document; answers what came back, or fails with words for the reader.
  const send = async (path, token, document) => {
    let answer;
    try {
      answer = await fetch(path, {
        method: "POST",
        headers: { "content-type": "application/json", "x-csrf-token": token },
        body: JSON.stringify(document),
      });
    } catch {
      throw new Error("The register cannot be reached. Try again in a minute.");
    }
    const isJson = answer.headers.get("content-type")?.startsWith("application/json");
    const body = isJson ? await answer.json() : {};
    if (!answer.ok || !isJson) {
      throw new Error(body.error ?? "This could not be done. Open the page again and repeat it.");
    }
    return body;
  };

  // What a device says when it is not asked, in words.
  const inWords = (error) => {
    switch (error.name) {
      case "NotAllowedError":
        return "Nothing was done: the device was not asked to the end, or it has no passkey for this register.";
      case "InvalidStateError":
        return "This device has a passkey for your account already.";
      case "NotSupportedError":
      case "ConstraintError":
        return "This device cannot keep such a passkey. Try another, or set up one-time codes.";
      case "SecurityError":
        return "The browser does not offer passkeys at this address.";
      default:
        return error.message;
    }
  };

  // Asks the device for a passkey: to sign in, or to confirm while signed in.
  const prove = async (path, { token, next }) => {
    const { publicKey } = await send(`${path}/begin`, token, { next });
    const credential = await navigator.credentials.get({
      publicKey: {
        ...publicKey,
        challenge: toBytes(publicKey.challenge),
        allowCredentials: ids(publicKey.allowCredentials),
      },
    });
    const { response } = credential;
    return send(`${path}/finish`, token, {
      id: credential.id,
      rawId: toText(credential.rawId),
      type: credential.type,
      response: {
        authenticatorData: toText(response.authenticatorData),
        clientDataJSON: toText(response.clientDataJSON),
        signature: toText(response.signature),
        userHandle: response.userHandle ? toText(response.userHandle) : null,
      },
    });
  };

  const add = async ({ token, options }) => {
    const { publicKey } = JSON.parse(options);
    const credential = await navigator.credentials.create({
      publicKey: {
        ...publicKey,
        challenge: toBytes(publicKey.challenge),
        user: { ...publicKey.user, id: toBytes(publicKey.user.id) },
        excludeCredentials: ids(publicKey.excludeCredentials),
      },
    });
    const { response } = credential;
    const { credProps } = credential.getClientExtensionResults();
    return send("/account/second-factor/passkeys/finish", token, {
      id: credential.id,
      rawId: toText(credential.rawId),
      type: credential.type,
      response: {
        attestationObject: toText(response.attestationObject),
        clientDataJSON: toText(response.clientDataJSON),
      },
      clientExtensionResults: credProps ? { credProps } : {},
    });
  };

  const ways = {
    add,
    "sign-in": (asked) => prove("/sign-in/passkey", asked),
    confirm: (asked) => prove("/confirm/passkey", asked),
  };
  for (const part of document.querySelectorAll("[data-passkey]")) {
    if (!able) continue;
    const button = part.querySelector("button");
    const said = part.querySelector("[data-said]");
    part.querySelector("[data-without]").hidden = true;
    button.hidden = false;
    button.addEventListener("click", async () => {
      said.hidden = true;
      button.disabled = true;
      button.setAttribute("aria-busy", "true");
      try {
        const { next } = await ways[part.dataset.passkey](part.dataset);
        location.assign(next);
      } catch (error) {
        said.textContent = inWords(error);
        said.hidden = false;
        button.disabled = false;
        button.removeAttribute("aria-busy");
      }
    });
  }
})();
