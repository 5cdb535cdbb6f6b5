import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fixture } from '../fixtures/read.ts';
import { parseSmiText } from '../text/index.ts';
import { parseSmiXml } from './index.ts';

const xml = readFileSync(
  new URL('../../../agents/access/simulated/hosts/h100x8/commands/nvidia-smi-q-x.xml', import.meta.url),
  'utf8',
);
const message = 'is not there; named are elements in its place that are not read';
const renamed = (from: string, to: string): string =>
  xml.replaceAll(`<${from}>`, `<${to}>`).replaceAll(`</${from}>`, `</${to}>`);

describe('a driver that renames what every one prints', () => {
  it.each([
    ['fb_memory_usage', 'vram_usage', 'fb_memory_usage'],
    ['used', 'in_use', 'fb_memory_usage/used'],
    ['gpu_util', 'busy', 'utilization/gpu_util'],
    ['product_name', 'model', 'product_name'],
    ['gpu_power_readings', 'watts', 'gpu_power_readings'],
  ])('%s to %s: a problem of each GPU names both', (from, to, path) => {
    const { gpus, problems, failure } = parseSmiXml(renamed(from, to));
    expect([gpus.length, failure]).toEqual([8, null]);
    expect(problems).toEqual(gpus.map((_, at) => ({ field: `xml:/gpu[${at}]/${path}`, text: to, message })));
  });

  it('is told of `-q` too', () => {
    const text = fixture('q-r610-mig.txt').replaceAll('FB Memory Usage', 'VRAM Usage');
    expect(parseSmiText(text).problems[0]).toEqual({
      field: 'text:/gpu[0]/fb_memory_usage',
      text: 'vram_usage',
      message,
    });
  });

  it('fails where it renames the GPUs themselves', () => {
    const text = xml.replaceAll('<gpu ', '<device ').replaceAll('</gpu>', '</device>');
    expect(parseSmiXml(text)).toMatchObject({
      gpus: [],
      failure: {
        code: 'unknown-error',
        message: 'the document has no GPU that gpufleet knows, of 8 attached',
      },
    });
  });
});

describe('a document with fewer GPUs than are attached', () => {
  const message = 'are attached, and the document tells of 1';
  const short = fixture('r418-ecc.xml').replace(/<attached_gpus>1</, '<attached_gpus>8<');
  const shortText = fixture('q-r418.txt').replace(/(Attached GPUs\s+: )1/, '$18');

  it('has a problem', () => {
    expect(parseSmiXml(short)).toMatchObject({
      problems: [{ field: 'xml:/attached_gpus', text: '8', message }],
      failure: null,
    });
    expect(parseSmiText(shortText)).toMatchObject({
      problems: [{ field: 'text:/attached_gpus', text: '8', message }],
      failure: null,
    });
  });

  it('has none where it is cut, which is its failure', () => {
    expect(parseSmiXml(short.slice(0, -30))).toMatchObject({ problems: [], failure: { code: 'truncated' } });
    expect(parseSmiText(shortText.slice(0, -30))).toMatchObject({
      problems: [],
      failure: { code: 'truncated' },
    });
  });

  it('fails where it has none and does not say how many are attached', () => {
    const none = short.replaceAll('<gpu ', '<device ').replaceAll('</gpu>', '</device>');
    const renamed = none.replaceAll('attached_gpus', 'number_of_devices');
    expect(parseSmiXml(renamed)).toMatchObject({
      gpus: [],
      problems: [{ field: 'xml:/device', text: '', message: 'is no element that gpufleet knows' }],
      failure: { code: 'unknown-error', message: 'the document has no GPU that gpufleet knows' },
    });
    expect(parseSmiXml(none.replace('>8<', '>0<')).failure).toBeNull();
  });
});

describe('a line that says that one GPU is lost', () => {
  const line =
    'Unable to determine the device handle for GPU0000:3B:00.0: GPU is lost.  Reboot the system to recover this GPU';
  const lines = xml.split('\n');

  it.each([3, 9, 12, 100, 300, 500, 700])('is told wherever it stands, as after line %i', (at) => {
    const { gpus, failure, problems } = parseSmiXml(
      [...lines.slice(0, at), line, ...lines.slice(at)].join('\n'),
    );
    expect(failure).toMatchObject({ code: 'gpu-lost', gpu: '0000:3B:00.0' });
    expect([gpus, problems]).toEqual([parseSmiXml(xml).gpus, []]);
  });
});

describe('a driver that prints what it should', () => {
  it('may print more, and other sections than it did', () => {
    expect(parseSmiXml(xml).problems).toEqual([]);
    const more = xml.replaceAll('<utilization>', '<qubits>3</qubits><utilization>');
    expect(parseSmiXml(more).problems).toEqual([]);
  });

  it('may say in one word that a section is not available', () => {
    const text = xml.replaceAll(/<utilization>.*?<\/utilization>/gs, '<utilization>N/A</utilization>');
    expect(parseSmiXml(text).problems).toEqual([]);
  });

  it('may be asked for a few sections only', () => {
    const [head = '', ...gpus] = fixture('q-r610-mig.txt').split(/^(?=GPU 0)/m);
    const few = gpus.map((gpu) => `${gpu.split('\n')[0]}\n    Performance State : P0\n\n`);
    expect(
      parseSmiText(`${head}${few.join('')}`).problems.filter((each) => each.message === message),
    ).toEqual([]);
  });
});
