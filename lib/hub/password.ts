import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { HubError } from './errors.ts';

/** What a hash costs: 2^logN × 128 × r bytes of memory, p times over. About 0.3 s of one core. */
export interface PasswordCost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

const usualCost: PasswordCost = { logN: 15, r: 8, p: 3 };
const saltBytes = 16;
const keyBytes = 32;
const maxMemoryBytes = 256 * 2 ** 20;
/** So many wait for their turn; who comes after them is told to come back. */
const maxWaiting = 24;

export interface PasswordCheck {
  readonly matches: boolean;
  /** Written at another cost than today's: to be written again, now that the password is at hand. */
  readonly isOld: boolean;
}

/** Hashes off the main thread, a few at a time. Both reject with `unavailable` when too many wait. */
export interface Passwords {
  /** Text with its parameters: `scrypt$ln=15,r=8,p=3$salt$key`. */
  hash(password: string): Promise<string>;
  /** Costs the same whether there is a hash or not: null never matches. */
  verify(password: string, stored: string | null): Promise<PasswordCheck>;
}

interface StoredPassword {
  readonly cost: PasswordCost;
  readonly salt: Buffer;
  readonly key: Buffer;
}

function readStored(text: string): StoredPassword {
  const parts = /^scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w-]+)\$([\w-]+)$/.exec(text);
  const [, logN, r, p, salt, key] = parts ?? [];
  if (salt === undefined || key === undefined)
    throw new HubError('internal', 'A stored password is not readable.');
  const cost = { logN: Number(logN), r: Number(r), p: Number(p) };
  return { cost, salt: Buffer.from(salt, 'base64url'), key: Buffer.from(key, 'base64url') };
}

const writeStored = ({ cost, salt, key }: StoredPassword): string =>
  `scrypt$ln=${cost.logN},r=${cost.r},p=${cost.p}$${salt.toString('base64url')}$${key.toString('base64url')}`;

function derive(password: string, salt: Buffer, { logN, r, p }: PasswordCost): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** logN, r, p, maxmem: maxMemoryBytes };
  // The same text typed on another keyboard may come in another form.
  const text = password.normalize('NFKC');
  return new Promise((resolve, reject) => {
    scrypt(text, salt, keyBytes, options, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}

/** Runs a few at a time, so that a flood of logins takes neither the memory nor the threads that pushes need. */
function createTurns(atOnce: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= atOnce) {
      if (waiting.length >= maxWaiting)
        throw new HubError('unavailable', 'Too many sign in at once.', { retryAfterSeconds: 5 });
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

export function createPasswords(
  cost: PasswordCost = usualCost,
  atOnce: number = Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2))),
): Passwords {
  const inTurn = createTurns(atOnce);
  const nobodys: StoredPassword = { cost, salt: randomBytes(saltBytes), key: randomBytes(keyBytes) };
  return {
    hash: (password) =>
      inTurn(async () => {
        const salt = randomBytes(saltBytes);
        return writeStored({ cost, salt, key: await derive(password, salt, cost) });
      }),
    verify: (password, text) =>
      inTurn(async () => {
        const stored = text === null ? nobodys : readStored(text);
        const key = await derive(password, stored.salt, stored.cost);
        const isSame = key.length === stored.key.length && timingSafeEqual(key, stored.key);
        const isOld = writeStored({ ...stored, cost }) !== writeStored(stored);
        return { matches: isSame && text !== null, isOld: isOld && text !== null };
      }),
  };
}
