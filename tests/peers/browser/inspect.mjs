// What holds on every page: no accessibility violation, no sideways scroll, nothing inline, no
// complaint in the console, no layout shift, no request elsewhere, and a bounded weight.

import fs from 'node:fs';
import { createRequire } from 'node:module';
import { Finding, expect } from './report.mjs';

const axeSource = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const AXE_RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** What differs by the colour scheme; all else is the same page, which was looked at in the light. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];
const MAXIMUM_LAYOUT_SHIFT = 0.01;
const KILOBYTE = 1000;

/** Bytes a page may cost with its styles and scripts, uncompressed. */
export function weightLimit(shape) {
  return /^\/(tasks|reviews|requests|decisions)\/\{/.test(shape) ? 60 * KILOBYTE : 150 * KILOBYTE;
}

/** A window for one page after another. Nothing is kept from one to the next: each comes whole, as to a new reader. */
export async function watchedPage(context) {
  const page = await context.newPage();
  const tools = await context.newCDPSession(page);
  await tools.send('Network.setCacheDisabled', { cacheDisabled: true });
  await page.addInitScript(() => {
    globalThis.shiftSeen = 0;
    globalThis.policySeen = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) globalThis.shiftSeen += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
    addEventListener('securitypolicyviolation', (event) =>
      globalThis.policySeen.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  return page;
}

/** Opens `path` in a window of `watchedPage` and records what the browser said about it meanwhile. */
export async function openWatched(page, base, path) {
  // The page before is listened to no more.
  for (const event of ['console', 'pageerror', 'request', 'response']) page.removeAllListeners(event);
  const seen = { complaints: [], elsewhere: [], bytes: 0, weighing: [] };
  page.on('console', (message) => message.type() === 'error' && seen.complaints.push(message.text()));
  page.on('pageerror', (error) => seen.complaints.push(String(error)));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(base) && !url.startsWith('data:')) seen.elsewhere.push(url);
  });
  page.on('response', (response) => {
    seen.weighing.push(response.body().then((body) => (seen.bytes += body.length), () => {}));
  });
  const response = await page.goto(base + path, { waitUntil: 'load' });
  await page.waitForTimeout(120);
  await Promise.all(seen.weighing);
  return { page, response, seen };
}

/** Fails unless the page kept every promise it makes while loading. */
export async function loadedQuietly({ page, response, seen }, shape, expectedStatus = 200) {
  expect(response.status() === expectedStatus, `status ${response.status()}, not ${expectedStatus}`);
  const complaints = expectedStatus === 200 ? seen.complaints
    : seen.complaints.filter((text) => !text.startsWith('Failed to load resource'));
  expect(complaints.length === 0, `console: ${complaints.join('; ')}`);
  expect(seen.elsewhere.length === 0, `requests elsewhere: ${seen.elsewhere.join(' ')}`);
  const policy = await page.evaluate(() => globalThis.policySeen);
  expect(policy.length === 0, `content security policy: ${policy.join('; ')}`);
  const shift = await page.evaluate(() => globalThis.shiftSeen);
  expect(shift < MAXIMUM_LAYOUT_SHIFT, `layout shift ${shift.toFixed(4)}`);
  expect(seen.bytes > 0, 'nothing was weighed');
  expect(seen.bytes <= weightLimit(shape), `${seen.bytes} bytes, more than ${weightLimit(shape)}`);
}

/** Fails if the page is wider than its window. */
export async function fitsSideways(page) {
  const { wide, window, culprit } = await page.evaluate(() => {
    const limit = document.documentElement.clientWidth;
    const past = [...document.querySelectorAll('body *')].find((element) =>
      element.getBoundingClientRect().right > limit + 1);
    return {
      wide: document.documentElement.scrollWidth,
      window: innerWidth,
      culprit: past ? past.outerHTML.slice(0, 160) : '',
    };
  });
  expect(wide <= window, `${wide} px wide in a window of ${window} px: ${culprit}`);
}

/** Fails on any axe violation in the page, or in a part of it; the message names rule, count and the first element. */
export const accessible = (page, part = null) => withoutViolations(page, part, { type: 'tag', values: AXE_RULES });

/** Fails where the colours of the page hide something. */
export const coloured = (page) => withoutViolations(page, null, { type: 'rule', values: COLOUR_RULES });

async function withoutViolations(page, part, runOnly) {
  await page.evaluate(axeSource);
  const violations = await page.evaluate(async ([only, within]) => {
    const result = await globalThis.axe.run(within ?? document, { runOnly: only });
    return result.violations.map((each) =>
      `${each.id} (${each.impact}) x${each.nodes.length}: ${each.nodes[0].html.slice(0, 200)}`);
  }, [runOnly, part]);
  expect(violations.length === 0, violations.join('\n'));
}

/**
 * Fails on inline style, inline script or an event attribute in the HTML as sent.
 * `parser` is a blank page: the page under test may forbid parsing by its own policy.
 */
export async function nothingInline(parser, html) {
  const found = await parser.evaluate((text) => {
    const parsed = new DOMParser().parseFromString(text, 'text/html');
    const faults = [];
    for (const element of parsed.querySelectorAll('*')) {
      const name = element.tagName.toLowerCase();
      if (name === 'style' || (name === 'script' && !element.hasAttribute('src'))) faults.push(`<${name}>`);
      for (const attribute of element.attributes) {
        const inline = attribute.name === 'style' || attribute.name.startsWith('on');
        if (inline || /^\s*javascript:/i.test(attribute.value)) faults.push(`<${name} ${attribute.name}>`);
      }
    }
    return faults;
  }, html);
  expect(found.length === 0, `inline in the HTML: ${[...new Set(found)].join(' ')}`);
}

/** Fails if an element focused by Tab is covered by another (WCAG 2.2, 2.4.11). */
export async function focusStaysVisible(page, presses = 60) {
  for (let press = 0; press < presses; press += 1) {
    await page.keyboard.press('Tab');
    const covered = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const box = element.getBoundingClientRect();
      if (box.width < 2 || box.height < 2) return null;
      const corners = [[0.5, 0.5], [0.05, 0.1], [0.95, 0.1], [0.05, 0.9], [0.95, 0.9]];
      const seen = corners.some(([x, y]) => {
        const top = document.elementFromPoint(box.x + box.width * x, box.y + box.height * y);
        return top && (element.contains(top) || top.contains(element) || top.closest('label')?.control === element);
      });
      return seen ? null : element.outerHTML.slice(0, 160);
    });
    if (covered !== null) throw new Finding(`after ${press + 1} Tabs the focus is covered: ${covered}`);
  }
}
