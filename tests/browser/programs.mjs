// The program under test: the demonstration, and an installation of its own that starts empty.

import { spawn, spawnSync } from 'node:child_process';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './checks.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A port whose neighbour is free, too. */
async function freePort() {
  for (;;) {
    const first = await listen(0);
    const port = first.address().port;
    const second = await listen(port + 1).catch(() => null);
    await close(first);
    if (second) {
      await close(second);
      return port;
    }
  }
}

function listen(port) {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function close(server) {
  return new Promise((resolve) => server.close(resolve));
}

/** However the stories end, nothing stays behind. */
const running = new Set();
process.once('exit', () => running.forEach((child) => child.kill()));

/** A program that runs beside the stories. */
class Program {
  output = '';

  constructor(binary, args) {
    this.child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (this.output += text));
    }
    this.ended = new Promise((resolve) => this.child.once('exit', resolve));
    running.add(this.child);
    this.child.once('exit', (code) => {
      this.code = code;
      running.delete(this.child);
    });
  }

  /** Waits for `pattern` in the output. */
  async says(pattern) {
    return until(() => {
      if (this.code !== undefined) throw new Error(`the program ended by itself:\n${this.output}`);
      return pattern.exec(this.output);
    }, `${pattern}`);
  }

  async stop(signal = 'SIGINT') {
    this.child.kill(signal);
    await this.ended;
  }
}

/** Codes that were mailed: hands out the newest, once. */
class Mail {
  #taken = new Map();

  /** `letters` returns everything that was mailed, oldest first: `{ to, subject, text }`. */
  constructor(letters) {
    this.letters = letters;
  }

  async to(address) {
    return (await this.letters()).filter((letter) => letter.to === address);
  }

  /** How many letters there are, once the courier has brought as many as are expected. */
  async count(address, expected) {
    await until(async () => (await this.to(address)).length >= expected, `${expected} letters for ${address}`).catch(() => {});
    return (await this.to(address)).length;
  }

  /** Waits for a code that was not taken before. */
  async code(address) {
    const codes = await until(async () => {
      const found = (await this.to(address)).flatMap((letter) => /(?<!\d)\d{6}(?!\d)/.exec(letter.text) ?? []);
      return found.length > (this.#taken.get(address) ?? 0) && found;
    }, `a code for ${address}`);
    this.#taken.set(address, codes.length);
    return codes.at(-1);
  }
}

/**
 * `todoke demo`: two libraries, test cards, the simulated app, a mailbox. `host`: what browsers call the portal; `port`: one
 * that was free a moment ago, such as that of a demonstration that has ended; `options`: further ones of the command.
 */
export async function startDemo(binary, { host = '', port, options = [] } = {}) {
  port ??= await freePort();
  const program = new Program(binary, ['demo', '--port', `${port}`, ...(host && ['--host', host]), ...options]);
  const [, login, password] = await program.says(/login (\S+)\s+password (\S+)/);
  const [, secret] = await program.says(/TOTP secret (\S+?)\)/);
  await program.says(/Stop with Ctrl-C/);
  const app = `http://127.0.0.1:${port + 1}`;
  const mailbox = async () => lettersOn(await (await fetch(`${app}/mailbox`)).text());
  return {
    base: `http://${host || '127.0.0.1'}:${port}`,
    port,
    app,
    staff: { login, password, secret },
    mail: new Mail(mailbox),
    stop: () => program.stop(),
    /** As when the power fails. */
    kill: () => program.stop('SIGKILL'),
  };
}

function lettersOn(page) {
  const articles = page.matchAll(/<h3>(.*?)<\/h3>\s*<p>宛先：(.*?)<\/p>\s*<pre[^>]*>(.*?)<\/pre>/gs);
  return [...articles].map(([, subject, to, text]) => ({ subject, to, text })).reverse();
}

/** `todoke serve` on an empty database: for what the demonstration does not have, such as invitations. */
export async function startInstallation(binary) {
  const folder = mkdtempSync(join(tmpdir(), 'todoke-browser-'));
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const config = join(folder, 'config.toml');
  const run = (...args) => {
    const { status, stdout, stderr } = spawnSync(binary, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`todoke ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  mkdirSync(join(folder, 'mail'));
  writeFileSync(join(folder, 'client.pem'), key.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(join(folder, 'master.keys'), run('keys', 'new'));
  // Nobody listens on port + 1: this installation's signing app is always down.
  const issuer = `http://127.0.0.1:${port + 1}`;
  writeFileSync(
    config,
    `environment = "test"
[server]
listen = "127.0.0.1:${port}"
base_url = "${base}"
[database]
url = { value = "sqlite:${join(folder, 'todoke.sqlite')}" }
[keys]
master = { file = "master.keys" }
[signing_app]
issuer = "${issuer}"
client_id = "RP1"
redirect_uri = "${base}/signing/return"
authorization_endpoint = "${issuer}/auth"
token_endpoint = "${issuer}/token"
jwks_uri = "${issuer}/certs"
sign_transactions_endpoint = "${issuer}/sign-transactions"
scope = "openid sign"
assertion_key = { file = "client.pem" }
[trust]
anchors = ["${join(ROOT, 'tests/fixtures/myna-card/certs/test/signca-test-2024.cer')}"]
[mail]
folder = "mail"
[log]
format = "text"
level = "warn"
`,
  );
  run('migrate', '--config', config);
  run('library', 'import', '--config', config, join(ROOT, 'deploy/libraries/himeji.toml'));
  const program = new Program(binary, ['serve', '--config', config]);
  await until(() => fetch(`${base}/`).then(() => true, () => program.code), 'the installation to answer');
  const mailed = async () => readdirSync(join(folder, 'mail')).sort().flatMap((file) => letterIn(join(folder, 'mail', file)));
  return {
    base,
    mail: new Mail(mailed),
    /** The address that invites a new member of staff. */
    invite: (login, name) =>
      run('staff', 'add', '--config', config, '--library', 'himeji', '--login', login, '--name', name, '--role', 'supervisor', '--role', 'administrator').split('\n')[0],
    async stop() {
      await program.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The letter in a file; none while it is still being written. */
function letterIn(file) {
  const parts = /^(.*?)\r?\n\r?\n(.*)$/s.exec(readFileSync(file, 'utf8'));
  if (!parts) return [];
  const [, head, body] = parts;
  // The first of two parts is the text.
  const boundary = /boundary="?([^"\s;]+)/i.exec(head)?.[1];
  const part = boundary ? body.split(`--${boundary}`)[1] : `${head}\r\n\r\n${body}`;
  const [, partHead, partBody] = /^(.*?)\r?\n\r?\n(.*)$/s.exec(part) ?? [];
  if (partBody === undefined) return [];
  const text = /base64/i.test(partHead) ? Buffer.from(partBody, 'base64').toString('utf8') : partBody;
  return { to: /^To: .*?([^\s<>]+@[^\s<>]+)/im.exec(head)?.[1], subject: '', text };
}

/** The code of an authenticator app (RFC 6238, SHA-1, 6 digits, 30 seconds). */
export function oneTimeCode(secret, at = Date.now()) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const mac = createHmac('sha1', base32(secret)).update(counter).digest();
  const number = mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff;
  return `${number % 1_000_000}`.padStart(6, '0');
}

function base32(text) {
  const bits = [...text].map((sign) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(sign).toString(2).padStart(5, '0')).join('');
  return Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
}
