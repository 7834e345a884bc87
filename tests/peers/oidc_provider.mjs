// A real provider of single sign-on: npm oidc-provider, on this machine, with people who have no password.
//
//   node tests/peers/oidc_provider.mjs RETURN_ADDRESS
//
// Prints `Serving ISSUER`. Its client is `muster`, its secret comes from OIDC_CLIENT_SECRET; it speaks
// TLS with the key and certificate in the files OIDC_TLS_KEY and OIDC_TLS_CERTIFICATE. PKCE is required, tokens are signed with RS256 by a key of this run, and groups, address and name are in the
// user info rather than in the token, as the specification has it. Its pages ask for a login only.

import crypto from 'node:crypto';
import fs from 'node:fs';
import https from 'node:https';
import { once } from 'node:events';
import { Provider } from 'oidc-provider';

/** Who is known: sub, and what is said of them. */
const PEOPLE = {
  ada: { name: 'Ada Lovelace', email: 'ada@hospital.example', email_verified: true, groups: ['desk', 'everyone'] },
  lea: { name: 'Lea Lead', email: 'lea@hospital.example', email_verified: true, groups: ['leads'] },
  stranger: { name: 'Sam Stranger', email: 'sam@hospital.example', email_verified: true, groups: ['everyone'] },
  unverified: { name: 'Una Unverified', email: 'ada@hospital.example', email_verified: false, groups: ['leads'] },
};

const [back] = process.argv.slice(2);
const secret = process.env.OIDC_CLIENT_SECRET;
if (!back || !secret) {
  console.error('oidc_provider.mjs: give the return address, and the secret in OIDC_CLIENT_SECRET');
  process.exit(2);
}

const server = https.createServer({
  key: fs.readFileSync(process.env.OIDC_TLS_KEY), cert: fs.readFileSync(process.env.OIDC_TLS_CERTIFICATE),
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const issuer = `https://localhost:${server.address().port}`;

const { privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
const provider = new Provider(issuer, {
  clients: [{ client_id: 'muster', client_secret: secret, redirect_uris: [back], response_types: ['code'],
    grant_types: ['authorization_code'], token_endpoint_auth_method: 'client_secret_basic' }],
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: crypto.randomUUID() }] },
  cookies: { keys: [crypto.randomBytes(32).toString('hex')] },
  scopes: ['openid', 'email', 'profile', 'groups'],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
  pkce: { methods: ['S256'], required: () => true },
  features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
  interactions: { url: (_, interaction) => `/login/${interaction.uid}` },
  findAccount: (_, sub) => PEOPLE[sub] && { accountId: sub, claims: () => ({ sub, ...PEOPLE[sub] }) },
  // The organisation has decided for its own people what Muster may know: nobody is asked.
  loadExistingGrant: async (context) => {
    const grant = new context.oidc.provider.Grant({
      clientId: context.oidc.client.clientId, accountId: context.oidc.session.accountId,
    });
    grant.addOIDCScope('openid email profile groups');
    await grant.save();
    return grant;
  },
});
provider.on('server_error', (_, error) => console.error('server_error', error));

const page = (body) => `<!doctype html><html lang="en"><title>Staff login</title><main><h1>Staff login</h1>${body}</main>`;

server.on('request', async (request, response) => {
  const uid = request.url.match(/^\/login\/([\w-]+)$/)?.[1];
  if (!uid) return provider.callback()(request, response);
  try {
    await provider.interactionDetails(request, response);
    if (request.method !== 'POST') {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      return response.end(page(`<form method="post"><label>Name <input name="login"></label>
        <button name="do" value="login">Log in</button> <button name="do" value="turn-back">Turn back</button></form>`));
    }
    let body = '';
    for await (const chunk of request) body += chunk;
    const form = new URLSearchParams(body);
    const result = form.get('do') === 'login' && PEOPLE[form.get('login')]
      ? { login: { accountId: form.get('login') } }
      : { error: 'access_denied', error_description: 'the person turned back' };
    return await provider.interactionFinished(request, response, result);
  } catch (error) {
    response.statusCode = 400;
    return response.end(page(String(error.message)));
  }
});
console.log(`Serving ${issuer}`);
