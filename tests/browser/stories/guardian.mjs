// A guardian applies for two children without a script: added, changed, taken out, signed for, issued.

import { HANAKO, agree, receipt, signIn, signInStaff } from '../people.mjs';
import { Visitor } from '../visitor.mjs';

const EMAIL = 'hogosha@example.jp';
const SAKURA = { name: '姫路　さくら', kana: 'ひめじ さくら', year: '令和2', month: '1', day: '1', home: 'same' };
const TARO = { ...SAKURA, name: '姫路　太郎', kana: 'ひめじ たろう', year: '2023' };

export async function guardian(world) {
  const { checks } = world;
  const hanako = await Visitor.arrive(world, { script: false, width: 320 });
  await hanako.open('ja/apply/who');
  await hanako.look('who, with children', { shot: 'who-children' });
  await hanako.answer({ category: 'resident', age: 'child' });
  await hanako.answer({ email: EMAIL }, 'コードを送る');
  await hanako.answer({ code: await hanako.mail.code(EMAIL) });
  checks.that((await hanako.text()).includes('保護者の方（申込みをする方）'), 'it is said whose name is asked for');
  await hanako.answer(HANAKO.name);
  await hanako.answer(HANAKO.birth);
  await hanako.answer(HANAKO.address);
  checks.equal(hanako.path, '/himeji/ja/apply/children', 'the children come after the home');
  await hanako.fail('children, nobody', { relation: 'parent' }, { sentence: 'お子さんを入力してください', shot: 'children-none' });
  await hanako.open('ja/apply/children');
  await hanako.follow('子どもを追加する');
  await hanako.look('child', { shot: 'child' });
  await hanako.fail('child, grown up', { ...SAKURA, year: '2001' }, { button: '保存する', sentence: '14歳まで' });
  await hanako.answer(SAKURA, '保存する');
  await hanako.follow('もう1人追加する');
  await hanako.answer(TARO, '保存する');
  await hanako.look('children', { shot: 'children' });
  await hanako.answer({ relation: 'parent' });
  await hanako.answer({ branch: '城内図書館' });
  await hanako.look('check, with children', { shot: 'check-children' });
  await agree(hanako);
  await hanako.press('署名へ進む');
  await hanako.press('アプリで署名する');
  await hanako.press(HANAKO.card);
  const { reference, collectionCode } = await receipt(hanako);

  if (!world.sato) {
    world.sato = await Visitor.arrive(world, { script: false, width: 320 });
    await signInStaff(world.sato);
  }
  const { sato } = world;
  await sato.open(`staff/applications/${reference}`);
  await sato.press('担当する');
  await sato.look('application, with children', { shot: 'application-children' });
  await sato.answer({ outcome: 'approve' }, '決定の確認へ');
  await sato.press('承認して発行する');

  const reader = await Visitor.arrive(world, { script: false, width: 320 });
  await signIn(reader, HANAKO, reference, EMAIL);
  await reader.follow('貸出券番号等通知書（図書館カード交付のお知らせ）');
  await reader.look('notice, with children', { shot: 'notice-children' });
  const notice = await reader.text();
  checks.that(notice.includes('姫路　さくら') && notice.includes('姫路　太郎'), 'each child has a card');
  await reader.open('ja/password?child=2');
  await reader.look('password, of a child', { shot: 'password-child' });
  await reader.answer({ code: collectionCode }, '初期パスワードを表示する');
  await reader.look('password shown, of a child', { shot: 'password-child-shown' });
  checks.that((await reader.text()).includes('姫路　太郎'), 'and a password of its own');
  for (const lang of ['ja', 'ja-simple', 'en']) {
    await reader.open(`${lang}/card/family`);
    await reader.look(`cards of the children, ${lang}`, { shot: `card-family-${lang}` });
  }
}
