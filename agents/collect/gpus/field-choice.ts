import type { Problem } from '../../../lib/model/index.ts';
import {
  otherQueryNames,
  parseSmiHelp,
  queryGpuFields,
  unknownQueryNames,
} from '../../../lib/nvidia-smi/index.ts';
import type { HostAccess } from '../../access/host-access.ts';
import { quote } from '../failures.ts';

/** What the stream asks for; what this driver does not know is left out. */
export interface FieldChoice {
  readonly fields: readonly string[];
  readonly problems: readonly Problem[];
  /** Fields that this driver has and gpufleet has no place for. */
  readonly news: readonly string[];
  /** True when the text is a refusal of one of the fields, which is then left out of later streams. */
  leaveOutRefused(line: string): boolean;
  /** Chooses anew, by all that this driver knows; null: not known, all are asked for. */
  choose(known: DriverFields | null): void;
}

/** Every name and alias, and one name of each field. */
export interface DriverFields {
  readonly names: ReadonlySet<string>;
  readonly fields: readonly (readonly string[])[];
}

const wanted: readonly string[] = [...new Set([...queryGpuFields, 'driver_version'])];
const mostNamed = 8;

export function createFieldChoice(): FieldChoice {
  let fields = wanted;
  let problems: Problem[] = [];
  let news: readonly string[] = [];
  const leaveOut = (field: string, text: string): void => {
    problems.push({ field: `csv:${field}`, text, message: 'this driver does not know the field' });
  };
  return {
    get fields() {
      return fields;
    },
    get problems() {
      return problems;
    },
    get news() {
      return news;
    },
    leaveOutRefused(line) {
      const refused = /^Field "([^"]+)" is not a valid field to query/.exec(line.trim())?.[1];
      if (refused !== undefined && news.includes(refused)) {
        news = news.filter((name) => name !== refused);
        return true;
      }
      if (refused === undefined || !fields.includes(refused)) return false;
      fields = fields.filter((field) => field !== refused);
      leaveOut(refused, quote(line));
      return true;
    },
    choose(known) {
      problems = [];
      news = [];
      fields = wanted;
      if (known === null) return;
      fields = wanted.flatMap((field) => {
        // A driver may have dropped a name for a newer one of the same value.
        const name = [field, ...otherQueryNames(field)].find((each) => known.names.has(each));
        if (name === undefined) leaveOut(field, '');
        return name ?? [];
      });
      // One that has a name which is known is known.
      news = known.fields.flatMap(([name = '', ...aliases]) =>
        unknownQueryNames([name, ...aliases]).length === 1 + aliases.length ? [name] : [],
      );
      if (news.length === 0) return;
      const more = news.length > mostNamed ? ', …' : '';
      problems.push({
        field: 'help:query-gpu',
        text: quote(`${news.slice(0, mostNamed).join(', ')}${more}`),
        message: `${news.length} fields of this driver are new to gpufleet; the page of each GPU shows what it has of them, as printed`,
      });
    },
  };
}

const askLimits = { deadlineSeconds: 5, maxOutputBytes: 1024 * 1024 };
/** A list that is shorter, or has no uuid, is none of a whole help. */
const fewestFields = 20;

/** Keeps the choice true to the driver: asks `--help-query-gpu` once, and again when driver or program are others. */
export interface FieldDiscovery {
  /** True: other fields than before are to be asked for. Never rejects; where nothing is told, refusals tell one by one. */
  learn(program: string | null, driverVersion: string | null): Promise<boolean>;
}

export function createFieldDiscovery(access: Pick<HostAccess, 'run'>, choice: FieldChoice): FieldDiscovery {
  let [learnt, asked] = ['', ''];
  return {
    async learn(program, driverVersion) {
      const now = JSON.stringify([program, driverVersion]);
      if (program === null || driverVersion === null || now === learnt) return false;
      const before = choice.fields.join();
      const result = await access.run([program, '--help-query-gpu'], askLimits);
      const found = result.outcome === 'exited' && result.exitCode === 0 ? fieldsIn(result.stdout) : null;
      // Asked again in vain: what refusals told since stays.
      if (found !== null || now !== asked) choice.choose(found);
      asked = now;
      if (result.outcome === 'exited') learnt = now;
      return choice.fields.join() !== before;
    },
  };
}

function fieldsIn(text: string): DriverFields | null {
  const fields = parseSmiHelp(text).fields.map(({ name, aliases }) => [name, ...aliases]);
  const names = new Set(fields.flat());
  const isWhole = fields.length >= fewestFields && (names.has('uuid') || names.has('gpu_uuid'));
  return isWhole ? { names, fields } : null;
}
