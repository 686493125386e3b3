// Somebody without a card sends pictures of documents instead of a signature; something is put right, and two look at it.

import { HANAKO, agree, receipt, signInStaff } from '../people.mjs';
import { oneTimeCode } from '../programs.mjs';
import { Visitor } from '../visitor.mjs';

const EMAIL = 'shashin@example.jp';
const HOME = { postcode: '789-0000', prefecture: '高知県', municipality: '潮見町', line1: '港一丁目2-3' };
const WORDS = '建物の名前も入力してください。';

export async function unsigned(world) {
  const { checks } = world;
  const hanako = await Visitor.arrive(world, { slug: 'shiomi', script: false, width: 320 });
  await hanako.open('ja/apply/who');
  await hanako.answer({ category: 'townspeople', age: 'yes' });
  await hanako.answer({ email: EMAIL }, 'コードを送る');
  await hanako.answer({ code: await hanako.mail.code(EMAIL) });
  await hanako.answer(HANAKO.name);
  await hanako.answer(HANAKO.birth);
  await hanako.answer(HOME);
  await hanako.answer({ branch: '本館' });
  await hanako.look('check, with a way for those who cannot sign', { shot: 'check-other-ways' });
  await hanako.follow('署名しないで続ける');
  await hanako.look('ways without a signature', { shot: 'visit-pictures' });
  await hanako.press('書類の画像を送って申し込む');
  checks.equal(hanako.path, '/shiomi/ja/apply/documents', 'the documents are asked for');
  await hanako.look('documents instead of a signature', { shot: 'documents-unsigned' });
  await hanako.fail('documents, none sent', {}, { sentence: 'まだ付けていない書類', shot: 'documents-unsigned-none' });
  await hanako.open('ja/apply/visit');
  await hanako.look('ways without a signature, chosen', { shot: 'visit-pictures-chosen' });
  await hanako.press('署名して申し込む');
  checks.equal(hanako.path, '/shiomi/ja/apply/check', 'one can sign after all');
  checks.equal(await hanako.button('署名へ進む').count(), 1, 'and the page says so');
  await hanako.follow('署名しないで続ける');
  await hanako.press('書類の画像を送って申し込む');
  await hanako.follow('運転免許証');
  const buffer = await hanako.page.screenshot({ type: 'jpeg' });
  await hanako.page.locator('[name=file]').setInputFiles({ name: 'menkyo.jpg', mimeType: 'image/jpeg', buffer });
  await hanako.answer({ year: '2030', month: '5', day: '1' }, '画像を送る');
  await hanako.look('documents instead of a signature, sent', { shot: 'documents-unsigned-sent' });
  await hanako.press('次へ');
  await hanako.look('check, unsigned', { shot: 'check-unsigned' });
  await hanako.fail('check, unsigned, nothing agreed to', {}, { button: 'この内容で申し込む', sentence: '同意' });
  await agree(hanako);
  await hanako.press('この内容で申し込む');
  checks.equal(hanako.path, '/shiomi/ja/apply/done', 'it is received without a signature');
  await hanako.look('done, unsigned', { shot: 'done-unsigned' });
  const { reference } = await receipt(hanako);

  const sato = await Visitor.arrive(world, { slug: 'shiomi', script: false, width: 320 });
  await signInStaff(sato);
  await sato.open(`staff/applications/${reference}`);
  await sato.look('application with pictures instead of a signature', { shot: 'application-pictures' });
  checks.that((await sato.text()).includes('署名はありません'), 'nobody takes it for signed');
  await sato.press('担当する');
  await sato.follow('修正をお願いする');
  const asked = { ask_address: 'yes', reason_address: '足りないところがあります', text_address: WORDS };
  await sato.answer(asked, '申込者が読む文面を確かめる');
  await sato.press('修正をお願いする');

  await hanako.open('ja/status');
  await hanako.look('status, unsigned, sent back', { shot: 'status-unsigned-returned' });
  await hanako.open('ja/status/fix');
  await hanako.look('fix, unsigned', { shot: 'fix-unsigned' });
  checks.that(!(await hanako.text()).includes('署名して送って'), 'no signature is asked for');
  await hanako.follow('修正をはじめる');
  await hanako.answer({ line2: '潮見荘101' });
  await hanako.follow('確かめて送る');
  await hanako.look('check, unsigned, put right', { shot: 'check-unsigned-fixed' });
  await hanako.press('この内容で申し込む');
  checks.equal(hanako.path, '/shiomi/ja/status', 'and it is sent again');
  await hanako.look('status, unsigned, sent again', { shot: 'status-unsigned-again' });

  await approve(sato, reference);
  checks.that((await sato.text()).includes('1人目として承認しました'), 'one alone does not approve it');
  const ishii = await Visitor.arrive(world, { slug: 'shiomi', script: false });
  const { password, secret } = world.demo.staff;
  await ishii.open('staff/sign-in');
  await ishii.answer({ login: 'ishii', password, code: oneTimeCode(secret) }, 'サインイン');
  await ishii.open(`staff/applications/${reference}`);
  await approve(ishii, reference);
  checks.that((await ishii.text()).includes('カードを発行しました'), 'two do');
}

async function approve(staff, reference) {
  await staff.open(`staff/applications/${reference}`);
  await staff.press('担当する');
  await staff.answer({ outcome: 'approve' }, '決定の確認へ');
  await staff.go(() => staff.page.locator('main form').last().getByRole('button').first().click());
}
