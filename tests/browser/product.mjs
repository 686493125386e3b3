// The whole product: every page, as it comes, filled in and sent back with complaints, in every language, at every
// width, with JavaScript and without. The stories bring the pages here; what each looks like is gone through afterwards.

import { bringAxe, checkAccess, checkLargeText, checkTexts, checkWidth } from './access.mjs';
import { FAULTY, LANGUAGES, PATTERNS, languageOf, pageOf, patternOf } from './addresses.mjs';

/** A telephone in the hand, a tablet, a desk; the first is also a desk's window enlarged to 400 %. */
const WIDTHS = [320, 768, 1280];
/** Only the pages that begin speak these as well. */
const BEGINNING = ['/{library}/{lang}/', '/{library}/{lang}/procedures'];
const OTHERS = ['zh-Hans', 'ko', 'vi', 'pt'];
/** As many as the machines have processors on which this runs. */
const LANES = 2;
/** What is shown for every picture: the smallest PNG there is. */
const PICTURE = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64');

/** In which languages there is a page: the staff's and the machines' are Japanese. */
function spokenAt(pattern) {
  if (pattern.includes('/staff')) return ['ja'];
  return BEGINNING.includes(pattern) ? [...LANGUAGES, ...OTHERS] : LANGUAGES;
}

/** The same address in another language. */
function spokenIn(address, language) {
  const url = new URL(address);
  const parts = url.pathname.split('/');
  const at = parts.findIndex((part) => LANGUAGES.includes(part));
  if (at >= 0) {
    parts[at] = language;
    url.pathname = parts.join('/');
  } else {
    url.searchParams.set('lang', language);
  }
  return url.href;
}

/** Fills in whatever can be, as somebody with much to say, and opens what can be opened. Returns how much that was. */
function fillIn() {
  const long = 'Wolfeschlegelsteinhausenbergerdorff 姫路市本町六十八番地の二百五十八 しろまちハイツ壱〇壱号室';
  const short = { email: 'hanako.himeji.no.nagai.namae@toshokan.himeji.example.jp', number: '12', date: '2026-12-31', time: '23:59', month: '2026-12', tel: '079-289-4888', url: 'https://example.jp/a/very/long/address/of/a/page' };
  let count = 0;
  const done = (element) => {
    count += 1;
    for (const kind of ['input', 'change']) element.dispatchEvent(new Event(kind, { bubbles: true }));
  };
  for (const field of document.querySelectorAll('main input, main select, main textarea')) {
    if (field.disabled || field.readOnly || ['hidden', 'file', 'submit', 'button'].includes(field.type)) continue;
    if (field.type === 'radio' || field.type === 'checkbox') field.checked = true;
    else if (field.tagName === 'SELECT') field.selectedIndex = field.options.length - 1;
    else {
      const text = short[field.type] ?? (field.inputMode === 'numeric' ? '1234567890123456' : long);
      field.value = field.maxLength > 0 ? text.slice(0, field.maxLength) : text;
    }
    done(field);
  }
  for (const details of document.querySelectorAll('details:not([open])')) {
    details.open = true;
    count += 1;
  }
  return count;
}

/** Whether a page can be sent back with complaints: it has a form whose fields can be wrong. */
const CAN_BE_WRONG = /<form\b[^>]*method="post"(?:(?!<\/form>).)*(<textarea\b|<select\b|<input\b(?![^>]*type="hidden"))/s;

export class Product {
  /** By pattern, language and state: what was sent. */
  #cells = new Map();
  /** Patterns of pages with such forms, and of those that came with complaints, by language. */
  #fallible = new Set();
  #faulty = new Set();
  #files = new Map();

  constructor(checks) {
    this.checks = checks;
  }

  /** How many pages there are of it. */
  get size() {
    return this.#cells.size;
  }

  /** Takes the page that `visitor` is at, in every language that it is spoken in. Returns what is new of it: `{ name, html, … }` each. */
  async collect(visitor) {
    const sent = visitor.household.sent(visitor.page.url());
    if (!sent?.url.startsWith(visitor.site.base)) return [];
    const url = new URL(sent.url);
    const pattern = patternOf(url.pathname);
    const state = stateOf(sent);
    const found = [];
    for (const language of spokenAt(pattern)) {
      const name = `${pattern}, ${language}, ${state}`;
      if (this.#cells.has(name)) continue;
      const isHere = language === languageOf(url);
      const answer = isHere ? sent : await visitor.household.again(sent, spokenIn(sent.url, language), await visitor.context.cookies());
      // What leads on, or is no longer as it was, is another page.
      if (!answer.html.includes(`<html lang="${language}"`) || stateOf(answer) !== state) continue;
      const cell = { ...answer, name };
      this.#cells.set(name, cell);
      found.push(cell);
      if (state === 'faulty') this.#faulty.add(`${pageOf(url.pathname)} ${language}`);
      else if (CAN_BE_WRONG.test(answer.html)) this.#fallible.add(pattern);
    }
    return found;
  }

  /** Goes through all of it, in `LANES` windows side by side. `base`: of the portal that has the files. */
  async walk(browser, base) {
    const waiting = [...this.#cells.values()];
    await Promise.all(Array.from({ length: LANES }, () => this.#walk(browser, base, waiting)));
  }

  /**
   * Complains about whatever of the table of addresses was not brought here. `bare`: patterns that show no page;
   * `infallible`: those whose forms take whatever comes.
   */
  checkComplete(bare, infallible) {
    const states = [...this.#cells.keys()];
    for (const { pattern } of PATTERNS) {
      if (bare.includes(pattern)) continue;
      for (const language of spokenAt(pattern)) {
        this.checks.that(states.some((name) => name.startsWith(`${pattern}, ${language}, `)), `${pattern} is walked through in ${language}`);
        if (this.#fallible.has(pattern) && !infallible.includes(pattern)) {
          this.checks.that(this.#faulty.has(`${pageOf(pattern)} ${language}`), `${pattern} is walked through with complaints in ${language}`);
        }
      }
    }
  }

  async #walk(browser, base, waiting) {
    const windows = await Promise.all([false, true].map((script) => this.#open(browser, base, script)));
    for (let cell = waiting.shift(); cell; cell = waiting.shift()) {
      // Where JavaScript changes nothing, what was found without it is found with it.
      const known = new Map();
      for (const window of windows) await this.#show(window, cell, known);
    }
    await Promise.all(windows.map(({ page }) => page.context().close()));
  }

  async #open(browser, base, script) {
    const context = await browser.newContext({ javaScriptEnabled: script, locale: 'ja-JP', timezoneId: 'Asia/Tokyo' });
    const window = { page: await context.newPage(), script };
    await window.page.route('**/*', (route) => this.#answer(route, base, window.cell));
    return window;
  }

  async #show(window, cell, known) {
    const { page, script } = window;
    window.cell = cell;
    const name = `${cell.name}, ${script ? 'with' : 'without'} JavaScript`;
    await page.goto(cell.url);
    await bringAxe(page, script);
    await this.#look(page, name, known, '');
    if (await page.evaluate(fillIn)) await this.#look(page, name, known, ', filled in');
    if (!script) await checkLargeText(this.checks, page, name);
  }

  async #look(page, name, known, state) {
    const drawn = await page.evaluate(() => document.documentElement.outerHTML);
    const isNew = known.get(state) !== drawn || drawn.includes('<noscript');
    known.set(state, drawn);
    await checkTexts(this.checks, page, name + state);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      if (isNew) await checkAccess(this.checks, page, `${name}${state}, ${width} px`);
      await checkWidth(this.checks, page, name + state, width);
    }
  }

  async #answer(route, base, { status, headers, html }) {
    const request = route.request();
    if (request.isNavigationRequest()) return route.fulfill({ status, headers, body: html });
    if (request.resourceType() === 'image') return route.fulfill({ contentType: 'image/png', body: PICTURE });
    const { pathname } = new URL(request.url());
    return pathname.startsWith('/static/') ? route.fulfill(await this.#file(base, pathname)) : route.fulfill({ status: 204 });
  }

  async #file(base, pathname) {
    if (!this.#files.has(pathname)) {
      const answer = await fetch(base + pathname);
      this.#files.set(pathname, { contentType: answer.headers.get('content-type'), body: Buffer.from(await answer.arrayBuffer()) });
    }
    return this.#files.get(pathname);
  }
}

function stateOf({ status, html }) {
  if (FAULTY.test(/<title>([^<]*)/.exec(html)?.[1] ?? '')) return 'faulty';
  return status === 200 ? 'plain' : `${status}`;
}
