// The first two questions with nothing but Tab, arrows, Space and Enter.

import { Visitor } from '../visitor.mjs';

export async function keyboard(world) {
  const { checks } = world;
  const visitor = await Visitor.arrive(world, { width: 320 });
  const { page } = visitor;
  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement;
      // A choice shows the ring around its whole row.
      const ringed = [element, element.closest('.lc-choice')].filter(Boolean);
      return {
        name: element.name ?? '',
        type: element.type ?? '',
        text: element.textContent.trim(),
        isRinged: ringed.some((one) => getComputedStyle(one).outlineStyle !== 'none'),
        isInView: element.getBoundingClientRect().top >= 0 && element.getBoundingClientRect().bottom <= innerHeight,
      };
    });
  const tabTo = async (what, isThere) => {
    for (let step = 0; step < 40; step += 1) {
      await page.keyboard.press('Tab');
      let focus = await focused();
      // The browser moves the page after the focus, which may be a moment later.
      for (let wait = 0; !focus.isInView && wait < 20; wait += 1) {
        await new Promise((next) => setTimeout(next, 50));
        focus = await focused();
      }
      checks.that(focus.isRinged && focus.isInView, `the focus can be seen on the way to ${what}`, JSON.stringify(focus));
      if (isThere(focus)) return focus;
    }
    throw new Error(`Tab does not lead to ${what}`);
  };

  await visitor.open('ja/apply/who');
  const skip = await tabTo('the skip link', () => true);
  checks.equal(skip.text, '本文へ', 'the first stop is the skip link');
  await page.keyboard.press('Enter');
  await tabTo('the reason', (focus) => focus.name === 'category');
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  checks.equal(await page.locator('[name=category]:checked').inputValue(), 'resident', 'arrows move between choices');
  await tabTo('the age', (focus) => focus.name === 'age');
  await page.keyboard.press('Space');
  await tabTo('the button', (focus) => focus.type === 'submit');
  await visitor.go(() => page.keyboard.press('Enter'));
  checks.equal(visitor.path, '/himeji/ja/apply/email', 'the first question can be answered by keyboard');

  await tabTo('the address', (focus) => focus.name === 'email');
  await page.keyboard.type('keyboard@example.jp');
  await visitor.go(() => page.keyboard.press('Enter'));
  checks.equal(visitor.path, '/himeji/ja/apply/email/code', 'Enter in a field sends the form');

  await tabTo('the code', (focus) => focus.name === 'code');
  await visitor.go(() => page.keyboard.press('Enter'));
  await tabTo('the complaint', (focus) => focus.text.includes('コード'));
  await page.keyboard.press('Enter');
  checks.equal((await focused()).name, 'code', 'a complaint leads to its field');
}
