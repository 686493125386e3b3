// Somebody who has a card applies for another: what staff see, say, and cannot do before. And whoever is family.

import { TAKAHASHI, apply, signInStaff } from '../people.mjs';
import { Visitor } from '../visitor.mjs';

const SAVE = { button: '判断を保存する' };

/** Says of each candidate that nobody has judged that it is somebody else. */
async function judgeAll(staff, reference) {
  for (;;) {
    await staff.open(`staff/applications/${reference}/duplicates`);
    const open = staff.page.locator('section', { hasText: 'まだ判断していません' }).first();
    if ((await open.count()) === 0) return;
    await open.locator('[name=verdict][value=different]').check();
    await staff.go(() => open.getByRole('button', { name: SAVE.button }).click());
  }
}

export async function duplicates(world) {
  const { checks } = world;
  const staff = world.sato ?? (await Visitor.arrive(world, { script: false, width: 320 }));
  if (!world.sato) await signInStaff(staff);
  const first = await apply(await Visitor.arrive(world), TAKAHASHI, 'first@himeji.example');
  await staff.open(`staff/applications/${first.reference}`);
  await staff.press('担当する');
  await judgeAll(staff, first.reference);
  await staff.look('duplicates, none or judged');
  await staff.open(`staff/applications/${first.reference}`);
  await staff.answer({ outcome: 'approve' }, '決定の確認へ');
  await staff.press('承認して発行する');

  const second = await apply(await Visitor.arrive(world), { ...TAKAHASHI, address: { ...TAKAHASHI.address, line1: '飾磨区細江１' } }, 'second@himeji.example');
  await staff.open(`staff/applications/${second.reference}/duplicates`);
  await staff.look('duplicates, unclaimed');
  await staff.open(`staff/applications/${second.reference}`);
  await staff.press('担当する');
  await staff.look('review, with duplicates', { shot: 'review-duplicates' });
  const approval = staff.page.locator('main [name="outcome"][value="approve"]');
  checks.that(await approval.isDisabled(), 'nobody approves before somebody has looked');
  checks.that((await staff.text()).includes('承認できません'), 'and the page says why');
  await staff.go(() => staff.page.getByRole('link', { name: '似ている人をならべて見る' }).click());
  await staff.look('duplicates', { shot: 'duplicates' });
  const section = staff.page.locator('section', { hasText: 'まだ判断していません' }).first();
  await staff.go(() => section.getByRole('button', { name: SAVE.button }).click());
  checks.that((await staff.text('.lc-errsum')).includes('選んでください'), 'a verdict must be chosen');
  await staff.look('duplicates, nothing chosen', { faulty: true, shot: 'duplicates-empty' });
  const judged = staff.page.locator('section', { hasText: 'まだ判断していません' }).first();
  await judged.locator('[name=verdict][value=same]').check();
  await judged.locator('[name=note]').fill('電話で確かめました');
  await staff.go(() => judged.getByRole('button', { name: SAVE.button }).click());
  checks.that((await staff.text()).includes('電話で確かめました'), 'the verdict is remembered with its note');
  await staff.look('duplicates, the same person', { shot: 'duplicates-same' });

  await staff.open('staff/relations');
  await staff.look('relations', { shot: 'relations' });
  await staff.fail('relations, no such card', { card: '9' }, { button: '登録する', sentence: '見つかりません', shot: 'relations-wrong' });

  await staff.open(`staff/applications/${second.reference}`);
  await staff.page.locator('summary', { hasText: '自分や家族などの申込みのとき' }).click();
  await staff.press('関係者なので担当しません');
  checks.that(staff.path.endsWith('/staff/queue'), 'whoever is close goes back to the queue', staff.path);
  await staff.open(`staff/applications/${second.reference}`);
  checks.equal(await staff.page.getByRole('button', { name: '担当する', exact: true }).count(), 0, 'and cannot come back');
}
