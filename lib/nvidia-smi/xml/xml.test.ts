import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { emptyGpu, parseSmiXml } from '../index.ts';

const fixture = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8');
const mebibyte = 1_048_576;

/** A document around the body of one GPU. */
function documentOf(body: string, head = ''): string {
  return `<nvidia_smi_log>${head}<gpu id="0000:01:00.0">${body}</gpu></nvidia_smi_log>`;
}

describe('a document of branch 418', () => {
  const document = parseSmiXml(fixture('r418-ecc.xml'));
  const gpu = document.gpus[0]!.gpu;

  it('is read through its inline DTD, without a problem', () => {
    expect(document).toMatchObject({
      driverVersion: '418.40',
      kernelDriverVersion: null,
      cudaVersion: '10.1',
    });
    expect(document.problems).toEqual([]);
    expect(document.failure).toBeNull();
  });

  it('gives base units', () => {
    expect(gpu.utilization).toMatchObject({ gpuRatio: 0.07, memoryRatio: 0.29, jpegRatio: null });
    expect(gpu.memory.totalBytes).toBe(7611 * mebibyte);
    expect(gpu.clocks.graphicsHertz).toBe(1_531_000_000);
    expect(gpu.pcie).toMatchObject({ generation: 1, maxGeneration: 3, width: 8, maxWidth: 16, replays: 2 });
    expect(gpu.pcie.txBytesPerSecond).toBe(12_000);
    expect(gpu.pcie.rxBytesPerSecond).toBeNull();
  });

  it('reads the old names', () => {
    expect(gpu.throttleReasons).toEqual(['sw_power_cap']);
    expect(gpu.power).toMatchObject({ drawWatts: 74.35, limitWatts: 70, instantWatts: null });
    expect(document.gpus[0]!.extra['requestedLimitWatts']).toBe(75);
    expect(gpu.ecc.volatile).toEqual({ correctable: 5, uncorrectable: 1 });
    expect(gpu.ecc.aggregate).toEqual({ correctable: null, uncorrectable: 2 });
    expect(gpu.retiredPages).toEqual({ singleBit: 1, doubleBit: 2, pending: true });
    expect(gpu.eccMode).toEqual({ current: true, pending: false });
    expect(gpu.migMode).toBeNull();
  });

  it('takes the index from the position, not from the minor number', () => {
    expect(gpu.minorNumber).toBe(4);
    expect(gpu.index).toBe(0);
  });
});

describe('a document of branch 610', () => {
  const document = parseSmiXml(fixture('r610-mig-and-lost.xml'));
  const [mig, lost, sick] = document.gpus;

  it('reads the new version names and leaves their notes out', () => {
    expect(document.driverVersion).toBe('610.57.04');
    expect(document.kernelDriverVersion).toBe('610.57.04');
    expect(document.cudaVersion).toBe('13.3');
  });

  it('reads MIG devices and the processes on them', () => {
    expect(mig?.gpu.migMode).toEqual({ current: true, pending: true });
    expect(mig?.gpu.migDevices).toEqual([
      {
        index: 0,
        gpuInstanceId: 2,
        computeInstanceId: 0,
        uuid: null,
        profile: null,
        memory: { totalBytes: 40_320 * mebibyte, usedBytes: 87 * mebibyte, freeBytes: 40_232 * mebibyte },
      },
      {
        index: 1,
        gpuInstanceId: 9,
        computeInstanceId: 1,
        uuid: null,
        profile: null,
        memory: { totalBytes: 9984 * mebibyte, usedBytes: null, freeBytes: 9984 * mebibyte },
      },
    ]);
    expect(mig?.extra['mig0ReservedBytes']).toBe(mebibyte);
    expect(mig?.gpu.processes).toEqual([
      {
        pid: 4242,
        type: 'C',
        name: 'python train.py & more',
        usedMemoryBytes: 80 * mebibyte,
        smRatio: null,
        gpuInstanceId: 2,
        computeInstanceId: 0,
      },
      {
        pid: 4243,
        type: 'M+C',
        name: null,
        usedMemoryBytes: null,
        smRatio: null,
        gpuInstanceId: null,
        computeInstanceId: null,
      },
    ]);
  });

  it('sums ECC errors of both memories', () => {
    expect(mig?.gpu.ecc.volatile).toEqual({ correctable: 5, uncorrectable: 10 });
    expect(mig?.gpu.ecc.aggregate).toEqual({ correctable: null, uncorrectable: null });
  });

  it('reads the split power draw and the limit in force', () => {
    expect(mig?.gpu.power).toMatchObject({ averageWatts: 101.5, instantWatts: 99.25, limitWatts: 650 });
    expect(mig?.gpu.power.drawWatts).toBe(99.25);
  });

  it('does not take a failed value of a process for a failed GPU', () => {
    expect(mig?.state).toBe('ok');
    expect(mig?.failure).toBeNull();
  });

  it('keeps of a lost GPU what names it and no reading, without hiding the others', () => {
    expect(lost?.state).toBe('lost');
    expect(lost?.failure).toMatchObject({ code: 'gpu-lost', gpu: '00000000:4C:00.0' });
    expect(lost?.gpu).toEqual({
      ...emptyGpu(),
      index: 1,
      name: 'Imaginary H1',
      uuid: 'GPU-bbbbbbbb-0000-0000-0000-000000000000',
      pciBusId: '00000000:4C:00.0',
      recoveryAction: 'Reset',
    });
    expect(document.gpus.length).toBe(3);
    expect(document.failure).toBeNull();
  });

  it('tells of single failed values of a GPU that still works', () => {
    expect(sick?.state).toBe('ok');
    expect(sick?.gpu.fanRatio).toBeNull();
    expect(sick?.gpu.utilization.gpuRatio).toBe(0.33);
    expect(sick?.failure).toMatchObject({ code: 'unknown-error', gpu: '00000000:CA:00.0' });
  });

  it('gives null and a problem for what is not understood, and only for that', () => {
    expect(sick?.gpu.utilization.memoryRatio).toBeNull();
    expect(document.problems).toEqual([
      { field: 'xml:/gpu[2]/utilization/memory_util', text: 'a lot', message: 'is not a number' },
    ]);
  });
});

describe('a GPU of which everything failed', () => {
  it('is failed', () => {
    const values =
      '<temperature><gpu_temp>[Unknown Error]</gpu_temp></temperature><fan_speed>30 %</fan_speed>';
    const [gpu] = parseSmiXml(documentOf(values)).gpus;
    expect(gpu?.state).toBe('failed');
    expect(gpu?.gpu.fanRatio).toBeNull();
    expect(gpu?.failure?.code).toBe('unknown-error');
  });
});

describe('values out of range', () => {
  it.each([
    ['<utilization><gpu_util>4294967295 %</gpu_util></utilization>', 'is more than 100 %'],
    ['<fb_memory_usage><used>-1 MiB</used></fb_memory_usage>', 'is negative'],
    ['<pci><replay_counter>1.5</replay_counter></pci>', 'is not a whole number'],
    ['<pci><replay_counter>18446744073709551615</replay_counter></pci>', 'is not a number'],
    ['<fb_memory_usage><used>999999999999999 MiB</used></fb_memory_usage>', 'is larger than any real value'],
    ['<temperature><gpu_temp>NaN C</gpu_temp></temperature>', 'is not a number'],
    ['<temperature><gpu_temp>40 F</gpu_temp></temperature>', 'is not in a unit of celsius'],
    ['<persistence_mode>Perhaps</persistence_mode>', 'is neither on nor off'],
    ['<performance_state>fast</performance_state>', 'is no performance state'],
    ['<utilization>broken</utilization>', 'is a text where a group is expected'],
  ])('%s is a problem', (body, message) => {
    const { gpus, problems } = parseSmiXml(documentOf(body));
    expect(problems.map((problem) => problem.message)).toEqual([message]);
    expect(gpus[0]?.gpu).toEqual({ ...emptyGpu(), index: 0, pciBusId: '0000:01:00.0' });
  });
});

describe('hostile and broken documents', () => {
  it('does not expand declared entities', () => {
    const bomb = Array.from({ length: 12 }, (_, level) =>
      level === 0 ? '<!ENTITY e0 "lol">' : `<!ENTITY e${level} "${`&e${level - 1};`.repeat(10)}">`,
    ).join('');
    const text = `<!DOCTYPE nvidia_smi_log [${bomb}]>${documentOf('<product_name>&e11;</product_name>')}`;
    const { gpus, problems } = parseSmiXml(text);
    expect(gpus[0]?.gpu.name).toBe('&e11;');
    expect(problems.length).toBeGreaterThan(0);
  });

  it('does not fetch an external entity', () => {
    const text = `<!DOCTYPE nvidia_smi_log [<!ENTITY x SYSTEM "file:///etc/passwd">]>${documentOf('<serial>&x;</serial>')}`;
    expect(parseSmiXml(text).gpus[0]?.gpu.serial).toBe('&x;');
  });

  it('stops at deep nesting and keeps what was complete', () => {
    const whole = '<gpu id="1"><uuid>GPU-1</uuid></gpu>';
    const text = `<nvidia_smi_log>${whole}<gpu>${'<a>'.repeat(200_000)}`;
    const { gpus, failure } = parseSmiXml(text);
    expect(gpus.map(({ gpu }) => gpu.uuid)).toEqual(['GPU-1']);
    expect(failure?.message).toContain('deeper');
  });

  it('stops at more elements than a GPU has', () => {
    const text = `<nvidia_smi_log><gpu>${'<a/>'.repeat(150_000)}</gpu></nvidia_smi_log>`;
    expect(parseSmiXml(text)).toMatchObject({ gpus: [], failure: { code: 'unknown-error' } });
  });

  it('reads a command line that was not escaped', () => {
    const body =
      '<processes><process_info><pid>7</pid><process_name>a && b; c &d;</process_name></process_info></processes>';
    const { gpus, failure } = parseSmiXml(documentOf(body));
    expect(gpus[0]?.gpu.processes[0]).toMatchObject({ pid: 7, name: 'a && b; c &d;' });
    expect(failure).toBeNull();
  });

  it('goes on after a character that XML does not allow', () => {
    const { gpus, problems } = parseSmiXml(documentOf('<serial>1\u00012</serial><uuid>GPU-1</uuid>'));
    expect(gpus[0]?.gpu.uuid).toBe('GPU-1');
    expect(problems[0]?.message).toBe('breaks the rules of XML');
  });

  it('stops at an end tag that does not fit, and says so', () => {
    const text = documentOf('<uuid>GPU-1</uuid>').replace(
      '</nvidia_smi_log>',
      '<gpu><uuid>GPU-2</uid><temperature/></gpu><gpu><uuid>GPU-3</uuid></gpu></nvidia_smi_log>',
    );
    const { gpus, failure } = parseSmiXml(text);
    expect(gpus.map(({ gpu }) => gpu.uuid)).toEqual(['GPU-1']);
    expect(failure).toMatchObject({ code: 'unknown-error', message: expect.stringContaining('end tag') });
  });

  it('refuses another root', () => {
    expect(parseSmiXml('<?xml version="1.0"?><rocm_smi_log/>').failure?.message).toContain('rocm_smi_log');
  });

  it('refuses an empty text', () => {
    expect(parseSmiXml('')).toMatchObject({ gpus: [], failure: { code: 'unknown-error' } });
  });

  it('keeps the GPUs and tells of a missing one that is reported between them', () => {
    const told =
      'Unable to determine the device handle for GPU 0000:3B:00.0: GPU is lost.  Reboot the system\n';
    const text = documentOf('<uuid>GPU-1</uuid>', `<attached_gpus>2</attached_gpus>\n${told}`);
    const { gpus, failure } = parseSmiXml(text);
    expect(failure).toMatchObject({ code: 'gpu-lost', gpu: '0000:3B:00.0' });
    expect(gpus.map(({ gpu }) => [gpu.uuid, gpu.index])).toEqual([['GPU-1', null]]);
  });

  it('reports the infoROM warning behind a complete document as a problem', () => {
    const text = `${documentOf('<uuid>GPU-1</uuid>')}\nWARNING: infoROM is corrupted at gpu 0000:0B:00.0\n`;
    const { problems, failure } = parseSmiXml(text);
    expect(failure).toBeNull();
    expect(problems[0]?.text).toContain('infoROM');
  });

  it('ignores the lists of supported clocks', () => {
    const clocks =
      '<supported_clocks><supported_mem_clock><value>ERR!</value></supported_mem_clock></supported_clocks>';
    expect(parseSmiXml(documentOf(clocks)).gpus[0]?.failure).toBeNull();
  });
});
