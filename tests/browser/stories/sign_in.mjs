// Signing in with card number and password on a small screen without JavaScript: the initial password is changed first,
// then devices are listed and ended.

import { HANAKO, apply, signIn, signInStaff } from '../people.mjs';
import { Visitor } from '../visitor.mjs';

const EMAIL = 'hanako@sign-in.example';
const OWN = '川のほとりの 桜 三本';
const NEXT = '海の見える坂道 七曲り';
const SMALL = { script: false, width: 320 };

export async function passwordSignIn(world) {
  const { checks } = world;
  const applicant = await Visitor.arrive(world);
  const { reference, collectionCode } = await apply(applicant, HANAKO, EMAIL);
  const clerk = await Visitor.arrive(world);
  await signInStaff(clerk);
  await clerk.open(`staff/applications/${reference}`);
  await clerk.press('担当する');
  await clerk.answer({ outcome: 'approve' }, '決定の確認へ');
  await clerk.press('承認して発行する');
  const reader = await Visitor.arrive(world);
  await signIn(reader, HANAKO, reference, EMAIL);
  const number = (await reader.text('dl .lc-num')).replaceAll(' ', '');
  await reader.open('ja/password');
  await reader.answer({ code: collectionCode }, '初期パスワードを表示する');
  const initial = (await reader.text('output')).replace(/\s/g, '');

  const hanako = await Visitor.arrive(world, SMALL);
  await chooseWithMistakes(hanako, number, initial);
  await ownPage(hanako);
  await hanako.open('ja/password');
  await hanako.look('password, changed', { shot: 'password-changed' });

  await reader.open('ja/sign-in/password');
  await reader.answer({ number, password: OWN }, 'サインイン');
  checks.equal(reader.path, '/himeji/ja/card', 'the same password signs in elsewhere');
  await endWithMistakes(hanako);
  await reader.open('ja/status');
  checks.that(reader.path.includes('/sign-in'), 'a change of the password ends every other session', reader.path);

  await clerk.open('staff/requests');
  await clerk.look('staff, requests', { shot: 'staff-requests' });
  await clerk.fail('staff, requests, no answer', {}, { button: /答える/, sentence: '答えを選んで', shot: 'staff-requests-empty' });
  await hanako.open('ja/card/close');
  await hanako.answer({ sure: 'yes', current: NEXT }, '退会する');
  await hanako.look('account closed', { shot: 'card-closed' });
  checks.that((await hanako.text()).includes('退会を受け付けました'), 'an account is closed', hanako.path);
  await clerk.open('staff/requests');
  await clerk.look('staff, requests, with a closing', { shot: 'staff-requests-closing' });

  const stranger = await Visitor.arrive(world, SMALL);
  await stranger.open('ja/sign-in/password');
  for (let tries = 0; tries < 5; tries += 1) await stranger.answer({ number, password: `guess ${tries}` }, 'サインイン');
  await stranger.fail('sign-in with a password, slowed down', { number, password: NEXT }, { button: 'サインイン', sentence: 'まちがいが続いた', shot: 'sign-in-slowed' });
}

/** The patron's own page on a small screen without JavaScript. */
async function ownPage(hanako) {
  const { checks } = hanako.world;
  for (const lang of ['ja', 'ja-simple', 'en']) {
    await hanako.open(`${lang}/card`);
    await hanako.look(`own page, ${lang}`, { shot: `card-home-${lang}` });
    await hanako.open(`${lang}/card/show`);
    await hanako.look(`digital card, ${lang}`, { shot: `card-show-${lang}` });
    await hanako.open(`${lang}/card/record`);
    await hanako.look(`own record, ${lang}`, { shot: `card-record-${lang}` });
    await hanako.open(`${lang}/card/stop`);
    await hanako.look(`card, stop, ${lang}`);
    await hanako.open(`${lang}/card/close`);
    await hanako.look(`close the account, ${lang}`, { shot: `card-close-${lang}` });
    await hanako.open(`${lang}/card/requests`);
    await hanako.look(`requests, ${lang}`, { shot: `card-requests-${lang}` });
  }
  await hanako.open('ja/card/close');
  await hanako.fail('close the account, not sure', {}, { button: '退会する', sentence: '確認に印をつけて' });
  await hanako.fail('close the account, wrong password', { sure: 'yes', current: 'x' }, { button: '退会する', sentence: 'いまのパスワードがちがいます', shot: 'card-close-wrong' });
  await hanako.open('ja/card/requests');
  await hanako.fail('requests, empty', {}, { button: '申し出を送る', sentence: '訂正か消去か', shot: 'card-requests-empty' });
  await hanako.answer({ kind: 'correction', text: 'フリガナがちがいます。' }, '申し出を送る');
  await hanako.look('requests, asked', { shot: 'card-requests-asked' });
  for (const [address, type] of [['show/card.png', 'image/png'], ['show/card.pdf', 'application/pdf'], ['record/record.json', 'application/json'], ['record/record.pdf', 'application/pdf'], ['card.ics', 'text/calendar; charset=utf-8']]) {
    await hanako.open('ja/card');
    checks.equal(await hanako.mediaType(new URL(`card/${address}`, hanako.page.url()).href), type, `${address} is there to keep`);
  }
  await hanako.open('ja/card/stop');
  await hanako.press('いますぐ止める');
  await hanako.look('own page, stopped', { shot: 'card-home-stopped' });
  await hanako.open('ja/card/show');
  await hanako.look('digital card, stopped', { shot: 'card-show-stopped' });
  checks.equal(await hanako.page.locator('main svg[role=img]').count(), 0, 'a stopped card has no barcode');
  await hanako.open('ja/card');
  await hanako.follow('図書館カードを止めたお知らせ');
  const notice = hanako.path.replace('/himeji/ja/', '');
  for (const lang of ['ja', 'ja-simple', 'en']) {
    await hanako.open(`${lang}/${notice}`);
    await hanako.look(`notice that the card was stopped, ${lang}`, { shot: `notice-stopped-${lang}` });
  }
  const file = new URL(`/himeji/ja/${notice}/notice.pdf`, hanako.page.url()).href;
  checks.equal(await hanako.mediaType(file), 'application/pdf', 'that the card was stopped is there to keep');
  await hanako.open('ja/card/show');
  await hanako.follow('カードが見つかった');
  await hanako.press('また使えるようにする');
  await hanako.look('own page, found', { shot: 'card-home-found' });
}

async function chooseWithMistakes(hanako, number, initial) {
  const { checks } = hanako.world;
  await hanako.open('ja/sign-in');
  await hanako.look('sign-in, with a way by card number', { shot: 'sign-in-ways' });
  await hanako.follow('カード番号でサインイン');
  await hanako.look('sign-in with a password', { shot: 'sign-in-password' });
  const enter = { button: 'サインイン' };
  await hanako.fail('sign-in with a password, empty', {}, enter);
  await hanako.fail('sign-in with a password, wrong', { number, password: 'wrong' }, { ...enter, sentence: 'ちがいます' });
  const mistyped = number.slice(0, -1) + ((Number(number.at(-1)) + 1) % 10);
  await hanako.fail('sign-in with a password, mistyped', { number: mistyped, password: 'x' }, { ...enter, sentence: '打ちまちがい' });
  await hanako.answer({ number, password: initial }, 'サインイン');
  checks.equal(hanako.path, '/himeji/ja/sign-in/new-password', 'the initial password is changed first');
  await hanako.look('new password', { shot: 'new-password' });
  const decide = { button: '決めてサインインする' };
  await hanako.fail('new password, empty', {}, decide);
  await hanako.fail('new password, common', { password: 'password1', again: 'password1' }, { ...decide, sentence: 'よく使われる' });
  await hanako.fail('new password, mistyped once', { password: OWN, again: 'x' }, { ...decide, sentence: 'もう一度' });
  await hanako.answer({ password: OWN, again: OWN }, '決めてサインインする');
  checks.equal(hanako.path, '/himeji/ja/card', 'a password of one’s own signs in');
}

async function endWithMistakes(hanako) {
  const { checks } = hanako.world;
  await hanako.open('ja/status');
  await hanako.follow('サインインと端末（パスワードを変える）');
  await hanako.look('account, with another device', { shot: 'account' });
  await hanako.follow('パスキーを見る・追加する');
  await hanako.look('passkeys, without JavaScript', { shot: 'passkeys' });
  checks.that(!(await hanako.page.getByRole('button', { name: 'パスキーを追加する' }).isVisible()), 'nothing is offered that does not work');
  await hanako.open('ja/account');
  await hanako.follow('パスワードを変える');
  await hanako.look('another password', { shot: 'account-password' });
  const change = { button: 'パスワードを変える' };
  await hanako.fail('another password, empty', {}, change);
  await hanako.fail('another password, the old one wrong', { current: 'x', password: NEXT, again: NEXT }, { ...change, sentence: 'いまのパスワードがちがいます' });
  await hanako.answer({ current: OWN, password: NEXT, again: NEXT }, 'パスワードを変える');
  checks.that((await hanako.text()).includes('ほかの端末は、すべてサインアウトしました'), 'what was done is said first');
  await hanako.look('account, password changed', { shot: 'account-changed' });
}
