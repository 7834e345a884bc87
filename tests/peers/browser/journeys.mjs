// What a person does, once without JavaScript and once with the keyboard alone.
// Each step is a small function that finds things by label, role or name, as a reader would.

import fs from 'node:fs';
import path from 'node:path';
import { check, expect } from './report.mjs';
import { get } from './session.mjs';
import { accessible, fitsSideways, focusStaysVisible } from './inspect.mjs';

const rowLink = (page) => page.locator('main table tbody tr a[href*="/identities/"]').first();
const mainForm = (page) => page.locator('main form[method="post" i]').last();

async function firstRow(page) {
  return (await page.locator('main table tbody tr').first().innerText()).replace(/\s+/g, ' ').trim();
}

async function submit(page, form, name) {
  const button = name ? form.getByRole('button', { name }).first() : form.locator('button:not([type="button"])').first();
  await button.click();
  await page.waitForLoadState();
}

/** The list: filter by kind, search, sort, next page. Everything is in the URL. */
export async function listJourney(page, base) {
  await check('without JavaScript: filtering the identities by kind', async () => {
    await page.goto(`${base}/identities`);
    await page.locator('form[role="search"] summary').click();
    const kind = page.getByLabel(/^kind/i).first();
    await kind.selectOption('service_account');
    await submit(page, page.locator('form', { has: kind }));
    expect(new URL(page.url()).searchParams.get('kind') === 'service_account', `the filter is not in the URL: ${page.url()}`);
    const rows = await page.locator('main table tbody tr').allInnerTexts();
    expect(rows.length > 0, 'no row is left');
    const other = rows.filter((text) => !/service account/i.test(text));
    expect(other.length === 0, `a row of another kind: ${other[0]}`);
  });
  await check('without JavaScript: searching by a name finds it', async () => {
    await page.goto(`${base}/identities`);
    const name = (await rowLink(page).innerText()).trim();
    const box = page.locator('main input[name="q"]').first();
    await box.fill(name);
    await submit(page, page.locator('form', { has: page.locator('input[name="q"]') }).first());
    expect((await rowLink(page).innerText()).trim() === name, `${name} is not the first row found`);
    await page.goto(`${base}/identities?q=nothing-is-called-this-9f3`);
    expect((await page.locator('main table tbody tr a[href*="/identities/"]').count()) === 0, 'a search that matches nothing shows rows');
  });
  await check('without JavaScript: sorting says so and keeps to the URL', async () => {
    await page.goto(`${base}/identities`);
    const links = page.locator('main thead th a[href*="sort="]');
    expect((await links.count()) > 1, 'fewer than two columns can be sorted');
    await links.last().click();
    await page.waitForLoadState();
    expect(new URL(page.url()).searchParams.has('sort'), `no sort in the URL: ${page.url()}`);
    expect((await page.locator('main th[aria-sort="ascending"], main th[aria-sort="descending"]').count()) === 1, 'no column says that it is sorted');
  });
  await check('without JavaScript: the next page shows other rows', async () => {
    await page.goto(`${base}/identities`);
    const before = await firstRow(page);
    await page.getByRole('link', { name: /^next/i }).first().click();
    await page.waitForLoadState();
    expect((await firstRow(page)) !== before, 'the next page begins with the same row');
  });
}

/** One identity: open it, change its purpose, see the new value. */
export async function editJourney(page, base) {
  await check('without JavaScript: opening an identity from the list', async () => {
    await page.goto(`${base}/identities`);
    const name = (await rowLink(page).innerText()).trim();
    await rowLink(page).click();
    await page.waitForLoadState();
    expect((await page.locator('h1').innerText()).includes(name), `the heading does not say ${name}`);
  });
  await check('without JavaScript: editing the purpose shows the new value', async () => {
    const purpose = `Sends visit summaries to the referring clinic (${Date.now()})`;
    await page.getByRole('link', { name: /^edit/i }).first().click();
    await page.waitForLoadState();
    await page.getByLabel(/purpose/i).first().fill(purpose);
    await submit(page, mainForm(page));
    expect(!page.url().endsWith('/edit'), `still on the form: ${await page.title()}`);
    expect((await page.locator('main').innerText()).includes(purpose), 'the page does not show the new purpose');
  });
}

/** Gives every empty required control a plausible value. */
async function fillRequired(form) {
  for (const control of await form.locator('[required]').all()) {
    const tag = await control.evaluate((element) => element.tagName);
    if (tag === 'SELECT') {
      if (await control.inputValue()) continue;
      const values = await control.locator('option').evaluateAll((all) => all.map((each) => each.value).filter(Boolean));
      await control.selectOption(values[0]);
    } else if (!(await control.inputValue())) {
      await control.fill('Written by the browser tests');
    }
  }
  // Nothing is chosen for the reader: of each question the first answer is taken here.
  const names = await form.locator('input[type="radio"]').evaluateAll((all) => [...new Set(all.map((each) => each.name))]);
  for (const name of names) {
    if ((await form.locator(`input[name="${name}"]:checked`).count()) === 0) await form.locator(`input[name="${name}"]`).first().check();
  }
}

/** The form: an empty submit explains itself and keeps what was typed; a good one registers. */
export async function registerJourney(page, base) {
  await check('without JavaScript: an empty submit shows what is wrong and keeps what was typed', async () => {
    await page.goto(`${base}/identities/new`);
    const form = mainForm(page);
    await form.getByLabel(/purpose/i).first().fill('Typed before the error');
    await form.evaluate((element) => (element.noValidate = true));
    const [response] = await Promise.all([
      page.waitForResponse((each) => each.request().method() === 'POST'),
      submit(page, form),
    ]);
    expect(response.status() === 422, `status ${response.status()}, not 422`);
    expect((await page.title()).startsWith('Error:'), `the title is ${await page.title()}`);
    const links = page.locator('main [role="alert"] a[href^="#"]');
    expect((await links.count()) > 0, 'the error summary has no links');
    for (const href of await links.evaluateAll((all) => all.map((each) => each.getAttribute('href')))) {
      expect((await page.locator(`[id="${href.slice(1)}"]`).count()) === 1, `${href} leads nowhere`);
    }
    expect((await page.getByLabel(/purpose/i).first().inputValue()) === 'Typed before the error', 'the typed text is gone');
  });
  await check('without JavaScript: registering an identity', async () => {
    const name = `Browser journey ${Date.now()}`;
    await page.goto(`${base}/identities/new`);
    const form = mainForm(page);
    await form.locator('[name="name"]').fill(name);
    await fillRequired(form);
    await submit(page, form);
    expect((await page.locator('h1').innerText()).includes(name), `not on the new identity's page: ${await page.title()}: ${(await page.locator('main').innerText()).slice(0, 400)}`);
  });
}

/** A name as long as the register takes, without a place to break: no page grows wider than its window. */
export async function longNameJourney(page, browser, state, base) {
  const name = `Unbreakable${'x'.repeat(159)}`;
  await check('without JavaScript: registering an identity with a name of 170 letters', async () => {
    await page.goto(`${base}/identities/new`);
    const form = mainForm(page);
    await form.locator('[name="name"]').fill(name);
    await fillRequired(form);
    await submit(page, form);
    expect((await page.locator('h1').innerText()).includes(name), `not on its page: ${await page.title()}`);
  });
  const places = [new URL(page.url()).pathname, '/', '/identities?q=Unbreakablexxx', '/audit'];
  for (const width of [320, 1280]) {
    await check(`a name of 170 letters fits into ${width} px`, async () => {
      const context = await browser.newContext({ storageState: state, viewport: { width, height: 700 } });
      const looking = await context.newPage();
      for (const at of places) {
        await looking.goto(base + at);
        expect((await looking.locator('main').innerText()).includes(name), `${at} does not show it`);
        await fitsSideways(looking);
      }
      await context.close();
    });
  }
}

/** The menu of the header, without JavaScript and by keyboard. */
export async function menuJourney(page, base) {
  await check('without JavaScript: the menu of the header opens by keyboard and marks where one is', async () => {
    await page.goto(`${base}/`);
    const menu = page.locator('header details.more');
    await menu.locator('summary').focus();
    await page.keyboard.press('Enter');
    const links = await menu.locator('a').count();
    const focused = () => page.locator(':focus').getAttribute('href');
    for (let presses = 0; presses < links && (await focused()) !== '/vendors'; presses += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${base}/vendors`);
    expect(/vendors/i.test(await menu.locator('summary.current').innerText()), 'the menu does not say which of its pages is open');
  });
  await check('the header is one row at 1280 px', async () => {
    await page.setViewportSize({ width: 1280, height: 720 });
    const height = (await page.locator('header.top').boundingBox()).height;
    expect(height < 64, `the header is ${height} px high`);
  });
}

/** The smallest realm export among the fixtures of the suite. */
function realmFixture(root) {
  const folder = path.join(root, 'tests/fixtures/imports');
  const found = (fs.existsSync(folder) ? fs.readdirSync(folder, { recursive: true }) : [])
    .map(String)
    .filter((name) => /(keycloak|realm)[^/]*\.json$/i.test(name))
    .map((name) => path.join(folder, name))
    .filter((file) => {
      try {
        return JSON.parse(fs.readFileSync(file, 'utf8')).clients?.length > 1;
      } catch {
        return false;
      }
    })
    .sort((a, b) => fs.statSync(a).size - fs.statSync(b).size);
  expect(found.length > 0, 'tests/fixtures/imports holds no Keycloak realm with clients');
  return found[0];
}

/** A file: upload, preview, apply, result as CSV, undo. */
export async function importJourney(page, context, base, root) {
  await check('without JavaScript: a realm export is uploaded and previewed', async () => {
    await page.goto(`${base}/imports/new`);
    const form = page.locator('main form:has(input[type="file"])').first();
    await form.locator('input[type="file"]').setInputFiles(realmFixture(root));
    const format = form.locator('[name="format"]').first();
    if ((await format.evaluate((element) => element.tagName)) === 'SELECT') await format.selectOption('keycloak-realm');
    else await form.locator('[name="format"][value="keycloak-realm"]').check();
    const environment = form.locator('select[name="environment"]');
    if (await environment.count()) await environment.selectOption('sandbox');
    await fillRequired(form);
    await submit(page, form);
    expect((await page.locator('main table tbody tr').count()) > 0, `no preview: ${(await page.locator('main').innerText()).slice(0, 400)}`);
    expect(/create/i.test(await page.locator('main').innerText()), 'no row would be created');
  });
  await check('without JavaScript: applying the import', async () => {
    await page.locator('form[action$="/apply"] button').click();
    await page.waitForLoadState();
    expect(/applied|imported/i.test(await page.locator('main').innerText()), 'the page does not say that it was applied');
  });
  await check('without JavaScript: the result downloads as CSV', async () => {
    const link = page.locator('main a[href]', { hasText: /csv/i }).first();
    const answer = await get(context, base, await link.getAttribute('href'));
    expect(answer.status === 200 && answer.type.startsWith('text/csv'), `${answer.status} ${answer.type}`);
    expect(answer.text.trim().split('\n').length > 1, 'the CSV has no rows');
  });
  await check('without JavaScript: undoing the import', async () => {
    await page.getByRole('button', { name: /^undo/i }).first().click();
    await page.waitForLoadState();
    const confirm = page.getByRole('button', { name: /undo/i });
    if (!/undone/i.test(await page.locator('main').innerText()) && (await confirm.count())) {
      await confirm.first().click();
      await page.waitForLoadState();
    }
    expect(/undone/i.test(await page.locator('main').innerText()), 'the page does not say that it was undone');
  });
}

/** The keyboard: the first Tab is a working skip link, and focus is never hidden. */
export async function keyboardJourney(page, base) {
  await check('keyboard: the first Tab is a skip link that works', async () => {
    await page.goto(`${base}/identities`);
    await page.keyboard.press('Tab');
    const first = await page.evaluate(() => ({
      text: document.activeElement.textContent,
      visible: document.activeElement.getBoundingClientRect().top >= 0 && document.activeElement.getBoundingClientRect().height > 1,
    }));
    expect(/skip/i.test(first.text), `the first Tab reaches "${first.text.trim().slice(0, 60)}"`);
    expect(first.visible, 'the skip link is not visible when focused');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement.closest('main') !== null), 'after the skip link Tab is not inside main');
  });
  await check('keyboard: the open menu of the header is accessible, and Escape closes it', async () => {
    await page.goto(`${base}/people`);
    await page.locator('header details.more summary').focus();
    await page.keyboard.press('Enter');
    // What the open menu lies over is looked at when it is closed.
    await accessible(page, 'header');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Escape');
    expect((await page.locator('header details.more[open]').count()) === 0, 'the menu stays open');
    expect(await page.evaluate(() => document.activeElement.tagName === 'SUMMARY'), 'the focus is not back at the word');
  });
  for (const at of ['/identities', '/tasks']) {
    await check(`keyboard: focus is never covered on ${at}`, async () => {
      await page.goto(base + at);
      await focusStaysVisible(page);
    });
  }
}
