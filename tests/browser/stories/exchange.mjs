// Files to and from the library system, on a small screen without JavaScript; copy buttons with it.

import { HANAKO, apply, signInStaff } from '../people.mjs';
import { Visitor } from '../visitor.mjs';

const TITLES =
  '利用者番号,氏名,カナ氏名,生年月日,性別,郵便番号,都道府県,市区町村,町名・番地,建物,電話番号,メールアドレス,利用者区分,登録館,登録日,有効期限';
/** In CP932, without any letter of its own: the browser sends bytes as they are. */
const shiftJis = (text) => {
  const table = new Map();
  const decoder = new TextDecoder('shift_jis');
  for (let lead = 0x81; lead <= 0xfc; lead += 1) {
    for (let trail = 0x40; trail <= 0xfc; trail += 1) {
      const letter = decoder.decode(Uint8Array.of(lead, trail));
      if (letter.length === 1 && !table.has(letter)) table.set(letter, [lead, trail]);
    }
  }
  return Buffer.from([...text].flatMap((letter) => table.get(letter) ?? [letter.charCodeAt(0)]));
};

export async function exchange(world) {
  const { checks } = world;
  const applicant = await Visitor.arrive(world);
  const { reference } = await apply(applicant, HANAKO, 'hanako@exchange.example');
  const sato = world.sato ?? (await staffOf(world, { script: false, width: 320 }));
  await sato.open(`staff/applications/${reference}`);
  await sato.press('担当する');
  await sato.answer({ outcome: 'approve' }, '決定の確認へ');
  await sato.press('承認して発行する');

  await sato.follow('図書館システムに入力する（バーコードとコピー）');
  await sato.look('transcription', { shot: 'transcription' });
  checks.that(/^\d{9}$/.test((await sato.text('output')).trim()), 'the number can be selected whole');
  checks.equal(await sato.page.getByRole('button', { name: /コピー/ }).count(), 0, 'no button that cannot work');

  await sato.open('staff/exchange');
  await sato.look('exchange', { shot: 'exchange' });
  await sato.follow(/内容を確かめる/);
  await sato.look('exchange, what will go out', { shot: 'exchange-new' });
  await sato.fail('exchange, no such day', { since: '昨日', until: '' }, { button: 'この期間を確かめる', sentence: '2026-11-20' });
  await sato.open('staff/exchange/new?profile=new-patrons');
  await sato.press('ファイルを作る');
  await sato.look('exchange, file', { shot: 'exchange-file' });
  const file = `${sato.path.slice('/himeji/'.length)}/file.csv`;
  checks.equal(await sato.mediaType(file), 'text/csv; charset=Shift_JIS', 'the file can be taken along');
  await sato.press('図書館システムに取り込んだ');
  await sato.look('exchange, file, confirmed', { shot: 'exchange-file-confirmed' });
  await sato.open('staff/exchange/confirmations');
  await sato.look('exchange, confirmations', { shot: 'exchange-confirmations' });
  await sato.fail('exchange, confirmations, nothing given', {}, { button: '番号を送る', sentence: 'カード番号を貼り付けるか' });
  await takeOver(sato);
  await sato.open('staff/exchange');
  await sato.look('exchange, with files', { shot: 'exchange-with-files' });
  await copy(world);
}

async function takeOver(sato) {
  const { checks } = sato.world;
  await sato.open('staff/exchange/import');
  await sato.look('import', { shot: 'import' });
  const send = async (mode, lines) => {
    await sato.fill({ mode });
    const buffer = shiftJis([TITLES, ...lines, ''].join('\r\n'));
    await sato.page.locator('[name=file]').setInputFiles({ name: 'patrons.csv', mimeType: 'text/csv', buffer });
    await sato.press('ファイルを送る');
  };
  const line = (number) => `${number},試験　三郎,シケン　サブロウ,19700101,,,,,,,,,,,,20300331`;
  await sato.fail('import, without a file', {}, { button: 'ファイルを送る', sentence: 'ファイルを選んでください' });
  await send('rehearse', [line('100000016'), 'x']);
  checks.that((await sato.text()).includes('3行目'), 'a rehearsal tells the bad line');
  await sato.look('import, rehearsed', { shot: 'import-rehearsed' });
  await send('take', [line('100000016'), 'x']);
  await sato.look('import, refused', { faulty: true, shot: 'import-refused' });
  await send('take-good', [line('100000016'), line('100000017'), 'x']);
  checks.that((await sato.text()).includes('取り込みました'), 'what can be taken is taken');
  await sato.look('import, taken');
}

/** With JavaScript each fact has its button. */
async function copy(world) {
  const { checks } = world;
  const applicant = await Visitor.arrive(world, { slug: 'shiomi' });
  const { reference } = await apply(applicant, HANAKO, 'copy@shiomi.example');
  const staff = await staffOf(world, { slug: 'shiomi' });
  await staff.open(`staff/applications/${reference}`);
  await staff.press('担当する');
  await staff.answer({ outcome: 'approve' }, '決定の確認へ');
  await staff.press('承認して発行する');
  await staff.follow('図書館システムに入力する（バーコードとコピー）');
  await staff.look('transcription, with its buttons', { shot: 'transcription-buttons' });
  await staff.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await staff.button('カード番号をコピー').click();
  await staff.page.getByText('コピーしました').waitFor();
  const copied = await staff.page.evaluate(() => navigator.clipboard.readText());
  checks.equal(copied, (await staff.text('output')).trim(), 'the button copies the number');
}

async function staffOf(world, options) {
  const staff = await Visitor.arrive(world, options);
  await signInStaff(staff);
  return staff;
}
