// Signing in through the page, and plain requests with the session's cookies.

import { expect } from './report.mjs';

/** Signs in through the form at /sign-in; works with and without JavaScript. */
export async function signIn(context, base, { email, password }) {
  const page = await context.newPage();
  await page.goto(`${base}/sign-in`);
  const form = page.locator('form:has(input[name="password"])');
  await form.locator('input[name="email"]').fill(email);
  await form.locator('input[name="password"]').fill(password);
  await form.locator('button, input[type="submit"]').first().click();
  await page.waitForLoadState();
  const path = new URL(page.url()).pathname;
  expect(path !== '/sign-in', `still at /sign-in: ${(await page.locator('main').innerText()).slice(0, 300)}`);
  return page;
}

/** GETs `path` with the cookies of `context`, following no redirect. */
export async function get(context, base, path) {
  const cookies = await context.cookies(base);
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  const response = await fetch(new URL(path, base), { headers: cookie ? { cookie } : {}, redirect: 'manual' });
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    location: response.headers.get('location'),
    text: await response.text(),
  };
}
