// The power fails in the middle of work: the process is killed, and begins again on the same data. Whatever was acknowledged is
// there, whatever was not is there whole or not at all, and sending it once more does it once.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HttpVisitor, ISSUE, apply, begin, decide, signInStaff } from '../http_visitor.mjs';
import { HANAKO, TAKAHASHI, TARO } from '../people.mjs';
import { oneTimeCode, startDemo } from '../programs.mjs';

/** How many people write at once. */
const WRITERS = 5;
/** After how many acknowledged answers the power fails, each time. */
const MOMENTS = [1, 5, 14];
const DIGITS = '〇一二三四五六七八九';

/** A name that nobody wrote before. */
const nameOf = (number) => `姫路　${[...`${number}`].map((digit) => DIGITS[digit]).join('')}`;

export async function killed({ binary, checks }) {
  const folder = mkdtempSync(join(tmpdir(), 'todoke-killed-'));
  // A demonstration with a seed lets one address send as many forms as it likes.
  const options = ['--seed', '1', '--database', `sqlite:${join(folder, 'todoke.sqlite')}`, '--keys', join(folder, 'master.keys')];
  let demo = await startDemo(binary, { options });
  const again = async () => {
    demo = await startDemo(binary, { options, port: demo.port });
  };
  try {
    const writers = await Promise.all(Array.from({ length: WRITERS }, (_, each) => sitDown(demo, each)));
    for (const moment of MOMENTS) {
      await writeUntilKilled(writers, moment, demo);
      await again();
      for (const writer of writers) await lookAfterName(writer, checks, moment);
    }
    // Each demonstration has test cards of its own: these must be of the last one.
    const [patrons, sato] = await submit(demo);
    await issueUntilKilled(patrons, sato, demo);
    await again();
    await lookAfterCards(patrons, checks);
  } finally {
    await demo.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function sitDown(demo, each) {
  const visitor = new HttpVisitor(`${demo.base}/himeji`);
  await begin(visitor, demo.mail, `writer${each}@killed.example`);
  return { visitor, next: 1000 * (each + 1), acknowledged: '', underway: undefined };
}

/** Everybody writes one name after the other, until nobody answers any more. */
async function writeUntilKilled(writers, moment, demo) {
  let acknowledged = 0;
  let end;
  await Promise.all(writers.map(async (writer) => {
    const { visitor } = writer;
    while (!end) {
      const page = await visitor.open('ja/apply/name').catch(() => undefined);
      if (!page) return;
      const name = nameOf(writer.next++);
      const form = visitor.form(page, '次へ', { name, kana: 'ヒメジ' });
      writer.underway = { name, form };
      const answer = await visitor.request(form.url, { method: 'POST', body: form.body }).catch(() => undefined);
      if (!answer) return;
      if (answer.status !== 303) throw new Error(`${name} answers ${answer.status}`);
      Object.assign(writer, { acknowledged: name, underway: undefined });
      acknowledged += 1;
      if (acknowledged >= moment) end ??= demo.kill();
    }
  }));
  await end;
}

async function lookAfterName(writer, checks, moment) {
  const { visitor, acknowledged, underway } = writer;
  const shown = async () => visitor.form(await visitor.open('ja/apply/name'), '次へ').values('name')[0];
  const found = await shown();
  checks.that([acknowledged, underway?.name].includes(found), `killed after ${moment} answers: the last name is kept`, `found ${found}, ${acknowledged} was acknowledged`);
  if (!underway) return;
  const { status } = await visitor.request(underway.form.url, { method: 'POST', body: underway.form.body });
  checks.equal(status, 303, `killed after ${moment} answers: what was under way can be sent once more`);
  checks.equal(await shown(), underway.name, `killed after ${moment} answers: and is kept`);
  Object.assign(writer, { acknowledged: underway.name, underway: undefined });
}

/** Applications of three people, all approved but for the last button. */
async function submit(demo) {
  const sato = new HttpVisitor(`${demo.base}/himeji`);
  const { login, password, secret } = demo.staff;
  await signInStaff(sato, { login, password, code: oneTimeCode(secret) });
  const patrons = [];
  for (const [each, person] of [HANAKO, TAKAHASHI, TARO].entries()) {
    const visitor = new HttpVisitor(`${demo.base}/himeji`);
    const reference = await apply(visitor, demo.mail, `patron${each}@killed.example`, person);
    patrons.push({ visitor, reference, form: sato.form(await decide(sato, reference), ISSUE), isAcknowledged: false });
  }
  return [patrons, sato];
}

/** All are approved at once; with the first answer the power fails. */
async function issueUntilKilled(patrons, sato, demo) {
  let end;
  await Promise.all(patrons.map(async (patron) => {
    const answer = await sato.request(patron.form.url, { method: 'POST', body: patron.form.body }).catch(() => undefined);
    if (!answer) return;
    patron.isAcknowledged = answer.status === 303;
    end ??= demo.kill();
  }));
  await end;
}

async function lookAfterCards(patrons, checks) {
  const numbers = [];
  for (const { visitor, reference, isAcknowledged } of patrons) {
    const { html } = await visitor.open('ja/status');
    const notices = new Set([...html.matchAll(/\/notices\/([0-9a-f-]+)/g)].map(([, id]) => id)).size;
    checks.that(isAcknowledged ? notices === 1 : notices <= 1, `killed: ${reference} has its notice once`, `${notices} notices, acknowledged: ${isAcknowledged}`);
    const number = /(?:\d{4} )+\d+/.exec((await visitor.open('ja/card')).html.split('<main')[1])?.[0];
    checks.equal(number !== undefined, notices === 1, `killed: ${reference} has a card if it has a notice`);
    if (number) numbers.push(number);
  }
  checks.that(patrons.some(({ isAcknowledged }) => isAcknowledged), 'killed: a card was issued before');
  checks.equal(new Set(numbers).size, numbers.length, 'killed: every card has a number of its own');
}
