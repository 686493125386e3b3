// Pictures of documents: asked for, sent without a script, taken back, signed for, looked at by staff and destroyed.

import { HANAKO, agree, receipt, signInStaff } from '../people.mjs';
import { Visitor } from '../visitor.mjs';

const EMAIL = 'tsukin@example.jp';

export async function documents(world) {
  const { checks } = world;
  const hanako = await Visitor.arrive(world, { script: false, width: 320 });
  await hanako.open('ja/apply/who');
  await hanako.answer({ category: 'commuter-student', age: 'yes' });
  await hanako.answer({ email: EMAIL }, 'コードを送る');
  await hanako.answer({ code: await hanako.mail.code(EMAIL) });
  await hanako.fail('name, a My Number', { name: '1234 5678 9018', kana: 'ひめじ' }, { sentence: 'マイナンバー', shot: 'name-my-number' });
  await hanako.answer(HANAKO.name);
  await hanako.answer(HANAKO.birth);
  await hanako.answer(HANAKO.address);
  await hanako.answer({ branch: '城内図書館' });
  checks.equal(hanako.path, '/himeji/ja/apply/documents', 'documents are asked for after the contact');
  await hanako.look('documents', { shot: 'documents' });

  const photo = await hanako.page.screenshot({ type: 'jpeg', fullPage: true });
  await hanako.follow('社員証・在職証明書');
  await hanako.look('document', { shot: 'document-add' });
  const send = async (name, buffer, mimeType = 'image/jpeg') => {
    await hanako.page.locator('[name=file]').setInputFiles({ name, mimeType, buffer });
  };
  const day = { year: '令和8', month: '4', day: '1' };
  await hanako.fail('document, no file', day, { button: '画像を送る', sentence: 'えらんでください' });
  await send('photo.jpg', photo);
  await hanako.fail('document, no day', { year: '', month: '', day: '' }, { button: '画像を送る', sentence: '日付' });
  await send('photo.heic', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'));
  await hanako.fail('document, HEIC', day, { button: '画像を送る', sentence: 'HEIC', shot: 'document-heic' });
  await send('page.svg', Buffer.from('<svg onload="alert(1)"/>'));
  await hanako.fail('document, SVG', day, { button: '画像を送る', sentence: 'JPEG' });
  for (const [name, file] of [['社員証 おもて.jpg', photo], ['two.png', await hanako.page.screenshot({ type: 'png' })]]) {
    if (!hanako.path.includes('/add/')) await hanako.open('ja/apply/documents/add/staff-card');
    await hanako.fill(day);
    await send(name, file);
    await hanako.press('画像を送る');
    checks.equal(hanako.path, '/himeji/ja/apply/documents', `${name} is attached`);
  }
  await hanako.look('documents, two attached', { shot: 'documents-attached' });
  checks.that((await hanako.text()).includes('社員証 おもて.jpg'), 'the name is shown to its sender');
  const picture = await hanako.page.getByRole('link', { name: '画像を見る' }).first().getAttribute('href');
  checks.equal(await hanako.mediaType(picture), 'image/jpeg', 'the applicant can look at the picture');
  await hanako.go(() => hanako.page.getByRole('button', { name: '取りやめる' }).last().click());
  checks.that(!(await hanako.text()).includes('two.png'), 'a picture is taken back');
  await hanako.press('次へ');
  checks.equal(hanako.path, '/himeji/ja/apply/check', 'and then the answers are checked');
  await hanako.look('check, with a document', { shot: 'check-document' });
  await hanako.page.goBack();
  checks.that((await hanako.text()).includes('社員証 おもて.jpg'), 'Back loses nothing');
  await hanako.open('ja/apply/check');
  await agree(hanako);
  await hanako.press('署名へ進む');
  await hanako.press('アプリで署名する');
  await hanako.press(HANAKO.card);
  const { reference } = await receipt(hanako);
  await review(world, reference);
}

async function review(world, reference) {
  const { checks } = world;
  if (!world.sato) {
    world.sato = await Visitor.arrive(world, { script: false, width: 320 });
    await signInStaff(world.sato);
  }
  const { sato } = world;
  await sato.open(`staff/applications/${reference}`);
  await sato.look('application, with a document', { shot: 'application-document' });
  const picture = await sato.page.getByRole('link', { name: '画像をひらく' }).getAttribute('href');
  checks.equal(await sato.mediaType(picture), 'image/jpeg', 'staff can look at the picture');
  await sato.page.locator('summary', { hasText: 'うら面' }).click();
  await sato.look('application, before a picture is destroyed', { shot: 'application-destroy' });
  await sato.go(() => sato.page.getByRole('button', { name: 'この画像をすぐに消す' }).click());
  checks.that((await sato.text()).includes('この画像は消しました'), 'a picture is destroyed');
  await sato.look('application, picture destroyed', { shot: 'application-destroyed' });
  checks.equal((await sato.take(picture)).status, 404, 'and gone');

  await sato.press('担当する');
  await sato.page.getByText('見た書類の期限を書きとめる').click();
  await sato.fail('proof, no day', { proof_kind: '学生証・在学証明書', proof_day: '' }, { button: '書きとめる', shot: 'proof-faulty' });
  await sato.answer({ proof_kind: '学生証・在学証明書', proof_day: '2099-03-31' }, '書きとめる');
  checks.that((await sato.text()).includes('学生証・在学証明書（2099年3月31日'), 'the end of a document is noted');
  await sato.look('application, with the end of a document', { shot: 'application-proof' });
  await sato.fail(
    'decision, twelve digits',
    { outcome: 'decline', reason: '免許証（123456789018）の住所とちがいます。' },
    { button: '決定の確認へ', sentence: '12けた', shot: 'decision-number' },
  );
  await sato.answer({ not_my_number: 'yes' }, '決定の確認へ');
  await sato.press('承認しないと決定する');
  checks.that((await sato.text()).includes('「承認しない」と決定'), 'another number of twelve digits may be written');
}
