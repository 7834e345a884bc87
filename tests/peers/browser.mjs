// Pages in headless Chromium against `muster demo`: every page shape by every role, journeys
// without JavaScript and by keyboard, and planted faults that must be caught.
//
//   node tests/peers/browser.mjs [--binary FILE] [--data DIR] [--controls-only] [--factors-only] [--still-only] [--requests-only] [--layout-only]
//     [--pictures]

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { check, expect, summary } from './browser/report.mjs';
import { startDemo } from './browser/demo.mjs';
import { signIn } from './browser/session.mjs';
import { crawl, inspectAll, pictureFolder, shapeOf } from './browser/crawl.mjs';
import { plantedFaultsAreCaught } from './browser/controls.mjs';
import { PIECES, movements, standsStill, startDrip, stillPage } from './browser/shift.mjs';
import { secondFactors } from './browser/factors.mjs';
import * as journeys from './browser/journeys.mjs';
import { emergencyJourney } from './browser/emergency.mjs';
import { layouts } from './browser/layout.mjs';
import { requestJourneys } from './browser/requests.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const { values: options } = parseArgs({
  options: {
    binary: { type: 'string', default: path.join(root, 'target/debug/muster') },
    data: { type: 'string' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
    'controls-only': { type: 'boolean', default: false },
    'factors-only': { type: 'boolean', default: false },
    'still-only': { type: 'boolean', default: false },
    'requests-only': { type: 'boolean', default: false },
    'layout-only': { type: 'boolean', default: false },
    pictures: { type: 'boolean', default: false },
  },
});
const WINDOWS = [[1280, 'light'], [1280, 'dark'], [320, 'light'], [320, 'dark']];
const LISTS = ['/', '/tasks', '/identities', '/requests', '/owners', '/people', '/systems', '/vendors', '/imports', '/imports/maps',
  '/jobs', '/mail', '/audit'];
/** Pages that must exist: a page that nothing links to would otherwise go unnoticed. */
const EXPECTED = ['/identities', '/identities/{id}', '/identities/{id}/edit', '/identities/new', '/people',
  '/systems', '/vendors', '/tasks', '/imports', '/imports/new', '/audit', '/owners'];

async function pagesOfEveryRole(browser, demo, parser, pictures) {
  const looking = { browser, base: demo.base, pictures };
  const inWindows = (role, shape, at, windows) => windows.map(([width, scheme]) => ({ role, shape, at, width, scheme }));
  await inspectAll(looking, inWindows('nobody', '/sign-in', '/sign-in', WINDOWS));
  const administratorFirst = Object.keys(demo.signIns).sort((a, b) => (b === 'administrator') - (a === 'administrator'));
  // Following links changes nothing, so all roles do it at once.
  const walks = await Promise.all(administratorFirst.map(async (role) => {
    const context = await browser.newContext();
    try {
      if (!(await check(`${role}: signs in`, () => signIn(context, demo.base, demo.signIns[role])))) return null;
      return { role, state: await context.storageState(), shapes: await crawl(role, context, demo.base, parser) };
    } finally {
      await context.close();
    }
  }));
  const inspected = new Set();
  for (const { role, state, shapes } of walks.filter(Boolean)) {
    const pages = [];
    if (role === 'administrator') {
      await check('administrator: every expected page is linked', () => {
        const missing = EXPECTED.filter((shape) => !shapes.has(shape));
        expect(missing.length === 0, `no link leads to ${missing.join(', ')}`);
      });
      pages.push({ role, shape: '/no-such-page', at: '/no-such-page', width: 320, scheme: 'light', status: 404 });
    }
    for (const [shape, at] of shapes) {
      // The first role sees every window; the others look again, since a page differs by role.
      pages.push(...inWindows(role, shape, at, inspected.has(shape) ? [WINDOWS[0]] : WINDOWS));
      inspected.add(shape);
    }
    await inspectAll({ ...looking, state }, pages);
  }
}

/** The first page that a list leads to. */
async function firstOf(context, base, list) {
  const page = await context.newPage();
  await page.goto(base + list);
  const path = await page.locator('main tbody th a').first().getAttribute('href');
  await page.close();
  return path;
}

/** Every list, the start page and a page of each kind, while it arrives in pieces of several sizes. */
async function pagesStandStill(browser, demo) {
  // Most of it is waiting for what the browser paints, so both widths are looked at beside each other.
  await Promise.all([[1280, 800], [320, 640]].map(async ([width, height]) => {
    const drip = await startDrip(demo.base);
    const context = await browser.newContext({ viewport: { width, height } });
    await check(`stands still at ${width} px: signing in`, () => signIn(context, demo.base, demo.signIns.administrator));
    const single = await Promise.all(['/identities', '/requests', '/tasks', '/people', '/vendors'].map((list) => firstOf(context, demo.base, list)));
    const page = await stillPage(context);
    for (const at of [...LISTS, ...single]) {
      await check(`stands still at ${width} px while it arrives: ${shapeOf(at)}`, async () => {
        for (const piece of PIECES) {
          drip.piece = piece;
          standsStill(await movements(page, drip, at));
        }
      });
    }
    await context.close();
    await drip.stop();
  }));
}

async function journeysOfAnAdministrator(browser, demo) {
  const bare = await browser.newContext({ javaScriptEnabled: false });
  bare.setDefaultTimeout(10_000);
  let page;
  if (await check('without JavaScript: signing in', async () => (page = await signIn(bare, demo.base, demo.signIns.administrator)))) {
    await journeys.listJourney(page, demo.base);
    await journeys.editJourney(page, demo.base);
    await journeys.registerJourney(page, demo.base);
    await journeys.importJourney(page, bare, demo.base, root);
    await journeys.menuJourney(page, demo.base);
    await journeys.longNameJourney(page, browser, await bare.storageState(), demo.base);
  }
  await bare.close();
  const scripted = await browser.newContext({ viewport: { width: 1280, height: 720 } });
  scripted.setDefaultTimeout(10_000);
  if (await check('with JavaScript: signing in', async () => (page = await signIn(scripted, demo.base, demo.signIns.administrator)))) {
    await journeys.keyboardJourney(page, demo.base);
  }
  await scripted.close();
}

/** The demonstration's own table of stages: nobody waits half an hour for a decision to take effect. */
function decisionsTakeEffectAtOnce(data) {
  const built = fs.readFileSync(path.join(root, 'seeds/approvals/stages.toml'), 'utf8');
  const own = built.replace(/^undo_minutes = \d+$/m, 'undo_minutes = 0');
  expect(own !== built, 'the table of stages has no undo_minutes');
  fs.mkdirSync(path.join(data, 'approvals'), { recursive: true });
  fs.writeFileSync(path.join(data, 'approvals/stages.toml'), own);
}

async function main() {
  const browser = await chromium.launch({
    executablePath: options.chromium,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
  });
  const parser = await browser.newPage();
  try {
    if (options['factors-only']) return await secondFactors(browser, options.binary);
    await plantedFaultsAreCaught(browser, parser);
    if (options['controls-only']) return;
    // Both wait more than they work, and each has a register of its own.
    const factors = options['still-only'] || options['requests-only'] || options['layout-only'] ? Promise.resolve()
      : secondFactors(browser, options.binary).catch((error) => error);
    const data = options.data ?? fs.mkdtempSync(path.join(os.tmpdir(), 'muster-demo-'));
    decisionsTakeEffectAtOnce(data);
    const demo = await startDemo(options.binary, data);
    try {
      await check('the demo prints a sign-in for each role', () => {
        for (const role of ['administrator', 'security_analyst', 'owner', 'auditor']) {
          expect(demo.signIns[role], `no ${role} in:\n${demo.output()}`);
        }
      });
      const looking = { windows: WINDOWS, pictures: pictureFolder(root, options.pictures) };
      if (options['layout-only']) return await layouts(browser, demo, looking);
      if (!options['requests-only']) await pagesStandStill(browser, demo);
      const failed = await factors;
      if (failed) throw failed;
      if (options['still-only']) return;
      await requestJourneys(browser, demo, { binary: options.binary, data, ...looking });
      if (options['requests-only']) return;
      await pagesOfEveryRole(browser, demo, parser, looking.pictures);
      await journeysOfAnAdministrator(browser, demo);
      await emergencyJourney(browser, demo, looking);
      await layouts(browser, demo, looking);
    } finally {
      await check('the server stops when asked', async () => {
        const ended = await demo.stop();
        expect(ended === 0, `it ended with ${ended}`);
      });
      if (!options.data) fs.rmSync(data, { recursive: true, force: true });
    }
  } finally {
    await browser.close();
  }
}

main().then(
  () => process.exit(summary()),
  (error) => {
    console.log(`FAILED the run itself\n         ${error.stack}`);
    summary();
    process.exit(1);
  },
);
