// Single sign-on in headless Chromium, against a real provider (npm oidc-provider), with and without
// JavaScript: from a deep link through the provider back to that page; refusals; proving again who
// one is; signing out of both.
//
//   node tests/peers/single_sign_on.mjs [--binary FILE] [--database-url URL]

import { execFileSync, spawn } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { accessible, fitsSideways } from './browser/inspect.mjs';
import { check, expect, mustFail, summary } from './browser/report.mjs';
import { letConfirmationsAge } from './browser/stale.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    binary: { type: 'string', default: path.join(here, '../../target/debug/muster') },
    'database-url': { type: 'string' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});
const DEEP = '/identities?environment=production&sort=-expires';
const secret = crypto.randomBytes(24).toString('base64');

/** Starts a program that prints `Serving URL`; answers the URL, its output and how to stop it. */
async function serving(command, args, env) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let output = '';
  const url = await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${command} did not serve:\n${output}`)), 60_000);
    const read = (chunk) => {
      output += chunk;
      const found = output.match(/^Serving (https?:\/\/\S+)/m)?.[1];
      if (found) resolve(found, clearTimeout(late));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('exit', (code) => reject(new Error(`${command} ended with ${code}:\n${output}`)));
  });
  const stop = () => new Promise((resolve) => {
    child.removeAllListeners('exit');
    child.on('exit', resolve);
    child.kill('SIGTERM');
  });
  return { url, output: () => output, stop };
}

/** A port that nothing uses: the provider must know the return address before Muster serves. */
async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A certificate that only who is given it trusts. */
function certificate(folder) {
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost',
    '-addext', 'subjectAltName=DNS:localhost', '-addext', 'basicConstraints=critical,CA:FALSE',
    '-keyout', key, '-out', cert], { stdio: 'pipe' });
  return { key, cert };
}

/** Presses the button of the sign-in page, and says at the provider who one is. */
async function logInAs(page, name, button = 'Log in') {
  await page.getByRole('button', { name: 'Sign in with Staff login' }).click();
  await atProvider(page, name, button);
}

async function atProvider(page, name, button = 'Log in') {
  await page.getByLabel('Name', { exact: true }).fill(name);
  await Promise.all([page.waitForURL(/^http:/), page.getByRole('button', { name: button }).click()]);
  await page.waitForLoadState();
}

const main = (page) => page.locator('main').innerText();
const where = (page) => page.url().replace(/^https?:\/\/[^/]+/, '');

async function journey(browser, muster, javaScriptEnabled) {
  const how = javaScriptEnabled ? 'with JavaScript' : 'without JavaScript';
  const context = await browser.newContext({ javaScriptEnabled, ignoreHTTPSErrors: true });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const blocked = [];
  page.on('console', (message) => /content security policy/i.test(message.text()) && blocked.push(message.text()));
  await check(`${how}: from a deep link through the provider back to exactly that page`, async () => {
    await page.goto(muster.url + DEEP);
    expect(where(page).startsWith('/sign-in?next='), `at ${page.url()}`);
    await logInAs(page, 'ada');
    expect(page.url() === muster.url + DEEP, `landed at ${page.url()}: ${await main(page)}`);
    const header = await page.locator('header').innerText();
    expect(/Ada Lovelace/.test(header) && /Security analyst/i.test(header), header);
    expect(blocked.length === 0, blocked.join('\n'));
  });
  await check(`${how}: the page between says where it leads, and works as a link`, async () => {
    const other = await browser.newContext({ javaScriptEnabled, ignoreHTTPSErrors: true });
    const one = await other.newPage();
    await one.goto(`${muster.url}/sign-in`);
    // Without the refresh, as in a browser that forbids it, the link is there.
    await one.route('**/sign-in/single-sign-on/go', async (route) => {
      const answer = await route.fetch();
      const body = (await answer.text()).replace(/<meta http-equiv="refresh"[^>]*>/, '');
      await route.fulfill({ response: answer, body });
    });
    await one.getByRole('button', { name: 'Sign in with Staff login' }).click();
    await one.getByLabel('Name', { exact: true }).waitFor();
    await one.goto(`${muster.url}/sign-in/single-sign-on/go`);
    await one.getByRole('link', { name: 'Continue to Staff login' }).click();
    await atProvider(one, 'ada');
    expect(where(one) === '/' || where(one) === '/tasks', `landed at ${one.url()}`);
    await other.close();
  });
  await check(`${how}: a form that waits goes on once the provider has asked again, and not for somebody else`, async () => {
    const name = `Nightly export ${how}`;
    await page.goto(`${muster.url}/account/tokens`);
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByLabel('Purpose').fill('Copies the register every night');
    await page.locator('input[name="scopes"]').first().check();
    const day = new Date(Date.now() + 30 * 24 * 3600 * 1000).toISOString().slice(0, 10);
    await page.locator('input[name="ends_on"]').fill(day);
    muster.age();
    await page.getByRole('button', { name: 'Make the token' }).click();
    const waits = page.url();
    expect(/\/confirm\/[0-9a-f-]+$/.test(waits), `at ${waits}: ${await main(page)}`);
    expect((await main(page)).includes('Nothing was done yet'), await main(page));
    const before = (await context.cookies(muster.url)).find(({ name }) => name === 'muster').value;
    // Without a script the provider has a button of its own between two people.
    if (javaScriptEnabled) {
      await page.getByRole('button', { name: 'Confirm with Staff login' }).click();
      await atProvider(page, 'stranger');
      expect((await main(page)).includes('You were not confirmed'), await main(page));
      await page.getByRole('link', { name: 'Back' }).click();
      expect(page.url() === waits, `back at ${page.url()}`);
    }
    await page.getByRole('button', { name: 'Confirm with Staff login' }).click();
    await page.getByLabel('Name', { exact: true }).waitFor();
    await atProvider(page, 'ada');
    expect(page.url() === waits, `landed at ${page.url()}: ${await main(page)}`);
    expect((await main(page)).includes(name), `what was typed is lost: ${await main(page)}`);
    const after = (await context.cookies(muster.url)).find(({ name }) => name === 'muster').value;
    expect(before !== after, 'the cookie has no new value');
    await page.getByRole('button', { name: /^Continue/ }).click();
    await page.goto(`${muster.url}/account/tokens`);
    expect((await main(page)).includes(name), `no token was made: ${await main(page)}`);
    expect(blocked.length === 0, blocked.join('\n'));
  });
  await check(`${how}: signing out offers to sign out of the provider too`, async () => {
    await page.goto(`${muster.url}/identities`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: 'Sign out of Staff login too' }).click();
    expect(/\/session\/end/.test(page.url()), `at ${page.url()}`);
    await page.goto(`${muster.url}/identities`);
    expect(where(page).startsWith('/sign-in'), `at ${page.url()}`);
  });
  await context.close();
}

/** Somebody who is not let in: a plain page with a way back, and the reason in the log of the server. */
async function refusal(browser, muster, name, button, words, reason) {
  await check(`${name}: is not let in, in plain words`, async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.goto(muster.url + DEEP);
    await logInAs(page, name, button);
    const text = await main(page);
    expect(text.includes('You are not signed in') && text.includes(words), text);
    expect(muster.output().includes(reason), `no "${reason}" in the log`);
    await page.getByRole('link', { name: 'Back' }).click();
    expect(where(page) === `/sign-in?${new URLSearchParams({ next: DEEP })}`, `back at ${page.url()}`);
    await context.close();
  });
}

/** What the page between is for: a redirect straight to the provider would be blocked. */
async function straightIsBlocked(browser, muster, provider) {
  await mustFail('a form that is redirected straight to the provider', async () => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.route('**/sign-in/single-sign-on', (route) =>
      route.fulfill({ status: 303, headers: { location: `${provider.url}/.well-known/openid-configuration` } }));
    const errors = [];
    page.on('console', (message) => errors.push(message.text()));
    await page.goto(`${muster.url}/sign-in`);
    await page.getByRole('button', { name: 'Sign in with Staff login' }).click();
    await page.waitForURL(/openid-configuration/, { timeout: 3_000 }).catch(() => {});
    const blocked = errors.some((text) => /form-action/.test(text)) && !page.url().startsWith(provider.url);
    await context.close();
    expect(!blocked, errors.join('\n'));
  });
}

/** The pages that only single sign-on has, for everybody: by axe, and at 320 pixels. */
async function pagesAreAccessible(browser, muster) {
  const context = await browser.newContext({ viewport: { width: 320, height: 640 }, ignoreHTTPSErrors: true });
  const page = await context.newPage();
  const look = (name) => check(`accessible at 320 px: ${name}`, async () => {
    await accessible(page);
    await fitsSideways(page);
  });
  await page.goto(`${muster.url}/sign-in`);
  await look('the sign-in page with a provider');
  await logInAs(page, 'stranger');
  await look('the page of a refusal');
  await page.goto(`${muster.url}/sign-in/single-sign-on/signed-out`);
  await look('the page after signing out');
  await context.close();
}

/** A provider whose certificate nobody vouches for is not spoken to. */
async function untrusted(browser, scratch, told) {
  await check('a provider with a certificate that is not trusted is not used', async () => {
    const other = await serving(options.binary, ['serve', '--listen', '127.0.0.1:0', '--data', path.join(scratch, 'other')], told);
    const page = await browser.newPage();
    await page.goto(`${other.url}/sign-in`);
    await page.getByRole('button', { name: 'Sign in with Staff login' }).click();
    const text = await main(page);
    await page.close();
    await other.stop();
    expect(text.includes('Staff login cannot be reached at the moment'), text);
    expect(/UnknownIssuer/.test(other.output()), other.output().slice(-500));
  });
}

async function run() {
  const port = await freePort();
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'muster-single-sign-on-'));
  const data = path.join(scratch, 'data');
  const { key, cert } = certificate(scratch);
  const back = `http://127.0.0.1:${port}/sign-in/single-sign-on/return`;
  const provider = await serving('node', [path.join(here, 'oidc_provider.mjs'), back],
    { OIDC_CLIENT_SECRET: secret, OIDC_TLS_KEY: key, OIDC_TLS_CERTIFICATE: cert });
  const database = options['database-url'] ? ['--database-url', options['database-url']] : [];
  const told = {
    MUSTER_OIDC_ISSUER: provider.url,
    MUSTER_OIDC_CLIENT_ID: 'muster',
    MUSTER_OIDC_CLIENT_SECRET: secret,
    MUSTER_OIDC_NAME: 'Staff login',
    MUSTER_OIDC_ROLES: 'leads=administrator; desk=security_analyst',
  };
  let muster;
  let browser;
  try {
    muster = await serving(options.binary, ['serve', '--listen', `127.0.0.1:${port}`, '--data', data, ...database],
      { ...told, MUSTER_OIDC_ROOT_CERTIFICATE: cert });
    muster.age = () => letConfirmationsAge(data, options['database-url']);
    browser = await chromium.launch({
      executablePath: options.chromium,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
    });
    await straightIsBlocked(browser, muster, provider);
    await journey(browser, muster, true);
    await journey(browser, muster, false);
    await refusal(browser, muster, 'stranger', 'Log in', 'you are in no group that may use Muster', 'No group of the person has a role');
    await refusal(browser, muster, 'unverified', 'Log in', 'has not verified your e-mail address', 'The provider has not verified the e-mail address');
    await refusal(browser, muster, 'ada', 'Turn back', 'did not let you in, or you turned back there', 'The provider did not let the person in');
    await pagesAreAccessible(browser, muster);
    await untrusted(browser, scratch, told);
    await check('the client secret is in no log and no file', () => {
      const files = fs.readdirSync(data, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      const texts = [muster.output(), ...files.map((file) => fs.readFileSync(path.join(file.parentPath ?? file.path, file.name), 'latin1'))];
      expect(texts.every((text) => !text.includes(secret)), 'it was found');
    });
  } finally {
    await browser?.close();
    await muster?.stop();
    await provider.stop();
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

run().then(
  () => process.exit(summary()),
  (error) => {
    console.log(`FAILED the run itself\n         ${error.stack}`);
    summary();
    process.exit(1);
  },
);
