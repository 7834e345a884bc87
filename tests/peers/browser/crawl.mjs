// Follows every link a role is shown. Each link must answer; each distinct page shape is inspected.

import fs from 'node:fs';
import path from 'node:path';
import { check, expect } from './report.mjs';
import { get } from './session.mjs';
import { accessible, coloured, fitsSideways, loadedQuietly, nothingInline, openWatched, watchedPage } from './inspect.mjs';

const MAXIMUM_DEPTH = 6;
const MAXIMUM_LINKS = 800;
const LINKS_OF_ONE_SHAPE = 12;
/** One for each core of a small machine: looking is work for the processor, more would only wait for each other. */
const WINDOWS_AT_ONCE = 2;
const IDENTIFIER = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/** A page's shape: its path with identifiers, numbers and names collapsed, without the query. */
export function shapeOf(url) {
  const { pathname } = new URL(url, 'http://shape.invalid');
  return pathname.replace(IDENTIFIER, '{id}').replace(/\/\d+(?=\/|$)/g, '/{n}').replace(/(.)\/$/, '$1')
    .replace(/^\/(jobs|imports\/maps)\/(?!new$)[^/]+/, '/$1/{name}');
}

/**
 * Follows same-origin links from the home page, breadth first.
 * Answers the pages found as a map of shape to path, after checking that every link answers.
 */
export async function crawl(role, context, base, parser) {
  const shapes = new Map();
  const asked = new Set();
  const perShape = new Map();
  const broken = [];
  const inline = [];
  let waiting = [{ path: '/', depth: 0, from: 'the start' }];
  while (waiting.length > 0 && asked.size < MAXIMUM_LINKS) {
    const { path: here, depth, from } = waiting.shift();
    const shape = shapeOf(here);
    const seen = perShape.get(shape) ?? 0;
    if (asked.has(here) || seen >= LINKS_OF_ONE_SHAPE) continue;
    asked.add(here);
    perShape.set(shape, seen + 1);
    const answer = await get(context, base, here);
    if ([302, 303, 307, 308].includes(answer.status) && answer.location) {
      const target = new URL(answer.location, base + here);
      if (target.origin === base && target.pathname === '/sign-in') broken.push(`${here} asks to sign in (linked from ${from})`);
      else if (target.origin === base) waiting.push({ path: target.pathname + target.search, depth, from: here });
      continue;
    }
    if (answer.status !== 200) {
      broken.push(`${here} answers ${answer.status} (linked from ${from})`);
      continue;
    }
    if (!answer.type.startsWith('text/html')) continue;
    if (!shapes.has(shape)) {
      shapes.set(shape, here);
      try {
        await nothingInline(parser, answer.text);
      } catch (error) {
        inline.push(`${here}: ${error.message}`);
      }
    }
    if (depth < MAXIMUM_DEPTH) {
      for (const link of await linksOf(parser, answer.text, base + here)) {
        waiting.push({ path: link, depth: depth + 1, from: here });
      }
    }
  }
  await check(`${role}: every link followed answers 200 (${asked.size} links, ${shapes.size} page shapes, at most ${LINKS_OF_ONE_SHAPE} of a shape)`, () => {
    expect(asked.size < MAXIMUM_LINKS, `more than ${MAXIMUM_LINKS} links: raise the limit or collapse shapes`);
    expect(broken.length === 0, broken.join('\n'));
    expect(shapes.size > 1, 'the home page links nowhere');
  });
  await check(`${role}: no inline style or script in ${shapes.size} page shapes`, () =>
    expect(inline.length === 0, inline.join('\n')));
  return shapes;
}

async function linksOf(parser, html, from) {
  return parser.evaluate(([text, url]) => {
    const parsed = new DOMParser().parseFromString(text, 'text/html');
    const found = new Set();
    for (const anchor of parsed.querySelectorAll('a[href]')) {
      let target;
      try {
        target = new URL(anchor.getAttribute('href'), url);
      } catch {
        continue;
      }
      if (target.origin === new URL(url).origin) found.add(target.pathname + target.search);
    }
    return [...found];
  }, [html, from]);
}

/** A picture costs as much as a look; one that cannot be taken says nothing that the check did not say. */
async function picture(page, folder, { role, shape, width, scheme }) {
  const file = shape === '/' ? 'home' : shape.slice(1).replace(/[^a-z0-9{}-]+/gi, '_');
  await page.screenshot({ path: path.join(folder, `${file}-${role}-${width}-${scheme}.png`), fullPage: true }).catch(() => {});
}

/** Inspects pages, each of one shape in one window size and one colour scheme: several beside each other, each alone in its window. */
export async function inspectAll({ browser, base, state, pictures }, pages) {
  const waiting = [...pages];
  const look = async () => {
    const context = await browser.newContext({ storageState: state });
    try {
      let page = await watchedPage(context);
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const { role, shape, at, width, scheme, status = 200 } = next;
        const passed = await check(`${role}: ${shape} at ${width} px, ${scheme}`, async () => {
          await page.emulateMedia({ colorScheme: scheme });
          await page.setViewportSize({ width, height: width < 600 ? 640 : 800 });
          const watched = await openWatched(page, base, at);
          await loadedQuietly(watched, shape, status);
          await fitsSideways(page);
          await (scheme === 'dark' ? coloured : accessible)(page);
        });
        if (!passed || pictures.all) await picture(page, pictures.folder, next);
        // What a failure leaves behind is not for the next page.
        if (!passed) {
          await page.close();
          page = await watchedPage(context);
        }
      }
    } finally {
      await context.close();
    }
  };
  await Promise.all(Array.from({ length: WINDOWS_AT_ONCE }, look));
}

/** An empty folder for pictures: of what fails, or of all that is looked at. */
export function pictureFolder(root, all) {
  const folder = path.join(root, 'tests/output/screenshots');
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  return { folder, all };
}
