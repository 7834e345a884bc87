// A narrow and a wide request, from registration to issuance, each by the right people, without and with JavaScript.

import { spawnSync } from 'node:child_process';
import { check, expect } from './report.mjs';
import { inspectAll } from './crawl.mjs';
import { signIn } from './session.mjs';

const LAB = 'patient/Observation.rs?category=laboratory';
const EVERYTHING = 'system/*.rs';

/** A new person with an account, who chose their password by the one-time link that the command prints. */
async function newcomer(browser, demo, binary, data, name, role) {
  const email = `${name.split(' ')[0].toLowerCase()}@lakeshore.example`;
  const added = spawnSync(binary, ['people', 'add', '--name', name, '--email', email, '--role', role, '--data', data], {
    encoding: 'utf8', env: { ...process.env, MUSTER_BASE_URL: demo.base },
  });
  const link = `${added.stdout}${added.stderr}`.match(/\/welcome\/[\w-]+/)?.[0];
  expect(link, `no link for ${name}: ${added.stdout}${added.stderr}`);
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(demo.base + link);
  const password = 'seven crows behind the old mill';
  for (const field of await page.locator('main input[type="password"]').all()) await field.fill(password);
  await page.locator('main form button').first().click();
  await page.waitForLoadState();
  await context.close();
  return { email, password };
}

async function press(page, name) {
  await page.locator('main').getByRole('button', { name }).first().click();
  await page.waitForLoadState();
}

const says = async (page) => (await page.locator('main').innerText()).replace(/\s+/g, ' ');

/** The five steps of a registration, up to the page of the request that was sent. */
async function register(page, demo, name, scopes, ending) {
  await page.goto(`${demo.base}/requests/new`);
  await press(page, /start/i);
  await page.locator('input[name="kind"][value="service_account"], select[name="kind"]').first().evaluate((field) => field.tagName)
    .then(async (tag) => (tag === 'SELECT'
      ? page.locator('select[name="kind"]').selectOption('service_account')
      : page.locator('input[name="kind"][value="service_account"]').check()));
  await page.locator('[name="name"]').fill(name);
  const environment = page.locator('select[name="environment"]');
  if (await environment.count()) await environment.selectOption('production');
  else await page.locator('input[name="environment"][value="production"]').check();
  await press(page, /save and go on/i);
  await page.locator('input[name="business_owner"]').fill('denise.okafor@lakeshore.example');
  const unknown = page.locator('[name="technical_owner_unknown"], [name="technical_owner_known"][value="no"]').first();
  if (await unknown.count()) await unknown.check();
  await press(page, /save and go on/i);
  await page.locator('[name="purpose"]').fill('Nurses look after patients who went home.');
  const basis = page.locator('select[name="access_basis"]');
  if (await basis.count()) await basis.selectOption('treatment');
  else await page.locator('input[name="access_basis"][value="treatment"]').check();
  await press(page, /save and go on/i);
  await page.locator('[name="scopes"]').fill(scopes);
  if (await page.locator('[name="until"]').count()) await page.locator('[name="until"]').fill(ending);
  if (await page.locator('[name="reason"]').count()) await page.locator('[name="reason"]').fill('The ward reads results.');
  await press(page, /save and go on/i);
  if (await page.locator('[name="until"]').count()) await page.locator('[name="until"]').fill(ending);
  if (await page.locator('[name="reason"]').count()) await page.locator('[name="reason"]').fill('The ward reads results.');
  await press(page, /save and go on/i);
  await press(page, /send for approval/i);
  const at = new URL(page.url()).pathname;
  expect(/^\/requests\/[0-9a-f-]{36}$/.test(at), `not sent: ${at}: ${(await says(page)).slice(0, 600)}`);
  return at;
}

/** From the task to the recorded decision: the link, the answer, the button. */
async function approve(page, demo, name) {
  await page.goto(`${demo.base}/tasks`);
  await page.getByRole('link', { name: new RegExp(`Decide what ${name} may do`) }).first().click();
  await page.waitForLoadState();
  const read = await says(page);
  expect(!(await page.locator('input[name="answer"]:checked').count()), 'an answer is chosen already');
  await page.locator('input[name="answer"][value="approve"]').check();
  await press(page, /record my decision/i);
  expect(/^\/decisions\//.test(new URL(page.url()).pathname), `not recorded: ${(await says(page)).slice(0, 400)}`);
  return read;
}

async function issue(page, demo, at, scopes, clientId) {
  await page.goto(demo.base + at);
  await page.locator('textarea[name="scopes"]').fill(scopes);
  await page.locator('[name="client_id"]').fill(clientId);
  await page.locator('textarea[name="evidence"]').fill('Client made at the system, change CHG-4711.');
  await press(page, /record it/i);
  expect(/was set up on/i.test(await says(page)), `not issued: ${(await says(page)).slice(0, 600)}`);
}

/** Both stories; `data` is the folder of the demonstration, whose own table lets decisions take effect at once. */
export async function requestJourneys(browser, demo, { binary, data, windows, pictures }) {
  for (const javaScriptEnabled of [false, true]) {
    const how = javaScriptEnabled ? 'with JavaScript' : 'without JavaScript';
    const number = javaScriptEnabled ? 'Two' : 'One';
    const contexts = [];
    const person = async (who) => {
      const context = await browser.newContext({ javaScriptEnabled });
      context.setDefaultTimeout(10_000);
      contexts.push(context);
      const known = typeof who === 'string' ? demo.signIns[who] : await newcomer(browser, demo, binary, data, who.name, who.role);
      return { context, page: await signIn(context, demo.base, known) };
    };
    let people = {};
    const ready = await check(`${how}: the people of two requests sign in`, async () => {
      people = {
        asker: await person({ name: `Rita${number} Requester`, role: 'owner' }),
        issuer: await person({ name: `Ines${number} Issuer`, role: 'security_analyst' }),
        owner: await person('owner'),
        analyst: await person('security_analyst'),
        administrator: await person('administrator'),
      };
    });
    if (!ready) return;
    const ending = new Date(Date.now() + 100 * 86_400_000).toISOString().slice(0, 10);
    await check(`${how}: a narrow request travels from registration to issuance`, async () => {
      const name = `Lab Viewer ${number}`;
      const at = await register(people.asker.page, demo, name, LAB, ending);
      const read = await approve(people.owner.page, demo, name);
      expect(/lab results of one patient at a time/.test(read), `whose data is not said: ${read.slice(0, 600)}`);
      await issue(people.analyst.page, demo, at, LAB, `lab-viewer-${number}`);
    });
    await check(`${how}: a request for every patient takes three who agree and a fourth who issues`, async () => {
      const name = `Night Export ${number}`;
      const at = await register(people.asker.page, demo, name, EVERYTHING, ending);
      const read = await approve(people.owner.page, demo, name);
      expect(/every patient it is not blocked from/.test(read), `whose data is not said: ${read.slice(0, 600)}`);
      if (!javaScriptEnabled) {
        const state = await people.analyst.context.storageState();
        await inspectAll({ browser, base: demo.base, state, pictures },
          windows.map(([width, scheme]) => ({ role: 'decides', shape: '/requests/{id}', at, width, scheme })));
      }
      await approve(people.analyst.page, demo, name);
      await approve(people.administrator.page, demo, name);
      await people.administrator.page.goto(demo.base + at);
      expect((await people.administrator.page.locator('textarea[name="evidence"]').count()) === 0, 'whoever approved may issue');
      await issue(people.issuer.page, demo, at, EVERYTHING, `night-export-${number}`);
    });
    for (const context of contexts) await context.close();
  }
}
