// Every page that the whole way does not pass: guidance, dead ends, problems of signing, mistakes in addresses.

import { until } from '../checks.mjs';
import { HANAKO, TAKAHASHI, TARO, agree, apply, begin, describe, receipt, signIn } from '../people.mjs';
import { Visitor } from '../visitor.mjs';

/** Each problem with signing, and the test card that causes it. */
const PROBLEMS = {
  cancelled: 'キャンセル',
  revoked: '姫路 花子 証明書が失効しているカード',
  expired: '姫路 花子 証明書の有効期限が切れたカード',
  'not-yet-valid': '姫路 花子 証明書の有効期間が始まっていないカード',
  'wrong-certificate': '姫路 花子 利用者証明用の証明書で署名してしまうアプリ',
  'wrong-document': '姫路 花子 別の文書に署名してしまうアプリ',
  'not-trusted': '姫路 花子 偽の認証局が発行したカード',
  'other-person': HANAKO.card,
  'no-certificate': '姫路 こども 署名用の証明書がないカード（15歳未満など）',
  'pin-locked': '姫路 花子 暗証番号がロックされたカード',
  'read-error': '姫路 花子 読み取れないカード',
  'unsupported-device': '姫路 花子 対応していないスマートフォン',
  'app-unavailable': '姫路 花子 署名のあとで止まるアプリ',
};
/** Problems that no test card causes. */
const OTHER_PROBLEMS = ['other-name', 'other-birth', 'not-signed', 'request-unknown', 'request-expired', 'already-applied'];

export async function guidance(world) {
  const visitor = await Visitor.arrive(world, { script: false, width: 320 });
  for (const page of ['help', 'counter', 'ways', 'accessibility', 'privacy', 'cookies']) {
    await visitor.open(`ja/${page}`);
    await visitor.look(page, { shot: page });
  }
  await visitor.open('/');
  await visitor.look('libraries', { shot: 'libraries' });
  for (const why of ['age', 'category', 'area']) {
    await visitor.open(`ja/apply/elsewhere?why=${why}`);
    await visitor.look(`elsewhere, ${why}`, { shot: `elsewhere-${why}` });
  }
  for (const [address, type] of [['live', 'text/plain'], ['ready', 'text/plain'], ['revocation', 'application/json'], ['seals', 'application/json'], ['mail', 'application/json']]) {
    const answer = await visitor.take(`/health/${address}`);
    const found = answer.headers.get('content-type') ?? '';
    world.checks.that(answer.ok && found.startsWith(type), `/health/${address} answers`, `${answer.status} ${found}`);
  }
  await visitor.open(`${world.demo.app}/card-reader`);
  await visitor.look('card reader of the demonstration', { stranger: true, shot: 'app-card-reader' });
  await visitor.open(`${world.demo.app}/mailbox`);
  await visitor.look('mailbox', { stranger: true, shot: 'mailbox' });
  await visitor.open(`${world.demo.app}/api/realms/main/protocol/openid-connect/auth?client_id=nobody`);
  await visitor.look('app, refused', { stranger: true, shot: 'app-refused' });
}

export async function deadEnds(world) {
  const { checks } = world;
  const visitor = await Visitor.arrive(world, { script: false, width: 320 });
  const meet = async (name, address, status) => {
    const answer = await visitor.open(address);
    checks.equal(answer.status(), status, `${name}: status`);
    await visitor.look(name, { stranger: true, shot: name });
  };
  await meet('not-found', 'ja/nowhere', 404);
  await meet('not-found-library', '/nowhere/ja/', 404);
  await visitor.open('staff/nowhere');
  checks.that(visitor.path.includes('/staff/sign-in'), 'strangers learn nothing of what staff have', visitor.path);
  await meet('not-found-problem', 'ja/apply/sign/problem/nothing', 404);
  await meet('not-allowed', 'ja/sign-out', 405);
  await meet('foreign-signing', '/signing/return?state=x&code=y', 404);

  await visitor.open('ja/resume');
  await visitor.context.clearCookies();
  await visitor.answer({ email: 'a@example.jp' }, 'コードを送る');
  checks.that((await visitor.text()).includes('もう一度確認が必要です'), 'an expired form is explained', await visitor.heading());
  await visitor.look('form expired', { stranger: true, shot: 'form-expired' });
  await visitor.follow('同じ画面をひらく');
  checks.equal(visitor.path, '/himeji/ja/resume', 'an expired form leads to a fresh one');

  const guesser = await Visitor.arrive(world, { script: false, width: 320 });
  for (let tries = 0; tries < 6; tries += 1) {
    await guesser.open('staff/sign-in');
    await guesser.answer({ login: 'nobody', password: `guess ${tries}`, code: '000000' }, 'サインイン');
  }
  checks.that((await guesser.heading()).includes('しばらく'), 'guessing is slowed down', await guesser.heading());
  await guesser.look('too many tries', { stranger: true, shot: 'too-many' });
}

export async function signingProblems(world) {
  const { checks } = world;
  const taro = await Visitor.arrive(world, { width: 360 });
  await begin(taro, 'taro@example.jp');
  await describe(taro, TARO);
  await agree(taro);
  await taro.press('署名へ進む');
  for (const [kind, card] of Object.entries(PROBLEMS)) {
    await taro.open('ja/apply/sign');
    await taro.press('アプリで署名する');
    await taro.press(card);
    checks.equal(taro.path, `/himeji/ja/apply/sign/problem/${kind}`, `the card 「${card}」 is refused`);
    await taro.look(`problem, ${kind}`, { shot: `problem-${kind}` });
  }
  for (const kind of OTHER_PROBLEMS) {
    await taro.open(`ja/apply/sign/problem/${kind}`);
    await taro.look(`problem, ${kind}`, { shot: `problem-${kind}` });
  }
  await taro.open('ja/apply/sign/problem/other-birth');
  await taro.follow('生年月日を直す');
  await taro.answer({ ...TARO.birth, day: '2' });
  await taro.press('署名へ進む');
  await taro.press('アプリで署名する');
  await taro.press(TARO.card);
  checks.that(taro.path.endsWith('/problem/other-birth'), 'a mistyped birth date is named', taro.path);
  checks.that(!(await taro.text()).includes('1975'), 'what the card says is not shown');
  await taro.follow('生年月日を直す');
  await taro.answer(TARO.birth);
  await taro.press('署名へ進む');
  await taro.press('アプリで署名する');
  await taro.press('姫路 花子 暗証番号をまちがえる');
  await taro.look('app, wrong password', { stranger: true, shot: 'app-wrong-password' });
  await taro.press('姫路 花子 署名の結果がなかなか届かないアプリ');
  checks.equal(taro.path, '/himeji/ja/apply/sign/problem/other-person', 'a slow result arrives all the same');
  await taro.open('ja/apply/sign');
  await taro.press('アプリで署名する');
  await taro.press(TARO.card);
  checks.equal(await taro.heading(), '申込みを受け付けました', 'after all problems the right card works');

  const { collectionCode } = await receipt(taro);
  await taro.open('ja/status/withdraw');
  await taro.look('withdraw', { shot: 'withdraw' });
  const withdraw = { button: '申込みを取り下げる' };
  await taro.fail('withdraw, without the collection code', {}, withdraw);
  await taro.fail('withdraw, wrong collection code', { code: 'AAAA-AAAA' }, withdraw);
  await taro.fill({ code: collectionCode });
  const sent = await taro.pressTwice('申込みを取り下げる');
  checks.equal(sent, 1, 'two clicks on 「申込みを取り下げる」 send one form');
  await taro.look('status, withdrawn', { shot: 'status-withdrawn' });
}

export async function lockedPassword(world) {
  const { checks, sato } = world;
  const email = 'takahashi@himeji.example';
  const applicant = await Visitor.arrive(world);
  const { reference } = await apply(applicant, TAKAHASHI, email);
  await sato.open(`staff/applications/${reference}`);
  await sato.press('担当する');
  await world.auditor.picture(sato.page, 'review-window', { whole: false });
  await applicant.open('ja/status');
  await applicant.look('status, under review');
  await sato.answer({ outcome: 'approve' }, '決定の確認へ');
  await sato.press('承認して発行する');

  const stranger = await Visitor.arrive(world);
  await signIn(stranger, TAKAHASHI, reference, email);
  await stranger.open('ja/password');
  const isLocked = async () => (await stranger.text()).includes('入力の回数が多いため');
  for (let tries = 0; tries < 12 && !(await isLocked()); tries += 1) {
    await stranger.answer({ code: 'AAAA-AAAA' }, '初期パスワードを表示する');
  }
  checks.that(await isLocked(), 'guessing the collection code ends');
  await stranger.look('password, locked', { shot: 'password-locked' });
  await stranger.open('ja/status');
  await stranger.press('サインアウトする');
  await stranger.open('ja/status');
  checks.that(stranger.path.endsWith('/sign-in?why=first'), 'after signing out nothing is readable', stranger.path);
}

/** Somebody with two drafts. */
const TWICE = 'futatsu@example.jp';

/** Told early: one address gets one code a minute, so the second draft can only follow later. */
export async function leftDraft(world) {
  const { checks } = world;
  const first = await Visitor.arrive(world);
  await first.open('ja/apply/who');
  await first.answer({ category: 'resident', age: 'yes' });
  await first.open('ja/apply/pause');
  await first.look('pause, e-mail address not confirmed');
  await first.open('ja/apply/email');
  await first.answer({ email: TWICE }, 'コードを送る');
  await first.answer({ code: await first.mail.code(TWICE) });
  await first.press('保存して後でつづける');
  await first.look('pause', { shot: 'pause' });
  await first.press('この端末での利用を終える');
  await first.open('ja/apply/name');
  checks.that(first.path.endsWith('/resume?why=lost'), 'after leaving, the answers cannot be seen', first.path);
}

export async function savedDrafts(world) {
  const { checks } = world;
  const second = await Visitor.arrive(world);
  await second.open('ja/apply/who');
  await second.answer({ category: 'resident', age: 'yes' });
  await until(
    async () => {
      await second.answer({ email: TWICE }, 'コードを送る');
      return second.path.includes('/code');
    },
    'another code for the same address',
    { deadline: 90_000, pause: 5_000 },
  );
  await second.answer({ code: await second.mail.code(TWICE) });

  const elsewhere = await Visitor.arrive(world, { script: false, width: 320 });
  await elsewhere.open('ja/resume');
  await elsewhere.look('resume', { shot: 'resume' });
  await elsewhere.fail('resume, empty', {}, { button: 'コードを送る' });
  await elsewhere.answer({ email: TWICE }, 'コードを送る');
  await elsewhere.look('resume code');
  await elsewhere.fail('resume code, empty', {});
  await elsewhere.answer({ code: await elsewhere.mail.code(TWICE) });
  await elsewhere.look('resume list', { shot: 'resume-list' });
  await elsewhere.go(() => elsewhere.page.getByRole('button', { name: 'つづける' }).first().click());
  checks.that(elsewhere.path.endsWith('/apply/name'), 'a saved draft goes on where it was left', elsewhere.path);
}
