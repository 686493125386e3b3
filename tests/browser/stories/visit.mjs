// Somebody without a card: the draft becomes a visit slip, the counter enters it; another comes without any draft.

import { HANAKO, SECOND, begin, describe, signInStaff } from '../people.mjs';
import { Visitor } from '../visitor.mjs';

const EMAIL = 'raikan@example.jp';

export async function visit(world) {
  const { checks } = world;
  const hanako = await Visitor.arrive(world, { script: false, width: 320 });
  await begin(hanako, EMAIL);
  await describe(hanako, HANAKO);
  await hanako.follow('窓口で続ける');
  await hanako.look('visit, offered', { shot: 'visit' });
  await hanako.press('来館票を作る');
  await hanako.look('visit slip', { shot: 'visit-slip' });
  const reference = (await hanako.text('.lc-big')).trim();
  checks.equal(await hanako.mediaType('ja/apply/visit/slip.pdf'), 'application/pdf', 'the slip can be printed');

  if (!world.sato) {
    world.sato = await Visitor.arrive(world, { script: false, width: 320 });
    await signInStaff(world.sato);
  }
  const { sato } = world;
  await sato.open(`staff/visits/${reference}`);
  await sato.look('visit, at the counter', { shot: 'staff-visit' });
  await sato.fail('visit, nothing seen', {}, { button: '申込みを受け付ける', sentence: '確認した書類', shot: 'staff-visit-nothing' });
  await sato.follow('まちがいを直す');
  await sato.look('visit, corrected', { shot: 'staff-visit-answers' });
  await sato.fail('visit, corrected to nothing', { line1: '' }, { button: '書類の確認へ', shot: 'staff-visit-answers-wrong' });
  await sato.answer({ line1: '本町68番地', delivery: 'paper' }, '書類の確認へ');
  checks.that((await sato.text()).includes('本町68番地'), 'a mistake is corrected with the visitor');
  await sato.fill({ 'seen-driving-licence': 'yes', 'dated-driving-licence': '2030-05-01', consent: 'yes' });
  await sato.press('申込みを受け付ける');
  checks.equal(sato.path, `/himeji/staff/visits/${reference}`, 'and it says so');
  await sato.look('visit, entered', { shot: 'staff-visit-entered' });
  await sato.open(`staff/applications/${reference}`);
  await sato.look('application, unsigned', { shot: 'application-unsigned' });
  checks.that((await sato.text()).includes('署名なし・窓口で書類を確認しました'), 'nobody takes it for signed');

  await sato.open('staff/counter');
  await sato.look('counter', { shot: 'staff-counter' });
  await sato.fail('counter, no slip of that number', { slip: 'LC-12' }, { button: '来館票をひらく', sentence: '来館票の番号' });
  await sato.fail('counter, empty', {}, { button: '書類の確認へ', sentence: '図書館を使う理由' });
  await sato.fill({ category: '姫路市に住んでいる', ...HANAKO.name, ...HANAKO.birth, ...HANAKO.address });
  await sato.fill({ email: 'kami@example.jp', branch: '城内図書館', delivery: 'paper' });
  await sato.press('書類の確認へ');
  checks.that(sato.path.includes('/staff/visits/'), 'an application from paper goes on as a visit', sato.path);
  await paper(world);
}

/** Somebody of ninety without an e-mail address: the notice goes on paper. */
async function paper(world) {
  const { checks, sato } = world;
  const ume = { category: '姫路市に住んでいる', name: '姫路 梅', kana: 'ひめじ うめ', year: '昭和11年', month: '4', day: '1', ...HANAKO.address };
  await sato.open('staff/counter');
  await sato.fill({ ...ume, line1: '本町9', no_email: 'yes', branch: '城内図書館' });
  await sato.fail('counter, no address and no paper', { delivery: 'electronic' }, { button: '書類の確認へ', sentence: '紙で' });
  await sato.answer({ delivery: 'paper' }, '書類の確認へ');
  const reference = sato.path.split('/').at(-1);
  await sato.fill({ 'seen-driving-licence': 'yes', 'dated-driving-licence': '2030-05-01', consent: 'yes' });
  await sato.press('申込みを受け付ける');
  const second = await Visitor.arrive(world, { script: false, width: 320 });
  await signInStaff(second, SECOND);
  await second.open(`staff/applications/${reference}`);
  await second.press('担当する');
  await second.answer({ outcome: 'decline', reason: '住所を確かめられませんでした。' }, '決定の確認へ');
  await second.look('decision that goes on paper', { shot: 'paper-decision' });
  await second.press('承認しないと決定する');
  await sato.open('staff/papers');
  await sato.look('notices on paper', { shot: 'papers' });
  checks.that((await sato.text()).includes(reference), 'the notice waits to be printed');
  const printed = await sato.page.getByRole('link', { name: new RegExp(reference) }).getAttribute('href');
  checks.equal(await sato.mediaType(printed.replace('/himeji/', '')), 'application/pdf', 'and can be printed');
  await sato.go(() => sato.page.getByRole('button', { name: new RegExp(`渡した.*${reference}`) }).click());
  checks.that(!(await sato.text()).includes(reference), 'until somebody says that it was handed over');
  await sato.look('no notices on paper');
}
