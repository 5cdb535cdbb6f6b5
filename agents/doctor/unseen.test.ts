import { describe, expect, it } from 'vitest';
import type { Diagnosis } from '../../lib/model/index.ts';
import { type Changes, examine, having, noModule, notLoaded, secureBoot } from './doctor.testing.ts';

const stateOf = ({ passed, notApplicable, unknown }: Diagnosis, check: string): string => {
  if (passed.includes(check)) return 'passed';
  if (notApplicable.includes(check)) return 'not applicable';
  return unknown.find((each) => each.check === check)?.why ?? 'found';
};

/** A driver that is not loaded, on a machine with Secure Boot. */
const seeing = (folders: Record<string, readonly string[]>): Changes =>
  having({
    ...notLoaded,
    files: { ...notLoaded.files, [secureBoot]: '\u0006\u0000\u0000\u0000\u0001' },
    commands: { ...notLoaded.commands, 'modinfo -F version nvidia': noModule },
    folders,
  });

const whyNotLoaded = ({ findings }: Diagnosis) =>
  findings.find(({ code }) => code === 'driver-not-loaded')?.why;

describe('a module that modinfo does not find', () => {
  it('is absent where the modules of some kernel can be seen', async () => {
    const diagnosis = await examine('h100x8', seeing({ '/lib/modules': ['6.8.0-60-generic'] }));
    expect(whyNotLoaded(diagnosis)).toContain('none on disk');
    expect(stateOf(diagnosis, 'secure-boot')).toBe('passed');
  });

  it.each([
    ['the folder is not there', {}],
    ['the folder is empty', { '/lib/modules': [] }],
  ])('is unknown where %s, as in a container', async (_, folders) => {
    const diagnosis = await examine('h100x8', seeing(folders));
    expect(whyNotLoaded(diagnosis)).toBeDefined();
    expect(whyNotLoaded(diagnosis)).not.toContain('on disk');
    expect(stateOf(diagnosis, 'secure-boot')).toContain('/lib/modules cannot be seen');
  });
});

describe('a Docker that the agent is told not to ask', () => {
  const none = { docker: [], files: { '/etc/docker/daemon.json': null } };
  const toolkit = async (changes: Changes) =>
    stateOf(await examine('h100x8', having({ ...none, ...changes }), false), 'container-toolkit');
  const withSocket = { folders: { '/run': ['docker.sock', 'systemd'] } };
  const withoutSocket = { folders: { '/run': ['systemd'] } };
  const noToolkit = { commands: { 'nvidia-ctk --version': null } };

  it('may have a toolkit that is not configured', async () => {
    expect(await toolkit(withSocket)).toContain('told not to ask');
  });

  it('may need a toolkit that is not there', async () => {
    expect(await toolkit({ ...withSocket, ...noToolkit })).toContain('told not to ask');
  });

  it('is not there where its socket is not', async () => {
    expect(await toolkit({ ...withoutSocket, ...noToolkit })).toBe('not applicable');
    expect(await toolkit(withoutSocket)).toBe('passed');
  });
});
