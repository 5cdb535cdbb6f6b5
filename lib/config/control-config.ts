import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { longestPauseReason, usualPauseSeconds } from '../model/index.ts';
import { usualStateFolders } from './agent-config.ts';
import { processEnvironment } from './environment.ts';
import {
  durationBetween,
  flag,
  parseText,
  readSettings,
  SettingError,
  settingsHelp,
  value,
} from './read-settings.ts';
import { agentSettingNames, hubSettingNames } from './setting-names.ts';
import { readSettingsFile } from './settings-file.ts';

const common = {
  stateDir: value(parseText, null, {
    placeholder: 'DIR',
    help: "where the agent keeps its state (/var/lib/gpufleet-agent, or the user's own)",
  }),
  json: flag('print what the agent answers as JSON'),
};
const ofPause = {
  for: value(durationBetween('1s', '24h'), usualPauseSeconds, {
    placeholder: 'TIME',
    help: 'until it takes up again by itself (30m; at most 24h)',
  }),
  reason: value(parseReason, null, { placeholder: 'TEXT', help: 'shown with the host' }),
};

export interface ControlConfig {
  readonly stateFolders: readonly string[];
  readonly json: boolean;
  readonly forSeconds: number;
  readonly reason: string | null;
}

type Verb = 'pause' | 'resume';

/** Settings of `agent pause` and `agent resume`; the agent's own in environment and file are no faults. */
export function loadControlConfig(
  verb: Verb,
  argv: readonly string[],
):
  | { readonly ok: true; readonly config: ControlConfig }
  | { readonly ok: false; readonly faults: readonly string[] } {
  const env = processEnvironment();
  const { file, faults } = readSettingsFile(env, (path) => readFileSync(path, 'utf8'));
  const othersNames = [...hubSettingNames, ...agentSettingNames];
  const settings = verb === 'pause' ? { ...common, ...ofPause } : common;
  const result = readSettings(settings, { argv, env, file, othersNames });
  if (!result.ok || faults.length > 0)
    return { ok: false, faults: [...faults, ...(result.ok ? [] : result.faults)] };
  const {
    stateDir,
    json,
    for: forSeconds,
    reason,
  } = { for: usualPauseSeconds, reason: null, ...result.values };
  const stateFolders = stateDir === null ? usualStateFolders(env) : [resolve(stateDir)];
  return { ok: true, config: { stateFolders, json, forSeconds, reason } };
}

export const controlSettingsHelp = (verb: Verb): string =>
  settingsHelp(verb === 'pause' ? { ...ofPause, ...common } : common);

function parseReason(text: string): string {
  const reason = text.trim();
  if (reason.length > longestPauseReason)
    throw new SettingError(`is longer than ${longestPauseReason} characters`);
  return reason;
}
