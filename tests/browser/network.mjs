// The network between a browser and the portal: gives each visitor an address of their own, as
// in life (the portal counts posts per address), and sees what really travels.

import http from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

let households = 0;

export class Household {
  /** Everything that was answered: `{ method, url, status, kind, bytes }`, sizes as transferred. */
  answers = [];
  #sources = new Map();

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
          this.#note(request, answer, body);
          response.writeHead(answer.statusCode, answer.rawHeaders);
          response.end(body);
        });
      },
    );
    onward.on('error', () => response.destroy());
    // A browser that goes elsewhere hangs up; the portal must still get the whole form.
    request.pipe(onward);
  }

  #note(request, answer, body) {
    const kind = (answer.headers['content-type'] ?? '').split(';')[0];
    this.answers.push({ method: request.method, url: request.url, status: answer.statusCode, kind, bytes: body.length });
    if (kind === 'text/html') {
      this.#sources.set(request.url, unpacked(body, answer.headers['content-encoding']));
    }
  }

  /** The page that this address answered last, as text. */
  source(url) {
    return this.#sources.get(url.split('#')[0]);
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
