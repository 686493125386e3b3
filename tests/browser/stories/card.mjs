// Signing in with the card, and seeing the initial password with it.

import { TARO, apply, signInStaff } from '../people.mjs';
import { Visitor } from '../visitor.mjs';

const PROBLEMS = [
  'unknown',
  'other-person',
  'cancelled',
  'read-error',
  'pin-locked',
  'unsupported-device',
  'app-unavailable',
  'request-expired',
];
const RENEWED = '姫路 花子 カードを更新して、アプリでの名前が変わった人';

/** Opens one of several applications. Its number is a hidden part of the button's name. */
function choose(visitor, { reference }) {
  return visitor.go(() => visitor.page.getByRole('button', { name: reference }).click());
}

export async function cardSignIn(world) {
  const { checks } = world;
  const applicant = await Visitor.arrive(world);
  const first = await apply(applicant, TARO, 'card1@himeji.example');
  await applicant.open('ja/status/withdraw');
  await applicant.fill({ code: first.collectionCode });
  await applicant.press('申込みを取り下げる');
  const second = await apply(await Visitor.arrive(world), TARO, 'card2@himeji.example');

  const taro = await Visitor.arrive(world, { script: false, width: 320 });
  await taro.open('ja/sign-in');
  await taro.look('sign-in', { shot: 'sign-in' });
  await taro.press('マイナンバーカードでサインイン');
  await taro.look('app, sign in', { stranger: true, shot: 'app-sign-in' });
  await taro.press('キャンセル');
  await taro.look('card problem, cancelled', { shot: 'card-cancelled' });
  await taro.follow('申込番号でサインインする');
  await taro.press('マイナンバーカードでサインイン');
  await taro.press(RENEWED);
  await taro.look('card problem, unknown', { shot: 'card-unknown' });
  await taro.open('ja/sign-in');
  await taro.press('マイナンバーカードでサインイン');
  await taro.press(TARO.card);
  checks.equal(taro.path, '/himeji/ja/sign-in/list', 'several applications are offered');
  await taro.look('applications of the card', { shot: 'card-list' });
  await choose(taro, first);
  checks.that((await taro.text()).includes(first.reference), 'the chosen application is shown', await taro.text());
  await taro.open('ja/sign-in/list');
  await choose(taro, second);

  const clerk = await Visitor.arrive(world);
  await signInStaff(clerk);
  await clerk.open(`staff/applications/${second.reference}`);
  await clerk.press('担当する');
  await clerk.answer({ outcome: 'approve' }, '決定の確認へ');
  await clerk.press('承認して発行する');
  await taro.open('ja/password');
  await taro.look('password, card shown', { shot: 'password-card' });
  await taro.press('初期パスワードを表示する');
  checks.that((await taro.text('output')).length > 0, 'the card shows the initial password without the code');

  for (const kind of PROBLEMS) {
    await taro.open(`ja/sign-in/card/problem/${kind}`);
    await taro.look(`card problem at sign-in, ${kind}`);
    await taro.open(`ja/password/card/problem/${kind}`);
    await taro.look(`card problem at the password, ${kind}`);
  }
}
