// The procedures about a card, on a small screen without JavaScript: stop it, begin with what the library knows, and
// begin from nothing.

import { TARO, agree, apply, receipt, signInStaff } from '../people.mjs';
import { Visitor } from '../visitor.mjs';

async function staffOf(world, manner) {
  const clerk = await Visitor.arrive(world, manner);
  await signInStaff(clerk);
  return clerk;
}

async function approve(clerk, reference) {
  await clerk.open(`staff/applications/${reference}`);
  await clerk.press('担当する');
  await clerk.answer({ outcome: 'approve' }, '決定の確認へ');
  await clerk.press('承認して発行する');
}

/** The status page with what can be done about the card. */
async function offers(visitor) {
  await visitor.open('ja/status');
  await visitor.page.getByText('カードについての手続き').click();
}

async function sign(visitor, person) {
  await agree(visitor);
  await visitor.press('署名へ進む');
  await visitor.press('アプリで署名する');
  await visitor.press(person.card);
  return receipt(visitor);
}

export async function procedures(world) {
  const { checks } = world;
  const clerk = world.sato ?? (await staffOf(world, { width: 1280 }));
  const taro = await Visitor.arrive(world, { script: false, width: 320 });
  const { reference } = await apply(taro, TARO, 'taro@procedures.example');
  await approve(clerk, reference);

  await offers(taro);
  await taro.look('status, with a card', { shot: 'status-card' });
  checks.that((await taro.text()).includes('から手続きできます'), 'a renewal says from when it is possible');
  const number = (await taro.text('dl .lc-num')).replaceAll(' ', '');

  await taro.follow('カードをなくした（すぐに止める）');
  await taro.look('card, stop', { shot: 'card-stop' });
  await taro.press('いますぐ止める');
  await offers(taro);
  await taro.look('status, with a stopped card', { shot: 'status-card-stopped' });
  checks.that((await taro.text()).includes('から再発行できます'), 'the search has an end that is told');
  await taro.follow('カードが見つかった');
  await taro.look('card, found', { shot: 'card-found' });
  await taro.press('また使えるようにする');

  await offers(taro);
  await taro.press('マイナンバーカードを登録する');
  checks.equal(await taro.heading(), '内容を確認してください', 'everything is filled in');
  await taro.look('check, of a procedure about a card', { shot: 'check-card' });
  const link = await sign(taro, TARO);
  await taro.look('done, of a procedure about a card', { shot: 'done-card' });
  await clerk.open(`staff/applications/${link.reference}`);
  await clerk.look('file, about a card', { shot: 'staff-about-card' });
  await approve(clerk, link.reference);
  await taro.open('ja/status');
  await taro.follow('お知らせを読む');
  await taro.look('notice about a card', { shot: 'notice-card' });
  await taro.open('ja/card/unlink');
  await taro.look('card, unlink', { shot: 'card-unlink' });
  await taro.press('登録をやめる');

  await offers(taro);
  await taro.press('登録内容を変更する');
  await taro.look('card, what has changed', { shot: 'apply-card-change' });
  await taro.fail('card, nothing has changed', {}, { sentence: '変わったものを選んで', shot: 'apply-card-nothing' });

  const stranger = await Visitor.arrive(world, { script: false, width: 320 });
  await stranger.open('ja/procedures');
  await stranger.look('procedures', { shot: 'procedures' });
  await stranger.follow('図書館カードの再発行');
  await stranger.look('card, reissue', { shot: 'apply-card-reissue' });
  await stranger.fail('card, without an answer', { number: '' }, { sentence: 'カード番号を入力してください' });
  await stranger.open('ja/apply/card?procedure=renewal');
  await stranger.look('card, renewal', { shot: 'apply-card-renewal' });
  await stranger.answer({ number, facts: 'unchanged' });
  checks.equal(await stranger.heading(), '図書館を使える方ですか', 'nothing tells whether the number is anybody\'s');

  const wide = await Visitor.arrive(world, { width: 1280 });
  await wide.open('ja/procedures');
  await wide.look('procedures, wide', { shot: 'procedures-wide' });
  await wide.follow('図書館カードの再発行');
  await wide.look('card, reissue, wide', { shot: 'apply-card-reissue-wide' });
}
