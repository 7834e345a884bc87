// Emergency access in a browser, without JavaScript: asked, agreed to, its banner in every window, ended.

import { check, expect } from './report.mjs';
import { inspectAll } from './crawl.mjs';
import { signIn } from './session.mjs';

const BANNER = 'aside[aria-label="Emergency access"]';

/** What a reader needs of the banner: it is seen, it says until when, its button is seen and can be reached. */
async function bannerIsWhole(page) {
  const banner = page.locator(BANNER);
  expect((await banner.count()) === 1, 'there is no banner');
  const said = (await banner.innerText()).replace(/\s+/g, ' ');
  expect(/Emergency access until .*\d{1,2}:\d{2}/.test(said), `the banner says no end: ${said}`);
  const { width } = page.viewportSize();
  for (const part of [banner.locator('p'), banner.getByRole('button', { name: 'End it now' })]) {
    const box = await part.boundingBox();
    expect(box && box.x >= 0 && box.x + box.width <= width, `a part of the banner is cut off: ${JSON.stringify(box)}`);
  }
  const ground = await banner.evaluate((element) => getComputedStyle(element).backgroundColor);
  expect(!/rgba\(0, 0, 0, 0\)|transparent/.test(ground), 'the banner has no ground of its own');
}

/** An analyst asks, an administrator agrees, the banner is looked at everywhere, and it is ended. */
export async function emergencyJourney(browser, demo, { windows, pictures }) {
  const context = async (role) => {
    const made = await browser.newContext({ javaScriptEnabled: false });
    made.setDefaultTimeout(10_000);
    return { context: made, page: await signIn(made, demo.base, demo.signIns[role]) };
  };
  const [asker, decider] = [await context('security_analyst'), await context('administrator')];
  const started = await check('without JavaScript: emergency access is asked for and agreed to', async () => {
    await asker.page.goto(`${demo.base}/break-glass`);
    await asker.page.getByLabel(/what happened/i).fill('Every administrator is on a plane.');
    await asker.page.getByLabel('1 hour').check();
    await asker.page.getByRole('button', { name: /ask for emergency access/i }).click();
    await asker.page.waitForLoadState();
    expect(/a second person agrees/i.test(await asker.page.locator('main').innerText()), 'it is not recorded');
    expect((await asker.page.locator(BANNER).count()) === 0, 'asking alone shows the banner');
    await decider.page.goto(`${demo.base}/break-glass`);
    await decider.page.getByRole('button', { name: /agree/i }).click();
    await decider.page.waitForLoadState();
    expect(/has started/i.test(await decider.page.locator('main').innerText()), 'it has not started');
    expect((await decider.page.locator(BANNER).count()) === 0, 'the banner is shown to somebody else');
  });
  if (!started) return;
  const state = await asker.context.storageState();
  const review = await check('the review waits for the administrator', async () => {
    await decider.page.goto(`${demo.base}/tasks`);
    await decider.page.getByRole('link', { name: /review the emergency access/i }).first().click();
    await decider.page.waitForLoadState();
  });
  const at = review ? new URL(decider.page.url()).pathname : '/tasks';
  const places = [['/identities', '/identities'], ['/break-glass', '/break-glass'], ['/tasks/{id}', at]];
  await inspectAll({ browser, base: demo.base, state, pictures }, windows.flatMap(([width, scheme]) =>
    places.map(([shape, place]) => ({ role: 'raised', shape, at: place, width, scheme }))));
  for (const [width, scheme] of windows) {
    await check(`the banner is whole at ${width} px, ${scheme}`, async () => {
      const window = await browser.newContext({ storageState: state, colorScheme: scheme, viewport: { width, height: 640 } });
      const page = await window.newPage();
      await page.goto(`${demo.base}/tasks`);
      await bannerIsWhole(page);
      await window.close();
    });
  }
  await check('a banner that is cut off would be seen', async () => {
    const window = await browser.newContext({ storageState: state, viewport: { width: 320, height: 640 } });
    const page = await window.newPage();
    await page.goto(`${demo.base}/tasks`);
    await page.evaluate((where) => { document.querySelector(where).querySelector('p').style.minInlineSize = '40rem'; }, BANNER);
    const caught = await bannerIsWhole(page).then(() => false, () => true);
    expect(caught, 'the planted fault was not noticed');
    await window.close();
  });
  await check('without JavaScript: emergency access is ended from the banner', async () => {
    await asker.page.goto(`${demo.base}/identities`);
    await asker.page.locator(BANNER).getByRole('button', { name: 'End it now' }).click();
    await asker.page.waitForLoadState();
    expect((await asker.page.locator(BANNER).count()) === 0, 'the banner is still there');
    expect((await asker.page.goto(`${demo.base}/people/new`)).status() === 403, 'the rights are still there');
  });
  await asker.context.close();
  await decider.context.close();
}
