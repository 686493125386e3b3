// The queue page and the patron search over HTTP, signed in: a full library beside a small one, in the same run.
//   cargo build --release && node tests/bench/queue.mjs target/release/todoke
//   … --small=10000 --large=1000000          patrons; there are twice as many applications
//   … --folder=DIR                           keeps the filled databases there, to be measured again
//   … --postgres=postgres://todoke@127.0.0.1/ creates, and without --folder drops, its databases by `psql`
// Both servers run at once and are asked in turn, so that what else the machine does hits both. Every page counts for
// p99; for the ratio those do that show as many lines in both, for among many more people more are found. Prints p50 and
// p99 beside their targets; exits 1 if one is missed. The large one needs about 3 GB of memory and 20 GB of disk to fill.
import { execFileSync, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const TIMES = 500;
const TARGETS = { p99: 50, ratio: 1.3 };
const [LOGIN, PASSWORD, SECRET] = ['sato', 'todoke-demo-2026', Buffer.from('todoke demonstration')];

const options = Object.fromEntries(process.argv.slice(3).map((each) => each.replace(/^--/, '').split(/=(.*)/s)));
const binary = resolve(process.argv[2] ?? 'target/release/todoke');
const sizes = { small: Number(options.small ?? 10_000), large: Number(options.large ?? 1_000_000) };
const folder = options.folder ? resolve(options.folder) : mkdtempSync(join(tmpdir(), 'todoke-queue-'));
mkdirSync(folder, { recursive: true });
const psql = (command) => execFileSync('psql', [`${options.postgres}postgres`, '-Atqc', command], { encoding: 'utf8' });

/** RFC 6238. */
function code() {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000)));
  const mac = createHmac('sha1', SECRET).update(counter).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1e6).padStart(6, '0');
}

const hidden = (html, name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(html)[1];
const cookies = (answer) => answer.headers.getSetCookie().map((each) => each.split(';')[0]);

/** A demonstration with so many patrons, and somebody signed in there. */
class Library {
  constructor(name, port) {
    this.name = name;
    this.patrons = sizes[name];
    this.base = `http://127.0.0.1:${port}`;
    this.staff = `${this.base}/himeji/staff`;
    const file = `${name}-${this.patrons}`;
    const database = `todoke_bench_${file.replace('-', '_')}`;
    let address = `sqlite:${join(folder, `${file}.sqlite`)}`;
    if (options.postgres) {
      if (psql(`SELECT 1 FROM pg_database WHERE datname = '${database}'`) === '') psql(`CREATE DATABASE ${database}`);
      address = options.postgres + database;
      this.drop = () => options.folder ?? psql(`DROP DATABASE ${database}`);
    }
    const keys = join(folder, `${file}${options.postgres ? '.postgres' : ''}.keys`);
    const args = ['demo', '--port', port, '--seed', this.patrons, '--database', address, '--keys', keys];
    this.server = spawn(binary, args.map(String), { stdio: ['ignore', 'ignore', 'inherit'] });
    this.server.once('exit', (status) => { this.status = status ?? 'killed'; });
  }

  async ready() {
    const begun = performance.now();
    for (;;) {
      try { await fetch(`${this.base}/health/ready`); break; } catch { /* not yet */ }
      if (this.status !== undefined) throw new Error(`${this.name}: the server ended with ${this.status}`);
      await new Promise((done) => setTimeout(done, 100));
    }
    console.log(`${this.name}: ${this.patrons} patrons, ready after ${((performance.now() - begun) / 1000).toFixed(0)} s`);
    await this.signIn();
    this.form = await this.page('/patrons');
    this.people = [];
    for (let each = 0; each < 50; each += 1) this.people.push(await this.person(Math.floor(((each + 0.5) * this.patrons) / 50)));
    const queue = await this.page('/queue');
    this.tabs = [...queue.matchAll(/href="([^"]*\/staff\/queue[^"]*)"/g)].map((match) => match[1].replaceAll('&amp;', '&'));
    this.pages = [];
    for (const tab of new Set(this.tabs)) {
      let html = await this.page(tab);
      for (let depth = 0; depth < 5; depth += 1) {
        this.pages.push(tab);
        const next = /<a class="lc-btn" href="([^"]*)">次の/.exec(html)?.[1].replaceAll('&amp;', '&');
        if (!next) break;
        this.pages.push(next);
        html = await this.page(next);
      }
    }
  }

  async signIn() {
    const page = await fetch(`${this.staff}/sign-in`);
    const html = await page.text();
    const fields = { csrf: hidden(html, 'csrf'), idem: hidden(html, 'idem'), login: LOGIN, password: PASSWORD, code: code() };
    this.cookie = cookies(page).join('; ');
    const answer = await fetch(`${this.staff}/sign-in`, {
      method: 'POST', body: new URLSearchParams(fields), redirect: 'manual', headers: { cookie: this.cookie, 'sec-fetch-site': 'same-origin' },
    });
    if (answer.status !== 303) throw new Error(`${this.name}: sign-in answers ${answer.status}`);
    const set = new Map([...this.cookie.split('; '), ...cookies(answer)].map((each) => each.split(/=(.*)/s)));
    this.cookie = [...set].map(([key, value]) => `${key}=${value}`).join('; ');
  }

  async page(path) {
    const address = path.startsWith('/himeji') ? this.base + path : path.startsWith('http') ? path : this.staff + path;
    const answer = await fetch(address, { redirect: 'manual', headers: { cookie: this.cookie } });
    const html = await answer.text();
    if (answer.status !== 200) throw new Error(`${this.name}: ${path} answers ${answer.status}`);
    return html;
  }

  /** Sends a form and follows where it leads. */
  async send(path, facts) {
    const fields = { csrf: hidden(this.form, 'csrf'), idem: hidden(this.form, 'idem'), ...facts };
    const headers = { cookie: this.cookie, 'sec-fetch-site': 'same-origin' };
    const answer = await fetch(this.staff + path, { method: 'POST', body: new URLSearchParams(fields), headers });
    const html = await answer.text();
    if (answer.status !== 200) throw new Error(`${this.name}: ${path} answers ${answer.status}`);
    return html;
  }

  /** A search in the queue: what was typed is sent, and the page that it leads to names nobody in its address. */
  async searchQueue(q) {
    const html = await this.send('/queue', { tab: 'all', q });
    if (!html.includes('/staff/applications/')) throw new Error(`${this.name}: nothing found by ${q}`);
    return html;
  }

  async search(facts) {
    const html = await this.send('/patrons', facts);
    if (!html.includes('/staff/patrons/')) throw new Error(`${this.name}: nobody found by ${Object.keys(facts)}`);
    return html;
  }

  /** Who the seeded person with this number is, as the search shows them. */
  async person(number) {
    const html = await this.search({ phone: `0900${String(number % 1e7).padStart(7, '0')}`, email: `yomu.${number}@example.jp` });
    const [, url, name, kana] = /<th scope="row"><a href="([^"]*)">([^<]*)<\/a><br><span[^>]*>([^<]*)</.exec(html);
    const [, birth] = /<time class="lc-num" datetime="([^"]*)"/.exec(html);
    const [, card] = /<td class="lc-num">([^<]*)</.exec(html);
    return { url, name, kana, birth, card, phone: `0900${String(number % 1e7).padStart(7, '0')}` };
  }
}

/** What is asked, the nth time. */
const kinds = {
  'queue page': (library, n) => library.page(library.pages[n % library.pages.length]),
  'queue search': (library, n) => {
    const person = library.people[n % library.people.length];
    return library.searchQueue([person.name, person.kana.slice(0, 3), person.card][n % 3]);
  },
  'patron search': (library, n) => {
    const { name, kana, birth, card, phone } = library.people[n % library.people.length];
    const asked = [{ card_number: card }, { name, birth }, { kana: kana.slice(0, 2), birth }, { name, phone }, { name, kana: kana.slice(0, 1) }];
    return library.search(asked[n % asked.length]);
  },
  'patron page': (library, n) => library.page(library.people[n % library.people.length].url),
};

const at = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];

/** How many people or applications a page lists. */
const lines = (html) => new Set(html.match(/\/staff\/(?:applications|patrons)\/[0-9A-Za-z-]{6,}/g)).size;

let failed = false;
const libraries = [new Library('small', 18441), new Library('large', 18451)];
try {
  for (const library of libraries) await library.ready();
  for (const [kind, ask] of Object.entries(kinds)) {
    const took = { small: [], large: [] };
    const alike = { small: [], large: [] };
    for (let n = -50; n < TIMES; n += 1) {
      const shown = {};
      const times = {};
      for (const library of n % 2 ? libraries : libraries.toReversed()) {
        const begun = performance.now();
        const html = await ask(library, n + 50);
        times[library.name] = performance.now() - begun;
        shown[library.name] = lines(html);
      }
      if (n < 0) continue;
      for (const name of Object.keys(took)) {
        took[name].push(times[name]);
        if (shown.small === shown.large) alike[name].push(times[name]);
      }
    }
    for (const times of [...Object.values(took), ...Object.values(alike)]) times.sort((a, b) => a - b);
    const figures = Object.entries(took).map(([name, times]) => `${name} p50 ${at(times, 0.5).toFixed(1)} p99 ${at(times, 0.99).toFixed(1)} ms`);
    const ratios = [0.5, 0.99].map((part) => at(alike.large, part) / at(alike.small, part));
    const paired = `${alike.small.length} of ${TIMES} alike: p50 ratio ${ratios[0].toFixed(2)}, p99 ratio ${ratios[1].toFixed(2)} (target <= ${TARGETS.ratio})`;
    console.log(`${kind}: ${figures.join(', ')} (target p99 < ${TARGETS.p99}); ${paired}`);
    if (alike.small.length < TIMES / 4) throw new Error(`${kind}: too few pages show as much in both`);
    failed ||= at(took.large, 0.99) >= TARGETS.p99 || ratios[1] > TARGETS.ratio;
  }
} finally {
  for (const { server, status } of libraries) {
    if (status !== undefined) continue;
    server.kill('SIGINT');
    await new Promise((done) => server.once('exit', done));
  }
  for (const { drop } of libraries) drop?.();
  if (!options.folder) rmSync(folder, { recursive: true });
}
process.exit(failed ? 1 : 0);
