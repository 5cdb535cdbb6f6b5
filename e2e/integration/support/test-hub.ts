import { join } from 'node:path';
import { mustRun, type RunningProgram, startProgram } from './programs.ts';
import { type Answer, send } from './pusher.ts';
import { type Cleanup, freePort, temporaryFolder } from './temporary.ts';

const root = new URL('../../..', import.meta.url).pathname;
const gpufleet = [process.execPath, join(root, 'bin', 'gpufleet.js')] as const;

export interface TestHubOptions {
  /** False by default: the pages take a second to load, and most tests ask the API only. */
  readonly withPages?: boolean;
  readonly host?: string;
  readonly tlsAuto?: boolean;
  readonly options?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A command that runs it. */
  readonly prefix?: readonly string[];
}

/** A hub of its own in a process of its own, with its data in a temporary folder and its own command to talk to it. */
export class TestHub {
  readonly url: string;
  readonly port: number;
  readonly dataFolder: string;
  readonly #cleanup: Cleanup;
  readonly #options: TestHubOptions;
  #program: RunningProgram | null = null;
  #apiToken: Promise<string> | null = null;
  #tokens = 0;

  constructor(
    cleanup: Cleanup,
    options: TestHubOptions,
    place: { readonly port: number; readonly dataFolder: string },
  ) {
    this.#cleanup = cleanup;
    this.#options = options;
    this.port = place.port;
    this.dataFolder = place.dataFolder;
    this.url = `${options.tlsAuto === true ? 'https' : 'http'}://127.0.0.1:${place.port}`;
  }

  /** Also after kill() and stop(), on the same port and data. Resolves when it serves. */
  async start(): Promise<void> {
    const { withPages = false, host = '127.0.0.1', tlsAuto = false } = this.#options;
    const { options = [], env = {}, prefix = [] } = this.#options;
    const words = ['--port', String(this.port), '--host', host, '--data', this.dataFolder, ...options];
    const more = [...(tlsAuto ? ['--tls-auto'] : []), ...(withPages ? [] : ['--no-pages'])];
    const [file = '', ...rest] = [...prefix, ...gpufleet, 'hub', ...words, ...more];
    this.#program = startProgram(this.#cleanup, [file, ...rest], { env });
    await this.#program.seen(/^gpufleet hub \S+ on \S+$/m, 60);
  }

  get output(): string {
    return this.#program?.output() ?? '';
  }

  get pid(): number {
    return this.#program?.pid ?? -1;
  }

  /** SIGKILL: nothing is flushed. */
  kill(): Promise<void> {
    return this.#program?.stop('SIGKILL') ?? Promise.resolve();
  }

  /** SIGTERM, and what it ended with. */
  async stop(): Promise<number | null> {
    await this.#program?.stop('SIGTERM', 30);
    return (await this.#program?.ended)?.code ?? null;
  }

  command(...words: string[]): Promise<string> {
    return mustRun([...gpufleet, 'hub', ...words, '--data', this.dataFolder]);
  }

  enrollmentToken(): Promise<string> {
    return this.command('token', 'create', '--kind', 'enroll');
  }

  scrapeToken(): Promise<string> {
    return this.command('token', 'create', '--kind', 'scrape', '--name', `scrape ${this.#tokens++}`);
  }

  apiToken(role: 'viewer' | 'operator' | 'admin' = 'viewer'): Promise<string> {
    return this.command(
      'token',
      'create',
      '--kind',
      'api',
      '--role',
      role,
      '--name',
      `api ${this.#tokens++}`,
    );
  }

  /** A one-time sign-in link under the hub's own origin. */
  loginLink(): Promise<string> {
    return this.command('user', 'login-link');
  }

  /** GET as a viewer. */
  async get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    this.#apiToken ??= this.apiToken();
    const authorization = `Bearer ${await this.#apiToken}`;
    return send(`${this.url}${path}`, { method: 'GET', headers: { authorization, ...headers } });
  }

  async getText(path: string): Promise<string> {
    const answer = await this.get(path);
    if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${answer.body}`);
    return answer.body;
  }

  async getJson<T>(path: string): Promise<T> {
    return JSON.parse(await this.getText(path)) as T;
  }
}

export async function startTestHub(cleanup: Cleanup, options: TestHubOptions = {}): Promise<TestHub> {
  const dataFolder = join(temporaryFolder(cleanup, 'hub'), 'data');
  const hub = new TestHub(cleanup, options, { port: await freePort(), dataFolder });
  await hub.start();
  return hub;
}
