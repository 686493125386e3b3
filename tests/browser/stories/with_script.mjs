// The whole way with JavaScript on a wide screen, by impatient people: two clicks on every
// button, Back, reload, two tabs. The second library, where other rules hold.

import { HANAKO, TAKAHASHI, agree, apply, prove, receipt, signIn, signInStaff } from '../people.mjs';
import { Visitor } from '../visitor.mjs';

/** The notice, as the list names it. */
const NOTICE = '貸出券番号等通知書（図書館カード交付のお知らせ）';
const EMAIL = 'takahashi@example.jp';

export async function withScript(world) {
  const { checks } = world;
  const applicant = await Visitor.arrive(world, { slug: 'shiomi' });
  const twice = async (visitor, button) => {
    const sent = await visitor.pressTwice(button);
    checks.equal(sent, 1, `two clicks on 「${button}」 send one form (${visitor.path})`);
  };

  await applicant.open('ja/apply/who');
  await applicant.fill({ category: 'work', age: 'yes' });
  await twice(applicant, '次へ');
  await applicant.fill({ email: EMAIL });
  await twice(applicant, 'コードを送る');
  await applicant.fill({ code: await applicant.mail.code(EMAIL) });
  await twice(applicant, '次へ');
  await applicant.fill(TAKAHASHI.name);
  await twice(applicant, '次へ');
  await applicant.fill(TAKAHASHI.birth);
  await twice(applicant, '次へ');
  await applicant.fill(TAKAHASHI.address);
  await twice(applicant, '次へ');
  await goBackAndForth(applicant);
  await applicant.fill({ branch: 'みさき分室' });
  await twice(applicant, '次へ');
  await prove(applicant);
  await changeFromCheck(applicant);
  await agree(applicant);
  await twice(applicant, '署名へ進む');
  await twice(applicant, 'アプリで署名する');
  await applicant.press(TAKAHASHI.card);

  const first = await receipt(applicant);
  await applicant.page.reload();
  const again = await receipt(applicant);
  checks.that(first.reference === again.reference && first.collectionCode === again.collectionCode, 'the receipt survives a reload');
  await applicant.page.goBack();
  await applicant.open('ja/apply/sign');
  checks.equal(await applicant.heading(), '申込みを受け付けました', 'Back after signing leads to the receipt');

  const staff = await Visitor.arrive(world, { slug: 'shiomi' });
  await signInStaff(staff);
  const row = staff.page.getByRole('row', { name: first.reference });
  checks.equal(await row.count(), 1, 'one application came of all those clicks');
  await staff.follow(first.reference);
  await twice(staff, '担当する');
  await staff.look('review, substitute character', { shot: 'review' });
  checks.that((await staff.text('.lc-compare')).includes('置きかえられています'), 'the substitute character is explained');
  await staff.fill({ outcome: 'approve' });
  await twice(staff, '決定の確認へ');
  await twice(staff, '承認して発行する');
  checks.that((await staff.text()).includes('承認し、カードを発行しました'), 'the application is approved');

  const reader = await Visitor.arrive(world, { slug: 'shiomi' });
  await signIn(reader, TAKAHASHI, first.reference, EMAIL);
  checks.equal(await reader.page.getByRole('link', { name: NOTICE }).count(), 1, 'there is one notice');
  await reader.open('ja/password');
  await reader.look('password, card needed', { shot: 'password-card-needed' });
  await reader.press('マイナンバーカードで確かめる');
  await reader.press(TAKAHASHI.card);
  await twice(reader, '初期パスワードを表示する');
  checks.that((await reader.text('output')).length >= 8, 'the password is shown');
  await reader.look('password, shown, with its buttons');
  checks.equal(await world.demo.mail.count(EMAIL, 4), 4, 'each mail was sent once in spite of all those clicks');

  await decline(world, staff, twice);
}

/** Answers survive the Back button, and the way forward is the same as before. */
async function goBackAndForth(applicant) {
  const { checks } = applicant.world;
  const value = (name) => applicant.page.locator(`main [name="${name}"]:not([type=hidden])`).inputValue();
  await applicant.page.goBack();
  checks.equal(await value('line1'), TAKAHASHI.address.line1, 'Back shows the address as typed');
  await applicant.page.goBack();
  checks.equal(await value('day'), TAKAHASHI.birth.day, 'Back again shows the birth date as typed');
  await applicant.press('次へ');
  checks.equal(await value('municipality'), '姫路市', 'the way forward shows the address again');
  await applicant.press('次へ');
}

/** A change from the page that shows all answers leads back there. */
async function changeFromCheck(applicant) {
  const { checks } = applicant.world;
  await applicant.follow(/^変更.*氏名$/);
  await applicant.answer({ kana: 'たかはし　はなこ' });
  checks.that(applicant.path.startsWith('/shiomi/ja/apply/check'), 'a change leads back to all answers', applicant.path);
}

async function decline(world, staff, twice) {
  const { checks } = world;
  const email = 'hanako@shiomi.example';
  const applicant = await Visitor.arrive(world, { slug: 'shiomi' });
  const { reference } = await apply(applicant, HANAKO, email);

  await staff.open(`staff/applications/${reference}`);
  await staff.press('担当する');
  const reason = '町内で働いていることを確かめられませんでした。\n勤務先がわかるものをお持ちになり、窓口でお申し込みください。';
  await staff.answer({ outcome: 'decline', reason }, '決定の確認へ');
  await staff.look('confirmation, decline', { shot: 'confirmation-decline' });

  // In another tab the claim is given back; the first tab's decision must not count.
  const other = await staff.newPage();
  await other.goto(`${staff.library}/staff/applications/${reference}`);
  await Promise.all([other.waitForEvent('load'), other.getByRole('button', { name: '担当をはずす' }).click()]);
  await other.close();
  await staff.press('承認しないと決定する');
  checks.equal(await staff.heading(), 'この操作は保存していません', 'a decision without a claim is explained');
  checks.that((await staff.text()).includes('窓口でお申し込みください'), 'the written reason is not lost');
  await staff.look('conflict', { shot: 'conflict' });

  await staff.follow('いまの内容をひらく');
  await staff.press('担当する');
  await staff.fill({ outcome: 'decline', reason });
  await twice(staff, '決定の確認へ');
  await twice(staff, '承認しないと決定する');
  await staff.look('review, declined');

  await applicant.open('ja/status');
  await applicant.look('status, declined');
  await applicant.follow('お申し込みの結果のお知らせ');
  checks.that((await applicant.text()).includes('町内で働いていることを確かめられませんでした'), 'the applicant reads the reason');
  await applicant.look('notice, declined', { shot: 'notice-declined' });
  checks.equal(await world.demo.mail.count(email, 3), 3, 'each mail of the declined application was sent once');
}

