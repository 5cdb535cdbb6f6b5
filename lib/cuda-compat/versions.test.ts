import { describe, expect, it } from 'vitest';
import { compareVersions, isAtLeast, majorMinorOf, majorOf, versionNumbers } from './versions.ts';

describe('versions', () => {
  it('are compared number by number, a missing one being 0', () => {
    expect(compareVersions('550.54.15', '550.54.14')).toBeGreaterThan(0);
    expect(compareVersions('550.9', '550.54')).toBeLessThan(0);
    expect(compareVersions('535', '535.0.0')).toBe(0);
    expect(isAtLeast('610.43.02', '520.61.05')).toBe(true);
    expect(isAtLeast('1.17.8-1', '1.18.0')).toBe(false);
  });

  it('tells what is no version', () => {
    expect(versionNumbers('[N/A]')).toBeNull();
    expect(versionNumbers('12.x')).toBeNull();
    expect(majorOf('580.65.06')).toBe(580);
    expect(majorMinorOf('12.8.1')).toBe('12.8');
    expect(majorMinorOf('13')).toBe('13.0');
    expect(majorMinorOf('')).toBeNull();
  });
});
