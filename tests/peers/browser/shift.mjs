// Whether a page stands still while it arrives. A local proxy hands its HTML on in small pieces and goes on
// when the browser has painted what it has: what is seen between does not depend on the speed of the machine.

import http from 'node:http';
import { expect } from './report.mjs';

/** How much may move in all, as layout shift counts it: share of the window times share of the way. */
const MAXIMUM_SHIFT = 0.002;
/** For a piece to reach the browser, before it is asked to paint. */
const PAUSE_MILLISECONDS = 15;
/** Bytes of a piece: the first cuts through the header, the others through rows at different places. */
export const PIECES = [1_100, 2_900, 4_700, 13_000];
/** So many small pieces of a page; what comes after them comes in large ones. */
const SMALL_PIECES = 16;

/** Starts the proxy in front of `base`; answers its address, the size of a piece, and how to stop it. */
export async function startDrip(base) {
  const drip = { piece: PIECES[0], painted: async () => {} };
  const server = http.createServer((asked, answer) => {
    const upstream = http.request(new URL(asked.url, base), { method: asked.method, headers: asked.headers }, async (given) => {
      const chunks = [];
      for await (const chunk of given) chunks.push(chunk);
      const body = Buffer.concat(chunks);
      answer.writeHead(given.statusCode, given.headers);
      if (!(given.headers['content-type'] ?? '').startsWith('text/html')) return answer.end(body);
      answer.socket.setNoDelay(true);
      for (let at = 0, count = 0; at < body.length && !answer.destroyed; count += 1) {
        const size = count < SMALL_PIECES ? drip.piece : Math.max(...PIECES);
        answer.write(body.subarray(at, at + size));
        at += size;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS));
        await drip.painted();
      }
      answer.end();
    });
    upstream.on('error', () => answer.destroy());
    asked.pipe(upstream);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  drip.base = `http://127.0.0.1:${server.address().port}`;
  drip.stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return drip;
}

/** A window that writes down what moves in it. */
export async function stillPage(context) {
  const page = await context.newPage();
  await page.addInitScript(() => {
    globalThis.movedSeen = [];
    const where = (box) => `${Math.round(box.x)},${Math.round(box.y)} ${Math.round(box.width)}x${Math.round(box.height)}`;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const moved = entry.sources.map(({ node, previousRect, currentRect }) => {
          const text = (node?.outerHTML ?? node?.textContent ?? 'gone').replace(/\s+/g, ' ').slice(0, 70);
          return `${text} from ${where(previousRect)} to ${where(currentRect)}`;
        });
        globalThis.movedSeen.push({ value: entry.value, moved });
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  return page;
}

/** Opens a page through the proxy in a window of `stillPage`; answers what moved while it came: how far, and which elements. */
export async function movements(page, drip, path) {
  // Two frames after a piece; after the first, as many as it takes to see something.
  const frames = () => page.evaluate(async () => {
    const until = performance.now() + 400;
    do {
      for (let count = 0; count < 2; count += 1) await new Promise(requestAnimationFrame);
    } while ((globalThis.left || performance.getEntriesByType('paint').length === 0) && performance.now() < until);
  });
  // A question that reached the page before this one goes with it, however much that has painted: it is asked again.
  await page.evaluate(() => (globalThis.left = true));
  drip.painted = () => Promise.race([frames().catch(frames).catch(() => {}), new Promise((resolve) => setTimeout(resolve, 1_000))]);
  try {
    const response = await page.goto(drip.base + path, { waitUntil: 'load' });
    expect(response.status() === 200, `status ${response.status()}`);
    await page.waitForTimeout(150);
    return await page.evaluate(() => globalThis.movedSeen);
  } finally {
    drip.painted = async () => {};
  }
}

/** Fails when more moved than nobody would notice; names what moved most first. */
export function standsStill(seen) {
  const sum = seen.reduce((all, each) => all + each.value, 0);
  const worst = [...seen].sort((a, b) => b.value - a.value).slice(0, 3)
    .map((each) => `${each.value.toFixed(4)}: ${each.moved.slice(0, 3).join('\n    ')}`);
  expect(sum <= MAXIMUM_SHIFT, `moved by ${sum.toFixed(4)}\n${worst.join('\n')}`);
}
