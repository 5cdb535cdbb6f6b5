import { describe, expect, it } from 'vitest';
import { fixture } from '../../../lib/nvidia-smi/fixtures/read.ts';
import { parseText } from './forms.ts';

const uuid = 'GPU-11111111-2222-3333-4444-555555555555';
const other = uuid.replace('1111', '9999');
const outputs: readonly (readonly [string, string])[] = [
  ['smi-query-gpu', `index, uuid, fan.speed [%]\n0, ${uuid}, 30 %\n1, ${other}, 40 %\n`],
  ['smi-query-apps', `gpu_uuid, pid, process_name, used_gpu_memory [MiB]\n${uuid}, 5, a, 6 MiB\n`],
  ['smi-list', `GPU 0: Imaginary (UUID: ${uuid})\nGPU 1: Imaginary (UUID: ${other})\n`],
  ['smi-text', fixture('q-r418.txt')],
  ['smi-pmon', fixture('pmon.txt')],
  ['smi-dmon', fixture('dmon.txt')],
  ['smi-nvlink', fixture('nvlink.txt')],
  ['smi-topo', fixture('topo.txt')],
  ['smi-vgpu', fixture('vgpu-table.txt')],
];
/** Before the first line, after it, and at the end. */
const places = (text: string, line: string): readonly string[] => {
  const [first = '', ...others] = text.split('\n');
  return [`${line}\n${text}`, [first, line, ...others].join('\n'), `${text}${line}\n`];
};

describe.each(outputs)('%s', (kind, text) => {
  const good = parseText(text);

  it.each([
    ['Unable to determine the device handle for GPU0000:3B:00.0: Unknown Error', 'unknown-error'],
    ['Unable to determine the device handle for GPU 0000:3B:00.0: GPU is lost.  Reboot', 'gpu-lost'],
    ['GPU 0000:3B:00.0: GPU is lost. Reboot the system to recover this GPU', 'gpu-lost'],
  ])('gives every GPU beside "%s"', (line, code) => {
    expect(good.kind).toBe(kind);
    for (const each of places(text, line)) {
      const { failure, ...parsed } = parseText(each);
      expect(failure).toEqual({ code, message: line.replace(/\s+/g, ' '), gpu: '0000:3B:00.0' });
      expect({ ...parsed, failure: good.failure }).toEqual(good);
    }
  });

  it('gives every GPU beside a failure that a terminal broke into lines', () => {
    const said = 'Unable to determine the device handle for GPU 0000:03:00.0: GPU is lost. Reboot the system';
    const message = `${said} to recover this GPU`;
    for (const at of [' GPU is', ' lost.', ' Reboot', ' the system', ' to'].map((word) =>
      message.lastIndexOf(word),
    ))
      for (const each of places(text, `${message.slice(0, at)}\n${message.slice(at)}`))
        expect(parseText(each)).toEqual({
          ...good,
          failure: { code: 'gpu-lost', message, gpu: '0000:03:00.0' },
        });
  });

  it.each(['WARNING', 'Warning'])('gives every GPU beside a %s, which is a problem', (word) => {
    const line = `${word}: infoROM is corrupted at gpu 0000:3B:00.0`;
    for (const each of places(text, line))
      expect(parseText(each)).toEqual({
        ...good,
        problems: [...good.problems, { field: 'warning', text: line, message: 'nvidia-smi warns of this' }],
      });
  });

  it.each([
    'ann@gpu-17:~$ nvidia-smi -q',
    '$ /usr/bin/nvidia-smi',
    'C:\\Users\\ann> nvidia-smi.exe -L',
    '# nvidia-smi pmon -c 1',
    'nvidia-smi -L',
    '/usr/bin/nvidia-smi nvlink -s',
    '+ nvidia-smi -L',
    '➜  ~ nvidia-smi -L',
    '(base) ann@box:~/x$ CUDA_VISIBLE_DEVICES=0 nvidia-smi -L',
    '[root@n1 ~]# ssh gpu-17 nvidia-smi pmon -c 1',
    '$ docker run --rm --gpus all ubuntu nvidia-smi -L',
    '$ kubectl exec -it trainer-0 -- nvidia-smi',
    'Every 2.0s: nvidia-smi -L                gpu-17: Tue Nov 24 04:50:43 2026',
  ])('is read below the prompt %s', (line) => {
    expect(parseText(`${line}\n${text}`)).toEqual(good);
    for (const next of ['ann@gpu-17:~$ ', '[root@n1 ~]# ', 'PS C:\\Users\\ann> ', '$ '])
      expect(parseText(`${line}\n${text}${next}`)).toEqual(good);
  });
});

describe('a text', () => {
  it('with nothing but a failure is that failure', () => {
    const line = 'Unable to determine the device handle for GPU0000:3B:00.0: Unknown Error';
    expect(parseText(`${line}\n`)).toMatchObject({ kind: 'smi-failure', failure: { code: 'unknown-error' } });
    expect(parseText(`$ nvidia-smi\n${line}\n`)).toMatchObject({
      kind: 'smi-failure',
      failure: { message: line },
    });
  });

  it('with a second failure tells both', () => {
    const [one, two] = ['3B', '5E'].map(
      (bus) => `Unable to determine the device handle for GPU0000:${bus}:00.0: Unknown Error`,
    );
    const parsed = parseText(`index, uuid\n0, ${uuid}\n${one}\n${two}\n`);
    expect(parsed.gpus).toHaveLength(1);
    expect(parsed.failure?.message).toBe(one);
    expect(parsed.problems).toEqual([{ field: 'failure', text: two, message: 'this GPU failed too' }]);
  });

  it('of another program keeps its own warnings', () => {
    const text = 'Server:\n Server Version: 27.4.1\n Runtimes: io.containerd.runc.v2 runc\n Name: gpu-17\n';
    const good = parseText(text);
    expect(good.kind).toBe('docker-info');
    expect(parseText(`${text}WARNING: No swap limit support\n`).problems).toEqual([]);
  });

  it('of the banner tells its warnings as problems too', () => {
    expect(parseText(fixture('table-r610-mig.txt')).problems).toEqual([
      {
        field: 'warning',
        text: 'WARNING: infoROM is corrupted at gpu 0000:43:00.0',
        message: 'nvidia-smi warns of this',
      },
    ]);
  });
});
