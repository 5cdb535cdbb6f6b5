import { createHash } from 'node:crypto';
import { type ImageReference, parseImageReference } from './reference.ts';
import { jsonOf, RegistryClient, type RegistryOptions } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';

/** What an image's configuration says. */
export interface ImageConfiguration {
  /** `sha256:…` of the configuration, which Docker calls the image's id. */
  readonly digest: string;
  readonly os: string;
  readonly architecture: string;
  /** `NAME=value`, as set. */
  readonly environment: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

export interface ReadImageOptions extends RegistryOptions {
  /** Which image of a list; `linux/amd64` unless told. */
  readonly platform?: { readonly os: string; readonly architecture: string };
}

const indexes = new Set([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]);
const manifests = new Set([
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]);
const accept = [...indexes, ...manifests].join(', ');
const maxManifestBytes = 4 * 1024 * 1024;
const maxConfigBytes = 8 * 1024 * 1024;

type Json = Readonly<Record<string, unknown>>;
const record = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The configuration of an image; nothing of its layers is read. Throws a RegistryError. */
export async function readImage(reference: string, options: ReadImageOptions): Promise<ImageConfiguration> {
  const parsed = parseImageReference(reference);
  if (typeof parsed === 'string')
    throw new RegistryError('bad-reference', `The image "${reference.slice(0, 200)}" ${parsed}.`);
  const client = new RegistryClient(parsed, options);
  const manifest = await manifestOf(client, parsed, options);
  const digest = record(manifest['config'])['digest'];
  if (typeof digest !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(digest))
    throw new RegistryError('unreadable', `${parsed.registry} sends a manifest without a configuration.`);
  const { body } = await client.read(`blobs/${digest}`, { accept: '*/*', maxBytes: maxConfigBytes });
  checkDigest(body, digest);
  return configurationOf(digest, jsonOf(body, 'the registry'));
}

async function manifestOf(
  client: RegistryClient,
  { version, registry }: ImageReference,
  options: ReadImageOptions,
): Promise<Json> {
  const first = await client.read(`manifests/${version}`, { accept, maxBytes: maxManifestBytes });
  if (version.startsWith('sha256:')) checkDigest(first.body, version);
  const manifest = jsonOf(first.body, 'the registry');
  const type = String(manifest['mediaType'] ?? first.contentType);
  if (!indexes.has(type)) {
    if (manifests.has(type)) return manifest;
    throw new RegistryError(
      'unreadable',
      `${registry} sends a manifest of a kind that is not known here (${type}).`,
    );
  }
  const { os, architecture } = options.platform ?? { os: 'linux', architecture: 'amd64' };
  const all = list(manifest['manifests']).map(record);
  const fitting = all.find(
    ({ platform }) => record(platform)['os'] === os && record(platform)['architecture'] === architecture,
  );
  const digest = fitting?.['digest'];
  if (typeof digest !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(digest))
    throw new RegistryError('not-found', `The image has nothing for ${os}/${architecture}.`);
  const { body } = await client.read(`manifests/${digest}`, { accept, maxBytes: maxManifestBytes });
  checkDigest(body, digest);
  return jsonOf(body, 'the registry');
}

function checkDigest(body: Buffer, digest: string): void {
  const found = `sha256:${createHash('sha256').update(body).digest('hex')}`;
  if (found !== digest)
    throw new RegistryError('unreadable', `The registry sends something else than ${digest}: ${found}.`);
}

function configurationOf(digest: string, json: Json): ImageConfiguration {
  const config = record(json['config']);
  return {
    digest,
    os: String(json['os'] ?? ''),
    architecture: String(json['architecture'] ?? ''),
    environment: list(config['Env']).filter((each) => typeof each === 'string'),
    labels: Object.fromEntries(
      Object.entries(record(config['Labels'])).filter(
        (pair): pair is [string, string] => typeof pair[1] === 'string',
      ),
    ),
  };
}
