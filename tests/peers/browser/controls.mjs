// Faults planted on purpose: each must be caught, or the checks above mean nothing.

import http from 'node:http';
import { check, mustFail } from './report.mjs';
import { accessible, coloured, fitsSideways, focusStaysVisible, loadedQuietly, nothingInline } from './inspect.mjs';
import { movements, standsStill, startDrip, stillPage } from './shift.mjs';

const FRAME = (body) => `<!doctype html><html lang="en"><head><title>Planted</title></head><body><main><h1>Planted</h1>${body}</main></body></html>`;

async function planted(browser, body) {
  const page = await browser.newPage({ viewport: { width: 320, height: 640 } });
  await page.setContent(FRAME(body));
  return page;
}

/** A list whose later rows need wider columns, as it comes in pieces with that layout of its table. */
async function arriving(browser, layout) {
  const row = (at) => `<tr><td>${'wide '.repeat(at)}</td><td>second</td><td>third</td></tr>`;
  const rows = Array.from({ length: 100 }, (_, at) => row(at)).join('');
  const styled = `<style>table{table-layout:${layout};width:100%}</style><table>${rows}</table>`;
  const server = http.createServer((_, answer) => answer.writeHead(200, { 'content-type': 'text/html' }).end(FRAME(styled)));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const drip = await startDrip(`http://127.0.0.1:${server.address().port}`);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    standsStill(await movements(await stillPage(context), drip, '/'));
  } finally {
    await context.close();
    await drip.stop();
    server.close();
  }
}

/** Runs every negative control. */
export async function plantedFaultsAreCaught(browser, parser) {
  await check('a page without a fault passes', async () => {
    const clean = await planted(browser, '<p>Plain words. <a href="#x">A link</a></p>');
    await accessible(clean);
    await fitsSideways(clean);
    await focusStaysVisible(clean, 2);
    await nothingInline(parser, FRAME('<p>Plain words.</p>'));
  });
  await mustFail('an image without a text', async () => accessible(await planted(browser, '<img src="data:,">')));
  await mustFail('text too pale to read', async () =>
    accessible(await planted(browser, '<p style="color:#bbb;background:#fff">pale</p>')));
  await mustFail('text too dim to read in the dark', async () =>
    coloured(await planted(browser, '<p style="color:#444;background:#111">dim</p>')));
  await mustFail('a link that only its colour tells', async () => coloured(await planted(browser,
    '<p style="color:#000">Much text and <a href="#x" style="color:#00a;text-decoration:none">a link</a> in it.</p>')));
  await mustFail('a page wider than its window', async () =>
    fitsSideways(await planted(browser, '<div style="width:900px">wide</div>')));
  await mustFail('an inline style', () => nothingInline(parser, FRAME('<p style="color:red">x</p>')));
  await mustFail('an inline script', () => nothingInline(parser, FRAME('<script>1</script>')));
  await mustFail('an event attribute', () => nothingInline(parser, FRAME('<p onclick="x()">x</p>')));
  await mustFail('focus under a sticky bar', async () => focusStaysVisible(await planted(browser,
    '<a href="#x">under</a><div style="position:fixed;inset:0;background:#fff">bar</div>'), 2));
  const quiet = { complaints: [], elsewhere: [], bytes: 10 };
  const page = await browser.newPage();
  const loaded = (changes, shift = 0, policy = []) => async () => {
    await page.evaluate(([s, p]) => Object.assign(globalThis, { shiftSeen: s, policySeen: p }), [shift, policy]);
    const response = { status: () => changes.status ?? 200 };
    await loadedQuietly({ page, response, seen: { ...quiet, ...changes } }, '/identities');
  };
  await mustFail('a page that answers 500', loaded({ status: 500 }));
  await mustFail('an error in the console', loaded({ complaints: ['boom'] }));
  await mustFail('a request to another host', loaded({ elsewhere: ['https://cdn.example/x.js'] }));
  await mustFail('a page too heavy', loaded({ bytes: 150_001 }));
  await mustFail('a layout shift', loaded({}, 0.02));
  await check('columns of a set width stand still while rows arrive', () => arriving(browser, 'fixed'));
  await mustFail('columns that move while rows arrive', () => arriving(browser, 'auto'));
  await mustFail('a policy report', loaded({}, 0, ['script-src inline']));
  await page.close();
}
