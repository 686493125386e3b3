// Somebody at a browser that only speaks HTTP: keeps cookies, fills in forms, follows where they lead.

import { HANAKO } from './people.mjs';

/** What the list of prefectures sends for 兵庫県, where everybody lives. */
const HYOGO = '28';

const unescaped = (text) => text.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(code)).replaceAll('&amp;', '&');
const attribute = (tag, name) => unescaped(new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? '');

/** The forms of a page: where each goes, what it holds already, and what its buttons send. */
function formsOf({ url, html }) {
  return [...html.matchAll(/<form\b[^>]*>.*?<\/form>/gs)].map(([form]) => {
    const inputs = [...form.matchAll(/<input\b[^>]*>/g)].map(([tag]) => ({ name: attribute(tag, 'name'), type: attribute(tag, 'type'), value: attribute(tag, 'value') }));
    const buttons = [...form.matchAll(/(<button\b[^>]*>)(.*?)<\/button>/gs)].map(([, tag, words]) => ({
      name: attribute(tag, 'name'),
      value: attribute(tag, 'value'),
      words: words.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').trim(),
    }));
    return { html: form, action: new URL(attribute(/<form\b[^>]*>/.exec(form)[0], 'action') || url, url).href, inputs, buttons };
  });
}

export class HttpVisitor {
  /** By origin: names and values. */
  #jars = new Map();

  /** `library`: the address of a library, such as `http://127.0.0.1:8080/himeji`. */
  constructor(library) {
    this.library = library;
  }

  #jar(url) {
    const { origin } = new URL(url);
    if (!this.#jars.has(origin)) this.#jars.set(origin, new Map());
    return this.#jars.get(origin);
  }

  /** One request, without following where it leads. */
  async request(url, init = {}) {
    const jar = this.#jar(url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, { ...init, redirect: 'manual', headers: { ...init.headers, cookie, 'sec-fetch-site': 'same-origin' } });
    for (const each of answer.headers.getSetCookie()) {
      const [name, value] = each.split(';')[0].split(/=(.*)/s);
      if (value === '' || /max-age=0(;|$)/i.test(each)) jar.delete(name);
      else jar.set(name, value);
    }
    return answer;
  }

  /** Opens an address, absolute or of the library, and follows where it leads. */
  async open(address, init) {
    let url = new URL(address, `${this.library}/`).href;
    for (let hops = 0; hops < 10; hops += 1) {
      const answer = await this.request(url, init);
      if (answer.status < 300 || answer.status >= 400) return { url, status: answer.status, html: await answer.text() };
      await answer.arrayBuffer();
      url = new URL(answer.headers.get('location'), url).href;
      init = undefined;
    }
    throw new Error(`${address} leads in a circle`);
  }

  /** The bytes at an address of the library; anything but 200 is a fault. */
  async take(address) {
    const answer = await this.request(new URL(address, `${this.library}/`).href);
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (answer.status !== 200) throw new Error(`${address} answers ${answer.status}`);
    return bytes;
  }

  /** The form with the button `words` as it would be sent with these fields. */
  form(page, words, fields = {}) {
    for (const form of formsOf(page)) {
      const button = form.buttons.find((each) => each.words.startsWith(words));
      if (!button) continue;
      const held = form.inputs.filter(({ name, type }) => name && type === 'hidden');
      const chosen = [...held, ...(button.name ? [button] : [])].filter(({ name }) => !(name in fields));
      const body = new URLSearchParams(chosen.map(({ name, value }) => [name, value]));
      for (const [name, values] of Object.entries(fields)) for (const value of [values].flat()) body.append(name, value);
      return { url: form.action, body, html: form.html, values: (name) => form.inputs.filter((each) => each.name === name).map(({ value }) => value) };
    }
    throw new Error(`no button ${words} at ${page.url}`);
  }

  /** Fills that form in, sends it, and follows where it leads. */
  async send(page, words, fields) {
    const { url, body } = this.form(page, words, fields);
    const next = await this.open(url, { method: 'POST', body });
    if (next.status !== 200) throw new Error(`${words} answers ${next.status} at ${next.url}`);
    return next;
  }
}

/** From the first question to the code in the mail, which `mail` hands out. Returns the page that asks for the name. */
export async function begin(visitor, mail, email) {
  let page = await visitor.open('ja/apply/who');
  page = await visitor.send(page, '次へ', { category: 'resident', age: 'yes' });
  page = await visitor.send(page, 'コードを送る', { email });
  return visitor.send(page, '次へ', { code: await mail.code(email) });
}

/** A resident's whole application, up to the receipt. Returns the application's number. */
export async function apply(visitor, mail, email, person = HANAKO) {
  let page = await begin(visitor, mail, email);
  page = await visitor.send(page, '次へ', person.name);
  page = await visitor.send(page, '次へ', person.birth);
  page = await visitor.send(page, '次へ', { ...person.address, prefecture: HYOGO });
  page = await visitor.send(page, '次へ', { branch: 'jonai' });
  const consent = visitor.form(page, '署名へ進む').values('consent');
  page = await visitor.send(page, '署名へ進む', { delivery: 'electronic', consent });
  page = await visitor.send(page, 'アプリで署名する');
  page = await visitor.send(page, person.card);
  return /lc-big[^>]*>([^<]+)</.exec(page.html)[1].trim();
}

/** Signs a member of staff in: a code of theirs counts once. */
export async function signInStaff(visitor, fields) {
  return visitor.send(await visitor.open('staff/sign-in'), 'サインイン', fields);
}

/** Takes an application on and says yes. Returns the page that asks once more. */
export async function decide(visitor, reference) {
  const page = await visitor.send(await visitor.open(`staff/applications/${reference}`), '担当する');
  return visitor.send(page, '決定の確認へ', { outcome: 'approve' });
}

/** The button that issues the card. */
export const ISSUE = '承認して発行する';
