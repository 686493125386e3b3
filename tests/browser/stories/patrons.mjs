// Somebody at the counter: staff find the patron by two facts or the card, open the record, stop the card and lift that.

import { TAKAHASHI, apply, signInStaff } from '../people.mjs';
import { Visitor } from '../visitor.mjs';

const SEARCH = 'さがす';
/** Two facts of the patron; the story of the duplicates gives her a card, if it is told before. */
const SHE = { email: 'first@himeji.example', kana: 'タカ' };

async function giveCard(world, staff) {
  const { reference } = await apply(await Visitor.arrive(world), TAKAHASHI, SHE.email);
  await staff.open(`staff/applications/${reference}`);
  await staff.press('担当する');
  await staff.answer({ outcome: 'approve' }, '決定の確認へ');
  await staff.press('承認して発行する');
}

export async function patrons(world) {
  const { checks } = world;
  const staff = world.sato ?? (await Visitor.arrive(world, { script: false, width: 320 }));
  if (!world.sato) await signInStaff(staff);
  await staff.open('staff/patrons');
  await staff.answer(SHE, SEARCH);
  if ((await staff.text()).includes('見つかりません')) await giveCard(world, staff);

  await staff.open('staff/campaign');
  await staff.look('linking again, in numbers', { shot: 'campaign' });
  await staff.open('staff/patrons');
  await staff.look('patron search', { shot: 'patrons' });
  await staff.fail('one fact is not enough', { email: SHE.email, kana: '' }, { button: SEARCH, sentence: '2つ以上', shot: 'patrons-few' });
  await staff.answer({ ...SHE, kana: 'ン' }, SEARCH);
  checks.that((await staff.text()).includes('見つかりません'), 'facts of two people find nobody');
  await staff.look('patron search, nobody');
  await staff.answer(SHE, SEARCH);
  await staff.look('patron search, found', { shot: 'patrons-found' });
  await staff.go(() => staff.page.locator('tbody a').first().click());
  checks.that((await staff.text()).includes('LC-'), 'the record names the application');
  await staff.look('patron record', { shot: 'patron' });
  await staff.go(() => staff.page.getByRole('link', { name: '窓口で初期パスワードを渡す' }).click());
  await staff.look('password at the counter', { shot: 'counter-password' });
  const HAND_OUT = '本人を確かめたので、初期パスワードを表示する';
  await staff.fail('nobody was checked', {}, { button: HAND_OUT, sentence: '確かめた書類を選んで', shot: 'counter-password-wrong' });
  await staff.answer({ proof: '.other' }, HAND_OUT);
  await staff.look('password at the counter, shown', { shot: 'counter-password-shown' });
  await staff.go(() => staff.page.getByRole('link', { name: '利用者の記録へ' }).click());
  await staff.press('カードを止める');
  checks.that((await staff.text()).includes('図書館が止めています'), 'the library stops a card');
  await staff.look('patron record, card stopped', { shot: 'patron-stopped' });
  await staff.press('カードを使えるようにもどす');
  checks.that((await staff.text()).includes('使えます'), 'and lifts its own stop');
  await staff.page.locator('summary', { hasText: '手続きを止める' }).click();
  await staff.fail('no reason is chosen', { block_note: '電話をください' }, { button: '手続きを止める', sentence: 'どの理由で止めるか', shot: 'patron-block-wrong' });
  await staff.answer({ block: '窓口でお話ししたいことがあります' }, '手続きを止める');
  checks.that((await staff.text()).includes('電話をください'), 'a block is put on the patron, with its note');
  await staff.look('patron record, procedures stopped', { shot: 'patron-blocked' });
  await staff.go(() => staff.page.getByRole('button', { name: /^解除する/ }).click());
  checks.that((await staff.text()).includes('止めている手続きはありません'), 'and lifted');
}
