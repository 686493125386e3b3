// One whole application in English and one in easy Japanese, up to the card: every page of the way is looked at in each.

import { HANAKO, LIBRARIES, TARO, agree, receipt, signInStaff } from '../people.mjs';
import { Visitor } from '../visitor.mjs';

/** What the buttons say. The easy Japanese is told without readings, which would stand within the names. */
const SAID = {
  en: {
    next: 'Next', send: 'Send the code', sign: 'Go on to sign', app: 'Sign with the app', begin: 'Start your application',
    done: 'We have received your application', slip: 'Make a visit slip', later: 'Save and go on later',
    show: 'Show the first password', enter: 'Sign in', message: 'Send the message', branch: 'Jonai Library',
  },
  'ja-simple': {
    next: '次へ', send: 'コードを 送る', sign: '署名へ 進む', app: 'アプリで 署名する', begin: '申込みを はじめる',
    done: '申込みを 受け付けました', slip: '来館票を 作る', later: '保存して、あとで つづける',
    show: 'はじめの パスワードを 見る', enter: 'サインインする', message: 'メッセージを 送る', branch: '城内図書館',
  },
};

/** Kana, kanji and wide letters that no element marks as Japanese or Chinese. The choice of a language names each in its own. */
function unmarked() {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const { nodeValue, parentElement } = walker.currentNode;
    const lang = parentElement.closest('[lang]').lang;
    if (/[\u3005-\u30ff\u3400-\u9fff\uff00-\uffef]/.test(nodeValue) && !/^(ja|zh)/.test(lang)) found.push(nodeValue.trim());
  }
  return found.join(' / ');
}

export async function languages(world) {
  // Signed in once: a code of the staff's counts once in half a minute.
  const clerk = await Visitor.arrive(world);
  await signInStaff(clerk);
  await wholeWay(world, clerk, 'en', HANAKO, 'hanako.en@example.jp');
  await wholeWay(world, clerk, 'ja-simple', TARO, 'taro.simple@example.jp');
}

async function wholeWay(world, clerk, lang, person, email) {
  const { checks } = world;
  const said = SAID[lang];
  const visitor = await Visitor.arrive(world, { script: false, width: 320 });
  const look = async (name, options) => {
    await visitor.look(`${name}, ${lang}`, options);
    checks.that(visitor.path.startsWith(`/himeji/${lang}/`), `${name}, ${lang}: stays in its language`, visitor.path);
    if (lang === 'en') checks.equal(await visitor.page.evaluate(unmarked), '', `${name}, ${lang}: nothing is left in Japanese`);
  };
  const fail = (name, button) => visitor.fail(`${name}, ${lang}, empty`, {}, { button });

  await visitor.open(`/?lang=${lang}`);
  await visitor.look(`libraries, ${lang}`, { shot: `libraries-${lang}` });
  await visitor.go(() => visitor.page.locator('.lc-list a').first().click());
  await look('start', { shot: `start-${lang}` });
  for (const page of ['procedures', 'ways', 'help', 'privacy', 'counter', 'cookies', 'accessibility', 'resume', 'verify', 'verify/0000000000000000', 'sign-in', 'sign-in/code', 'sign-in/password', 'sign-in/card/problem/unknown']) {
    await visitor.open(`${lang}/${page}`);
    await look(page, { shot: `${page.replaceAll('/', '-')}-${lang}` });
  }
  for (const why of ['age', 'category', 'area', 'cosigner', 'guardian']) {
    await visitor.open(`${lang}/apply/elsewhere?why=${why}`);
    await look(`elsewhere, ${why}`);
  }
  for (const kind of ['pin-locked', 'other-name', 'already-applied']) {
    await visitor.open(`${lang}/apply/sign/problem/${kind}`);
    await look(`problem, ${kind}`);
  }
  for (const procedure of ['renewal', 'reissue', 'change']) {
    await visitor.open(`${lang}/apply/card?procedure=${procedure}`);
    await look(`card, ${procedure}`);
  }

  await visitor.open(`${lang}/apply/who`);
  if (lang === 'ja-simple') {
    await look('who, with readings', { shot: 'who-ja-simple' });
    await visitor.go(() => visitor.page.locator('.lc-lang button').click());
  }
  await look('who');
  await fail('who', said.next);
  await visitor.answer({ category: LIBRARIES.himeji.category, age: 'yes' }, said.next);
  await look('email');
  await fail('email', said.send);
  await visitor.answer({ email }, said.send);
  await look('email code');
  await fail('email code', said.next);
  await visitor.answer({ code: await visitor.mail.code(email) }, said.next);
  for (const [name, answers] of [
    ['name', person.name],
    ['birth', person.birth],
    ['address', person.address],
    ['contact', { branch: said.branch }],
  ]) {
    await look(name, { shot: `${name}-${lang}` });
    await fail(name, said.next);
    await visitor.answer(answers, said.next);
  }
  await look('check', { shot: `check-${lang}` });
  await fail('check', said.sign);
  await visitor.open(`${lang}/apply/visit`);
  await look('visit');
  await visitor.press(said.slip);
  await look('visit slip', { shot: `visit-slip-${lang}` });
  await visitor.open(`${lang}/apply/pause`);
  await look('pause');
  await visitor.open(`${lang}/apply/check`);
  await agree(visitor);
  await visitor.press(said.sign);
  await look('sign', { shot: `sign-${lang}` });
  await visitor.open(`${lang}/apply/sign/upload`);
  await look('sign, by a file');
  await visitor.open(`${lang}/apply/sign`);
  await visitor.press(said.app);
  await visitor.press(person.card);
  checks.equal(await visitor.heading(), said.done, `${lang}: the way back from the app is in the same language`);
  await look('done', { shot: `done-${lang}` });
  await afterwards(visitor, clerk, lang, look, fail);
}

/** From the receipt to the first password. */
async function afterwards(visitor, clerk, lang, look, fail) {
  const said = SAID[lang];
  const { reference, collectionCode } = await receipt(visitor);
  for (const page of ['status', 'status/messages', 'status/withdraw']) {
    await visitor.open(`${lang}/${page}`);
    await look(page, { shot: `${page.replaceAll('/', '-')}-${lang}` });
  }
  await visitor.open(`${lang}/status/messages`);
  await fail('message', said.message);
  await clerk.open(`staff/applications/${reference}`);
  await clerk.press('担当する');
  await clerk.answer({ outcome: 'decline', reason: 'Please bring a letter.' }, '決定の確認へ');
  await clerk.look(`refusal, to a reader of ${lang}`, { shot: `refusal-${lang}` });
  await clerk.press('申込みに戻る（決定しない）');
  await clerk.answer({ outcome: 'approve', reason: '' }, '決定の確認へ');
  await clerk.look(`approval, to a reader of ${lang}`);
  await clerk.press('承認して発行する');
  await visitor.open(`${lang}/status`);
  await look('status, issued', { shot: `status-issued-${lang}` });
  await visitor.go(() => visitor.page.locator('.lc-list .lc-go').first().click());
  await look('notice', { shot: `notice-${lang}` });
  for (const page of ['account', 'account/password', 'account/passkeys', 'password']) {
    await visitor.open(`${lang}/${page}`);
    await look(page, { shot: `${page.replaceAll('/', '-')}-${lang}` });
  }
  await fail('password', said.show);
  await visitor.answer({ code: collectionCode }, said.show);
  await look('password, shown', { shot: `password-shown-${lang}` });
  await visitor.open(`${lang}/sign-in/password`);
  await fail('sign-in with a password', said.enter);
}
