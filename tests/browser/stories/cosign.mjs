// Somebody of sixteen applies, and a guardian signs as well: without a script, on telephones as narrow as there are.

import { until } from '../checks.mjs';
import { agree, signInStaff } from '../people.mjs';
import { Visitor } from '../visitor.mjs';

const EMAIL = 'minato@example.jp';
const GUARDIAN = 'shiori@example.jp';
const MINATO = {
  card: '潮見 湊 16歳の人のカード',
  name: { name: '潮見 湊', kana: 'しおみ みなと' },
  birth: { year: '平成22年', month: '4', day: '1' },
  address: { postcode: '789-0000', prefecture: '高知県', municipality: '潮見町', line1: '港一丁目2-3' },
};
const SHIORI = { guardian_name: '潮見 汐里', relation: 'guardian', guardian_email: GUARDIAN };
const SHIORIS_CARD = '潮見 汐里 16歳の人の保護者のカード';

/** The address in the newest letter to a guardian, once there are so many letters with one. */
async function link(visitor, count) {
  return until(async () => {
    const found = (await visitor.mail.to(GUARDIAN)).flatMap((letter) => /https?:\/\/\S+\/g\/\S+/.exec(letter.text)?.[0] ?? []);
    return found.length >= count && found.at(-1);
  }, `a letter to the guardian with an address`);
}

const code = (visitor, what) => visitor.page.locator(`[data-copy="${what}"]`).innerText();

async function sign(visitor, card) {
  await visitor.press('アプリで署名する');
  await visitor.press(card);
}

export async function cosign(world) {
  const { checks } = world;
  const options = { slug: 'shiomi', script: false, width: 320, isPhone: true };
  const minato = await Visitor.arrive(world, options);
  await minato.open('ja/apply/elsewhere?why=cosigner');
  await minato.look('elsewhere, below fifteen', { shot: 'elsewhere-cosigner' });
  await minato.open('ja/apply/who');
  await minato.answer({ category: 'townspeople', age: 'yes' });
  await minato.answer({ email: EMAIL }, 'コードを送る');
  await minato.answer({ code: await minato.mail.code(EMAIL) });
  await minato.answer(MINATO.name);
  await minato.answer(MINATO.birth);
  await minato.answer(MINATO.address);
  await minato.answer({ branch: '本館' });
  checks.equal(minato.path, '/shiomi/ja/apply/guardian', 'the guardian is asked for before all else is shown');
  await minato.look('guardian', { shot: 'cosigner' });
  await minato.fail('guardian, nobody', { guardian_name: '', guardian_email: 'shiori' }, { sentence: '氏名を入力してください', shot: 'cosigner-none' });
  await minato.answer(SHIORI);
  await minato.look('check, with a guardian', { shot: 'check-cosigner' });
  await agree(minato);
  await minato.press('署名へ進む');
  await sign(minato, MINATO.card);
  checks.equal(await minato.heading(), 'あなたの署名が終わりました', 'it is not received yet');
  await minato.look('done, waiting for a guardian', { shot: 'done-cosigner' });
  const first = await link(minato, 1);

  const stranger = await Visitor.arrive(world, options);
  await stranger.open(first);
  await stranger.look('mail of a guardian', { shot: 'cosign-code' });
  checks.that(!(await stranger.text('body')).match(/湊|みなと|港一丁目/), 'nothing personal before the code');
  await stranger.fail('code, wrong', { code: 'AAAA-AAAA' }, { sentence: '合言葉がちがいます' });
  await stranger.follow('宛先がちがうことを知らせる');
  await stranger.look('wrong address', { shot: 'cosign-wrong-address' });

  await minato.open('ja/status');
  await minato.look('status, waiting for a guardian', { shot: 'status-cosigner' });
  await minato.follow('もう一度送る・アドレスを直す・別の保護者にお願いする');
  await minato.look('guardian, once more', { shot: 'status-guardian' });
  await minato.fail('guardian, once more, nobody', { guardian_name: '', guardian_email: 'shiori' }, { button: 'メールを送る', sentence: '氏名を入力してください' });
  await minato.answer(SHIORI, 'メールを送る');
  const second = await link(minato, 2);
  await stranger.open(first);
  checks.equal(await stranger.heading(), 'このお願いは使えません', 'the first mail is dead');
  await stranger.look('mail of a guardian, dead', { stranger: true, shot: 'cosign-void' });

  await stranger.open(`${second}/wrong-address`);
  await stranger.press('宛先がちがうことを知らせる');
  await stranger.look('wrong address, told', { shot: 'cosign-told' });
  await minato.open('ja/status');
  checks.that((await minato.text()).includes('まだ申し込んでいません'), 'back to the draft', await minato.text());
  await minato.open('ja/resume');
  await minato.answer({ email: EMAIL }, 'コードを送る');
  await minato.answer({ code: await minato.mail.code(EMAIL) });
  await minato.open('ja/apply/check');
  await minato.answer(SHIORI);
  await minato.press('署名へ進む');
  await sign(minato, MINATO.card);

  const shiori = await Visitor.arrive(world, options);
  await shiori.open(await link(minato, 3));
  await shiori.answer({ code: await code(minato, '合言葉') });
  await shiori.look('what the guardian signs', { shot: 'cosign-review' });
  checks.equal(await shiori.mediaType(`${shiori.page.url().replace(/sign$/, 'document')}`), 'application/pdf', 'the document');
  await shiori.follow('この申込みに同意しません');
  await shiori.look('not agreed?', { shot: 'cosign-decline' });
  await shiori.follow('戻る');
  await sign(shiori, MINATO.card);
  checks.equal(await shiori.heading(), '申し込んだ方のカードで署名しています', 'one card is not two');
  await shiori.look('the same card', { shot: 'cosign-problem' });
  await shiori.follow('内容の確認にもどる');
  await sign(shiori, SHIORIS_CARD);
  checks.equal(await shiori.heading(), '署名できました', 'both have signed');
  await shiori.look('signed by both', { shot: 'cosign-done' });
  const reference = (await shiori.text('.lc-panel .lc-big')).trim();

  const staff = await Visitor.arrive(world, { slug: 'shiomi', script: false, width: 320 });
  await signInStaff(staff);
  await staff.open(`staff/applications/${reference}`);
  await staff.look('application, signed by two', { shot: 'application-cosigned' });
  checks.that((await staff.text()).includes('続柄は、証明書では確かめられません'), 'what no check can say');
}
