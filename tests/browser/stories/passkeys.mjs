// Passkeys with an authenticator that the browser itself plays: made, used, refused while nobody is recognised, removed.

import { HANAKO, apply, signIn, signInStaff } from '../people.mjs';
import { Visitor } from '../visitor.mjs';

const EMAIL = 'hanako@passkeys.example';
const ADD = 'パスキーを追加する';
const USE = 'パスキーでサインイン';

/** Gives the visitor's browser what a telephone has: a lock of the screen that recognises its owner. */
async function giveAuthenticator(visitor) {
  const session = await visitor.context.newCDPSession(visitor.page);
  await session.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    credentials: async () => (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    recognise: (isUserVerified) => session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
  };
}

export async function passkeys(world) {
  const { checks } = world;
  const applicant = await Visitor.arrive(world);
  const { reference } = await apply(applicant, HANAKO, EMAIL);
  const clerk = await Visitor.arrive(world);
  await signInStaff(clerk);
  await clerk.open(`staff/applications/${reference}`);
  await clerk.press('担当する');
  await clerk.answer({ outcome: 'approve' }, '決定の確認へ');
  await clerk.press('承認して発行する');

  const hanako = await Visitor.arrive(world, { width: 320 });
  const device = await giveAuthenticator(hanako);
  await signIn(hanako, HANAKO, reference, EMAIL);
  await addPasskey(hanako, device);
  await signInBy(hanako, device);
  await withoutScript(world);
  await removePasskey(hanako);
}

async function addPasskey(hanako, device) {
  const { checks } = hanako.world;
  await hanako.open('ja/account/passkeys');
  await hanako.look('passkeys, none yet', { shot: 'passkeys-none' });
  await device.recognise(false);
  await hanako.button(ADD).click();
  await hanako.page.getByText('パスキーを使えませんでした。').waitFor();
  checks.equal((await device.credentials()).length, 0, 'nobody is recognised, and no passkey is made');
  await device.recognise(true);
  await hanako.press(ADD);
  checks.equal(hanako.path, '/himeji/ja/account/passkeys', 'a passkey is added');
  checks.that((await hanako.text('.lc-list')).includes('に追加'), 'the passkey is on the list');
  const [made, ...others] = await device.credentials();
  checks.that(made?.rpId === 'localhost' && made.isResidentCredential && others.length === 0, 'one passkey of this host', JSON.stringify(made?.rpId));
  await hanako.look('passkeys, one', { shot: 'passkeys-one' });
  await hanako.button(ADD).click();
  await hanako.page.getByText('パスキーを使えませんでした。').waitFor();
  checks.equal((await device.credentials()).length, 1, 'a device that has one makes no other');
}

async function signInBy(hanako, device) {
  const { checks } = hanako.world;
  await hanako.open('ja/status');
  await hanako.press('サインアウトする');
  await hanako.open('ja/card');
  checks.that(hanako.path.includes('/sign-in'), 'after signing out nothing is readable', hanako.path);
  await hanako.open('ja/sign-in/password');
  await hanako.look('sign-in with a passkey', { shot: 'sign-in-passkey' });
  await device.recognise(false);
  await hanako.button(USE).click();
  await hanako.page.getByText('パスキーを使えませんでした。').waitFor();
  checks.equal(hanako.path, '/himeji/ja/sign-in/password', 'nobody is recognised, and nobody is signed in');
  await device.recognise(true);
  await hanako.press(USE);
  checks.equal(hanako.path, '/himeji/ja/card', 'the passkey signs in');
  await holdUp(hanako);
  await hanako.open('ja/account/passkeys');
  checks.that((await hanako.text('.lc-list')).includes('最後に使ったのは'), 'its use is told');
}

/** A card under a scanner: the screen stays awake, and does so again for whoever comes back to it. */
async function holdUp(hanako) {
  const { checks } = hanako.world;
  await hanako.page.addInitScript(() => {
    window.awake = [];
    navigator.wakeLock.request = async (what) => window.awake.push(what);
  });
  const asked = () => hanako.page.evaluate(() => window.awake.join(' '));
  await hanako.open('ja/card');
  checks.equal(await asked(), '', 'an ordinary page lets the screen sleep');
  await hanako.open('ja/card/show');
  checks.equal(await asked(), 'screen', 'the card that is held up keeps the screen awake');
  await hanako.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  checks.equal(await asked(), 'screen screen', 'and again after another window was looked at');
}

/** Where no script runs, the ways are those by password and by code. */
async function withoutScript(world) {
  const visitor = await Visitor.arrive(world, { script: false, width: 320 });
  await visitor.open('ja/sign-in/password');
  world.checks.that(!(await visitor.button(USE).isVisible()), 'without scripts no passkey is offered');
  world.checks.that(await visitor.button('サインイン').isVisible(), 'without scripts the password is');
}

async function removePasskey(hanako) {
  const { checks } = hanako.world;
  await hanako.open('ja/account/passkeys');
  await hanako.press(/^消す/);
  checks.that((await hanako.text()).includes('まだありません'), 'a passkey is removed');
  await hanako.open('ja/status');
  await hanako.press('サインアウトする');
  await hanako.open('ja/sign-in/password');
  await hanako.press(USE);
  checks.that((await hanako.text('.lc-errsum')).includes('このパスキーではサインインできません'), 'a removed passkey opens nothing', hanako.path);
  await hanako.look('sign-in, the passkey removed', { faulty: true, shot: 'sign-in-passkey-removed' });
  await hanako.open('ja/card');
  checks.that(hanako.path.includes('/sign-in'), 'nor is anybody signed in', hanako.path);
}
