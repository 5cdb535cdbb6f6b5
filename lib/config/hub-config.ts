import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type AccessConfig, accessFaults, accessSettings, toAccessConfig } from './access-settings.ts';
import { type AlertConfig, alertSettings } from './alert-settings.ts';
import { processEnvironment } from './environment.ts';
import { type ImageRegistryConfig, imageRegistrySettings } from './image-registry-settings.ts';
import {
  durationBetween,
  flag,
  integerBetween,
  isLoopback,
  parseBytes,
  parseHost,
  parseHttpUrl,
  parsePort,
  parseText,
  readSettings,
  settingsHelp,
  type Values,
  value,
} from './read-settings.ts';
import { agentSettingNames } from './setting-names.ts';
import { type ReadTextFile, readSettingsFile } from './settings-file.ts';
import { type WasteConfig, wasteSettings } from './waste-settings.ts';

const settings = {
  port: value(parsePort, 3000, { placeholder: 'PORT', help: 'port to listen on (3000)' }),
  host: value(parseHost, '127.0.0.1', {
    placeholder: 'HOST',
    help: 'address to listen on (127.0.0.1); any other needs TLS or --behind-proxy',
  }),
  data: value(parseText, './data', { placeholder: 'DIR', help: 'folder of the databases (./data)' }),
  fleetFile: value(parseText, null, {
    placeholder: 'FILE',
    help: 'YAML file of labels and baselines, read again when it changes',
  }),
  publicUrl: value(parseHttpUrl, null, {
    placeholder: 'URL',
    help: 'address under which hosts and browsers reach the hub',
  }),
  tlsCert: value(parseText, null, { placeholder: 'FILE', help: 'certificate chain, PEM' }),
  tlsKey: value(parseText, null, { placeholder: 'FILE', help: 'private key of it, PEM' }),
  tlsAuto: flag("TLS with the hub's own certificate authority, made at first start"),
  behindProxy: flag(
    'a proxy in front terminates TLS; what it forwards is believed only from --trusted-proxies',
  ),
  ...accessSettings,
  retentionRaw: value(durationBetween('10m', '30d'), 7200, {
    placeholder: 'TIME',
    help: 'how long each reading is kept (2h)',
  }),
  retentionMinute: value(durationBetween('1h', '5y'), 30 * 86_400, {
    placeholder: 'TIME',
    help: 'how long 1-minute rollups are kept (30d)',
  }),
  retentionHour: value(durationBetween('1d', '20y'), 2 * 365 * 86_400, {
    placeholder: 'TIME',
    help: 'how long 1-hour rollups are kept (2y)',
  }),
  interval: value(durationBetween('1s', '5m'), 5, {
    placeholder: 'TIME',
    help: 'how often agents report (5s)',
  }),
  watchedInterval: value(durationBetween('1s', '5m'), 1, {
    placeholder: 'TIME',
    help: 'how often while someone watches (1s)',
  }),
  maxPushSize: value(parseBytes, 4 * 2 ** 20, {
    placeholder: 'SIZE',
    help: 'largest push as sent (4MiB)',
  }),
  maxInflatedPushSize: value(parseBytes, 8 * 2 ** 20, {
    placeholder: 'SIZE',
    help: 'largest push after inflation (8MiB)',
  }),
  enrollmentTokenLife: value(durationBetween('1m', '1y'), 86_400, {
    placeholder: 'TIME',
    help: 'how long the command that adds a host works (1d)',
  }),
  agentFile: value(parseText, null, {
    placeholder: 'FILE',
    help: 'agent that hosts get, instead of the one that was built with this hub',
  }),
  sshOpening: value(integerBetween(1, 500), 16, {
    placeholder: 'NUMBER',
    help: 'connections to hosts over SSH that are opened at once (16)',
  }),
  sessionLife: value(durationBetween('5m', '1y'), 7 * 86_400, {
    placeholder: 'TIME',
    help: 'how long a login lasts (7d)',
  }),
  ...alertSettings,
  ...imageRegistrySettings,
  ...wasteSettings,
};

export interface HubConfig {
  readonly port: number;
  readonly host: string;
  /** Absolute. */
  readonly dataFolder: string;
  /** Absolute. */
  readonly fleetFile: string | null;
  readonly publicUrl: string | null;
  readonly tls:
    | { readonly kind: 'none' }
    | { readonly kind: 'files'; readonly certFile: string; readonly keyFile: string }
    | { readonly kind: 'auto' };
  readonly behindProxy: boolean;
  readonly access: AccessConfig;
  readonly retention: {
    readonly rawSeconds: number;
    readonly minuteSeconds: number;
    readonly hourSeconds: number;
  };
  readonly intervalSeconds: number;
  readonly watchedIntervalSeconds: number;
  readonly maxPushBytes: number;
  readonly maxInflatedPushBytes: number;
  readonly enrollmentTokenLifeSeconds: number;
  readonly sessionLifeSeconds: number;
  readonly sshOpening: number;
  /** Absolute; null: the one that was built here. */
  readonly agentFile: string | null;
  readonly alerts: AlertConfig;
  readonly imageRegistry: ImageRegistryConfig;
  readonly waste: WasteConfig;
}

export type HubConfigResult =
  | { readonly ok: true; readonly config: HubConfig }
  | { readonly ok: false; readonly faults: readonly string[] };

/**
 * `serving`: a hub is to run with them. `beside`: a command only wants to find the data of one, so that settings which
 * do not go together, or an address that needs TLS, are no matter: the hub may have got the rest otherwise.
 */
export type HubConfigUse = 'serving' | 'beside';

/** Reads the hub's settings from flags, environment and file; all faults come back together, a line each. */
export function readHubConfig(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  readFile: ReadTextFile,
  use: HubConfigUse = 'serving',
): HubConfigResult {
  const { file, faults: fileFaults } = readSettingsFile(env, readFile);
  const result = readSettings(settings, { argv, env, file, othersNames: agentSettingNames });
  const together = use === 'serving' ? crossFaults(result.values) : [];
  const faults = [...fileFaults, ...(result.ok ? [] : result.faults), ...together];
  return faults.length > 0 ? { ok: false, faults } : { ok: true, config: toConfig(result.values) };
}

/** The same with this process's environment and files. */
export function loadHubConfig(argv: readonly string[], use: HubConfigUse = 'serving'): HubConfigResult {
  return readHubConfig(argv, processEnvironment(), (path) => readFileSync(path, 'utf8'), use);
}

export const hubSettingsHelp = (): string => settingsHelp(settings);

type HubValues = Values<typeof settings>;

function crossFaults(values: HubValues): readonly string[] {
  const faults: string[] = [...accessFaults(values)];
  if ((values.tlsCert === null) !== (values.tlsKey === null)) {
    faults.push('--tls-cert and --tls-key: go together');
  }
  if (values.tlsAuto && (values.tlsCert !== null || values.tlsKey !== null)) {
    faults.push('--tls-auto: cannot go with --tls-cert and --tls-key');
  }
  const hasTls = values.tlsAuto || values.tlsCert !== null;
  if (!isLoopback(values.host) && !hasTls && !values.behindProxy) {
    faults.push(
      `--host: "${values.host}" is reachable from other machines: add --tls-auto, or --tls-cert and --tls-key, or --behind-proxy`,
    );
  }
  if (values.watchedInterval > values.interval) {
    faults.push('--watched-interval: must not be longer than --interval');
  }
  if (values.maxInflatedPushSize < values.maxPushSize) {
    faults.push('--max-inflated-push-size: must not be less than --max-push-size');
  }
  if (values.retentionRaw > values.retentionMinute || values.retentionMinute > values.retentionHour) {
    faults.push(
      '--retention-raw, --retention-minute, --retention-hour: each must be at least the one before',
    );
  }
  if (values.idleAfter % 60 !== 0) faults.push('--idle-after: must be whole minutes');
  if (values.webhookSecret !== null && values.webhook.length === 0) {
    faults.push('--webhook-secret: signs what goes to --webhook, and there is none');
  }
  return faults;
}

function toConfig(values: HubValues): HubConfig {
  const { tlsCert, tlsKey } = values;
  const files = tlsCert === null || tlsKey === null ? null : { certFile: tlsCert, keyFile: tlsKey };
  return {
    port: values.port,
    host: values.host,
    dataFolder: resolve(values.data),
    fleetFile: values.fleetFile === null ? null : resolve(values.fleetFile),
    publicUrl: values.publicUrl,
    tls: values.tlsAuto ? { kind: 'auto' } : files === null ? { kind: 'none' } : { kind: 'files', ...files },
    behindProxy: values.behindProxy,
    access: toAccessConfig(values),
    retention: {
      rawSeconds: values.retentionRaw,
      minuteSeconds: values.retentionMinute,
      hourSeconds: values.retentionHour,
    },
    intervalSeconds: values.interval,
    watchedIntervalSeconds: values.watchedInterval,
    maxPushBytes: values.maxPushSize,
    maxInflatedPushBytes: values.maxInflatedPushSize,
    enrollmentTokenLifeSeconds: values.enrollmentTokenLife,
    sessionLifeSeconds: values.sessionLife,
    sshOpening: values.sshOpening,
    agentFile: values.agentFile === null ? null : resolve(values.agentFile),
    imageRegistry: {
      registries: values.imageRegistry,
      authFile: values.imageRegistryAuth === null ? null : resolve(values.imageRegistryAuth),
    },
    alerts: {
      hostGoneSeconds: values.alertHostGoneAfter,
      driftSeconds: values.alertDriftAfter,
      clearSeconds: values.alertClearAfter,
      startGraceSeconds: values.alertStartGrace,
      groupWaitSeconds: values.alertGroupWait,
      retentionSeconds: values.alertRetention,
      standingSeconds: values.alertStandingEvery,
      webhooks: values.webhook,
      webhookSecret: values.webhookSecret,
    },
    waste: {
      idleAfterSeconds: values.idleAfter,
      prices: {
        currency: values.currency,
        perGpuHour: values.priceGpuHour,
        perKilowattHour: values.priceKwh,
      },
      maxOwnersPerGpu: values.maxOwnersPerGpu,
    },
  };
}

/** For the test that keeps setting-names.ts true. */
export const namesOfHubSettings = (): readonly string[] => Object.keys(settings);
