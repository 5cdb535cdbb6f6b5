import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Verdict } from '../../lib/model/index.ts';
import { ImageRegistry, registryReader } from './support/image-registry.ts';
import { runProgram } from './support/programs.ts';
import { Cleanup, temporaryFolder } from './support/temporary.ts';

const root = new URL('../..', import.meta.url).pathname;
const cleanup = new Cleanup();
afterAll(() => cleanup.run());

interface Checked {
  readonly code: number | null;
  readonly json: Verdict & { readonly image: { readonly digest: string | null } | null };
  readonly stderr: string;
}

/** As a CI job runs it, with a folder of Docker's configuration of its own. */
async function check(words: readonly string[], dockerConfig = '/nonexistent'): Promise<Checked> {
  const command = [process.execPath, join(root, 'bin', 'gpufleet.js'), 'check', ...words, '--json'] as const;
  const { code, stdout, stderr } = await runProgram(command, { env: { DOCKER_CONFIG: dockerConfig } });
  return { code, json: stdout === '' ? null : JSON.parse(stdout), stderr };
}

describe('gpufleet check of one host', () => {
  const refused = '--require cuda>=12.8 --cuda 12.8 --driver 550.54.15 --gpu H100 --toolkit 1.17.8';
  const cdi = `${refused} --injection runtime-cdi`;
  const words = (line: string): string[] => line.split(' ');

  it('is refused where the toolkit checks the requirement', async () => {
    const { code, json } = await check(words(`${refused} --injection runtime-legacy`));
    expect({ code, verdict: json.verdict }).toEqual({ code: 1, verdict: 'refused-at-start' });
    expect(json.errorText).toBe(
      'nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.8, please update your driver to a newer version, or use an earlier cuda container',
    );
    expect(json.fixes).toContainEqual(expect.objectContaining({ kind: 'driver', branch: 570 }));
  });

  it('runs by minor-version compatibility where CDI does not check it, and says why', async () => {
    const { code, json } = await check(words(cdi));
    expect(code).toBe(0);
    expect(json).toMatchObject({ verdict: 'runs-with-limits', way: 'minor-version' });
    const rules = json.reasons.map(({ rule }) => rule);
    expect(rules).toContain('cdi-does-not-check');
    expect(rules).toContain('minor-version');
    expect(json.limits.length).toBeGreaterThan(0);
  });

  it('is unknown without its CUDA, and says that it is missing', async () => {
    const { code, json } = await check(words(cdi.replace('--cuda 12.8 ', '')));
    expect({ code, verdict: json.verdict }).toEqual({ code: 4, verdict: 'unknown' });
    expect(json.missing.map(({ fact }) => fact)).toEqual(['cuda']);
  });

  it('knows what a GPU no longer has, and what runs natively', async () => {
    const volta = await check(words('--cuda 13.0 --driver 580.65.06 --gpu V100'));
    expect({ code: volta.code, verdict: volta.json.verdict }).toEqual({
      code: 1,
      verdict: 'gpu-not-supported',
    });
    const turing = await check(words('--cuda 11.8 --driver 610.43.02 --gpu T4'));
    expect(turing.code).toBe(0);
    expect(turing.json).toMatchObject({ verdict: 'runs', way: 'native' });
  });

  it('ends with 2 and one line for what it cannot read', async () => {
    const { code, json, stderr } = await check(words('--cuda twelve --driver 550 --gpu H100'));
    expect({ code, json }).toEqual({ code: 2, json: null });
    expect(stderr).toBe(
      'gpufleet check: --cuda: "twelve" is no version, such as 12.8 (gpufleet check --help tells more)\n',
    );
  });
});

describe('gpufleet check of an image in a registry', () => {
  let open: ImageRegistry;
  let guarded: ImageRegistry;
  let digest: string;
  const cuda = {
    environment: [
      'CUDA_VERSION=12.8.1',
      'NVIDIA_REQUIRE_CUDA=cuda>=12.8 brand=tesla,driver>=535,driver<536 brand=nvidia,driver>=535,driver<536',
      'NV_CUDA_COMPAT_PACKAGE=cuda-compat-12-8',
    ],
  };
  const where = ['--driver', '535.309.01', '--gpu', 'A100', '--injection', 'hook'];

  beforeAll(async () => {
    [open, guarded] = await Promise.all([ImageRegistry.start(cleanup), ImageRegistry.start(cleanup, true)]);
    digest = await open.push('team/train', 'v1', cuda);
    await guarded.push('team/train', 'v1', cuda);
  });

  it('reads what it needs without pulling it', async () => {
    const image = `${open.host}/team/train:v1`;
    const { code, json } = await check([image, ...where, '--toolkit', '1.17.8']);
    expect(code).toBe(0);
    expect(json.image).toEqual({ reference: image, digest, from: 'registry' });
    expect(json).toMatchObject({ verdict: 'runs-with-limits', way: 'forward-compat' });
  });

  it('says when there is no such image, and when nobody answers', async () => {
    const gone = await check([`${open.host}/team/train:v2`, ...where]);
    expect(gone.code).toBe(3);
    expect(gone.stderr).toContain('has no such image of team/train');
    const silent = await check(['127.0.0.1:1/team/train:v1', ...where]);
    expect(silent.code).toBe(3);
    expect(silent.stderr).toContain('cannot be reached');
  });

  it("signs in with the credentials of Docker's configuration", async () => {
    const image = `${guarded.host}/team/train:v1`;
    const stranger = await check([image, ...where]);
    expect(stranger.code).toBe(3);
    expect(stranger.stderr).toContain(
      `asks for credentials to read team/train: docker login ${guarded.host}`,
    );
    const login = (password: string): string => {
      const folder = temporaryFolder(cleanup, 'docker');
      const auth = Buffer.from(`${registryReader.username}:${password}`).toString('base64');
      writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [guarded.host]: { auth } } }));
      return folder;
    };
    const known = await check([image, ...where, '--toolkit', '1.17.8'], login(registryReader.password));
    expect({ code: known.code, digest: known.json?.image?.digest }).toEqual({ code: 0, digest });
    const wrong = await check([image, ...where], login('wrong'));
    expect(wrong.code).toBe(3);
    expect(wrong.stderr).toContain('does not let these credentials read team/train');
    expect(wrong.stderr).not.toContain('wrong:');
  });
});
