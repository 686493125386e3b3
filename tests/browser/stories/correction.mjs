// Something has to be put right: asked field by field, changed where it was asked, signed again; and messages.

import { HANAKO, apply, signInStaff } from '../people.mjs';
import { Visitor } from '../visitor.mjs';

const WORDS = '住民票と同じ番地を入力してください。';

export async function correction(world) {
  const { checks } = world;
  const hanako = await Visitor.arrive(world, { script: false, width: 320 });
  const { reference } = await apply(hanako, HANAKO, 'fix@himeji.example');
  const staff = await Visitor.arrive(world, { script: false });
  await signInStaff(staff);
  await staff.open(`staff/applications/${reference}`);
  await staff.press('担当する');
  await staff.follow('修正をお願いする');
  await staff.look('correction', { shot: 'correction' });
  const preview = { button: '申込者が読む文面を確かめる' };
  await staff.fail('correction, nothing asked', {}, { ...preview, sentence: '項目を選んでください' });
  await staff.fail('correction, without words', { ask_address: 'yes' }, { ...preview, sentence: '理由', shot: 'correction-wrong' });
  await staff.answer({ ask_address: 'yes', reason_address: '足りないところがあります', text_address: WORDS }, preview.button);
  await staff.look('correction, the words once more', { shot: 'correction-confirm' });
  await staff.press('修正をお願いする');
  checks.that((await staff.text()).includes('修正のお願い中'), 'the application is sent back');
  await staff.look('review, sent back');

  await hanako.open('ja/status');
  await hanako.look('status, sent back', { shot: 'status-returned' });
  await hanako.follow('申込みの修正のお願い');
  await hanako.look('notice, correction', { shot: 'notice-returned' });
  await hanako.follow('修正のページへ進む');
  await hanako.look('fix', { shot: 'fix' });
  await hanako.page.locator('summary', { hasText: 'このままで正しいとき' }).first().click();
  await hanako.press('このままで正しいと答える');
  checks.that((await hanako.text('.lc-errsum')).includes('文を入力'), 'an answer needs words');
  await hanako.look('fix, no words', { faulty: true, shot: 'fix-wrong' });
  await hanako.open('ja/status/fix');
  await hanako.follow('修正をはじめる');
  await hanako.look('address, asked about', { shot: 'address-asked' });
  await hanako.answer({ line1: '本町68番地290' });
  await hanako.look('fix, put right', { shot: 'fix-done' });
  await hanako.follow('確かめて送る');
  await hanako.look('check, put right', { shot: 'check-fixed' });
  await hanako.press('署名へ進む');
  await hanako.press('アプリで署名する');
  await hanako.press(HANAKO.card);
  await hanako.open('ja/status');
  checks.that((await hanako.text()).includes('お返事済み'), 'the answer has arrived');
  await hanako.look('status, sent again', { shot: 'status-again' });

  await hanako.follow('図書館とのメッセージ');
  await hanako.look('messages', { shot: 'messages' });
  await hanako.fail('messages, empty', {}, { button: 'メッセージを送る', sentence: '文を入力' });
  await hanako.answer({ text: '直しました。よろしくお願いします。' }, 'メッセージを送る');
  await staff.open('staff/queue');
  await staff.look('queue, with a correction and a message', { shot: 'queue-corrected' });
  await staff.open(`staff/applications/${reference}/messages`);
  await staff.look('messages of an application', { shot: 'staff-messages' });
  await staff.fail('messages of an application, empty', {}, { button: 'メッセージを送る', sentence: '文を入力' });
  await staff.answer({ text: '確かめます。' }, 'メッセージを送る');
  await hanako.open('ja/status/messages');
  await hanako.look('messages, answered', { shot: 'messages-answered' });
}
