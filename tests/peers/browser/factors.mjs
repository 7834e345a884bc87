// Second factors in a real browser: a passkey in Chromium's virtual authenticator, and one-time codes
// without JavaScript. A passkey belongs to a name, so the register is served at http://localhost.

import { execFileSync, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { check, expect } from './report.mjs';
import { letConfirmationsAge } from './stale.mjs';

const PASSWORD = 'seven quiet lamps at noon';
const ADA = 'ada@hospital.example';
const OMAR = 'omar@hospital.example';
const WAIT_MILLISECONDS = 30_000;

/** A port that nobody listens on. */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Serves a new register with two administrators, by name, as a deployment does: a second factor is required. */
async function startNamed(binary) {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'muster-factors-'));
  const port = await freePort();
  const base = `http://localhost:${port}`;
  const env = { PATH: process.env.PATH, MUSTER_DATA: data, MUSTER_PASSWORD: PASSWORD, RUST_LOG: 'warn' };
  for (const [name, email] of [['Ada Lovelace', ADA], ['Omar Diaz', OMAR]]) {
    execFileSync(binary, ['people', 'add', '--name', name, '--email', email, '--role', 'administrator'], { env });
  }
  const child = spawn(binary, ['serve', '--listen', `127.0.0.1:${port}`, '--base-url', base], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const until = Date.now() + WAIT_MILLISECONDS;
  for (;;) {
    try {
      if ((await fetch(`http://127.0.0.1:${port}/healthz`)).status === 200) break;
    } catch {
      // Not yet.
    }
    if (Date.now() > until || child.exitCode !== null) throw new Error(`the register did not serve:\n${output}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    fs.rmSync(data, { recursive: true, force: true });
  };
  return { base, stop, age: () => letConfirmationsAge(data) };
}

/** The six digits of RFC 6238, by Node's own HMAC: `steps` half minutes from now. */
function codeOf(secret, steps = 0) {
  let bits = '';
  for (const letter of secret.replaceAll(' ', '')) {
    bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0');
  }
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const mac = createHmac('sha1', key).update(counter).digest();
  const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

async function withPassword(page, base, email, at = '/') {
  await page.goto(base + at);
  await page.locator('input[name="email"]').fill(email);
  await page.locator('input[name="password"]').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForLoadState();
}

const where = (page) => new URL(page.url()).pathname + new URL(page.url()).search;
const says = async (page, words) => {
  const text = await page.locator('main').innerText();
  expect(text.includes(words), `the page at ${where(page)} does not say "${words}":\n${text.slice(0, 600)}`);
};

async function signOut(page) {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/sign-in');
}

async function byPasskey(page) {
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
}

async function passkeyJourney(browser, { base, age }) {
  const context = await browser.newContext();
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const refused = [];
  page.on('console', (message) => message.type() === 'error' && refused.push(message.text()));
  const device = await context.newCDPSession(page);
  await device.send('WebAuthn.enable');
  const { authenticatorId } = await device.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true,
    },
  });
  const held = async () => (await device.send('WebAuthn.getCredentials', { authenticatorId })).credentials;

  await check('passkey: without a second factor nothing but its set-up opens', async () => {
    await withPassword(page, base, ADA, '/identities?sort=name');
    expect(where(page) === '/account/second-factor?next=%2Fidentities%3Fsort%3Dname', `at ${where(page)}`);
    await says(page, 'your account has none yet');
  });
  await check('passkey: made by the browser, kept by the device, and everything opens', async () => {
    await page.locator('input[name="name"]').fill('virtual laptop');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByRole('button', { name: 'Make the passkey' }).click();
    await page.waitForURL('**/account/second-factor?done=passkey**');
    await says(page, 'The passkey was added');
    const credentials = await held();
    expect(credentials.length === 1 && credentials[0].isResidentCredential, 'the device keeps no discoverable passkey');
    expect(credentials[0].rpId === 'localhost', `it belongs to ${credentials[0].rpId}`);
    await page.getByRole('link', { name: 'Go on to where you were going' }).click();
    await page.waitForURL('**/identities?sort=name');
  });
  await check('passkey: the same device is told that it has one already', async () => {
    await page.goto(`${base}/account/second-factor`);
    await page.locator('input[name="name"]').fill('the same again');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByRole('button', { name: 'Make the passkey' }).click();
    await page.getByText('has a passkey for your account already').waitFor();
  });
  await check('passkey: signs in without address and password, back to the exact page', async () => {
    await signOut(page);
    await page.goto(`${base}/identities?environment=production&sort=-expires`);
    await byPasskey(page);
    await page.waitForURL('**/identities?environment=production&sort=-expires');
    await page.goto(`${base}/account`);
    await says(page, 'Passkey');
  });
  await check('passkey: a form that waits goes on once the device has asked again, with nothing lost', async () => {
    await page.goto(`${base}/people/new`);
    await page.locator('input[name="name"]').fill('Nina Novak');
    await page.locator('input[name="email"]').fill('nina@hospital.example');
    age();
    await page.locator('main form button.primary').click();
    await page.waitForURL('**/confirm/**');
    const waits = page.url();
    await says(page, 'Nothing was done yet');
    const cookie = async () => (await context.cookies(base)).find(({ name }) => name === 'muster').value;
    const before = await cookie();
    await device.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await page.getByRole('button', { name: 'Confirm with a passkey' }).click();
    await page.locator('[data-said]').filter({ hasText: /Nothing was done|finger, face or PIN/ }).waitFor();
    expect(page.url() === waits && (await cookie()) === before, 'a device that asked for nothing confirms');
    await device.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
    await page.getByRole('button', { name: 'Confirm with a passkey' }).click();
    await page.getByRole('button', { name: 'Continue: add a person' }).waitFor();
    expect(page.url() === waits, `at ${where(page)}`);
    await says(page, 'nina@hospital.example');
    expect((await cookie()) !== before, 'the cookie has no new value');
    await page.getByRole('button', { name: 'Continue: add a person' }).click();
    await page.waitForLoadState();
    await page.goto(`${base}/people`);
    await says(page, 'Nina Novak');
  });
  await check('passkey: whoever has one is asked for it after the password', async () => {
    await signOut(page);
    await withPassword(page, base, ADA, '/people');
    expect(where(page) === '/sign-in/code', `at ${where(page)}`);
    await byPasskey(page);
    await page.waitForURL('**/people');
  });
  await check('caught: a device that asks for no finger or PIN', async () => {
    await signOut(page);
    await device.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await byPasskey(page);
    await page.locator('[data-said]').filter({ hasText: /Nothing was done|finger, face or PIN/ }).waitFor();
    expect(where(page) === '/sign-in', `at ${where(page)}`);
    await device.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
  });
  await check('caught: a copy of a passkey, whose counter goes back', async () => {
    const [credential] = await held();
    await device.send('WebAuthn.clearCredentials', { authenticatorId });
    await device.send('WebAuthn.addCredential', { authenticatorId, credential: { ...credential, signCount: 1 } });
    await page.goto(`${base}/sign-in`);
    await byPasskey(page);
    await page.getByText('may have been copied').waitFor();
    await device.send('WebAuthn.clearCredentials', { authenticatorId });
    await device.send('WebAuthn.addCredential', { authenticatorId, credential });
  });
  await check('caught: what the device answered, sent from another browser', async () => {
    await page.goto(`${base}/sign-in`);
    // The answer leaves for another browser's sign-in instead of its own.
    let stolen;
    await page.route('**/sign-in/passkey/finish', async (route) => {
      stolen = route.request().postData();
      await route.abort();
    });
    await byPasskey(page);
    await page.getByText('cannot be reached').waitFor();
    await page.unroute('**/sign-in/passkey/finish');
    const other = await browser.newContext();
    const thief = await other.newPage();
    await thief.goto(`${base}/sign-in`);
    const status = await thief.evaluate(async (answer) => {
      const token = document.querySelector('[data-passkey]').dataset.token;
      const headers = { 'content-type': 'application/json', 'x-csrf-token': token };
      await fetch('/sign-in/passkey/begin', { method: 'POST', headers, body: '{}' });
      return (await fetch('/sign-in/passkey/finish', { method: 'POST', headers, body: answer })).status;
    }, stolen);
    expect(status === 422, `it was answered ${status}`);
    await other.close();
  });
  await check('passkey: the right one still signs in, and the policy of the page was never broken', async () => {
    await page.goto(`${base}/sign-in`);
    await byPasskey(page);
    await page.waitForURL(`${base}/`);
    const broken = refused.filter((text) => text.includes('Content Security Policy'));
    expect(broken.length === 0, broken.join('\n'));
  });
  await context.close();
}

async function codeJourney(browser, base) {
  const context = await browser.newContext({ javaScriptEnabled: false });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  let secret;
  await check('codes without JavaScript: set up with what the page shows', async () => {
    await withPassword(page, base, OMAR, '/');
    await page.getByRole('button', { name: 'Set up one-time codes' }).click();
    secret = await page.locator('dl code').innerText();
    expect(await page.locator('svg.qr path').isVisible(), 'no square to scan');
    await page.locator('input[name="code"]').fill(codeOf(secret));
    await page.getByRole('button', { name: 'Confirm' }).click();
    await says(page, 'One-time codes are set up');
    expect((await page.locator('ol li code').count()) === 10, 'ten recovery codes');
  });
  await check('codes without JavaScript: asked for after the password, back to the exact page', async () => {
    await signOut(page);
    expect(!(await page.getByRole('button', { name: 'Sign in with a passkey' }).isVisible()), 'a button that does nothing');
    await says(page, 'A passkey works here once JavaScript is switched on');
    await withPassword(page, base, OMAR, '/identities?sort=name');
    expect(where(page) === '/sign-in/code', `at ${where(page)}`);
    await page.locator('input[name="code"]').fill('000000');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await says(page, 'This code is not right');
    // The code of the set-up is used up, so this is the next one, which is good half a minute early.
    await page.locator('input[name="code"]').fill(codeOf(secret, 1));
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.waitForURL('**/identities?sort=name');
  });
  await context.close();
}

/** Second factors of a register that requires them. */
export async function secondFactors(browser, binary) {
  const register = await startNamed(binary);
  try {
    await passkeyJourney(browser, register);
    await codeJourney(browser, register.base);
  } finally {
    await register.stop();
  }
}
