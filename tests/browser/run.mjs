// The browser stories: node tests/browser/run.mjs PATH-OF-TODOKE
//
// Starts the demonstration, walks through it in a real browser with JavaScript on and off, and looks
// at every page that exists. Ends with the line "N passed, M failed". With TODOKE_SCREENSHOTS=FOLDER
// it also takes pictures of the main pages; with TODOKE_STORIES=name,name it tells only those stories.

import { chromium } from 'playwright-core';
import { PATTERNS } from './addresses.mjs';
import { Auditor } from './audit.mjs';
import { Checks } from './checks.mjs';
import { startDemo } from './programs.mjs';
import { cardSignIn } from './stories/card.mjs';
import { deadEnds, guidance, leftDraft, lockedPassword, savedDrafts, signingProblems } from './stories/every_page.mjs';
import { cosign } from './stories/cosign.mjs';
import { correction } from './stories/correction.mjs';
import { duplicates } from './stories/duplicates.mjs';
import { documents } from './stories/documents.mjs';
import { exchange } from './stories/exchange.mjs';
import { guardian } from './stories/guardian.mjs';
import { handoff, handoffWithScript, onePhone, upload } from './stories/handoff.mjs';
import { installation } from './stories/installation.mjs';
import { killed } from './stories/killed.mjs';
import { keyboard } from './stories/keyboard.mjs';
import { languages } from './stories/languages.mjs';
import { passkeys } from './stories/passkeys.mjs';
import { patrons } from './stories/patrons.mjs';
import { procedures } from './stories/procedures.mjs';
import { unsigned } from './stories/unsigned.mjs';
import { visit } from './stories/visit.mjs';
import { review } from './stories/review.mjs';
import { passwordSignIn } from './stories/sign_in.mjs';
import { withScript } from './stories/with_script.mjs';
import { withoutScript } from './stories/without_script.mjs';

const STORIES = {
  leftDraft,
  withoutScript,
  withScript,
  keyboard,
  guidance,
  deadEnds,
  signingProblems,
  handoff,
  handoffWithScript,
  onePhone,
  upload,
  correction,
  documents,
  guardian,
  cosign,
  visit,
  unsigned,
  lockedPassword,
  duplicates,
  patrons,
  cardSignIn,
  passwordSignIn,
  passkeys,
  installation,
  killed,
  savedDrafts,
  exchange,
  procedures,
  review,
  languages,
};

/** Stories whose people must be new to the library: each has a portal of its own. */
const ON_THEIR_OWN = ['correction', 'documents', 'exchange', 'guardian', 'cosign', 'visit', 'unsigned', 'procedures', 'patrons', 'duplicates', 'review', 'passwordSignIn', 'passkeys', 'languages'];
/** Stories whose portal is opened under a name: no passkey can be had at an address of numbers. */
const BY_NAME = ['passkeys'];

/** Addresses that show no page: files, and those that lead on. */
const NOT_PAGES = [
  '/static/{file:.*}',
  '/signing/return',
  '/g/{invitation}/document',
  '/health/live',
  '/health/ready',
  '/health/revocation',
  '/health/seals',
  '/health/mail',
  '/{library}',
  '/{library}/{lang}',
  '/{library}/{lang}/{rest:.*}',
  '/{library}/{lang}/procedures/{procedure}',
  '/{library}/{lang}/sign-in/passkey',
  '/{library}/{lang}/account/passkeys/remove',
  '/{library}/{lang}/account/sessions/end',
  '/{library}/{lang}/account/sessions/end-others',
  '/{library}/{lang}/apply/email/again',
  '/{library}/{lang}/apply/sign/document',
  '/{library}/{lang}/apply/sign/qr',
  '/{library}/{lang}/apply/children/{number}/remove',
  '/{library}/{lang}/apply/documents/{attachment}/picture',
  '/{library}/{lang}/apply/documents/{attachment}/remove',
  '/{library}/{lang}/apply/visit/pictures',
  '/{library}/{lang}/apply/visit/slip.pdf',
  '/{library}/{lang}/card/card.ics',
  '/{library}/{lang}/card/requests/take-back',
  '/{library}/{lang}/card/show/card.png',
  '/{library}/{lang}/card/show/card.pdf',
  '/{library}/{lang}/card/record/record.json',
  '/{library}/{lang}/card/record/record.pdf',
  '/{library}/{lang}/status/application.pdf',
  '/{library}/{lang}/notices/{notice}/notice.pdf',
  '/{library}/staff',
  '/{library}/staff/',
  '/{library}/staff/{rest:.*}',
  '/{library}/staff/sign-out',
  '/{library}/staff/exchange/files/{export}/file.csv',
  '/{library}/staff/exchange/files/{export}/confirm',
  '/{library}/staff/patrons/{patron}/blocks',
  '/{library}/staff/patrons/{patron}/blocks/lift',
  '/{library}/staff/patrons/{patron}/release',
  '/{library}/staff/patrons/{patron}/stop',
  '/{library}/staff/relations/remove',
  '/{library}/staff/absences/remove',
  '/{library}/staff/papers/{notice}',
  '/{library}/staff/papers/{notice}/notice.pdf',
  ...['claims', 'approvals', 'approvals/confirm'].map((last) => `/{library}/staff/queue/${last}`),
  ...['take-over', 'hold', 'proof', 'opinion', 'opinion/answer', 'memo', 'reopen', 'ask-once-more', 'decision/template', 'correction/template', 'messages/template', 'decision/change', 'correction/change'].map(
    (last) => `/{library}/staff/applications/{reference}/${last}`,
  ),
  ...[
    'attachments/{attachment}',
    'attachments/{attachment}/destroy',
    'certificate-number/confirm',
    'certificate-number/remove',
    'claim',
    'document',
    'evidence.zip',
    'patron',
    'recusal',
    'registration/confirm',
    'registration/refuse',
    'release',
    'signature',
  ].map((last) => `/{library}/staff/applications/{reference}/${last}`),
];

/** Pages whose forms take whatever comes. */
const INFALLIBLE = ['/{library}/staff/settings'];

/** The most that a page may weigh as transferred, in bytes. */
const BUDGETS = { page: 8_000, 'staff page': 25_000, 'text/css': 10_000, 'text/javascript': 3_000 };

const binary = process.argv[2];
if (!binary) {
  console.error('usage: node run.mjs PATH-OF-TODOKE');
  process.exit(2);
}
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
const chosen = process.env.TODOKE_STORIES?.split(',') ?? Object.keys(STORIES);
const checks = new Checks();
const demo = await startDemo(binary);
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
const auditor = new Auditor(checks);
const world = { binary, demo, browser, checks, auditor, visitors: [] };
const answers = [];
try {
  // Side by side, for each waits for its browser most of the time; those in one portal follow each other.
  const alone = chosen.filter((name) => ON_THEIR_OWN.includes(name));
  const shared = chosen.filter((name) => !ON_THEIR_OWN.includes(name));
  await Promise.all([tellAll(shared, tellHere), tellAll(alone, tellAlone)]);
  const begun = Date.now();
  await auditor.product.walk(browser, demo.base);
  console.log(`the whole product, ${auditor.product.size} pages: ${((Date.now() - begun) / 1000).toFixed(1)} s`);
  if (chosen.length === Object.keys(STORIES).length) checkCoverage();
  auditor.validate();
  weigh();
} finally {
  await browser.close();
  for (const visitor of world.visitors) visitor.household.close();
  await demo.stop();
}
console.log(checks.summary());
process.exitCode = checks.faults.length > 0 ? 1 : 0;

async function tellAll(names, tell) {
  for (const name of names) await tell(name);
}

async function tellHere(name) {
  await tellIn(world, name);
}

async function tellAlone(name) {
  const demo = await startDemo(binary, { host: BY_NAME.includes(name) ? 'localhost' : '' });
  const own = { binary, demo, browser, checks, auditor, visitors: [] };
  await tellIn(own, name);
  for (const visitor of own.visitors) {
    answers.push(...visitor.household.answers.filter(({ url }) => url.startsWith(own.demo.base)));
    visitor.household.close();
  }
  await own.demo.stop();
}

async function tellIn(world, name) {
  const begun = Date.now();
  const known = world.visitors.length;
  try {
    await STORIES[name](world);
  } catch (error) {
    const places = world.visitors.slice(known).map((visitor) => visitor.page.url());
    checks.that(false, `story ${name}`, `${error.stack}\nat ${places.join(', ')}`);
    for (const visitor of world.visitors.slice(known)) await auditor.picture(visitor.page, `fault-${name}`).catch(() => {});
  }
  for (const visitor of world.visitors) {
    const complaints = visitor.complaints.splice(0);
    checks.that(complaints.length === 0, `story ${name}: nothing on the console`, complaints.join('; '));
  }
  console.log(`${name}: ${((Date.now() - begun) / 1000).toFixed(1)} s`);
}

/** Every address of the portal's table was looked at. */
function checkCoverage() {
  for (const { pattern } of PATTERNS) {
    if (!NOT_PAGES.includes(pattern) && !/\/decision(\/confirm)?$/.test(pattern)) {
      checks.that(auditor.seen.has(pattern), `${pattern} was looked at`);
    }
  }
  auditor.product.checkComplete(NOT_PAGES, INFALLIBLE);
}

/** What everything weighed on its way. */
function weigh() {
  const heaviest = new Map();
  const ours = world.visitors.flatMap((visitor) => visitor.household.answers);
  for (const { url, kind, bytes } of [...answers, ...ours.filter(({ url }) => url.startsWith(demo.base))]) {
    const group = kind === 'text/html' ? (url.includes('/staff/') ? 'staff page' : 'page') : kind;
    if (group in BUDGETS && bytes > (heaviest.get(group)?.bytes ?? 0)) heaviest.set(group, { url, bytes });
  }
  for (const [group, { url, bytes }] of heaviest) {
    console.log(`heaviest ${group}: ${bytes} bytes, ${new URL(url).pathname}`);
    checks.that(bytes <= BUDGETS[group], `the heaviest ${group} is light`, `${bytes} bytes`);
  }
}
