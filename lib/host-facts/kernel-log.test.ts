import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKernelLogReader, createXidTally, type KernelEvent, readKernelLine } from './index.ts';

const xid = "NVRM: Xid (PCI:0000:3b:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus.";

function read(...lines: string[]): KernelEvent[] {
  const reader = createKernelLogReader();
  return lines.flatMap((line) => reader.push(line) ?? []);
}

describe('readKernelLine', () => {
  it.each([
    [`6,3973,227996636,-;${xid}`, null, 227.996636],
    [`[   34.193759] ${xid}`, null, 34.193759],
    [`Sep 23 18:37:03 box kernel: [   34.193759] ${xid}`, null, 34.193759],
    [`Sep  3 18:37:03 box.example.org kernel: ${xid}`, null, null],
    [`kern  :warn  : 2025-01-21T04:41:44,283302+00:00 ${xid}`, '2025-01-21T04:41:44.283Z', null],
    [`2025-01-21T04:41:44+0100 box kernel: ${xid}`, '2025-01-21T03:41:44.000Z', null],
    [`[Mon Sep 23 18:37:03 2024] ${xid}`, null, null],
    [`[Sep23 18:37] ${xid}`, null, null],
    [`[  +0.000012] ${xid}`, null, null],
    // dmesg -r, -d, -d -T, --decode -d, a kernel that tells the thread or the processor, one that tells the device.
    [`<4>[   34.193759] ${xid}`, null, 34.193759],
    [`[   34.193759 <    0.000012>] ${xid}`, null, 34.193759],
    [`[Mon Sep 23 18:37:03 2024 <    0.000012>] ${xid}`, null, null],
    [`[<    0.000012>] ${xid}`, null, null],
    [`kern  :warn  : [   34.193759 <    0.000012>] ${xid}`, null, 34.193759],
    [`[   34.193759][ T1234] ${xid}`, null, 34.193759],
    [`[   34.193759] [    C3] ${xid}`, null, 34.193759],
    [`6,3973,227996636,-,caller=T1234;${xid}`, null, 227.996636],
    [`[   34.193759] nvidia 0000:3b:00.0: ${xid}`, null, 34.193759],
    [`4,3973,227996636,-;nvidia 0000:3b:00.0: ${xid}`, null, 227.996636],
    // dmesg -T of other languages.
    [`[Mo Sep 23 18:37:03 2024] ${xid}`, null, null],
    [`[lun. sept. 23 18:37:03 2024] ${xid}`, null, null],
    [`[一  9月 23 18:37:03 2024] ${xid}`, null, null],
    // journalctl: short in another language, -precise, -monotonic, -unix, -full, -iso-precise.
    [`Okt 03 18:37:03 box kernel: ${xid}`, null, null],
    [`9月 23 18:37:03 box kernel: ${xid}`, null, null],
    [`Sep 23 18:37:03.283302 box kernel: ${xid}`, null, null],
    [`[   34.193759] box kernel: ${xid}`, null, 34.193759],
    [`1737434504.283302 box kernel: ${xid}`, '2025-01-21T04:41:44.283Z', null],
    [`Tue 2025-01-21 04:41:44 UTC box kernel: ${xid}`, '2025-01-21T04:41:44.000Z', null],
    [`Tue 2025-01-21 05:41:44 CET box kernel: ${xid}`, null, null],
    [`Tue 2025-01-21 05:41:44 +01 box kernel: ${xid}`, '2025-01-21T04:41:44.000Z', null],
    [`2025-01-21T05:41:44.283302+0100 box kernel: ${xid}`, '2025-01-21T04:41:44.283Z', null],
    [xid, null, null],
    [
      JSON.stringify({
        MESSAGE: xid,
        __REALTIME_TIMESTAMP: '1700000000123456',
        _SOURCE_MONOTONIC_TIMESTAMP: '5000000',
      }),
      '2023-11-14T22:13:20.123Z',
      5,
    ],
    [JSON.stringify({ MESSAGE: [...Buffer.from(xid)] }), null, null],
    // dmesg -J, journalctl -o json-pretty, json-sse, json-seq; grep -n, grep -H -n, a date without its zone.
    [`         "msg": ${JSON.stringify(xid)}`, null, null],
    [`\t"MESSAGE" : ${JSON.stringify(xid)},`, null, null],
    [`data: ${JSON.stringify({ MESSAGE: xid })}`, null, null],
    [`\u001e${JSON.stringify({ MESSAGE: xid })}`, null, null],
    [`12:[   34.193759] ${xid}`, null, 34.193759],
    [`/var/log/kern.log:12:Sep 23 18:37:03 box kernel: ${xid}`, null, null],
    [`2026-12-01 04:55:04 box kernel: ${xid}`, null, null],
  ])('%s', (text, at, bootSeconds) =>
    expect(readKernelLine(text)).toEqual({ at, bootSeconds, message: xid }),
  );

  it('keeps what it does not know as it is', () => {
    expect(readKernelLine('{"cut": ')).toEqual({ at: null, bootSeconds: null, message: '{"cut":' });
    expect(readKernelLine('hello')).toEqual({ at: null, bootSeconds: null, message: 'hello' });
  });
});

describe('prefixes beside those of dmesg and journalctl -o short', () => {
  it.each([
    ['journalctl --no-hostname', 'Sep 23 18:37:03 kernel: ', null, null],
    ['journalctl -o short-delta', '[   34.193759 <    0.000012 >] box kernel: ', null, 34.193759],
    ['journalctl -o verbose', '    MESSAGE=', null, null],
    ['busybox syslogd', 'Sep 23 18:37:03 box kern.warn kernel: [   34.193759] ', null, 34.193759],
    ['RFC 5424', '<4>1 2024-09-23T18:37:03.5+02:00 box kernel - - - ', '2024-09-23T16:37:03.500Z', null],
  ])('%s', (_, prefix, at, bootSeconds) =>
    expect(readKernelLine(`${prefix}${xid}`)).toEqual({ at, bootSeconds, message: xid }),
  );
});

describe('createKernelLogReader', () => {
  it.each([
    [
      xid,
      {
        xid: 79,
        pciBusId: '00000000:3B:00.0',
        pid: null,
        processName: null,
        text: 'GPU has fallen off the bus.',
      },
    ],
    [
      'NVRM: Xid (0000:03:00): 14, Channel 00000001',
      { xid: 14, pciBusId: '00000000:03:00.0', text: 'Channel 00000001' },
    ],
    [
      'NVRM: Xid (PCI:0008:01:00): 145, pid=11436, name=cache_mgr_main, RLW_SRC_TRACK Nonfatal XC1',
      { xid: 145, pid: 11_436, processName: 'cache_mgr_main', text: 'RLW_SRC_TRACK Nonfatal XC1' },
    ],
    [
      'NVRM: Xid (PCI:0000:10:1c): 63, pid=1896, Row Remapper: New row marked for remapping, reset gpu to activate.',
      {
        xid: 63,
        pid: 1896,
        processName: null,
        text: 'Row Remapper: New row marked for remapping, reset gpu to activate.',
      },
    ],
    ['NVRM: Xid (PCI:0008:01:00): 149', { xid: 149, text: '' }],
    [
      'NVRM: Xid (PCI:0000:01:00 GPU-I:05): 94, pid=7194, Contained: SM (0x1). RST: No, D-RST: No',
      { xid: 94, pciBusId: '00000000:01:00.0', pid: 7194, text: 'Contained: SM (0x1). RST: No, D-RST: No' },
    ],
    [
      'NVRM: Xid (PCI:0000:01:00 GPU-I:05 GPU-CI:02): 13, pid=8, name=python, Graphics Exception',
      { xid: 13, pciBusId: '00000000:01:00.0', pid: 8, processName: 'python', text: 'Graphics Exception' },
    ],
  ])('%s', (line, expected) => expect(read(line)).toMatchObject([{ kind: 'xid', ...expected }]));

  it('reads what tells of a GPU without an Xid', () => {
    expect(
      read(
        '[ 1843.308145] NVRM: The NVIDIA GPU 0000:b3:00.0',
        '               NVRM: (PCI ID: 10de:26b5) installed in this system has',
        '               NVRM: fallen off the bus and is not responding to commands.',
        '[ 1843.439662] NVRM: The NVIDIA probe routine failed for 1 device(s).',
      ),
    ).toMatchObject([
      { kind: 'gpu-lost', pciBusId: '00000000:B3:00.0', bootSeconds: 1843.308145 },
      { kind: 'driver-trouble' },
    ]);
    expect(
      read(
        'NVRM: GPU at PCI:0000:3b:00: GPU-f8600eb8-f1df-acfb-fad9-d24be732714f',
        'NVRM: GPU 0000:3b:00.0: GPU has fallen off the bus.',
        'NVRM: GPU 0000:01:00.0: RmInitAdapter failed! (0x22:0x56:884)',
        'nvidia-nvswitch0: SXid (PCI:0000:c1:00.0): 12028, Non-fatal, Link 32 egress non-posted PRIV error',
        'NVRM: API mismatch: the client has the version 575.1, but this kernel module has 580.1',
      ),
    ).toMatchObject([
      { kind: 'gpu-name', uuid: 'GPU-f8600eb8-f1df-acfb-fad9-d24be732714f' },
      { kind: 'gpu-lost', pciBusId: '00000000:3B:00.0' },
      { kind: 'gpu-init-failed', pciBusId: '00000000:01:00.0' },
      { kind: 'switch-error', sxid: 12_028, fatal: false, pciBusId: '00000000:C1:00.0' },
      { kind: 'driver-trouble' },
    ]);
  });

  it.each([
    'NVRM: Xid (nowhere): 79, x',
    'NVRM: Xid (PCI:0000:3b:00): many',
    '<<new>> NVRM: Xid (PCI:0000:3b:00): 79, x',
    'nvidia-nvswitch0: SXid (nowhere): 12028, x',
  ])('says that it cannot read %s', (line) => {
    expect(read(line)).toEqual([{ kind: 'unread', at: null, bootSeconds: null, message: line }]);
  });

  it('reads bus and device without a domain, as old drivers print them', () => {
    expect(read('NVRM: Xid (0003:00): 13, 0003 00000000')).toMatchObject([
      { kind: 'xid', xid: 13, pciBusId: '00000000:03:00.0', text: '0003 00000000' },
    ]);
  });

  it('counts what syslog says was repeated', () => {
    const line = `Sep 23 18:37:03 box kernel: message repeated 3 times: [ ${xid}]`;
    const [event] = read(line);
    expect(event).toMatchObject({ kind: 'xid', xid: 79, times: 3 });
    const tally = createXidTally();
    for (const each of read(xid, line)) if (each.kind === 'xid') tally.add(each, null);
    expect(tally.counts).toMatchObject([{ count: 4 }]);
  });

  it('reads a message of bytes', () => {
    expect(read(JSON.stringify({ MESSAGE: [...Buffer.from(xid)] }))).toMatchObject([
      { kind: 'xid', xid: 79 },
    ]);
  });

  it('takes no other lines for one', () => {
    expect(
      read(
        'pt_main_thread[1]: segfault at 7f79 in libnccl.so.2',
        'box dockerd[812]: saw NVRM: Xid (PCI:0000:3b:00): 79, x',
        'Dec  1 04:55:04 box sudo: bob : COMMAND=/bin/grep NVRM: Xid (x /var/log',
        'Dec  1 04:55:04 box dcgm-exporter: saw NVRM: Xid (PCI:0000:3b:00): 79',
        'audit: type=1400 cmd="grep NVRM: Xid (PCI"',
        'echo "NVRM: Xid (PCI:0000:3b:00): 79"',
        'NVRM: fallen off the bus and is not responding to commands.',
        '',
      ),
    ).toEqual([]);
  });

  it('never throws, and stays quick on a million lines and on a line of megabytes', () => {
    const piece = fc.constantFrom(
      'NVRM: ',
      'Xid (',
      'PCI:',
      '0000:3b:00',
      '): ',
      '79',
      ', ',
      'SXid',
      '{',
      '"',
      '[',
      ';',
      '6,1,1,-;',
    );
    fc.assert(
      fc.property(fc.array(piece), fc.string(), (pieces, noise) => {
        for (const event of read(`${pieces.join('')}${noise}`, `NVRM: ${noise}`))
          if (event.kind === 'xid') expect(Number.isSafeInteger(event.xid)).toBe(true);
      }),
    );
    const startedAt = performance.now();
    read(
      `NVRM: Xid (${'0:'.repeat(1_000_000)}`,
      `NVRM: ${'pid='.repeat(1_000_000)}`,
      `{"MESSAGE":"NVRM:${'['.repeat(1_000_000)}`,
    );
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });
});

describe('createXidTally', () => {
  it('keeps one entry for each GPU and number, however many come', () => {
    const tally = createXidTally();
    const reader = createKernelLogReader();
    for (let at = 0; at < 100_000; at += 1) {
      const event = reader.push(
        `6,${at},${at},-;NVRM: Xid (PCI:0000:${(at % 2) + 10}:00): 13, pid=${at}, name=x, e${at}`,
      );
      if (event?.kind === 'xid') tally.add(event, new Date(at).toISOString());
    }
    tally.name('00000000:10:00.0', 'GPU-1');
    expect(tally.counts).toMatchObject([
      {
        xid: 13,
        pciBusId: '00000000:10:00.0',
        gpuUuid: 'GPU-1',
        count: 50_000,
        firstAt: '1970-01-01T00:00:00.000Z',
      },
      {
        count: 50_000,
        lastAt: '1970-01-01T00:01:39.999Z',
        lastPid: 99_999,
        lastProcessName: 'x',
        lastText: 'e99999',
      },
    ]);
  });

  it('keeps at most a thousand entries and counts the rest', () => {
    const tally = createXidTally();
    const reader = createKernelLogReader();
    for (let number = 0; number < 1005; number += 1) {
      const event = reader.push(`NVRM: Xid (PCI:0000:10:00): ${number}, x`);
      if (event?.kind === 'xid') tally.add(event, null);
    }
    expect([tally.counts.length, tally.leftOut]).toEqual([1000, 5]);
  });
});
