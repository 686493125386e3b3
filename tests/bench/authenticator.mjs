// A device that holds one passkey and always recognises its owner (WebAuthn, ES256, without a counter).
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest();
const data = (form, name) => new RegExp(`data-${name}="([^"]*)"`).exec(form.html)?.[1];

export class Authenticator {
  #key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  #id = randomBytes(16);
  #user = '';

  /** `origin`: of the portal. */
  constructor(origin) {
    this.origin = origin;
  }

  #client(type, form) {
    return Buffer.from(JSON.stringify({ type, challenge: data(form, 'challenge'), origin: this.origin, crossOrigin: false }));
  }

  #state(flags, rest = Buffer.alloc(0)) {
    return Buffer.concat([sha256(new URL(this.origin).hostname), Buffer.from([flags, 0, 0, 0, 0]), rest]);
  }

  /** What the page's script puts into `form` once the passkey is made. */
  make(form) {
    this.#user = data(form, 'user');
    const length = Buffer.from([0, this.#id.length]);
    const authenticator = this.#state(0x45, Buffer.concat([Buffer.alloc(16), length, this.#id]));
    const fields = { credential: this.#id, client: this.#client('webauthn.create', form), authenticator, key: this.#key.publicKey.export({ type: 'spki', format: 'der' }) };
    return { ...spelled(fields), algorithm: '-7' };
  }

  /** What it puts in when the passkey is shown. */
  show(form) {
    const [client, authenticator] = [this.#client('webauthn.get', form), this.#state(0x05)];
    const signature = sign('sha256', Buffer.concat([authenticator, sha256(client)]), this.#key.privateKey);
    return { ...spelled({ credential: this.#id, client, authenticator, signature }), user: this.#user };
  }
}

const spelled = (fields) => Object.fromEntries(Object.entries(fields).map(([name, bytes]) => [name, bytes.toString('base64url')]));
