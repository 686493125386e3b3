// Somebody at a browser: a browser context on a network of its own.

import { Household } from './network.mjs';

/** What a telephone's browser calls itself. */
const PHONE =
  'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36';

export class Visitor {
  /** Browser errors, policy violations and failed files; a page must cause none. */
  complaints = [];

  /**
   * `slug`: of the library; `script`: whether JavaScript runs; `width`: of the window; `isPhone`: what the browser says
   * of itself; `site`: which installation.
   */
  static async arrive(world, { slug = 'himeji', script = true, width = 1280, isPhone = false, site = world.demo } = {}) {
    const visitor = new Visitor();
    Object.assign(visitor, { world, slug, script, width, site, library: `${site.base}/${slug}`, mail: site.mail });
    visitor.household = await Household.open();
    visitor.context = await world.browser.newContext({
      javaScriptEnabled: script,
      viewport: { width, height: 800 },
      locale: 'ja-JP',
      timezoneId: 'Asia/Tokyo',
      ...(isPhone && { isMobile: true, userAgent: PHONE }),
      proxy: { server: visitor.household.url, bypass: '<-loopback>' },
    });
    visitor.context.setDefaultTimeout(20_000);
    visitor.page = await visitor.newPage();
    world.visitors.push(visitor);
    return visitor;
  }

  async newPage() {
    const page = await this.context.newPage();
    page.on('pageerror', (error) => this.complaints.push(`${page.url()}: ${error.message}`));
    page.on('console', (message) => {
      // The browser also reports the status of the page itself; that is looked at elsewhere.
      const isOwnStatus = message.text().startsWith('Failed to load resource') && message.location().url === page.url();
      if (['error', 'warning'].includes(message.type()) && !isOwnStatus) {
        this.complaints.push(`${page.url()}: ${message.text()}`);
      }
    });
    return page;
  }

  /** Opens an address, absolute or of this visitor's library, such as `ja/apply/who`. */
  async open(address) {
    const url = new URL(address, `${this.library}/`).href;
    return this.page.goto(url);
  }

  /** What this browser would get at an address. */
  async take(address) {
    const cookies = (await this.context.cookies()).map(({ name, value }) => `${name}=${value}`);
    const url = new URL(address, `${this.library}/`);
    return fetch(url, { headers: { cookie: cookies.join('; ') }, redirect: 'manual' });
  }

  /** The media type of that. */
  async mediaType(address) {
    return (await this.take(address)).headers.get('content-type');
  }

  get path() {
    const url = new URL(this.page.url());
    return url.pathname + url.search;
  }

  heading() {
    return this.page.locator('h1').innerText();
  }

  text(selector = 'main') {
    return this.page.locator(selector).first().innerText();
  }

  /** Does something that leads to another page, and waits until that is there. */
  async go(act) {
    await Promise.all([this.page.waitForEvent('load'), act()]);
  }

  button(name) {
    return this.page.getByRole('button', { name, exact: true });
  }

  press(name) {
    return this.go(() => this.button(name).click());
  }

  /** Follows the first link of that name; a pattern finds names with a hidden part, too. */
  follow(name) {
    return this.go(() => this.page.getByRole('link', { name, exact: true }).first().click());
  }

  /** Two clicks of an impatient finger. Returns how many forms were sent. */
  async pressTwice(name) {
    const before = this.household.posts;
    await this.go(() => this.button(name).dblclick());
    return this.household.posts - before;
  }

  /** Fills fields in by name: text, choices by value, selects by label. */
  async fill(fields) {
    for (const [name, value] of Object.entries(fields)) {
      const field = this.page.locator(`main [name="${name}"]:not([type=hidden])`);
      const kind = await field.first().evaluate((element) => element.type);
      if (kind === 'radio' || kind === 'checkbox') {
        await this.page.locator(`main [name="${name}"][value="${value}"]`).check();
      } else if (kind === 'select-one') {
        await field.selectOption({ label: value });
      } else {
        await field.fill(value);
      }
    }
  }

  async answer(fields, button = '次へ') {
    await this.fill(fields);
    await this.press(button);
  }

  /** Sends a form that must come back with a complaint, and looks at it. */
  async fail(name, fields, { button = '次へ', sentence = '', shot = '' } = {}) {
    const { checks, auditor } = this.world;
    await this.answer(fields, button);
    const summary = await this.text('.lc-errsum').catch(() => '');
    checks.that(summary.includes(sentence) && summary !== '', `${name}: says what is wrong`, summary || this.path);
    for (const [field, value] of Object.entries(fields)) {
      const box = this.page.locator(`main input[name="${field}"]:not([type=radio], [type=checkbox], [type=password])`);
      // One-time codes need not come back.
      if (field !== 'code' && (await box.count()) === 1) checks.equal(await box.inputValue(), value, `${name}: keeps ${field}`);
    }
    await auditor.look(this, name, { faulty: true, shot });
  }

  look(name, options) {
    return this.world.auditor.look(this, name, options);
  }

  async leave() {
    await this.context.close();
    this.household.close();
  }
}
