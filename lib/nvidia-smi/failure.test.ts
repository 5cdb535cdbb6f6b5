import { describe, expect, it } from 'vitest';
import { parseFailure } from './failure.ts';

describe('a failure text', () => {
  it.each([
    ['Failed to initialize NVML: GPU is lost', 'gpu-lost', null],
    ['Failed to initialize NVML: Timeout', 'timeout', null],
    [
      'GPU 00000000:3B:00.0: GPU is lost. Reboot the system to recover this GPU',
      'gpu-lost',
      '00000000:3B:00.0',
    ],
    ['bash: /usr/bin/nvidia-smi: Permission denied', 'insufficient-permissions', null],
    ['bash: /usr/bin/nvidia-smi: Keine Berechtigung', 'insufficient-permissions', null],
    ['sh: 1: /usr/bin/nvidia-smi: Operation not permitted', 'insufficient-permissions', null],
    ['bash: /usr/bin/nvidia-smi: Operace zamítnuta', 'insufficient-permissions', null],
    ['bash: /usr/bin/nvidia-smi: Engedély megtagadva', 'insufficient-permissions', null],
    ['bash: /usr/bin/nvidia-smi: Permissão recusada', 'insufficient-permissions', null],
    ['bash: /usr/bin/nvidia-smi: Die Operation ist nicht erlaubt', 'insufficient-permissions', null],
    ['bash: /usr/bin/nvidia-smi: İşleme izin verilmedi', 'insufficient-permissions', null],
    ['fish: Unknown command: nvidia-smi', 'command-not-found', null],
    ["fish: Unknown command 'nvidia-smi'", 'command-not-found', null],
  ])('%s: %s', (text, code, gpu) => {
    expect(parseFailure(text, null)).toEqual({ code, message: text, gpu });
  });

  it('is told by its own line where good lines stand around it', () => {
    const line = 'Unable to determine the device handle for GPU0000:3B:00.0: Unknown Error';
    for (const text of [`${line}\n0, GPU-x, 12 %\n`, `0, GPU-x, 12 %\n${line}\n1, GPU-y, 3 %\n`])
      expect(parseFailure(text, null)).toMatchObject({ message: line, gpu: '0000:3B:00.0' });
  });

  it('of the whole host is told with what it says of itself', () => {
    const text = 'Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 590.48\n';
    expect(parseFailure(text, 18)?.message).toBe(
      'Failed to initialize NVML: Driver/library version mismatch NVML library version: 590.48',
    );
  });

  it.each(['docker: permission denied while trying to connect', 'GPU 0: NVIDIA H100 (UUID: GPU-1)'])(
    '%s is none',
    (text) => {
      expect(parseFailure(text, null)).toBeNull();
    },
  );
});
