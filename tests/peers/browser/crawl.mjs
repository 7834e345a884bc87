// Follows every link a role is shown. Each link must answer; each distinct page shape is inspected.

import fs from 'node:fs';
import path from 'node:path';
import { check, expect } from './report.mjs';
import { get } from './session.mjs';
import { accessible, fitsSideways, loadedQuietly, nothingInline, openWatched } from './inspect.mjs';

const MAXIMUM_DEPTH = 6;
const MAXIMUM_LINKS = 800;
const LINKS_OF_ONE_SHAPE = 12;
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

/** Inspects one page shape in one window size and one colour scheme. */
export async function inspect({ role, browser, base, state, shape, at, width, scheme, pictures, status = 200 }) {
  const context = await browser.newContext({
    storageState: state,
    colorScheme: scheme,
    viewport: { width, height: width < 600 ? 640 : 800 },
  });
  try {
    await check(`${role}: ${shape} at ${width} px, ${scheme}`, async () => {
      const watched = await openWatched(context, base, at);
      const file = shape === '/' ? 'home' : shape.slice(1).replace(/[^a-z0-9{}-]+/gi, '_');
      const name = `${file}-${role}-${width}-${scheme}.png`;
      await watched.page.screenshot({ path: path.join(pictures, name), fullPage: true });
      await loadedQuietly(watched, shape, status);
      await fitsSideways(watched.page);
      await accessible(watched.page);
    });
  } finally {
    await context.close();
  }
}

/** Makes the folder for pictures. */
export function pictureFolder(root) {
  const folder = path.join(root, 'tests/output/screenshots');
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  return folder;
}
