import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainXid, xidCatalogue } from './index.ts';
import { highXids } from './xid-codes-high.ts';
import { lowXids } from './xid-codes-low.ts';
import { ownAdvice, unusedXids } from './xid-rows.ts';

describe('xidCatalogue', () => {
  it('has every number from 1 to 176 once', () => {
    const numbers = [...lowXids, ...highXids].map(([xid]) => xid).concat(unusedXids);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 176 }, (_, at) => at + 1));
    expect([...xidCatalogue.keys()]).toEqual(Array.from({ length: 176 }, (_, at) => at + 1));
  });

  it.each([...xidCatalogue.values()])('$xid has a meaning, an advice and a source', (entry) => {
    expect(entry.name).toMatch(/^[A-Z0-9_]+$|^unused$/);
    expect(entry.meaning.length).toBeGreaterThan(5);
    expect(entry.meaning).not.toMatch(/\n|Unused$/);
    expect(entry.advice).toMatch(/^[A-Z].*\.$/);
    expect(entry.source).toMatch(/^https:\/\//);
    expect(URL.canParse(entry.source)).toBe(true);
    expect(['critical', 'warning', 'info']).toContain(entry.severity);
  });

  it('says more of numbers that it has only', () => {
    for (const xid of ownAdvice.keys()) expect(unusedXids).not.toContain(xid);
  });
});

describe('explainXid', () => {
  it.each([
    [79, 'GPU has fallen off the bus.', 'critical'],
    [48, '', 'critical'],
    [13, 'Graphics Exception', 'warning'],
    [43, 'Ch 00000008', 'info'],
    [63, 'Row Remapper: New row marked for remapping, reset gpu to activate.', 'info'],
    [149, 'NETIR_LINK_EVT Fatal XC0 i0 Link 08 (0x004505c6)', 'critical'],
    [149, 'NETIR_BER_EVENT Nonfatal XC0 i0 Link 00', 'warning'],
    [145, 'RLW_REMAP Fatal XC0 i0 Link 00', 'critical'],
    [154, 'GPU recovery action changed from 0x0 (None) to 0x1 (GPU Reset Required)', 'critical'],
    [154, 'GPU recovery action changed from 0x1 (GPU Reset Required) to 0x0 (None)', 'info'],
    [154, '', 'info'],
    [9999, '', 'warning'],
  ])('%i with %j is %s', (xid, text, severity) => expect(explainXid(xid, text).severity).toBe(severity));

  it('says what the driver asks for', () => {
    const text = 'GPU recovery action changed from 0x0 (None) to 0x2 (Node Reboot Required)';
    expect(explainXid(154, text).meaning).toBe('The driver asks for: Node Reboot Required');
  });

  it('explains any number and any text', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string(), (xid, text) => {
        expect(explainXid(xid, text).advice).not.toBe('');
      }),
    );
  });
});
