import { parseBootTime } from '../../../lib/host-facts/index.ts';
import type { HostAccess } from '../host-access.ts';
import { findCommand, isNvidiaSmi, type Recording } from '../replay/recording.ts';
import { kernelLogSteps } from './host/kernel-log.ts';
import { pciFiles } from './host/pci-files.ts';
import { createPlayedAccess } from './host/played-access.ts';
import { recordedSteps, templateOf } from './host/recorded-programs.ts';
import { renamedTexts } from './host/renamed.ts';
import { createStackTexts } from './host/stack-texts.ts';
import { type PlayerSettings, type PlayerSettingsInput, parseSettings } from './player/control.ts';
import { perform } from './player/perform.ts';
import { composeScene, createStage, type Stage } from './player/scene.ts';

export type { Fault } from './player/control.ts';
export { ControlError, parseFault, plainFaults } from './player/control.ts';

export interface SimulatedOptions {
  readonly recording: Recording;
  readonly hostname: string;
  /** Motion, seed, set values, processes, how many GPUs. `identity` is the hostname unless told. */
  readonly settings?: PlayerSettingsInput;
  /** Milliseconds since 1970; the real clock unless told. */
  readonly now?: () => number;
}

export interface SimulatedAccess extends HostAccess {
  /** From now on, also for programs that run. Throws ControlError where the host has no such GPU. */
  setFault(fault: PlayerSettingsInput['fault']): void;
  /** Replaces some settings. Throws ControlError. */
  change(settings: PlayerSettingsInput): void;
}

const driverFile = '/proc/driver/nvidia/version';

/** Files follow the fault: without a driver there is no /proc/driver, and a replaced one tells its own version. */
function fileText(texts: ReadonlyMap<string, string>, path: string, stage: Stage): string | null {
  const text = texts.get(path) ?? null;
  const { fault } = stage.settings;
  if (path !== driverFile || text === null) return text;
  if (fault?.kind === 'driver-not-loaded') return null;
  const before = stage.template.driverVersion;
  return fault?.kind === 'driver-replaced' && before !== null
    ? text.replaceAll(before, fault.driverVersion)
    : text;
}

/**
 * A host that exists only here: a recording whose values move, under a name, uuids and container ids of its own.
 * Throws ControlError where settings and recording do not fit, or the recording's XML cannot be read.
 */
export function createSimulatedAccess(options: SimulatedOptions): SimulatedAccess {
  const { recording, hostname, now = Date.now } = options;
  const template = templateOf(recording);
  let settings: PlayerSettings = parseSettings({ identity: hostname, ...options.settings });
  let stage = createStage(template, settings);
  const change = (next: PlayerSettings): void => {
    stage = createStage(template, next);
    settings = next;
  };
  const texts = renamedTexts(recording, settings.identity);
  const stackTexts = createStackTexts(recording);
  const bootMillis = (parseBootTime(texts.files.get('/proc/stat') ?? '') ?? 0) * 1000;
  const access = createPlayedAccess({
    description: `simulated host ${hostname}`,
    hostname,
    program: (command) => {
      if (isNvidiaSmi(command)) return perform(command.slice(1), () => composeScene(stage, new Date(now())));
      if (command.join(' ') === 'cat /dev/kmsg') return kernelLogSteps(() => stage, bootMillis, now);
      const found = findCommand(recording, command) ?? stackTexts(stage).command(command);
      return found === null ? null : recordedSteps(found, 0);
    },
    file: (path) =>
      path === '/proc/sys/kernel/hostname'
        ? `${hostname}\n`
        : (pciFiles(stage).get(path) ??
          fileText(texts.files, path, stage) ??
          stackTexts(stage).files.get(path) ??
          null),
    paths: () => [...pciFiles(stage).keys(), ...texts.files.keys(), ...stackTexts(stage).files.keys()],
    docker: () => stackTexts(stage).docker(texts.docker),
  });
  return {
    ...access,
    setFault: (fault) => change(parseSettings({ ...settings, fault })),
    change: (part) => change(parseSettings({ ...settings, ...part })),
  };
}
