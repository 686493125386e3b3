/**
 * A mail server for one story. Its settings stand in the file that is named; the first line on its output says on which
 * port it listens. What it takes is one JSON line each in the ledger before it answers, as a server writes to its disk.
 * It ends with its input.
 *
 * To whom a mail goes says what becomes of it: nobody@ (no such mailbox), refused@, later@ (not at the first time),
 * busy@ (the same after the contents), cut@ (taken, and the connection cut before the answer, at the first time),
 * foreign@ (not from here), slow@ and mute@ (at the first time the answer to the recipient, or to the contents, comes only
 * after the client has spoken again).
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { SMTPServer } from 'smtp-server';

const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const seen = new Set();
let contents = 0;

const refuse = (code, text) => Object.assign(new Error(text), { responseCode: code });
const isFirst = (name) => !seen.has(name) && Boolean(seen.add(name));
const nameOf = (address) => address.split('@')[0];
const connectionOf = (session) => [...server.connections].find((connection) => connection.session.id === session.id);
const whenSpokenTo = (session, answer) => connectionOf(session)._socket.once('data', () => answer());

const server = new SMTPServer({
  name: 'mail.test',
  banner: 'ready',
  logger: false,
  disableReverseLookup: true,
  key: settings.key ?? undefined,
  cert: settings.cert ?? undefined,
  hideSTARTTLS: !settings.key,
  disabledCommands: settings.key ? [] : ['STARTTLS'],
  authOptional: !settings.password,
  onAuth(auth, session, done) {
    if (auth.username === 'todoke' && auth.password === settings.password) return done(null, { user: auth.username });
    return done(refuse(535, '5.7.8 who are you'));
  },
  onMailFrom(address, session, done) {
    const refused = settings.refusesSender;
    return refused ? done(refuse(refused.code, refused.text)) : done();
  },
  onRcptTo(address, session, done) {
    const name = nameOf(address.address);
    if (name === 'nobody') return done(refuse(550, `5.1.1 <${address.address}>: no such mailbox`));
    if (name === 'refused') return done(refuse(554, '5.6.0 not such a letter'));
    if (name === 'foreign') return done(refuse(554, '5.7.1 not from you'));
    if (name === 'slow' && isFirst('slow')) return whenSpokenTo(session, done);
    if (name === 'later' && isFirst('later')) return done(refuse(451, '4.2.0 come again'));
    return done();
  },
  onData(stream, session, done) {
    const parts = [];
    stream.on('data', (part) => parts.push(part));
    stream.on('end', () => {
      contents += 1;
      if (contents === settings.diesAt) process.kill(process.pid, 'SIGKILL');
      const message = Buffer.concat(parts).toString('utf8');
      const to = session.envelope.rcptTo.map((one) => one.address);
      if (nameOf(to[0]) === 'busy' && isFirst('busy')) return done(refuse(452, '4.3.1 no room'));
      if (nameOf(to[0]) === 'mute' && isFirst('mute')) return whenSpokenTo(session, () => done(null, '2.0.0 taken'));
      const line = { id: /^Message-ID: (.*)$/im.exec(message)[1], from: session.envelope.mailFrom.address, to, secure: session.secure, user: session.user ?? null };
      appendFileSync(settings.ledger, `${JSON.stringify(settings.keepsMessages ? { ...line, message } : line)}\n`);
      if (nameOf(to[0]) === 'cut' && isFirst('cut')) return server.connections.forEach((connection) => connection._socket.destroy());
      return done(null, '2.0.0 taken');
    });
  },
});
server.on('error', () => {});
server.listen(settings.port, '127.0.0.1', () => console.log(JSON.stringify({ port: server.server.address().port })));
process.stdin.resume();
process.stdin.on('end', () => process.exit());
