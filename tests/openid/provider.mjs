// An OpenID provider by others (npm `oidc-provider`), with private_key_jwt and PKCE required and the two routes of
// sign transactions added: node provider.mjs SETTINGS.json
//
// It prints one line of JSON with its issuer once it listens, and ends when its standard input does.
// Whoever comes is taken for the holder of the one card, which signs at once.

import { readFileSync } from 'node:fs';
import { createHash, createPrivateKey, generateKeyPairSync, privateEncrypt, randomUUID, constants } from 'node:crypto';
import { createServer } from 'node:http';
import { CompactEncrypt, importJWK } from 'jose';
import { Provider } from 'oidc-provider';

const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const card = {
  key: createPrivateKey({ key: readFileSync(settings.card.key), format: 'der', type: 'pkcs8' }),
  certificate: readFileSync(settings.card.certificate).toString('base64'),
};
const signingKeys = [newKey('first', settings.idTokenAlg)];
/** Requests to sign, by id. */
const transactions = new Map();
/** How often each route was asked, for the test to look at. */
const asked = { token: 0, jwks: 0, discovery: 0 };

const server = createServer(answer);
server.listen(0, '127.0.0.1', () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  provider = newProvider();
  console.log(JSON.stringify({ issuer }));
});
process.stdin.on('end', () => process.exit(0)).resume();
let issuer, provider;

function newKey(kid, alg) {
  const { privateKey } =
    alg === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
}

function newProvider() {
  const made = new Provider(issuer, {
    clients: [
      {
        client_id: settings.clientId,
        redirect_uris: [settings.redirectUri],
        grant_types: ['authorization_code', 'client_credentials'],
        response_types: ['code'],
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: settings.assertionAlg,
        id_token_signed_response_alg: settings.idTokenAlg,
        subject_type: 'pairwise',
        scope: 'openid sign',
        jwks: { keys: [settings.signatureKey] },
      },
    ],
    clientAuthMethods: ['private_key_jwt'],
    scopes: ['openid', 'sign'],
    acrValues: ['aal3'],
    subjectTypes: ['pairwise'],
    pairwiseIdentifier: (_, accountId, client) =>
      createHash('sha256').update(`${client.clientId} ${accountId}`).digest('base64url'),
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    extraParams: ['sign_transaction_id'],
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false }, clientCredentials: { enabled: true } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    cookies: { keys: ['only for this run'] },
    ttl: { AccessToken: 300, AuthorizationCode: 60, ClientCredentials: 300, IdToken: 300, Interaction: 300, Session: 300, Grant: 300 },
    jwks: { keys: signingKeys },
  });
  made.on('server_error', (_, error) => console.error(error));
  return made;
}

async function answer(request, response) {
  const { pathname } = new URL(request.url, issuer);
  const [, first, second, third, fourth] = pathname.split('/');
  try {
    if (pathname === '/test/asked') return send(response, 200, asked);
    if (pathname === '/test/rotate') return send(response, 200, rotate());
    if (first === 'interaction') return await approve(request, response);
    if (first === 'api' && second === 'sign-transactions') {
      if (request.method === 'POST' && !third) return await open(request, response);
      if (request.method === 'GET' && fourth === 'result') return await showResult(request, response, third);
      return send(response, 404, { error: 'not_found' });
    }
    if (pathname === '/token') asked.token += 1;
    if (pathname === '/jwks') asked.jwks += 1;
    if (first === '.well-known') asked.discovery += 1;
    return provider.callback()(request, response);
  } catch (error) {
    console.error(error);
    return send(response, 500, { error: 'server_error' });
  }
}

/** From now on another key signs; the old one is withdrawn. */
function rotate() {
  signingKeys.splice(0, 1, newKey(randomUUID(), settings.idTokenAlg));
  provider = newProvider();
  return {};
}

/** Signs in the holder of the card, and has the card sign if that was asked for. */
async function approve(request, response) {
  const { params } = await provider.interactionDetails(request, response);
  const accountId = 'holder-of-the-card';
  const grant = new provider.Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const grantId = await grant.save();
  if (params.scope.split(' ').includes('sign')) {
    const transaction = transactions.get(params.sign_transaction_id);
    if (!transaction || transaction.grantId) return provider.interactionFinished(request, response, { error: 'invalid_request' });
    // The card pads exactly what it is given (PKCS #1 v1.5, type 1).
    const signature = privateEncrypt({ key: card.key, padding: constants.RSA_PKCS1_PADDING }, transaction.digest);
    Object.assign(transaction, { grantId, signature: signature.toString('base64') });
  }
  return provider.interactionFinished(request, response, {
    login: { accountId, acr: 'aal3', remember: false },
    consent: { grantId },
  });
}

async function open(request, response) {
  const token = await provider.ClientCredentials.find(bearer(request));
  if (token?.clientId !== settings.clientId) return send(response, 401, { error: 'invalid_token' });
  let body = '';
  for await (const chunk of request) body += chunk;
  const { purpose, data } = JSON.parse(body);
  const digest = Buffer.from(data?.digests?.[0]?.value ?? '', 'base64');
  if (!purpose || digest.length !== 51) return send(response, 400, { error: 'invalid_request' });
  const id = randomUUID();
  transactions.set(id, { digest });
  return send(response, 201, { data: { transaction: { id } } });
}

async function showResult(request, response, id) {
  const token = await provider.AccessToken.find(bearer(request));
  if (!token?.scopes.has('sign')) return send(response, 401, { error: 'invalid_token' });
  const transaction = transactions.get(id);
  if (!transaction?.signature || transaction.grantId !== token.grantId) return send(response, 404, { error: 'not_found' });
  const result = { data: { signature: transaction.signature, certificate: card.certificate } };
  if (settings.sealed === 'whole') {
    response.writeHead(200, { 'content-type': 'application/jose' });
    return response.end(await seal(JSON.stringify(result)));
  }
  if (settings.sealed === 'certificate') result.data.certificate = await seal(result.data.certificate);
  return send(response, 200, result);
}

async function seal(text) {
  const key = await importJWK(settings.encryptionKey, 'RSA-OAEP-256');
  return new CompactEncrypt(Buffer.from(text)).setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM' }).encrypt(key);
}

function bearer(request) {
  return request.headers.authorization?.match(/^Bearer (\S+)$/)?.[1] ?? '';
}

function send(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
