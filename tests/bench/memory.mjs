// Memory of the server: after the start, and after everything that costs some, at concurrency 16: sign-ins with Argon2id and by
// passkey, pages, documents that are set anew each time, sealed notices, pictures, and notices that are verified.
//   cargo build --release && node tests/bench/memory.mjs target/release/todoke
// The demonstration issues a card; then `todoke serve` takes over its database (SQLite, in a temporary folder), with limits raised
// in its configuration and the environment that deploy/todoke.service gives it. Prints the figures beside their targets; exits 1 if one is missed.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { HttpVisitor, ISSUE, apply, decide, signInStaff } from '../browser/http_visitor.mjs';
import { oneTimeCode, startDemo } from '../browser/programs.mjs';
import { Authenticator } from './authenticator.mjs';

const TIMES = 200;
const CONCURRENCY = 16;
const TARGETS = { start: 40, after: 150 };

const binary = resolve(process.argv[2] ?? 'target/release/todoke');
const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'todoke-memory-'));
const service = readFileSync(join(root, 'deploy/todoke.service'), 'utf8');
const environment = Object.fromEntries(/^Environment=(.*)$/m.exec(service)[1].split(' ').map((each) => each.split('=')));
const ground = { database: `sqlite:${join(folder, 'todoke.sqlite')}`, keys: join(folder, 'master.keys') };

/** A patron with a card, signed in, and what the portal is asked for. */
async function issueCard(demo) {
  const library = `${demo.base}/himeji`;
  const [hanako, sato] = [new HttpVisitor(library), new HttpVisitor(library)];
  const reference = await apply(hanako, demo.mail, 'hanako@memory.example');
  const { login, password, secret } = demo.staff;
  await signInStaff(sato, { login, password, code: oneTimeCode(secret) });
  await sato.send(await decide(sato, reference), ISSUE);
  const status = await hanako.open('ja/status');
  const notice = /href="([^"]*\/notices\/[^"]*)"/.exec(status.html)[1];
  const code = /<b class="lc-num">([^<]+)</.exec((await hanako.open(notice)).html.split('確認コード').at(-1))[1];
  const device = new Authenticator(demo.base);
  const page = await hanako.open('ja/account/passkeys');
  await hanako.send(page, 'パスキーを追加する', device.make(hanako.form(page, 'パスキーを追加する')));
  return { library, hanako, notice, code, device, staff: demo.staff };
}

function writeConfig(base) {
  execFileSync(binary, ['seal', 'new', '--library', 'himeji', '--name', '姫路市立図書館', '--out', folder]);
  execFileSync('openssl', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', join(folder, 'client.pem')], { stdio: 'ignore' });
  const plenty = '{ burst = 100000, per_minute = 100000 }';
  const limits = ['posts', 'sign_ins_per_account', 'sign_ins_per_network', 'patron_sign_ins', 'verifications'];
  const config = join(folder, 'config.toml');
  writeFileSync(config, `
environment = "test"
[server]
listen = "${new URL(base).host}"
base_url = "${base}"
[database]
url = { value = "${ground.database}" }
[keys]
master = { file = "${ground.keys}" }
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
[[seal]]
library = "himeji"
certificates = "himeji.pem"
key = { file = "himeji.key" }
[mail]
folder = "${folder}"
[limits]
${limits.map((each) => `${each} = ${plenty}`).join('\n')}
[log]
format = "text"
level = "off"
`);
  return config;
}

/** What is asked of the server, each `TIMES` times. */
function works({ library, hanako, notice, code, device, staff }) {
  let sealed;
  return {
    'the start page': (visitor) => visitor.take('ja/'),
    // One code opens one session; the others prove the password and are refused for the used code: the same Argon2id work.
    'sign-ins of staff': async (visitor) => {
      const page = await visitor.open('staff/sign-in');
      const form = visitor.form(page, 'サインイン', { login: staff.login, password: staff.password, code: oneTimeCode(staff.secret) });
      await expect([200, 303, 422], visitor.request(form.url, { method: 'POST', body: form.body }));
    },
    // Before the sign-ins by passkey: 200 sessions of one person would all stand in it.
    'the own record, set anew': () => hanako.take('ja/card/record/record.pdf'),
    'sign-ins by passkey': async (visitor) => {
      const page = await visitor.open('ja/sign-in/password');
      const shown = device.show(visitor.form(page, 'パスキーでサインイン'));
      const { url } = await visitor.send(page, 'パスキーでサインイン', shown);
      if (!url.endsWith('/ja/card')) throw new Error(`the passkey leads to ${url}`);
    },
    'the own page': () => hanako.take('ja/card'),
    'the card as a picture': () => hanako.take('ja/card/show/card.png'),
    'notices, sealed and kept': async (_, turn) => {
      sealed = await hanako.take(`${notice}/notice.pdf${turn % 2 ? '?size=large' : ''}`);
    },
    'notices verified by code': (visitor) => visitor.take(`ja/verify/${code.replaceAll('-', '')}`),
    'notices verified by file': async (visitor) => {
      const { url, body } = visitor.form(await visitor.open('ja/verify'), 'ファイル');
      const parts = new FormData();
      for (const [name, value] of body) parts.append(name, value);
      parts.append('file', new Blob([sealed], { type: 'application/pdf' }), 'notice.pdf');
      await expect([200], visitor.request(url, { method: 'POST', body: parts }));
    },
  };

  async function expect(statuses, asked) {
    const answer = await asked;
    await answer.arrayBuffer();
    if (!statuses.includes(answer.status)) throw new Error(`${answer.url} answers ${answer.status}`);
  }
}

async function measure(server, card) {
  const memory = (field) => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]) / 1024;
  for (let tries = 0; ; tries += 1) {
    try { await fetch(`${new URL(card.library).origin}/health/ready`); break; } catch (error) { if (tries > 200) throw error; await new Promise((done) => setTimeout(done, 50)); }
  }
  await new HttpVisitor(card.library).take('ja/');
  const start = memory('VmRSS');
  console.log(`RSS after the start: ${start.toFixed(1)} MB (target < ${TARGETS.start}), of which of files ${memory('RssFile').toFixed(1)} MB`);
  for (const [name, work] of Object.entries(works(card))) {
    let turn = 0;
    await Promise.all(Array.from({ length: CONCURRENCY }, async () => {
      while (turn < TIMES) await work(new HttpVisitor(card.library), turn++);
    }));
    console.log(`  after ${TIMES} times ${name}: ${memory('VmRSS').toFixed(1)} MB, of which of files ${memory('RssFile').toFixed(1)} MB`);
  }
  const after = memory('VmRSS');
  console.log(`RSS after all of it: ${after.toFixed(1)} MB (target < ${TARGETS.after}), at the most ${memory('VmHWM').toFixed(1)} MB`);
  return start < TARGETS.start && after < TARGETS.after;
}

let isMet = false;
try {
  const demo = await startDemo(binary, { options: ['--database', ground.database, '--keys', ground.keys] });
  const card = await issueCard(demo).finally(() => demo.stop());
  const server = spawn(binary, ['serve', '--config', writeConfig(demo.base)], { stdio: 'inherit', env: { ...process.env, ...environment } });
  try {
    isMet = await measure(server, card);
  } finally {
    server.kill('SIGTERM');
    if (server.exitCode === null) await new Promise((done) => server.once('exit', done));
  }
} finally {
  rmSync(folder, { recursive: true });
}
process.exit(isMet ? 0 : 1);
