// The whole way on a small screen without JavaScript, with every mistake that a form can be sent with.

import { HANAKO, agree, receipt } from '../people.mjs';
import { oneTimeCode } from '../programs.mjs';
import { Visitor } from '../visitor.mjs';

/** The notice, as the list names it. */
const NOTICE = '貸出券番号等通知書（図書館カード交付のお知らせ）';
const EMAIL = 'hanako@example.jp';

export async function withoutScript(world) {
  const { checks } = world;
  const small = { script: false, width: 320 };
  const hanako = await Visitor.arrive(world, small);
  await applyWithMistakes(hanako);
  const { reference, collectionCode } = await receipt(hanako);
  await hanako.open('ja/status');
  await hanako.look('status, received', { shot: 'status-received' });

  const sato = await Visitor.arrive(world, small);
  world.sato = sato;
  await decideWithMistakes(sato, reference);

  const reader = await Visitor.arrive(world, small);
  await signInWithMistakes(reader, reference);
  const password = await collectWithMistakes(reader, collectionCode);
  await reader.open('ja/password');
  await reader.look('password, shown in this browser');
  await reader.press('もう一度表示する');
  checks.equal(await shownPassword(reader), password, 'the password is shown again in the same browser');
  await reader.open('ja/status');
  await reader.look('status, password collected');

  await hanako.open('ja/password');
  checks.that((await hanako.text()).includes('もう表示できません'), 'the password is not shown in another browser');
  await hanako.look('password, gone');

  // Code, receipt, notice, code to sign in: nothing twice.
  checks.equal(await world.demo.mail.count(EMAIL, 4), 4, 'each mail was sent once');
  const kept = await reader.mediaType('ja/status/application.pdf');
  checks.equal(kept, 'application/pdf', 'the applicant can keep what was signed');
}

async function applyWithMistakes(hanako) {
  const { checks } = hanako.world;
  await hanako.open('ja/');
  await hanako.look('start', { shot: 'start' });
  await hanako.follow('申込みをはじめる');

  await hanako.look('who', { shot: 'who' });
  await hanako.fail('who, empty', {});
  await hanako.answer({ category: 'resident', age: 'yes' });

  await hanako.look('email', { shot: 'email' });
  await hanako.fail('email, empty', {}, { button: 'コードを送る' });
  await hanako.fail('email, cut short', { email: 'hanako@' }, { button: 'コードを送る' });
  await hanako.fail('email, mistyped', { email: 'hanako@gmail.con' }, { button: 'コードを送る', sentence: 'gmail.com' });
  await hanako.answer({ email: EMAIL }, 'コードを送る');

  await hanako.look('email code', { shot: 'email-code' });
  await hanako.fail('email code, empty', {});
  await hanako.fail('email code, short', { code: '12345' }, { sentence: '6けた' });
  await hanako.fail('email code, asked again too soon', {}, { button: 'コードをもう一度送る' });
  await hanako.open('ja/apply/email/code?sent=again');
  await hanako.look('email code, sent again');
  const code = await hanako.mail.code(EMAIL);
  await hanako.fail('email code, wrong', { code: code === '000000' ? '000001' : '000000' });
  await hanako.answer({ code });

  await hanako.look('name');
  await hanako.fail('name, empty', {});
  await hanako.fail('name, unreadable kana', { name: '姫路 花子', kana: '姫路' }, { sentence: 'フリガナ' });
  await hanako.answer(HANAKO.name);

  await hanako.look('birth', { shot: 'birth' });
  await hanako.fail('birth, empty', {});
  await hanako.fail('birth, no such day', { year: '1990', month: '2', day: '30' });
  await hanako.fail('birth, month missing', { year: '1990', month: '', day: '3' }, { sentence: '月' });
  await hanako.answer(HANAKO.birth);

  await hanako.look('address');
  await hanako.fail('address, empty', {}, { shot: 'address-error' });
  await hanako.fail('address, no such postcode', { postcode: '12', municipality: '姫路市' }, { sentence: '郵便番号' });
  await hanako.answer(HANAKO.address);

  await hanako.look('contact', { shot: 'contact' });
  await hanako.fail('contact, empty', {});
  await hanako.fail('contact, no telephone number', { phone: '12' }, { sentence: '電話番号' });
  await hanako.answer({ phone: '', branch: '城内図書館' });

  await hanako.look('check', { shot: 'check' });
  await hanako.fail('check, nothing agreed to', {}, { button: '署名へ進む' });
  await agree(hanako);
  await hanako.press('署名へ進む');

  await hanako.look('sign', { shot: 'sign' });
  const document = await hanako.mediaType('ja/apply/sign/document');
  checks.equal(document, 'application/pdf', 'the document can be read before it is signed');
  await hanako.open('ja/apply/name');
  await hanako.look('name, while a signature is awaited');
  await hanako.open('ja/apply/sign');
  await hanako.press('アプリで署名する');
  await hanako.look('app', { stranger: true, shot: 'app' });
  await hanako.press(HANAKO.card);
  checks.equal(await hanako.heading(), '申込みを受け付けました', 'the application is submitted without JavaScript');
  await hanako.look('done', { shot: 'done' });
}

async function decideWithMistakes(sato, reference) {
  const { checks, demo } = sato.world;
  const { login, password, secret } = demo.staff;
  await sato.open('staff/queue');
  await sato.look('staff sign-in, signed out meanwhile');
  await sato.open('staff/sign-in');
  await sato.look('staff sign-in', { shot: 'staff-sign-in' });
  await sato.fail('staff sign-in, empty', {}, { button: 'サインイン' });
  await sato.fail('staff sign-in, wrong', { login, password: 'wrong', code: '000000' }, { button: 'サインイン' });
  await sato.answer({ login, password, code: oneTimeCode(secret) }, 'サインイン');
  checks.equal(await sato.heading(), '申込みの一覧', 'staff sign in without JavaScript');

  await sato.look('queue', { shot: 'queue' });
  for (const tab of ['mine', 'decided', 'all']) {
    await sato.open(`staff/queue?tab=${tab}`);
    await sato.look(`queue, ${tab}`);
  }
  await sato.open('staff/queue');
  await sato.answer({ q: 'だれか' }, 'さがす');
  await sato.look('queue, nothing found');
  await sato.answer({ q: 'あ'.repeat(150) }, 'さがす');
  await sato.look('queue, too much asked', { faulty: true });
  await sato.open('staff/queue');
  await sato.follow(reference);

  await sato.look('review, unclaimed');
  await sato.press('担当する');
  await sato.look('review, claimed');
  const decide = { button: '決定の確認へ' };
  await sato.fail('review, no decision', {}, decide);
  await sato.fail('review, declined without a reason', { outcome: 'decline' }, { ...decide, sentence: '理由' });
  await sato.answer({ outcome: 'approve', reason: 'よい' }, '決定の確認へ');
  await sato.look('confirmation, approve with a reason');
  await sato.press('申込みに戻る（決定しない）');
  await sato.look('review, back from the confirmation');
  await sato.answer({ outcome: 'approve', reason: '' }, '決定の確認へ');
  await sato.look('confirmation, approve', { shot: 'confirmation-approve' });
  await sato.press('承認して発行する');
  checks.that((await sato.text()).includes('承認し、カードを発行しました'), 'staff approve without JavaScript');
  await sato.look('review, approved', { shot: 'review-approved' });
  await noteCertificateNumber(sato);
  const files = [['document', 'application/pdf'], ['signature', 'application/pkcs7-signature'], ['evidence.zip', 'application/zip']];
  for (const [file, type] of files) {
    checks.equal(await sato.mediaType(`staff/applications/${reference}/${file}`), type, `staff can open the ${file}`);
  }
}

async function noteCertificateNumber(sato) {
  const { checks } = sato.world;
  const note = { button: '番号を入力する' };
  await sato.fail('certificate number, empty', {}, { ...note, sentence: '発行番号を入力してください' });
  await sato.fail('certificate number, wrong', { number: '12 G4' }, { ...note, shot: 'certificate-number-wrong' });
  await sato.answer({ number: '0x0a1b2c' }, '番号を入力する');
  await sato.look('certificate number, noted', { shot: 'certificate-number-noted' });
  await sato.press('番号を消す');
  await sato.answer({ number: '0a1b2c' }, '番号を入力する');
  await sato.press('番号を確かめた');
  checks.that((await sato.text()).includes('A1B2C'), 'staff confirm a certificate number without JavaScript');
  await sato.look('certificate number, confirmed', { shot: 'certificate-number-confirmed' });
}

async function signInWithMistakes(reader, reference) {
  await reader.open('ja/sign-in');
  await reader.look('sign-in', { shot: 'sign-in' });
  const send = { button: 'コードを送る' };
  await reader.fail('sign-in, empty', {}, send);
  await reader.fail('sign-in, unreadable', { reference: 'LC-', year: '1990', month: '13', day: '1' }, send);
  await reader.answer({ reference, ...HANAKO.birth }, 'コードを送る');
  await reader.look('sign-in code');
  await reader.fail('sign-in code, empty', {});
  const code = await reader.mail.code(EMAIL);
  await reader.fail('sign-in code, wrong', { code: code === '000000' ? '000001' : '000000' });
  await reader.open('ja/sign-in');
  await reader.look('sign-in, a code is coming');
  await reader.open('ja/sign-in/code');
  await reader.answer({ code });
  await reader.look('status, issued', { shot: 'status' });
}

/** Anybody with the paper in their hands: no account, no JavaScript, a narrow screen. */
async function verifyWithMistakes(world, code) {
  const { checks } = world;
  const anybody = await Visitor.arrive(world, { script: false, width: 320 });
  await anybody.open('ja/');
  await anybody.follow('通知を確かめる');
  await anybody.look('verify', { shot: 'verify' });
  const ask = { button: '確かめる' };
  await anybody.fail('verify, empty', {}, ask);
  await anybody.fail('verify, short', { code: '7KQF-2M9X' }, ask);
  await anybody.press('ファイルを調べる');
  await anybody.look('verify, no file', { faulty: true });
  await anybody.answer({ code: code.toLowerCase().replaceAll('-', ' ') }, '確かめる');
  checks.equal(await anybody.heading(), '本物です', 'the notice is genuine');
  checks.that(!(await anybody.text()).includes('花子'), 'and it is not said whose it is');
  await anybody.look('verify, genuine', { shot: 'verified' });
  await anybody.open('ja/verify/0000000000000000');
  await anybody.look('verify, unknown', { shot: 'verified-unknown' });
}

async function collectWithMistakes(reader, collectionCode) {
  const { checks } = reader.world;
  await reader.follow(NOTICE);
  await reader.look('notice', { shot: 'notice' });
  await verifyWithMistakes(reader.world, (await reader.text()).match(/[0-9A-Z]{4}(-[0-9A-Z]{4}){3}/)[0]);
  await reader.follow('初期パスワードを受け取る');
  await reader.look('password, waiting', { shot: 'password' });
  const show = { button: '初期パスワードを表示する' };
  await reader.fail('password, empty', {}, show);
  await reader.fail('password, short', { code: 'AB2' }, show);
  await reader.fail('password, wrong', { code: 'AAAA-AAAA' }, show);
  await reader.answer({ code: collectionCode.toLowerCase() }, '初期パスワードを表示する');
  const password = await shownPassword(reader);
  checks.that(password.length >= 8, 'the password is shown without JavaScript', password);
  await reader.look('password, shown', { shot: 'password-shown' });
  return password;
}

async function shownPassword(reader) {
  return (await reader.text('output')).replace(/\s/g, '');
}

