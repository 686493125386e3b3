// What must hold of every page in every state.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { HtmlValidate } from 'html-validate';
import { bringAxe, checkAccess, checkWidth } from './access.mjs';
import { FAULTY, languageOf, pageOf, patternOf } from './addresses.mjs';
import { Product } from './product.mjs';

const { resolve } = createRequire(import.meta.url);
/** The validator of the WHATWG and W3C: it takes a second to begin, so it reads all pages at once, at the end. */
const NU = resolve('vnu-jar/build/dist/vnu.jar');
/** A window of 1280 px enlarged to 400 % shows as much as one of 320 px. */
const WIDTHS = [320, 1280];
/** At which everything must fit, too. */
const BETWEEN = [640, 768];
/** What fits between the margins of A4, in px. */
const PAPER = 642;
/** At which pictures are taken: of a common telephone and of a desk. */
const PICTURED = [360, 1280];

const validator = new HtmlValidate({
  extends: ['html-validate:recommended'],
  rules: {
    // A button in a form sends it; saying so on each would only be heavier.
    'no-implicit-button-type': 'off',
    // The name of the library stands in each title.
    'long-title': 'off',
    'no-trailing-whitespace': 'off',
    // Several consents may be given under one name, and several buttons choose one card.
    'form-dup-name': ['error', { shared: ['radio', 'checkbox', 'submit'] }],
    // The box around a wide table scrolls by itself and is a region for that.
    'prefer-native-element': ['error', { exclude: ['region'] }],
  },
});

export class Auditor {
  /** Which patterns have shown a page, and under which titles. */
  seen = new Set();
  #owners = new Map();
  /** What was sent, each page once, and what it was called. */
  #sources = new Map();
  /** Which patterns have been looked at in the colours of the reader's own, and on paper. */
  #shown = new Set();
  #shots = process.env.TODOKE_SCREENSHOTS;

  constructor(checks) {
    this.checks = checks;
    this.product = new Product(checks);
    if (this.#shots) mkdirSync(this.#shots, { recursive: true });
  }

  /**
   * Looks at the page that `visitor` is at. `faulty`: a form came back with complaints; `stranger`: an error page or
   * a page outside the portal, whose title need not be its own; `shot`: the name of a picture to take.
   */
  async look(visitor, name, { faulty = false, stranger = false, shot = '' } = {}) {
    const { checks } = this;
    const { page } = visitor;
    const url = new URL(page.url());
    const [path, language] = [url.pathname, languageOf(url)];
    if (!stranger) this.seen.add(patternOf(path));

    const focused = () => page.evaluate(() => document.activeElement?.className ?? '');
    let focus = await focused();
    // The browser moves the focus after it has drawn the page, which may be a moment later.
    for (let wait = 0; faulty && focus !== 'lc-errsum' && wait < 20; wait++) {
      await new Promise((next) => setTimeout(next, 50));
      focus = await focused();
    }
    if (faulty) checks.equal(focus, 'lc-errsum', `${name}: the summary of errors has the focus`);

    const facts = await page.evaluate(() => ({
      title: document.title,
      lang: document.documentElement.lang,
      headings: document.querySelectorAll('h1').length,
    }));
    checks.equal(facts.headings, 1, `${name}: one main heading`);
    checks.equal(facts.lang, language, `${name}: language`);
    if (stranger) checks.that(facts.title !== '', `${name}: title`);
    else this.#checkTitle(name, path, language, facts.title, faulty);
    const source = visitor.household.sent(page.url())?.html;
    await this.#checkMarkup(source, name);
    const cells = await this.product.collect(visitor);
    for (const cell of cells) await this.#checkMarkup(cell.html, cell.name);
    const isWalkedThrough = cells.some(({ html }) => html === source);

    await bringAxe(page, visitor.script);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      if (!isWalkedThrough) await checkAccess(checks, page, `${name} at ${width} px`);
      await checkWidth(checks, page, name, width);
    }
    for (const width of BETWEEN) {
      await page.setViewportSize({ width, height: 800 });
      await checkWidth(checks, page, name, width);
    }
    if (!this.#shown.has(patternOf(path))) {
      this.#shown.add(patternOf(path));
      await this.#checkForcedColors(page, name);
      if (page.url().startsWith(visitor.site.base)) await this.#checkPrint(page, name);
    }
    if (shot) await this.picture(page, shot);
    await page.setViewportSize({ width: visitor.width, height: 800 });
  }

  #checkTitle(name, path, language, title, faulty) {
    this.checks.equal(FAULTY.test(title), faulty, `${name}: the title says whether something is wrong`);
    const slug = `${path.split('/')[1]} ${language}`;
    // One page may be called differently in its states, but no two pages alike.
    const key = `${slug} ${title.replace(FAULTY, '')}`;
    const page = pageOf(path);
    const owner = this.#owners.get(key) ?? page;
    this.#owners.set(key, owner);
    this.checks.that(owner === page, `${name}: a title of its own`, `${title} is also the title of ${owner}`);
  }

  async #checkMarkup(source, name) {
    if (source !== undefined && !this.#sources.has(source)) this.#sources.set(source, name);
    const report = await validator.validateString(source ?? '');
    const found = report.results.flatMap(({ messages }) => messages.map((m) => `${m.ruleId} ${m.message} (line ${m.line})`));
    this.checks.that(source !== undefined && found.length === 0, `${name}: valid HTML`, found.join('; ') || 'no source');
  }

  /** Whoever chooses their own colours sees no backgrounds and no shadows: borders must say what is a button. The one of a file is the browser's. */
  async #checkForcedColors(page, name) {
    await page.emulateMedia({ forcedColors: 'active' });
    await checkAccess(this.checks, page, `${name} in forced colours`);
    const bare = await page.evaluate(() => {
      const isSeen = (element) => element.checkVisibility() && element.getClientRects().length > 0;
      const isMarked = (element) => {
        const style = getComputedStyle(element);
        return parseFloat(style.borderBottomWidth) > 0 || style.textDecorationLine.includes('underline');
      };
      const acting = 'button, a.lc-btn, input:not([type=hidden], [type=radio], [type=checkbox], [type=file]), select, textarea';
      return [...document.querySelectorAll(acting)].filter((one) => isSeen(one) && !isMarked(one)).map((one) => one.outerHTML.slice(0, 80));
    });
    this.checks.that(bare.length === 0, `${name}: buttons and fields are seen in forced colours`, bare.join('; '));
    await page.emulateMedia({ forcedColors: 'none' });
  }

  /** On paper there is nothing to press, and nothing beyond its edge. */
  async #checkPrint(page, name) {
    await page.emulateMedia({ media: 'print' });
    await page.setViewportSize({ width: PAPER, height: 1000 });
    await checkWidth(this.checks, page, `${name}, printed`, PAPER);
    const pressed = await page.evaluate(() => {
      const isSeen = (element) => element.checkVisibility() && element.getClientRects().length > 0;
      return [...document.querySelectorAll('button, a.lc-btn, header.lc-head, .lc-lang, footer.lc-foot')].filter(isSeen).map((one) => one.outerHTML.slice(0, 80));
    });
    this.checks.that(pressed.length === 0, `${name}: nothing to press is printed`, pressed.join('; '));
    await page.emulateMedia({ media: null });
  }

  /** Gives every page that was sent to the validator. */
  validate() {
    const folder = mkdtempSync(join(tmpdir(), 'todoke-pages-'));
    try {
      const names = [...this.#sources.values()];
      [...this.#sources.keys()].forEach((source, i) => writeFileSync(join(folder, `${i}.html`), source));
      const nu = ['-jar', NU, '--errors-only', '--exit-zero-always', '--format', 'json', '--stdout', folder];
      const report = JSON.parse(execFileSync('java', nu, { encoding: 'utf8', maxBuffer: 1 << 28 }));
      const found = report.messages.map(({ url, lastLine, message }) => `${names[parseInt(basename(url), 10)]}: ${message} (line ${lastLine})`);
      this.checks.that(found.length === 0, `${names.length} pages are valid for the Nu validator`, found.join('; '));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /** Takes a picture at two widths: of the `whole` page, or of what a window shows. */
  async picture(page, name, { whole = true } = {}) {
    if (!this.#shots) return;
    const before = page.viewportSize();
    for (const width of PICTURED) {
      await page.setViewportSize({ width, height: 900 });
      await page.screenshot({ path: join(this.#shots, `${name}-${width}.png`), fullPage: whole });
    }
    await page.setViewportSize(before);
  }
}
