// Who applies, and how: the steps of the story as a person takes them.

import { oneTimeCode } from './programs.mjs';

/** Holds the ordinary test card, and writes as people do. */
export const HANAKO = {
  card: '姫路 花子 署名できるカード',
  name: { name: '姫路 花子', kana: 'ひめじ はなこ' },
  birth: { year: '平成2年', month: '4', day: '１' },
  address: { postcode: '６７０ー００１２', prefecture: '兵庫県', municipality: '姫路市', line1: '本町68' },
};

/** Her certificate spells her name with a substitute character. */
export const TAKAHASHI = {
  card: '髙橋 花子 証明書の氏名が代替文字（高橋）のカード',
  name: { name: '髙橋 花子', kana: 'タカハシ ハナコ' },
  birth: { year: '1988', month: '8', day: '12' },
  address: { postcode: '672-8064', prefecture: '兵庫県', municipality: '姫路市', line1: '飾磨区細江1番地' },
};

/** Somebody else's copy of her: other certificates, which know less of her birth date. */
export const HANAKO_BORN_PARTLY = { ...HANAKO, card: '姫路 花子 証明書の生年月日が一部しか分からないカード' };
export const HANAKO_BORN_SOMETIME = { ...HANAKO, card: '姫路 花子 証明書に生年月日がないカード' };

export const TARO = {
  card: '試験 太郎 別の人のカード',
  name: { name: '試験 太郎', kana: 'しけん たろう' },
  birth: { year: '昭和50', month: '3', day: '20' },
  address: { postcode: '6711234', prefecture: '兵庫県', municipality: '姫路市', line1: '網干区新在家２' },
};

/** What differs between the two libraries of the demonstration. */
export const LIBRARIES = {
  himeji: { category: 'resident', branch: '城内図書館' },
  shiomi: { category: 'work', branch: 'みさき分室', paper: '在職証明書（図書館の用紙）' },
};

/** From the first question to the code in the mail: afterwards the e-mail address is confirmed. */
export async function begin(visitor, email) {
  await visitor.open('ja/apply/who');
  await visitor.answer({ category: LIBRARIES[visitor.slug].category, age: 'yes' });
  await visitor.answer({ email }, 'コードを送る');
  await visitor.answer({ code: await visitor.mail.code(email) });
}

/** From the name to the page that shows all answers. */
export async function describe(visitor, person) {
  await visitor.answer(person.name);
  await visitor.answer(person.birth);
  await visitor.answer(person.address);
  await visitor.answer({ branch: LIBRARIES[visitor.slug].branch });
  await prove(visitor);
}

/** Attaches the paper that the category asks for, if there is one, and goes on. */
export async function prove(visitor) {
  const { paper } = LIBRARIES[visitor.slug];
  if (!paper || !visitor.path.endsWith('/apply/documents')) return;
  await visitor.follow(paper);
  const buffer = await visitor.page.screenshot({ type: 'jpeg' });
  await visitor.page.locator('[name=file]').setInputFiles({ name: 'paper.jpg', mimeType: 'image/jpeg', buffer });
  const today = new Date();
  await visitor.answer({ year: `${today.getFullYear()}`, month: `${today.getMonth() + 1}`, day: '1' }, '画像を送る');
  await visitor.press('次へ');
}

/** Ticks everything on the page that shows all answers. */
export async function agree(visitor) {
  await visitor.fill({ delivery: 'electronic' });
  for (const box of await visitor.page.locator('[name=consent]').all()) await box.check();
}

/** The whole application, up to the receipt. Returns the reference and the collection code. */
export async function apply(visitor, person, email) {
  await begin(visitor, email);
  await describe(visitor, person);
  await agree(visitor);
  await visitor.press('署名へ進む');
  await visitor.press('アプリで署名する');
  await visitor.press(person.card);
  return receipt(visitor);
}

/** What stands on the receipt. */
export async function receipt(visitor) {
  return {
    reference: (await visitor.text('.lc-panel .lc-big')).trim(),
    collectionCode: (await visitor.text('.lc-secret .lc-big')).trim(),
  };
}

/** The library's second member of staff: a code of the first one counts once in half a minute. */
export const SECOND = 'ishii';

/** Signs the library's member of staff in, or another one, and arrives at the queue. */
export async function signInStaff(visitor, login = visitor.world.demo.staff.login) {
  const { password, secret } = visitor.world.demo.staff;
  await visitor.open('staff/sign-in');
  await visitor.answer({ login, password, code: oneTimeCode(secret) }, 'サインイン');
}

/** Signs an applicant in on another device, to read what became of the application. */
export async function signIn(visitor, person, reference, email) {
  await visitor.open('ja/sign-in');
  await visitor.answer({ reference, ...person.birth }, 'コードを送る');
  await visitor.answer({ code: await visitor.mail.code(email) });
}
