import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProgram } from './programs.ts';
import { type Cleanup, eventually, freePort, temporaryFolder } from './temporary.ts';

/** Whom a registry with sign-in lets in; bcrypt of `secret`. */
export const registryReader = { username: 'reader', password: 'secret' };
const htpasswd = 'reader:$2b$04$ntvokfXX5wyGr6Zt5b2gReWWvpj2rq0gxlInwrkRwUp7xCIknSeNS\n';

const digestOf = (text: string | Buffer): string =>
  `sha256:${createHash('sha256').update(text).digest('hex')}`;

export interface PushedImage {
  readonly environment: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

/** Debian's docker-registry on loopback, with plain HTTP. */
export class ImageRegistry {
  /** `127.0.0.1:port`. */
  readonly host: string;
  readonly #authorization: string | null;

  private constructor(host: string, authorization: string | null) {
    this.host = host;
    this.#authorization = authorization;
  }

  static async start(cleanup: Cleanup, withSignIn = false): Promise<ImageRegistry> {
    const folder = temporaryFolder(cleanup, 'registry');
    const port = await freePort();
    writeFileSync(join(folder, 'htpasswd'), htpasswd);
    const auth = withSignIn
      ? `auth: { htpasswd: { realm: gpufleet, path: ${join(folder, 'htpasswd')} } }\n`
      : '';
    writeFileSync(
      join(folder, 'config.yml'),
      `version: 0.1
log: { level: error }
storage: { filesystem: { rootdirectory: ${join(folder, 'data')} } }
http: { addr: "127.0.0.1:${port}" }
${auth}`,
    );
    startProgram(cleanup, ['/usr/bin/docker-registry', 'serve', join(folder, 'config.yml')]);
    const { username, password } = registryReader;
    const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const registry = new ImageRegistry(`127.0.0.1:${port}`, withSignIn ? basic : null);
    await eventually(async () => {
      const { status } = await fetch(`http://${registry.host}/v2/`);
      return status === (withSignIn ? 401 : 200);
    });
    return registry;
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#authorization !== null) headers.set('authorization', this.#authorization);
    const url = path.startsWith('http') ? path : `http://${this.host}${path}`;
    const response = await fetch(url, { ...init, headers });
    if (!response.ok) throw new Error(`${init.method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }

  async #putBlob(repository: string, text: string): Promise<{ digest: string; size: number }> {
    const begun = await this.#send(`/v2/${repository}/blobs/uploads/`, { method: 'POST' });
    const place = new URL(begun.headers.get('location') ?? '', `http://${this.host}`);
    place.searchParams.set('digest', digestOf(text));
    await this.#send(place.href, {
      method: 'PUT',
      body: text,
      headers: { 'content-type': 'application/octet-stream' },
    });
    return { digest: digestOf(text), size: Buffer.byteLength(text) };
  }

  /** Puts an image of one empty layer there, for linux/amd64 in a list; resolves to the digest of its configuration. */
  async push(repository: string, tag: string, { environment, labels = {} }: PushedImage): Promise<string> {
    const config = JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: { Env: environment, Labels: labels },
      rootfs: { type: 'layers', diff_ids: [] },
    });
    const blob = await this.#putBlob(repository, config);
    const manifestType = 'application/vnd.docker.distribution.manifest.v2+json';
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: { mediaType: 'application/vnd.docker.container.image.v1+json', ...blob },
      layers: [],
    });
    const put = (version: string, body: string, type: string) =>
      this.#send(`/v2/${repository}/manifests/${version}`, {
        method: 'PUT',
        body,
        headers: { 'content-type': type },
      });
    await put(digestOf(manifest), manifest, manifestType);
    const listType = 'application/vnd.docker.distribution.manifest.list.v2+json';
    const list = {
      schemaVersion: 2,
      mediaType: listType,
      manifests: [
        {
          mediaType: manifestType,
          digest: digestOf(manifest),
          size: Buffer.byteLength(manifest),
          platform: { os: 'linux', architecture: 'amd64' },
        },
      ],
    };
    await put(tag, JSON.stringify(list), listType);
    return blob.digest;
  }
}
