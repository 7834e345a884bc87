// Named checks: each prints one line, `ok` or `FAILED`, and the last line counts them.

let passed = 0;
let failed = 0;

/** Runs one named check; an exception is its failure. Answers whether it passed. */
export async function check(name, body) {
  try {
    await body();
    passed += 1;
    console.log(`ok     ${name}`);
    return true;
  } catch (error) {
    failed += 1;
    const reason = String(error?.message ?? error).replace(/\x1b\[\d+m/g, '').trim().split('\n').slice(0, 12).join('\n         ');
    console.log(`FAILED ${name}\n         ${reason}`);
    return false;
  }
}

/** A check that must fail: it shows that the harness can see the fault planted in it. */
export async function mustFail(name, body) {
  await check(`caught: ${name}`, async () => {
    let caught = false;
    try {
      await body();
    } catch (error) {
      if (!(error instanceof Finding)) throw error;
      caught = true;
    }
    if (!caught) throw new Finding('the planted fault was not seen');
  });
}

/** What a check found to be wrong, as opposed to an accident while looking. */
export class Finding extends Error {}

/** Throws a Finding unless `fact` holds. */
export function expect(fact, message) {
  if (!fact) throw new Finding(message);
}

/** Prints the counts and answers the exit code. */
export function summary() {
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}
