import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { Cleanup } from './temporary.ts';

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly user: string | null;
  /** In small letters, unfolded and decoded. */
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

export interface MailServer {
  /** `smtp://127.0.0.1:port` */
  readonly url: string;
  readonly mails: readonly Mail[];
  /** Answers to the next mails; they are taken once these are used up. */
  refusals: { readonly code: number; readonly message: string }[];
}

const unquoted = (text: string): string =>
  text
    .replace(/=\r\n/g, '')
    .replace(/((?:=[0-9A-F]{2})+)/g, (coded) =>
      Buffer.from(coded.replaceAll('=', ''), 'hex').toString('utf8'),
    );

const decodedWords = (text: string): string =>
  text
    .replace(/\?=\s+=\?UTF-8\?Q\?/gi, '')
    .replace(/=\?UTF-8\?Q\?([^?]*)\?=/gi, (_, word: string) => unquoted(word.replaceAll('_', ' ')));

function readMail(raw: string): Pick<Mail, 'headers' | 'text'> {
  const at = raw.indexOf('\r\n\r\n');
  const lines = raw
    .slice(0, at)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const headers = new Map(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      decodedWords(line.slice(line.indexOf(':') + 2)),
    ]),
  );
  return { headers, text: unquoted(raw.slice(at + 4)) };
}

/** A real SMTP server at a free port of loopback, with one user. */
export async function startMailServer(
  cleanup: Cleanup,
  user: { readonly name: string; readonly password: string },
): Promise<MailServer> {
  const mails: Mail[] = [];
  const refusals: MailServer['refusals'] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onAuth: ({ username, password }, _, done) =>
      username === user.name && password === user.password
        ? done(null, { user: username })
        : done(new Error('Invalid username or password')),
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const refusal = refusals.shift();
        if (refusal !== undefined)
          return done(Object.assign(new Error(refusal.message), { responseCode: refusal.code }));
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          user: typeof session.user === 'string' ? session.user : null,
          ...readMail(Buffer.concat(chunks).toString()),
        });
        done(null, 'taken');
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.add(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const { port } = server.server.address() as AddressInfo;
  return { url: `smtp://127.0.0.1:${port}`, mails, refusals };
}
