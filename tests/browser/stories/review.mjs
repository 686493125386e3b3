// The reviewer's day: parts and filters, holds, memos, opinions, two at once, templates, absences, the record, the keys.

import { HANAKO, SECOND, TARO, apply, signInStaff } from '../people.mjs';
import { Visitor } from '../visitor.mjs';

export async function review(world) {
  const { checks } = world;
  const first = await apply(await Visitor.arrive(world), HANAKO, 'review-1@example.jp');
  const second = await apply(await Visitor.arrive(world), TARO, 'review-2@example.jp');
  const staff = await Visitor.arrive(world, { script: false, width: 320 });
  await signInStaff(staff);
  for (const tab of ['unclaimed', 'mine', 'colleagues', 'on_hold', 'with_applicant', 'awaiting_registration', 'due', 'decided', 'all']) {
    await staff.open(`staff/queue?tab=${tab}`);
    await staff.look(`queue, part ${tab}`, { shot: `queue-${tab}` });
  }
  await staff.open('staff/queue?procedure=new_card&from=2020-01-01&flag=mail_failed');
  await staff.look('queue, filtered in vain', { shot: 'queue-filtered' });
  await staff.go(() => staff.page.getByRole('link', { name: 'メールが届かず' }).click());
  checks.that((await staff.text()).includes(first.reference), 'a filter in force can be taken away', staff.path);

  await staff.open('staff/queue');
  for (const { reference } of [first, second]) await staff.page.getByLabel(`${reference} を選ぶ`).check();
  await staff.press('選んだ申込みを担当する');
  checks.that((await staff.text()).includes('できたもの 2件'), 'two are claimed at once', await staff.text());
  await staff.look('batch, claimed', { stranger: true, shot: 'batch-claimed' });
  await staff.follow('自分の担当へ');
  await staff.page.getByLabel(`${second.reference} を選ぶ`).check();
  await staff.press('選んだ申込みをまとめて承認する');
  await staff.look('batch, confirmation', { stranger: true, shot: 'batch-confirmation' });

  await staff.open(`staff/applications/${first.reference}?tab=mine`);
  await staff.page.getByText('職員メモを書く').click();
  await staff.fail('memo, empty', { memo: '' }, { button: 'メモを残す' });
  await staff.answer({ memo: '電話は午後' }, 'メモを残す');
  await staff.page.getByText('保留にする').first().click();
  await staff.fail('hold, empty', { hold_until: '', hold_reason: '' }, { button: '保留にする', shot: 'hold-faulty' });
  const day = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
  await staff.answer({ hold_until: day, hold_reason: '書類を待つ' }, '保留にする');
  await staff.open(`staff/applications/${first.reference}`);
  await staff.look('review, on hold', { shot: 'review-on-hold' });

  await staff.open('staff/templates');
  await staff.look('templates', { shot: 'templates' });
  await staff.fail('template, unknown variable', { kind: 'decline', title: '住所', body: '{name} 様' }, { button: '保存する' });
  await staff.answer({ kind: 'decline', title: '住所', body: '{reference} の住所を確かめられません。' }, '保存する');
  await staff.follow('住所');
  await staff.look('template', { shot: 'template' });
  await staff.fail('template, emptied', { title: '' }, { button: '保存する', shot: 'template-empty' });

  await staff.open(`staff/applications/${second.reference}`);
  await staff.fill({ template: '住所' });
  await staff.press('ひな形を入れる');
  checks.that((await staff.page.locator('#reason').inputValue()).includes(second.reference), 'a template is put in');
  await staff.look('review, with a template', { stranger: true, shot: 'review-template' });
  await staff.press('決定の確認へ');
  await staff.press('承認しないと決定する');
  await staff.look('review, declined, and what is next', { shot: 'review-next' });

  await staff.open('staff/absences');
  await staff.fail('absence, empty', {}, { button: '不在を入力する' });
  await staff.answer({ from_on: day, until_on: day }, '不在を入力する');
  await staff.look('absences', { shot: 'absences' });
  await staff.press(/取り消す/);
  await members(world, staff);
  await staff.open('staff/record');
  await staff.look('record', { shot: 'record' });
  await staff.open('staff/record/deeds');
  await staff.look('what staff did', { shot: 'deeds' });
  await staff.open('staff/record?reference=x');
  await staff.look('record, no such number', { faulty: true });
  await staff.open('staff/help');
  await staff.look('help for staff', { shot: 'staff-help' });
  await staff.open('staff/settings');
  await staff.look('settings', { shot: 'staff-settings' });
  await keys(world, first.reference);
}

/** The accounts of the staff: a colleague is invited, given a role, shut out and let in again. */
async function members({ checks }, staff) {
  await staff.open('staff/members');
  await staff.look('accounts', { shot: 'members' });
  await staff.fail('invitation, no role', { login: 'imai', name: '今井' }, { button: '招待する', sentence: '役割を選んでください', shot: 'members-wrong' });
  await staff.answer({ role: '受付（窓口で受け付ける）', branch: '城内図書館' }, '招待する');
  checks.that((await staff.text()).includes('/staff/invitation/'), 'the address of the invitation is shown');
  await staff.look('invitation, shown once', { shot: 'member-invited' });
  await staff.follow('職員の一覧');
  await staff.follow('今井');
  await staff.look('account', { shot: 'member' });
  await staff.fail('a role is to be chosen', {}, { button: '役割を加える', sentence: '役割を選んでください' });
  await staff.press('停止する');
  checks.that((await staff.text()).includes('停止中'), 'an account is suspended');
  await staff.look('account, suspended', { shot: 'member-suspended' });
  await staff.press('停止を解く');
  checks.that((await staff.text()).includes('招待中'), 'and let in again');
}

/** The keys do nothing until they are switched on, and then only what a visible control does. */
async function keys(world, reference) {
  const { checks } = world;
  const staff = await Visitor.arrive(world);
  await signInStaff(staff, SECOND);
  await staff.open('staff/queue?tab=on_hold');
  await staff.page.keyboard.press('j');
  const onLink = () => staff.page.evaluate(() => document.activeElement.tagName === 'A');
  checks.that(!(await onLink()), 'keys are off at first');
  await staff.open('staff/settings');
  await staff.page.getByLabel('ショートカットを使う').check();
  await staff.press('保存する');
  await staff.open('staff/queue?tab=on_hold');
  await staff.page.keyboard.press('j');
  checks.that(await onLink(), 'j moves to a row');
  await staff.go(() => staff.page.keyboard.press('o'));
  checks.that(staff.path.includes(reference), 'o opens it', staff.path);
  await staff.go(() => staff.page.keyboard.press('c'));
  checks.that((await staff.text()).includes('担当をはずす'), 'c claims it');
  await staff.page.keyboard.press('a');
  checks.that(await staff.page.locator('#outcome').isChecked(), 'a chooses, and decides nothing');
  await staff.page.keyboard.press('g');
  await staff.go(() => staff.page.keyboard.press('q'));
  checks.that(staff.path.endsWith('/staff/queue'), 'g q leads to the queue', staff.path);
  await staff.page.keyboard.press('/');
  checks.equal(await staff.page.evaluate(() => document.activeElement.id), 'q', '/ leads to the search');
}
