import { describe, expect, it } from 'vitest';
import { credentialsFor } from './docker-config.ts';
import { parseImageReference } from './reference.ts';

const hex = 'a'.repeat(64);

describe('an image reference', () => {
  it.each([
    ['ubuntu', 'registry-1.docker.io', 'library/ubuntu', 'latest'],
    ['nvidia/cuda:12.4.1-base-ubuntu22.04', 'registry-1.docker.io', 'nvidia/cuda', '12.4.1-base-ubuntu22.04'],
    ['docker.io/nvidia/cuda', 'registry-1.docker.io', 'nvidia/cuda', 'latest'],
    ['nvcr.io/nvidia/pytorch:25.01-py3', 'nvcr.io', 'nvidia/pytorch', '25.01-py3'],
    ['localhost:5000/team/app', 'localhost:5000', 'team/app', 'latest'],
    ['localhost/app:1', 'localhost', 'app', '1'],
    ['registry.example:5000/a/b/c:v1', 'registry.example:5000', 'a/b/c', 'v1'],
    ['[::1]:5000/app', '[::1]:5000', 'app', 'latest'],
    [`ghcr.io/a/b@sha256:${hex}`, 'ghcr.io', 'a/b', `sha256:${hex}`],
    [`ghcr.io/a/b:tag@sha256:${hex}`, 'ghcr.io', 'a/b', `sha256:${hex}`],
  ])('%s', (text, registry, repository, version) => {
    expect(parseImageReference(text)).toEqual({ registry, repository, version });
  });

  it.each([
    'localhost:99999/app',
    '[::::]/app',
    '',
    'UPPER',
    'a b',
    'a/../b',
    'a@sha256:12',
    'a@b@c',
    'a:-tag',
    'ex ample.com/a',
    'a//b',
    '../a',
  ])('is not "%s"', (text) => {
    expect(parseImageReference(text)).toEqual(expect.any(String));
  });
});

describe("Docker's config.json", () => {
  const auth = Buffer.from('reader:se:cret').toString('base64');
  const read = (config: unknown, registry = 'registry.example:5000') =>
    credentialsFor(registry, JSON.stringify(config));
  const password = { kind: 'password', username: 'reader', password: 'se:cret' };

  it('has credentials by host or by address', () => {
    expect(read({ auths: { 'registry.example:5000': { auth } } })).toEqual(password);
    expect(read({ auths: { 'https://registry.example:5000/v1/': { auth } } })).toEqual(password);
    expect(read({ auths: { 'https://index.docker.io/v1/': { auth } } }, 'registry-1.docker.io')).toEqual(
      password,
    );
    expect(read({ auths: { 'registry.example': { auth } } })).toEqual({ kind: 'none' });
  });

  it('has a refresh token', () => {
    expect(read({ auths: { 'registry.example:5000': { auth, identitytoken: 'abc' } } })).toEqual({
      kind: 'identity-token',
      token: 'abc',
    });
  });

  it('says when a helper has them, and when nobody does', () => {
    expect(read({ credHelpers: { 'registry.example:5000': 'ecr-login' } })).toEqual({
      kind: 'helper',
      helper: 'ecr-login',
    });
    expect(read({ auths: { 'registry.example:5000': {} }, credsStore: 'desktop' })).toEqual({
      kind: 'helper',
      helper: 'desktop',
    });
    expect(read({ credsStore: 'desktop' })).toEqual({ kind: 'none' });
    expect(read({})).toEqual({ kind: 'none' });
    expect(read({ auths: { 'registry.example:5000': { auth: 'bm90aGluZw==' } } })).toEqual({ kind: 'none' });
  });

  it('that is no JSON is said to be none', () => {
    expect(() => credentialsFor('registry.example', '{')).toThrow(SyntaxError);
  });
});
