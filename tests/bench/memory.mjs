// Memory of the server: after the start, and after 200 sign-ins at concurrency 16.
//   cargo build --release && node tests/bench/memory.mjs target/release/todoke
// Runs `todoke serve` on loopback with SQLite in a temporary folder; the limits on sign-ins are raised in
// its configuration. Prints the figures beside their targets; exits 1 if one is missed.
import { execFileSync, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const SIGN_INS = 200;
const CONCURRENCY = 16;
const TARGETS = { start: 40, after: 150 };
const PORT = 18431;

const binary = resolve(process.argv[2] ?? 'target/release/todoke');
const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'todoke-memory-'));
const base = `http://127.0.0.1:${PORT}`;
const run = (...args) => execFileSync(binary, args, { encoding: 'utf8' });

writeFileSync(join(folder, 'master.keys'), run('keys', 'new'));
execFileSync('openssl', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', join(folder, 'client.pem')], { stdio: 'ignore' });
writeFileSync(join(folder, 'config.toml'), `
environment = "test"
[server]
listen = "127.0.0.1:${PORT}"
base_url = "${base}"
[database]
url = { value = "sqlite:${join(folder, 'todoke.sqlite')}" }
[keys]
master = { file = "master.keys" }
[signing_app]
issuer = "${base}/realm"
client_id = "MEMORY"
redirect_uri = "${base}/signing/return"
authorization_endpoint = "${base}/auth"
token_endpoint = "${base}/token"
jwks_uri = "${base}/certs"
sign_transactions_endpoint = "${base}/sign"
assertion_key = { file = "client.pem" }
[trust]
anchors = ["${join(root, 'tests/fixtures/myna-card/certs/test/signca-test-2024.cer')}"]
[mail]
folder = "${folder}"
[limits]
posts = { burst = 10000, per_minute = 10000 }
sign_ins_per_account = { burst = 10000, per_minute = 10000 }
sign_ins_per_network = { burst = 10000, per_minute = 10000 }
[log]
format = "text"
level = "error"
`);
const config = ['--config', join(folder, 'config.toml')];
run('migrate', ...config);
run('library', 'import', ...config, join(root, 'deploy/libraries/himeji.toml'));
const invitation = run('staff', 'add', ...config, '--library', 'himeji', '--login', 'sato', '--name', '佐藤').split('\n')[0];

const server = spawn(binary, ['serve', ...config], { stdio: 'inherit' });
const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]) / 1024;

/** A form as a browser would send it: the page's cookie and its hidden fields. */
async function post(address, fields) {
  const page = await fetch(address);
  const html = await page.text();
  const hidden = (name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(html)[1];
  const cookie = page.headers.getSetCookie().map((each) => each.split(';')[0]).join('; ');
  const body = new URLSearchParams({ csrf: hidden('csrf'), idem: hidden('idem'), ...fields });
  const answer = await fetch(address, { method: 'POST', body, redirect: 'manual', headers: { cookie, 'sec-fetch-site': 'same-origin' } });
  return { status: answer.status, html };
}

/** RFC 6238 for a secret in base 32. */
function code(secret) {
  const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1e6).padStart(6, '0');
}

let failed = false;
try {
  for (let tries = 0; ; tries += 1) {
    try { await fetch(`${base}/health/ready`); break; } catch (error) { if (tries > 200) throw error; await new Promise((done) => setTimeout(done, 50)); }
  }
  await fetch(`${base}/himeji/ja/`);
  const start = rss();
  const offered = await (await fetch(invitation)).text();
  const secret = /id="secret"[^>]*>([^<]+)</.exec(offered)[1].replaceAll(' ', '');
  const password = 'a password of many words';
  await post(invitation, { password, code: code(secret) });
  const statuses = {};
  let left = SIGN_INS;
  await Promise.all(Array.from({ length: CONCURRENCY }, async () => {
    while (left-- > 0) {
      const { status } = await post(`${base}/himeji/staff/sign-in`, { login: 'sato', password, code: code(secret) });
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  }));
  const after = rss();
  // One code opens one session; the others prove the password and are refused for the used code: the same Argon2id work.
  console.log('answers by status:', statuses);
  console.log(`RSS after start: ${start.toFixed(1)} MB (target < ${TARGETS.start})`);
  console.log(`RSS after ${SIGN_INS} sign-ins at concurrency ${CONCURRENCY}: ${after.toFixed(1)} MB (target < ${TARGETS.after})`);
  failed = start >= TARGETS.start || after >= TARGETS.after || (statuses[429] ?? 0) > 0;
} finally {
  server.kill('SIGTERM');
  await new Promise((done) => server.once('exit', done));
  rmSync(folder, { recursive: true });
}
process.exit(failed ? 1 : 0);
