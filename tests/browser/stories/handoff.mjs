// A PC and a telephone: QR code, number, summary, signature, and the PC that waits; and the signature that is uploaded.

import { readFileSync } from 'node:fs';
import { until } from '../checks.mjs';
import { HANAKO, HANAKO_BORN_PARTLY, HANAKO_BORN_SOMETIME, agree, begin, describe, receipt, signInStaff } from '../people.mjs';
import { Visitor } from '../visitor.mjs';

/** A PC at the page to sign. */
async function atSigning(world, email, { person = HANAKO, ...options } = {}) {
  const pc = await Visitor.arrive(world, options);
  await begin(pc, email);
  await describe(pc, person);
  await agree(pc);
  await pc.press('署名へ進む');
  return pc;
}

/** What stands on the screen. */
async function screen(pc) {
  const text = await pc.text();
  return { number: (await pc.text('.lc-big')).trim(), code: text.match(/[2-9A-Z]{4}-[2-9A-Z]{4}/)[0] };
}

/** Types the code: no camera here reads the picture. */
async function type(phone, code) {
  await phone.open('/s');
  await phone.answer({ code });
}

/** Names the right number, reads, and signs. */
async function sign(phone, number, card) {
  await phone.answer({ number });
  await phone.press('アプリで署名する');
  await phone.press(card);
}

export async function handoff(world) {
  const { checks } = world;
  const pc = await atSigning(world, 'pc@example.jp', { script: false });
  await pc.look('sign, on a PC', { shot: 'sign-pc' });
  const first = await screen(pc);
  const phone = await Visitor.arrive(world, { script: false, width: 320, isPhone: true });
  await phone.open('/s');
  await phone.look('typed code', { shot: 'handoff-code' });
  await phone.fail('typed code, empty', {}, { sentence: '8文字' });
  await phone.fail('typed code, wrong', { code: 'K7QF-2M9X' }, { sentence: 'このコードは使えません' });
  await type(phone, first.code);
  await phone.look('number', { shot: 'handoff-number' });
  checks.that(!(await phone.text('body')).match(/姫路|花子|図書館市/), 'nothing personal before the number');
  await phone.fail('number, none chosen', {}, { sentence: '番号を選んでください' });

  const numbers = await phone.page.locator('[name=number]').evaluateAll((boxes) => boxes.map((box) => box.value));
  const wrong = numbers.find((number) => number !== first.number);
  await phone.answer({ number: wrong });
  checks.equal(await phone.heading(), 'このQRコードは使えません', 'a wrong number ends it');
  await phone.look('wrong number', { stranger: true, shot: 'handoff-wrong-number' });
  await pc.press('署名がおわったら押す');
  checks.that((await pc.text()).includes('使えなくしました'), 'the PC says so', await pc.text());
  await pc.look('sign, after a wrong number', { shot: 'sign-pc-wrong-number' });
  await pc.press('新しいQRコードを表示');

  const second = await screen(pc);
  await type(phone, second.code);
  await phone.answer({ number: second.number });
  await phone.look('summary', { shot: 'handoff-summary' });
  const address = phone.path;
  await phone.press('アプリで署名する');
  await phone.press('キャンセル');
  checks.that(phone.path.endsWith('/problem/cancelled'), 'the telephone is told', phone.path);
  await phone.look('problem on the telephone', { shot: 'handoff-problem' });
  await phone.follow('もう一度署名する');
  checks.equal(phone.path, address, 'and may try again');
  await phone.press('アプリで署名する');
  await phone.press(HANAKO.card);
  checks.equal(await phone.heading(), '署名できました', 'the telephone has signed');
  await phone.look('signed on the telephone', { shot: 'handoff-done' });
  await phone.follow('スマートフォンで続ける');
  checks.that(phone.path.endsWith('/sign-in?why=first'), 'going on there needs the way in of everybody', phone.path);

  await pc.press('署名がおわったら押す');
  checks.equal(await pc.heading(), '申込みを受け付けました', 'the PC gets the receipt');
  checks.that((await receipt(pc)).collectionCode !== '', 'with the collection code');
}

export async function handoffWithScript(world) {
  const { checks } = world;
  const pc = await atSigning(world, 'waits@example.jp', { person: HANAKO_BORN_PARTLY });
  const { number, code } = await screen(pc);
  const says = (words) =>
    until(async () => (await pc.text('[data-wait]').catch(() => '')).includes(words), `the PC to say ${words}`);
  const before = pc.path;
  const phone = await Visitor.arrive(world, { width: 360, isPhone: true });
  await type(phone, code);
  await says('スマートフォンでひらきました');
  await sign(phone, number, HANAKO_BORN_PARTLY.card);
  await says('署名できました');
  checks.equal(pc.path, before, 'nothing moves by itself');
  checks.that((await pc.page.title()).startsWith('署名できました'), 'the title says it too', await pc.page.title());
  await pc.look('sign, signed on the telephone', { stranger: true, shot: 'sign-pc-signed' });
  await pc.press('次へ進む');
  checks.equal(await pc.heading(), '申込みを受け付けました', 'the button leads on');
}

/** A telephone at the page of a PC: its own app comes first, and the QR code is still there. */
export async function onePhone(world) {
  const { checks } = world;
  const phone = await atSigning(world, 'alone@example.jp', { width: 360, isPhone: true, script: false });
  await phone.look('sign, on a telephone', { shot: 'sign-phone' });
  const headings = await phone.page.locator('.lc-card h2').allInnerTexts();
  checks.equal(headings.join(), 'この端末で署名する,別のスマートフォンで署名する', 'the own device comes first');
  // The portal holds the answer for twenty seconds.
  phone.context.setDefaultTimeout(40_000);
  await phone.press('署名がおわったら押す');
  checks.equal(await phone.heading(), '署名を待っています', 'after twenty seconds there is an answer');
  await phone.look('waiting', { shot: 'sign-status' });
}

export async function upload(world) {
  const { checks } = world;
  const pc = await atSigning(world, 'reader@example.jp', { script: false });
  await pc.page.locator('summary', { hasText: 'カードリーダー' }).click();
  await pc.follow('カードリーダーで署名して送る');
  await pc.look('upload', { shot: 'sign-upload' });
  const send = async (name, buffer, sentence, shot) => {
    await pc.page.locator('[name=file]').setInputFiles({ name, mimeType: 'application/octet-stream', buffer });
    await pc.fail(`upload, ${name}`, {}, { button: '署名を送る', sentence, shot });
  };
  await pc.fail('upload, no file', {}, { button: '署名を送る', sentence: '選んでください' });
  await send('photo.jpg', Buffer.from([0xff, 0xd8, 0xff, 0xe0]), 'カードの写真は送らないでください', 'sign-upload-photo');
  await send('letter.doc', Buffer.from('PK\x03\x04'), '署名のファイルではありません');
  await send('large.p7s', Buffer.alloc(3 << 20, 0x30), '大きすぎます');
  checks.equal(await pc.mediaType('ja/apply/sign/document?save=1'), 'application/pdf', 'the document can be taken away');
  await pc.open('ja/apply/sign');
  checks.that((await pc.text()).includes('マイナンバーカードで署名する'), 'nothing is lost');

  const pdf = await signedAtReader(pc, HANAKO_BORN_SOMETIME.card);
  await pc.open('ja/apply/sign/upload');
  await pc.page.locator('[name=file]').setInputFiles({ name: 'signed.pdf', mimeType: 'application/pdf', buffer: pdf });
  await pc.press('署名を送る');
  checks.equal(await pc.heading(), '申込みを受け付けました', 'a PDF signed at a card reader submits');
  await reviewUpload(world, await receipt(pc), pdf);
}

/** Signs the document in the demonstration's card reader, and takes away what comes of it. */
async function signedAtReader(pc, card) {
  const document = Buffer.from(await (await pc.take('ja/apply/sign/document?save=1')).arrayBuffer());
  await pc.open(`${pc.world.demo.app}/card-reader`);
  await pc.page.locator('[name=file]').setInputFiles({ name: 'lc.pdf', mimeType: 'application/pdf', buffer: document });
  const [download] = await Promise.all([pc.page.waitForEvent('download'), pc.button(card).click()]);
  return readFileSync(await download.path());
}

/** What the staff sees of it: no signature beside the document, for it is inside. */
async function reviewUpload(world, { reference }, pdf) {
  const { checks } = world;
  if (!world.sato) {
    world.sato = await Visitor.arrive(world, { script: false, width: 320 });
    await signInStaff(world.sato);
  }
  const { sato } = world;
  await sato.open(`staff/applications/${reference}`);
  await sato.look('review, uploaded', { shot: 'review-uploaded' });
  const text = await sato.text();
  checks.that(text.includes('ファイルをアップロード') && !text.includes('.p7s'), 'the staff sees how it was signed');
  const kept = Buffer.from(await (await sato.take(`staff/applications/${reference}/document`)).arrayBuffer());
  checks.that(kept.equals(pdf), 'the staff gets the file as it was signed');
  const archive = await sato.mediaType(`staff/applications/${reference}/evidence.zip`);
  checks.equal(archive, 'application/zip', 'the evidence can be taken away');
}
