// What must hold of every page at every width.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { resolve } = createRequire(import.meta.url);
const AXE = readFileSync(resolve('axe-core/axe.min.js'), 'utf8');
// Naming wcag22aa is what turns the check of target sizes on.
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Axe waits by timers, which a browser without JavaScript does not run. Its own deadlines are not needed. */
function runTimersAtOnce() {
  window.setTimeout = (act, delay = 0, ...rest) => {
    if (delay < 100) Promise.resolve().then(() => act(...rest));
    return 0;
  };
}

/** Brings axe to the page. `script`: whether JavaScript runs there. */
export async function bringAxe(page, script) {
  await page.evaluate(AXE);
  if (!script) await page.evaluate(runTimersAtOnce);
}

/** Nothing stands in anybody's way, for what axe can tell. */
export async function checkAccess(checks, page, name) {
  const violations = await page.evaluate(
    async (rules) => (await axe.run({ runOnly: rules, resultTypes: ['violations'], preload: false })).violations,
    RULES,
  );
  const found = violations.map(({ id, nodes }) => `${id} ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
  checks.that(found.length === 0, `${name}: axe`, found.join('; '));
}

/** Nobody must scroll sideways. */
export async function checkWidth(checks, page, name, width) {
  const over = await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
  checks.that(over <= 0, `${name}: fits into ${width} px`, `${over} px too wide`);
}

/** Nor whoever has doubled the size of the text on a telephone (WCAG 1.4.4, 1.4.10). Wide tables scroll in their own box. */
export async function checkLargeText(checks, page, name) {
  await page.setViewportSize({ width: 320, height: 800 });
  await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
  await checkWidth(checks, page, `${name}, text of 200 %`, 320);
  await page.evaluate(() => document.documentElement.removeAttribute('style'));
}

/** A box whose parts stand beside each other takes a text with readings, or with emphasis, into pieces. */
function textsInPieces() {
  const isText = ({ nodeType, nodeValue }) => nodeType === Node.TEXT_NODE && nodeValue.trim() !== '';
  const isInText = ({ tagName }) => ['RUBY', 'B', 'STRONG', 'EM', 'ABBR', 'BDI'].includes(tagName);
  const isBroken = (element) => {
    if (!/flex|grid/.test(getComputedStyle(element).display)) return false;
    const pieces = [...element.childNodes].filter((node) => isText(node) || isInText(node));
    return pieces.length > 1;
  };
  return [...document.body.querySelectorAll('*')].filter(isBroken).map((element) => element.outerHTML.slice(0, 120));
}

/** Texts stay in one piece. */
export async function checkTexts(checks, page, name) {
  const broken = await page.evaluate(textsInPieces);
  checks.that(broken.length === 0, `${name}: texts are in one piece`, broken.join('; '));
}
