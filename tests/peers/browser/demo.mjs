// Starts `muster demo` and learns from what it prints where it serves and who may sign in.

import { spawn } from 'node:child_process';

const WAIT_MILLISECONDS = 60_000;

/** Reads the printed lines: `Serving URL`, and one line per sign-in with role, address and password. */
export function parseDemo(text) {
  const base = text.match(/https?:\/\/(?:127\.0\.0\.1|localhost|\[::1\]):\d+/)?.[0];
  const signIns = {};
  for (const line of text.split('\n')) {
    const found = line.match(/^\W*([A-Za-z][A-Za-z _-]*?)[\s:|]+([^\s:|]+@[^\s|]+)[\s|]+(\S+)/);
    if (!found) continue;
    const role = found[1].trim().toLowerCase().replace(/[ -]+/g, '_');
    signIns[role] ??= { email: found[2], password: found[3] };
  }
  return { base, signIns };
}

/** Starts the demo on a free port; answers its address, its sign-ins, its output and how to stop it. */
export async function startDemo(binary, data) {
  const child = spawn(binary, ['demo', '--listen', '127.0.0.1:0', '--data', data], {
    // The crawl opens pages faster than any person.
    env: { ...process.env, MUSTER_BREAK_GLASS: 'yes', MUSTER_REQUESTS_PER_MINUTE: '60000000' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let ended = null;
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  child.on('error', (error) => (ended = error.message));
  child.on('exit', (code, signal) => (ended ??= `it ended with ${signal ?? code}`));

  const until = Date.now() + WAIT_MILLISECONDS;
  while (Date.now() < until && ended === null) {
    const { base, signIns } = parseDemo(output);
    if (base && signIns.administrator && (await answers(base))) {
      return { base, signIns, output: () => output, stop: () => stop(child) };
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill('SIGKILL');
  throw new Error(`the demo did not serve with an administrator to sign in (${ended ?? 'time ran out'}):\n${output}`);
}

async function answers(base) {
  try {
    return (await fetch(`${base}/healthz`)).status === 200;
  } catch {
    return false;
  }
}

/** Asks the server to stop; answers its exit code, or the signal that was needed. */
function stop(child) {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve(child.exitCode ?? child.signalCode);
    const hammer = setTimeout(() => child.kill('SIGKILL'), 15_000);
    child.on('exit', (code, signal) => {
      clearTimeout(hammer);
      resolve(signal ?? code);
    });
    child.kill('SIGTERM');
  });
}
