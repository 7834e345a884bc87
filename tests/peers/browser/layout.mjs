// What stands where: counts in a column, the table of how far each reviewer of a campaign is, and the page of a review
// with its facts beside the question, or between it and the answers where there is no room.

import { check, expect, mustFail } from './report.mjs';
import { inspectAll } from './crawl.mjs';
import { fitsSideways } from './inspect.mjs';
import { signIn } from './session.mjs';

const DAY_MILLISECONDS = 86_400_000;
/** For the scheduler to look, and the job to prepare the campaign. */
const PREPARED_MILLISECONDS = 90_000;
/** A full line of text, in letters: about 75 are read well. */
const MOST_LETTERS = 85;

/** Opens a campaign about everything as an analyst does; answers the address of its page once it is prepared. */
async function campaign(page, base) {
  await page.goto(`${base}/campaigns/new`);
  await page.locator('[name="name"]').fill('Layout');
  await page.locator('[name="why"]').fill('To look at its page.');
  await page.locator('[name="due_on"]').fill(new Date(Date.now() + 30 * DAY_MILLISECONDS).toISOString().slice(0, 10));
  await page.locator('[name="filter"]').fill('all');
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.waitForLoadState();
  const at = new URL(page.url()).pathname;
  expect(/^\/campaigns\/[0-9a-f-]{36}$/.test(at), `no draft: ${at}: ${(await page.locator('main').innerText()).slice(0, 400)}`);
  await page.locator('form[action$="/open"] button').click();
  await page.waitForLoadState();
  await page.goto(`${base}/jobs/advance_campaigns`);
  await page.locator('form[action$="/run"] button').click();
  await page.waitForLoadState();
  for (const until = Date.now() + PREPARED_MILLISECONDS; Date.now() < until;) {
    await page.goto(base + at);
    if (await page.locator('.counts').count() && !(await page.locator('progress[aria-label="Looked at"]').count())) return at;
    await page.waitForTimeout(1_000);
  }
  expect(false, `not prepared: ${(await page.locator('main').innerText()).slice(0, 400)}`);
  return at;
}

/**
 * Fails unless the numbers of a part stand below each other at the end of their column, in figures of one width, and
 * none lies over the words that it belongs to. `cells` are the boxes that hold the numbers, `words` what names them.
 */
async function numbersStandInColumns(page, cells, words) {
  const faults = await page.evaluate(([of, beside]) => {
    /** Where the letters of an element are, line by line: neither its padding nor the rest of its last line. */
    const written = (element) => {
      const boxes = [];
      const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) {
        if (!texts.currentNode.textContent.trim()) continue;
        const range = document.createRange();
        range.selectNodeContents(texts.currentNode);
        boxes.push(...range.getClientRects());
      }
      return boxes.filter((box) => box.width > 0);
    };
    const over = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    const all = [...document.querySelectorAll(of)].filter((cell) => written(cell).length > 0);
    if (all.length === 0) return [`nothing is ${of}`];
    const found = [];
    for (const cell of all) {
      const style = getComputedStyle(cell);
      const end = cell.getBoundingClientRect().right - parseFloat(style.paddingRight) - parseFloat(style.borderRightWidth);
      const start = cell.getBoundingClientRect().left + parseFloat(style.paddingLeft);
      const boxes = written(cell);
      const name = cell.outerHTML.slice(0, 120);
      if (!style.fontVariantNumeric.includes('tabular-nums')) found.push(`figures of several widths: ${name}`);
      if (Math.abs(Math.max(...boxes.map((box) => box.right)) - end) > 1.5) found.push(`not at the end of its column: ${name}`);
      if (Math.min(...boxes.map((box) => box.left)) < start - 1.5) found.push(`over its label: ${name}`);
      const neighbours = [...cell.parentElement.querySelectorAll(`:scope > :is(${beside})`)].filter((other) => other !== cell);
      for (const other of neighbours) {
        if (written(other).some((box) => boxes.some((own) => over(own, box)))) found.push(`over what stands beside it: ${name}`);
      }
    }
    return found;
  }, [cells, words]);
  expect(faults.length === 0, faults.slice(0, 5).join('\n'));
}

/** Fails when a table is wider than the window and cannot be moved sideways by itself. */
async function tablesKeepToTheirRegion(page) {
  const wide = await page.evaluate(() => [...document.querySelectorAll('main table')]
    .filter((table) => {
      const region = table.closest('.tablewrap');
      const room = document.documentElement.clientWidth;
      if (table.getBoundingClientRect().right <= room + 1) return false;
      return !region || region.getBoundingClientRect().right > room + 1 || getComputedStyle(region).overflowX !== 'auto';
    })
    .map((table) => table.outerHTML.slice(0, 160)));
  expect(wide.length === 0, wide.join('\n'));
}

const COUNTS = ['.counts dd', 'dt'];
const PROGRESS = ['section[aria-labelledby="whom"] td.num', 'th, td'];

async function campaignIsInColumns(page) {
  await numbersStandInColumns(page, ...COUNTS);
  await numbersStandInColumns(page, ...PROGRESS);
  await tablesKeepToTheirRegion(page);
  await fitsSideways(page);
}

/** Where the parts of a review's page are, and how long their lines get. */
const parts = (page) => page.evaluate(() => {
  const box = (element) => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    return { left, right, top: top + scrollY, bottom: bottom + scrollY };
  };
  const letters = [...document.querySelectorAll('.beside :is(p, li, dd)')].filter((each) => each.children.length === 0)
    .map((each) => {
      const range = document.createRange();
      range.selectNodeContents(each);
      const lines = new Set([...range.getClientRects()].map((line) => Math.round(line.top))).size;
      // The last line may be short, so a text of few lines says little.
      return lines > 2 ? each.textContent.trim().length / (lines - 0.5) : 0;
    });
  const main = document.querySelector('main');
  const style = getComputedStyle(main);
  const at = (where) => { const found = document.querySelector(where); return found && box(found); };
  const before = (first, second) => Boolean(document.querySelector(first)
    ?.compareDocumentPosition(document.querySelector(second)) & Node.DOCUMENT_POSITION_FOLLOWING);
  return {
    columns: [...document.querySelectorAll('.beside > *')].map(box),
    // As a keyboard and a screen reader go through the page, in whatever way it is laid out.
    inOrder: before('#holds', '#facts') && before('#facts', '#answer-group') && before('#answer-group', '#history'),
    answers: at('#answer-group'), holds: at('#holds'), facts: at('#facts'), history: at('#history'),
    room: main.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight),
    jumps: [...document.querySelectorAll('.beside .jump a')].map((link) => ({
      seen: link.getBoundingClientRect().width > 0, leads: Boolean(document.querySelector(link.hash)),
    })),
    longest: Math.max(0, ...letters),
  };
});

/** Question and answers first and to the left; what there is to know beside them; what comes afterwards below. */
async function factsStandBeside(page) {
  const { columns: [ask, know, answer, after], inOrder, answers, holds, facts, room, jumps, longest } = await parts(page);
  expect(inOrder, 'what there is to know does not come before the answers');
  expect(know.left >= ask.right && Math.abs(know.top - ask.top) <= 1, `not beside each other: ${JSON.stringify([ask, know])}`);
  for (const [above, below] of [[ask, answer], [answer, after]]) {
    const follows = below.left === above.left && below.top >= above.bottom && below.top - above.bottom < 40;
    expect(follows, `not below what it follows: ${JSON.stringify([above, below])}`);
  }
  expect(answers.right <= ask.right + 1 && holds.left >= know.left && facts.left >= know.left, 'a part is in the wrong column');
  expect(answers.top < page.viewportSize().height, `the answers begin ${answers.top} px down`);
  expect(know.right - ask.left > room * 0.9, `${know.right - ask.left} px of ${room} px are used`);
  expect(longest <= MOST_LETTERS, `a line has ${Math.round(longest)} letters`);
  expect(jumps.every(({ seen }) => !seen), 'links lead to what stands beside them');
}

/** One below the other: the question, what there is to know, the answers, what comes afterwards. */
async function factsStandBetween(page) {
  const { columns, inOrder, answers, holds, facts, history, jumps } = await parts(page);
  expect(inOrder, 'what there is to know does not come before the answers');
  expect(columns.length === 4 && columns.every((each) => each.left === columns[0].left), 'there is more than one column');
  const apart = columns.every((each, index) => index === 0 || columns[index - 1].bottom <= each.top);
  expect(apart, `a part lies over another: ${JSON.stringify(columns)}`);
  const order = [holds, facts, answers, history].map((each) => each.top);
  expect(order.every((top, index) => index === 0 || top > order[index - 1]), `not in order: ${order.join(', ')}`);
  expect(jumps.length > 1 && jumps.every(({ seen, leads }) => seen && leads), 'no links lead to what is read before an answer');
}

async function reviewIsLaidOut(page) {
  await (page.viewportSize().width >= 1_000 ? factsStandBeside : factsStandBetween)(page);
  await fitsSideways(page);
}

/** The page of a review that its reader decides. */
async function toDecide(page, base) {
  await page.goto(`${base}/reviews/mine`);
  const links = await page.locator('main ul.tasks a[href^="/reviews/"]').evaluateAll((all) => all.map((each) => each.getAttribute('href')));
  for (const at of links.filter((link) => /^\/reviews\/[0-9a-f-]{36}$/.test(link))) {
    await page.goto(base + at);
    if (await page.locator('#answer-group').count()) return at;
  }
  expect(false, `nothing is asked of them: ${(await page.locator('main').innerText()).slice(0, 400)}`);
  return null;
}

/** Each of these must be noticed: a page is put wrong in one way, and looked at again. */
async function wrongLayoutsAreCaught(open, at) {
  const broken = async (path, width, where, property, value, look) => {
    const page = await open(path, width, 'light');
    try {
      await look(page);
      await page.evaluate(([selector, name, to]) => {
        for (const element of document.querySelectorAll(selector)) element.style.setProperty(name, to);
      }, [where, property, value]);
      await look(page);
    } finally {
      await page.context().close();
    }
  };
  await mustFail('counts that stand at the beginning', () => broken(at.campaign, 320, '.counts dd', 'text-align', 'start', campaignIsInColumns));
  await mustFail('figures of several widths', () => broken(at.campaign, 1280, '.counts dd', 'font-variant-numeric', 'normal', campaignIsInColumns));
  await mustFail('numbers of a table in the middle', () => broken(at.campaign, 1280, 'td.num', 'text-align', 'center', campaignIsInColumns));
  await mustFail('a number over its words', () => broken(at.campaign, 320, '.counts dd', 'transform', 'translateX(-17rem)', campaignIsInColumns));
  await mustFail('a table wider than its window', () => broken(at.campaign, 320, 'main table', 'min-inline-size', '60rem', async (page) => {
    await page.evaluate(() => { for (const region of document.querySelectorAll('.tablewrap')) region.style.overflow = 'visible'; });
    await tablesKeepToTheirRegion(page);
  }));
  await mustFail('facts that do not stand beside the question', () => broken(at.review, 1280, '.beside', 'display', 'block', reviewIsLaidOut));
  await mustFail('answers before the facts on a phone', () => broken(at.review, 320, '.beside > .know', 'order', '1', reviewIsLaidOut));
  await mustFail('two columns on a phone', () => broken(at.review, 320, '.beside', 'grid-template-columns', '1fr 1fr', reviewIsLaidOut));
}

/** A campaign and a review in every window. It asks everybody about everything, so it comes last. */
export async function layouts(browser, demo, { windows, pictures }) {
  const states = {};
  const at = {};
  const ready = await check('a campaign is prepared, and somebody is asked', async () => {
    const context = await browser.newContext();
    context.setDefaultTimeout(10_000);
    at.campaign = await campaign(await signIn(context, demo.base, demo.signIns.security_analyst), demo.base);
    states.campaign = await context.storageState();
    await context.close();
    const asked = await browser.newContext();
    asked.setDefaultTimeout(10_000);
    at.review = await toDecide(await signIn(asked, demo.base, demo.signIns.owner), demo.base);
    states.review = await asked.storageState();
    await asked.close();
  });
  if (!ready) return;
  const open = async (path, width, scheme) => {
    const state = path === at.review ? states.review : states.campaign;
    const context = await browser.newContext({ storageState: state, colorScheme: scheme, viewport: { width, height: width < 600 ? 640 : 800 } });
    const page = await context.newPage();
    await page.goto(demo.base + path);
    return page;
  };
  const looks = [['the counts and the table of a campaign', 'campaign', campaignIsInColumns], ['the page of a review', 'review', reviewIsLaidOut]];
  for (const [width, scheme] of windows) {
    for (const [name, which, look] of looks) {
      await check(`${name} at ${width} px, ${scheme}: everything stands where it belongs`, async () => {
        const page = await open(at[which], width, scheme);
        try {
          await look(page);
        } finally {
          await page.context().close();
        }
      });
    }
  }
  // What the crawl did not meet, because there was no campaign yet.
  const shapes = [['/campaigns/{id}', at.campaign, states.campaign], ['/reviews/{id}', at.review, states.review]];
  for (const [shape, path, state] of shapes) {
    await inspectAll({ browser, base: demo.base, state, pictures },
      windows.map(([width, scheme]) => ({ role: 'asked', shape, at: path, width, scheme })));
  }
  await wrongLayoutsAreCaught(open, at);
}
