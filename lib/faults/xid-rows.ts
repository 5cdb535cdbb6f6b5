import type { FaultSeverity } from '../model/index.ts';

/** What NVIDIA's catalogue says to do, as words of our own. */
export const xidActions = {
  none: '',
  ignore: 'By itself nothing has to be done.',
  'restart-app': 'Restart the program that was running on the GPU.',
  'check-app':
    'If it comes back, look for the fault in the program: run it under compute-sanitizer or cuda-gdb.',
  'reset-gpu': 'Stop what runs on the GPU and reset it (nvidia-smi --gpu-reset -i GPU), or restart the host.',
  'restart-host':
    'Drain the host and restart it, with a power cycle if a restart does not bring the GPU back.',
  'restart-vm': 'Restart the virtual machine.',
  'check-power': "Check the GPU's power cables and seating.",
  'check-link': 'If it comes back, check the NVLink cables, bridges or the baseboard.',
  'check-software':
    'If it comes back, update the driver, and report it to NVIDIA with the output of nvidia-bug-report.sh.',
  'check-uvm': 'Look for another error at the same time, which is the cause.',
  'follow-others': 'Look for another Xid of this GPU at the same time: that one is the cause.',
  'fabric-manager': 'If it came alone on an NVSwitch system, restart the fabric manager.',
  'memory-workflow':
    'Drain the GPU and reset it, so that the bad memory is remapped; if it comes back after that, run the field diagnostics and replace the GPU.',
  'nvlink-workflow':
    'Look which link it names; if it is fatal or comes back, drain the GPU and reset it, then check the cables, bridges or the baseboard.',
  'recovery-action': 'Do what the driver asks for in the message: a reset, a restart, or draining first.',
  'update-software': 'Update the driver, and on a virtual GPU the host side with it.',
  'contact-support': "If it comes back, run nvidia-bug-report.sh and contact the GPU's vendor.",
} as const;

export type XidAction = keyof typeof xidActions;

/** Number, NVIDIA's name, meaning, severity, what to do first, what to do then. */
export type XidRow = readonly [
  xid: number,
  name: string,
  meaning: string,
  severity: FaultSeverity,
  immediate: XidAction,
  then: XidAction,
];

/** Numbers that NVIDIA's catalogue lists as unused. */
export const unusedXids: readonly number[] = [
  1, 2, 3, 4, 5, 6, 7, 9, 10, 12, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 26, 27, 28, 29, 30, 33, 34, 35,
  36, 42, 47, 49, 50, 51, 52, 53, 55, 59, 65, 73, 81, 87, 90, 91, 108, 111, 112, 113, 114, 115, 116, 117, 118,
  122, 123, 124, 125, 138,
];

/** Where we say more than the catalogue's words. */
export const ownAdvice: ReadonlyMap<number, string> = new Map([
  [
    13,
    'Most often the program reads or writes outside its memory: restart it, and run it under compute-sanitizer if it comes back. The same program failing on one GPU only points to that GPU.',
  ],
  [
    31,
    'The program touched an address that is not its own: restart it, and run it under compute-sanitizer if it comes back. Several programs failing on one GPU point to that GPU.',
  ],
  [43, 'The program was stopped by an error of its own and the GPU goes on: look into the program.'],
  [
    48,
    'The GPU met memory that it cannot correct, and what ran on it is lost. Drain the GPU and reset it, so that the row is remapped; replace it when remapping fails (Xid 64) or the error comes back.',
  ],
  [63, 'A bad memory row was found and is replaced at the next reset: reset the GPU when it is free.'],
  [64, 'No spare row is left to replace a bad one: take the GPU out of use, reset it, and have it replaced.'],
  [
    79,
    'The GPU no longer answers on the PCI bus. Drain the host and power-cycle it; if it comes back, check power, cooling and seating, and have the GPU replaced.',
  ],
  [92, 'Many memory errors were corrected: watch the GPU, and run the field diagnostics if it goes on.'],
  [
    94,
    'A memory error hit one program only, which has to be restarted. Drain the GPU when it is convenient and reset it, so that the row is remapped.',
  ],
  [
    95,
    'A memory error was not confined to one program: stop all that runs on the GPU and reset it; results since then cannot be trusted.',
  ],
  [
    119,
    "The GPU's system processor (GSP) does not answer the driver. Reset the GPU, or power-cycle the host if that fails; if it comes back, update the driver.",
  ],
  [
    120,
    "The GPU's system processor (GSP) reports an error. Reset the GPU, or power-cycle the host if that fails; if it comes back, update the driver.",
  ],
  [
    167,
    'The PCI Express link timed out for good: drain the host and power-cycle it; if it comes back, check the seating and the risers.',
  ],
  [
    169,
    'A controller inside the GPU halted: drain the GPU and reset it; if it comes back, have it replaced.',
  ],
  [171, 'The GPU met DRAM that it cannot correct: drain it and reset it, so that the row is remapped.'],
  [172, 'The GPU met SRAM that it cannot correct: drain it and reset it; have it replaced if it comes back.'],
  [
    173,
    'The link between the CPU and the GPU failed: drain the host and restart it; if it comes back, have the board replaced.',
  ],
]);
