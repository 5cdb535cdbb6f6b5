import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvFileName, toCsv } from './csv.ts';
import { apiPath, curlLine } from './curl.ts';
import { historyExpression, hostTableExpressions, matcher, metricHostNames } from './promql.ts';

/** A reader of RFC 4180 that shares nothing with the writer. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  for (let match = cell.exec(text); match !== null; match = cell.exec(text)) {
    row.push((match[1] ?? match[2] ?? '').replaceAll('""', '"'));
    if (match[3] === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

const one = (value: Parameters<typeof toCsv>[0][number]['value']) =>
  toCsv([{ header: 'Value', value }], [null]).slice('Value\r\n'.length, -2);

describe('toCsv', () => {
  it('writes a head with units, absent as empty, numbers as they are, times in UTC', () => {
    const rows = [
      { name: 'a', watts: -1.5, at: new Date('2026-01-02T03:04:05+02:00') },
      { name: null, watts: null, at: null },
    ];
    const text = toCsv(
      [
        { header: 'Name', value: (row: (typeof rows)[number]) => row.name },
        { header: 'Power (watts)', value: (row) => row.watts },
        { header: 'Reported (UTC)', value: (row) => row.at },
      ],
      rows,
    );
    expect(text).toBe('Name,Power (watts),Reported (UTC)\r\na,-1.5,2026-01-02T01:04:05.000Z\r\n,,\r\n');
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =cmd|x', '\r=1'])('does not let %j run', (text) =>
    expect(one(() => text).replace(/^"/, '')).toMatch(/^'/),
  );

  it.each([Number.NaN, Number.POSITIVE_INFINITY, new Date(Number.NaN)])('leaves %s empty', (value) =>
    expect(one(() => value)).toBe(''),
  );

  it('gives any text back', () => {
    const cells = fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string()), { minLength: 1 });
    fc.assert(
      fc.property(cells, (rows) => {
        const text = toCsv(
          [
            { header: 'a', value: (row: [string, string]) => row[0] },
            { header: 'b', value: (row) => row[1] },
          ],
          rows,
        );
        const safe = (cell: string) => (/^\s*[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell);
        expect(readCsv(text).slice(1)).toEqual(rows.map((row) => row.map(safe)));
      }),
    );
  });

  it('names files so that they sort by time', () =>
    expect(csvFileName('gpu-01 GPU 3 / Power', new Date('2026-01-02T03:04:05Z'))).toBe(
      'gpufleet-gpu-01-gpu-3-power-2026-01-02T03-04-05Z.csv',
    ));
});

describe('curlLine', () => {
  const hub = { origin: 'https://hub:3000', hasOwnAuthority: true };

  it('names the authority only where the hub is its own', () => {
    const path = apiPath('/api/v1/hosts', { q: '', limit: 10 });
    expect(curlLine(hub, path)).toBe(
      `curl -fsS --cacert ca.pem -H "Authorization: Bearer $TOKEN" 'https://hub:3000/api/v1/hosts?limit=10'`,
    );
    expect(curlLine({ ...hub, hasOwnAuthority: false }, path)).not.toContain('cacert');
  });

  it('is one argument to a shell, whatever was typed', () => {
    for (const q of [`'; rm -rf ~ #`, '$(id)', '`id`', 'a b&c=d', 'ü"\\']) {
      const line = curlLine(hub, `/x?q=${q}`).replace(/^curl /, 'printf "%s\\n" ');
      const words = execFileSync('sh', ['-c', line], {
        env: { ...process.env, TOKEN: 't' },
        encoding: 'utf8',
      }).split('\n');
      expect(words.at(-2)).toBe(`https://hub:3000/x?q=${q}`);
      expect(words.at(-3)).toBe('Authorization: Bearer t');
    }
  });
});

describe('PromQL', () => {
  it('selects by one value, by some, and not by too many', () => {
    expect(matcher('uuid', ['a'])).toBe('uuid="a"');
    expect(matcher('host', ['gpu.1', 'b"c'])).toBe('host=~"gpu\\\\.1|b\\"c"');
    expect(matcher('uuid', Array.from({ length: 41 }, String))).toBe('');
    expect(matcher('uuid', null)).toBe('');
  });

  it('names the family and the sensor of a metric', () => {
    expect(historyExpression('gpu_temperature_celsius', ['u'])).toBe(
      'gpufleet_gpu_temperature_celsius{uuid="u",sensor="gpu"}',
    );
    expect(historyExpression('gpu_power_watts', null)).toBe('gpufleet_gpu_power_watts');
  });

  it('calls hosts of the same name as /metrics does', () => {
    const hosts = [
      { id: '11111111-x', hostname: 'a' },
      { id: '22222222-x', hostname: 'a' },
      { id: '33333333-x', hostname: 'b' },
    ];
    expect([...metricHostNames(hosts).values()]).toEqual(['a (11111111)', 'a (22222222)', 'b']);
    expect(hostTableExpressions(['a (11111111)'])[0]?.expression).toBe(
      'avg by (host) (gpufleet_gpu_utilization_ratio{host="a (11111111)"})',
    );
  });
});
