// What the demonstration does not have: an invitation, an empty queue, a signing app that is down.

import { TARO, agree, begin, describe } from '../people.mjs';
import { oneTimeCode, startInstallation } from '../programs.mjs';
import { Visitor } from '../visitor.mjs';

export async function installation(world) {
  const { checks } = world;
  const site = await startInstallation(world.binary);
  try {
    await invitation(world, site);
    const applicant = await Visitor.arrive(world, { site, width: 360 });
    await begin(applicant, 'taro@example.jp');
    await describe(applicant, TARO);
    await agree(applicant);
    await applicant.press('署名へ進む');
    await applicant.press('アプリで署名する');
    checks.that(applicant.path.endsWith('/problem/app-unavailable'), 'a signing app that is down is explained', applicant.path);
  } finally {
    await site.stop();
  }
}

async function invitation(world, site) {
  const { checks } = world;
  const address = site.invite('suzuki', '鈴木 一郎');
  const colleague = await Visitor.arrive(world, { site, script: false, width: 320 });
  await colleague.open(address);
  await colleague.look('invitation', { shot: 'invitation' });
  const secret = (await colleague.text('#secret')).replace(/\s/g, '');
  const enrol = { button: '登録する' };
  await colleague.fail('invitation, short password', { password: 'short', code: oneTimeCode(secret) }, enrol);
  await colleague.fail('invitation, wrong code', { password: 'a long sentence is good', code: '000000' }, enrol);
  const password = 'a long sentence is good';
  // The next code is for signing in: each works once.
  await colleague.answer({ password, code: oneTimeCode(secret) }, '登録する');
  await colleague.look('staff sign-in, enrolled');
  await colleague.open(address);
  checks.equal(await colleague.heading(), 'この招待は使えません', 'an invitation works once');
  await colleague.look('invitation, used', { stranger: true, shot: 'invitation-over' });
  await colleague.open('staff/sign-in');
  const next = oneTimeCode(secret, Date.now() + 30_000);
  await colleague.answer({ login: 'suzuki', password, code: next }, 'サインイン');
  checks.equal(await colleague.heading(), '申込みの一覧', 'a new colleague signs in');
  await colleague.look('queue, empty', { shot: 'queue-empty' });
  await colleague.press('鈴木 一郎・サインアウト');
  await colleague.look('staff sign-in, signed out');
}
