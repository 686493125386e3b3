// The network between a browser and the portal: gives each visitor an address of their own, as
// in life (the portal counts posts per address), and sees what really travels.

import http from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

let households = 0;

export class Household {
  /** Everything that was answered: `{ method, url, status, kind, bytes }`, sizes as transferred. */
  answers = [];
  #pages = new Map();

  static async open() {
    const household = new Household();
    households += 1;
    household.address = `127.0.1.${households}`;
    household.server = http.createServer((request, response) => household.#forward(request, response));
    await new Promise((resolve) => household.server.listen(0, '127.0.0.1', resolve));
    household.url = `http://127.0.0.1:${household.server.address().port}`;
    return household;
  }

  #forward(request, response) {
    const { hostname, port, pathname, search } = new URL(request.url);
    const posted = [];
    const onward = http.request(
      {
        hostname,
        // `localhost` has an address of each family; the portal listens on this one.
        family: 4,
        port,
        path: pathname + search,
        method: request.method,
        // Node 20 cannot unpack Zstandard; what phones get is Brotli just as often.
        headers: { ...request.headers, 'accept-encoding': 'gzip, br' },
        localAddress: this.address,
      },
      (answer) => {
        const chunks = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('end', () => {
          const body = Buffer.concat(chunks);
          this.#note(request, Buffer.concat(posted), answer, body);
          response.writeHead(answer.statusCode, answer.rawHeaders);
          response.end(body);
        });
      },
    );
    onward.on('error', () => response.destroy());
    request.on('data', (chunk) => posted.push(chunk));
    // A browser that goes elsewhere hangs up; the portal must still get the whole form.
    request.pipe(onward);
  }

  #note(request, posted, answer, body) {
    const kind = (answer.headers['content-type'] ?? '').split(';')[0];
    this.answers.push({ method: request.method, url: request.url, status: answer.statusCode, kind, bytes: body.length });
    if (kind === 'text/html') {
      const { method, url, headers } = request;
      const html = unpacked(body, answer.headers['content-encoding']);
      this.#pages.set(url, { url, method, asked: headers, posted, status: answer.statusCode, headers: ownHeaders(answer), html });
    }
  }

  /**
   * The page that this address answered last: `{ url, method, asked, posted, status, headers, html }`, where `asked` are
   * the headers and `posted` the form that it answered.
   */
  sent(url) {
    return this.#pages.get(url.split('#')[0]);
  }

  /** Asks what was asked for `page` once more, at another address and with these cookies. Returns the same shape. */
  async again({ method, asked, posted }, url, cookies) {
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    const { connection: _, host: __, 'content-length': ___, 'proxy-connection': ____, ...headers } = { ...asked, cookie };
    const answer = await fetch(url, { method, headers, redirect: 'manual', ...(posted.length > 0 && { body: posted }) });
    return { url, method, asked, posted, status: answer.status, headers: ownHeaders({ headers: Object.fromEntries(answer.headers) }), html: await answer.text() };
  }

  /** How many forms have been sent. */
  get posts() {
    return this.answers.filter((answer) => answer.method === 'POST').length;
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

function unpacked(body, encoding) {
  switch (encoding) {
    case 'br':
      return brotliDecompressSync(body).toString('utf8');
    case 'gzip':
      return gunzipSync(body).toString('utf8');
    case undefined:
      return body.toString('utf8');
    default:
      throw new Error(`a page packed as ${encoding}`);
  }
}

/** What an answer says of its page, apart from how it travelled. */
function ownHeaders({ headers }) {
  const { 'content-encoding': _, 'content-length': __, 'set-cookie': ___, 'transfer-encoding': ____, ...own } = headers;
  return own;
}
