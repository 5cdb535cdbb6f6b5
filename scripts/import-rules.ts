import type { ImportEdge, ImportGraph } from './import-graph.ts';

/** `folder/`, `folder/file.ts`, a package (`zod`), or `node:` for all of Node. */
type Place = string;

export interface ImportRule {
  /** The files that it is for. */
  readonly in: readonly Place[];
  readonly except?: readonly Place[];
  /** Only these may be imported; a folder may always import itself. */
  readonly only?: readonly Place[];
  /** These may not be imported. */
  readonly never?: readonly Place[];
  /** Types may cross all the same. */
  readonly typesAllowed?: boolean;
  /** One sentence: what the rule keeps. */
  readonly because: string;
}

export interface Violation {
  readonly edge: ImportEdge;
  /** The way from a browser file to what it must not reach; empty for a direct import. */
  readonly path: readonly string[];
  readonly because: string;
}

const processModules = ['node:child_process', 'node:cluster'];
const domains = [
  'lib/nvidia-smi/',
  'lib/host-facts/',
  'lib/labels/',
  'lib/history/',
  'lib/state/',
  'lib/metrics/',
];

/** The import table of the house. A rule that is in the way is a reason to talk, not to add an exception. */
export const importRules: readonly ImportRule[] = [
  { in: ['lib/model/'], only: [], because: 'every layer names the model, so it must stand on nothing' },
  {
    in: ['lib/nvidia-smi/', 'lib/host-facts/'],
    only: ['lib/model/', 'saxes'],
    because: 'parsers are pure: the same code runs in agent, hub and test, without clock, file or process',
  },
  {
    in: ['lib/format/'],
    only: [],
    because: 'a number is written alike in browser, hub and terminal, so how stands on nothing',
  },
  {
    in: ['bin/'],
    never: ['app/'],
    because: 'the image of the hub has the pages built, and not their files',
  },
  {
    in: ['lib/labels/'],
    only: ['lib/model/', 'yaml', 'zod'],
    because:
      'text of a labels file or a fleet file in, labels and faults out: pure, and the same in agent and hub',
  },
  {
    in: ['lib/drift/'],
    only: ['lib/model/'],
    because: 'drift is pure: facets and baselines in, findings out, without clock, file or process',
  },
  {
    in: ['lib/cuda-compat/'],
    only: ['lib/model/'],
    because:
      'whether a container runs is judged from facts and tables alone, the same in hub, browser, command and test',
  },
  {
    in: ['lib/waste/'],
    only: ['lib/model/'],
    because: 'what counts as used or idle is decided from readings alone, and added up from accounts: pure',
  },
  {
    in: ['lib/registry/'],
    only: ['node:'],
    because: 'an image is read from a registry in the same way by hub and command, and knows neither',
  },
  {
    in: ['lib/faults/'],
    only: ['lib/model/'],
    because:
      'faults are pure: readings in, what is wrong and what to do out, the same in agent, hub and browser',
  },
  {
    in: ['lib/owners/'],
    only: ['lib/model/'],
    because:
      'whose GPU it is follows from facts alone: the same in agent, hub and test, without clock or file',
  },
  {
    in: ['lib/doctor/'],
    only: ['lib/model/', 'lib/host-facts/'],
    because:
      'what is wrong is judged from facts alone: without clock, file or process, and so testable as such',
  },
  {
    in: ['lib/masking/'],
    only: [],
    because: 'what masks secrets is pure and small, so that it can be read whole and tested with any text',
  },
  {
    in: ['lib/troubles/'],
    only: ['lib/model/', 'lib/faults/'],
    because: 'known errors are a table for agent, hub and browser alike',
  },
  {
    in: ['lib/protocol/'],
    only: ['lib/model/', 'zod'],
    because: 'the wire is pure: both ends check it with the same schema',
  },
  {
    in: ['lib/history/', 'lib/state/'],
    only: ['lib/model/', 'lib/sqlite/', 'lib/state/state-store.ts', 'node:'],
    because: 'a store knows its port and its database, so that another database touches one folder',
  },
  {
    in: ['lib/sqlite/'],
    only: ['lib/model/', 'lib/state/state-store.ts', 'node:'],
    because: 'how a database file is opened is the same for every store, and knows none of them',
  },
  {
    in: ['lib/backup/'],
    only: ['lib/model/', 'lib/sqlite/', 'lib/state/state-store.ts', 'node:', 'tar', 'zod'],
    because: 'a backup copies files whole, so it knows how a database is opened and nothing of what is in it',
  },
  {
    in: ['lib/metrics/'],
    only: ['lib/model/', 'prom-client'],
    because: 'metrics know the model and one vendor',
  },
  {
    in: ['lib/fleet/'],
    only: ['lib/model/', 'lib/protocol/', 'lib/faults/', 'lib/owners/'],
    because: 'the live fleet is memory: no clock but the one that it is given, no file, no store',
  },
  {
    in: ['lib/alerts/rules/', 'lib/alerts/evaluate.ts', 'lib/alerts/quiet.ts'],
    only: ['lib/model/', 'lib/faults/', 'lib/alerts/rules/'],
    because:
      'rules are pure: what fires is decided from a reading and a time, so that it can be tested as such',
  },
  {
    in: ['lib/alerts/'],
    never: ['lib/hub/', 'lib/fleet/', 'lib/state/', 'lib/history/', 'app/', 'agents/'],
    because: 'rules and notifiers know alerts and nothing of the hub that runs them',
  },
  {
    in: ['lib/config/'],
    only: ['lib/model/', 'node:', 'yaml', 'zod'],
    because: 'settings are read before anything else is there',
  },
  {
    in: domains,
    never: ['lib/hub/', 'lib/fleet/', 'app/', 'agents/'],
    because: 'two domains meet in lib/hub or lib/fleet, where a reader looks for it',
  },
  {
    in: ['agents/http/'],
    only: ['node:'],
    because:
      'HTTP over a connection that it is given: the same to a hub over TLS and to an engine over its socket',
  },
  {
    in: ['agents/'],
    never: ['lib/hub/', 'lib/fleet/', 'lib/state/', 'lib/history/', 'app/', 'next', 'react', 'node:sqlite'],
    because: 'the agent runs on every GPU host: no hub, no pages, no database',
  },
  {
    in: ['lib/hub/'],
    except: [
      'lib/hub/create-hub.ts',
      'lib/hub/data-folder.ts',
      'lib/hub/ssh/read-host.ts',
      'lib/hub/ssh/reading.ts',
    ],
    never: ['agents/', 'lib/history/sqlite/', 'lib/state/sqlite/', 'app/'],
    because:
      'create-hub.ts and data-folder.ts of lib/hub name the adapters, and ssh/read-host.ts and ssh/reading.ts alone read hosts',
  },
  {
    in: ['lib/hub/', 'lib/history/', 'lib/state/', 'lib/fleet/', 'lib/metrics/', 'lib/config/'],
    except: ['lib/hub/server.ts'],
    never: ['next', 'react'],
    because: 'the hub is true without its pages; only lib/hub/server.ts hands requests to Next',
  },
  {
    in: ['app/'],
    never: [...domains, 'lib/fleet/', 'lib/config/', 'agents/', 'bin/', 'node:sqlite', ...processModules],
    because: 'a page that can reach the database will; pages ask the one hub through app/hub.ts',
  },
  {
    in: ['app/'],
    never: ['lib/hub/'],
    typesAllowed: true,
    except: ['app/hub.ts', 'app/api/'],
    because: 'Next bundles its own copy of what a page imports: a hub imported there is a second hub',
  },
  {
    in: ['lib/', 'agents/', 'app/', 'bin/'],
    except: ['agents/access/'],
    never: processModules,
    because: 'agents/access is the one way to a host; everything else is tested without a process',
  },
  {
    in: ['lib/', 'agents/', 'app/', 'bin/'],
    except: ['agents/access/ssh/'],
    never: ['ssh2', 'ssh-config'],
    because: 'SSH is one of the ways to a host, and has its deadlines and its trust in one folder',
  },
  {
    in: ['lib/', 'agents/', 'app/', 'bin/'],
    never: ['e2e/', 'bench/', 'scripts/', 'vitest', 'fast-check', '@playwright/test'],
    because: 'what ships does not know its tests and chores',
  },
];

/** What browser files must not reach at run time, through however many others. */
const serverOnly: readonly Place[] = [
  'lib/hub/',
  'lib/state/',
  'lib/history/',
  'lib/config/',
  'lib/metrics/',
  'lib/registry/',
  'agents/',
  'app/hub.ts',
  'node:',
];
const serverOnlyBecause = 'what a browser file reaches lands in the bundle that every viewer loads';

function isIn(path: string, place: Place): boolean {
  if (place.endsWith('/') || place.endsWith(':')) return path.startsWith(place);
  return path === place || path.startsWith(`${place}/`);
}

function inSome(path: string, places: readonly Place[] | undefined): boolean {
  return places?.some((place) => isIn(path, place)) ?? false;
}

/** Tests, and what only tests use, may import what they need. */
function isTest(path: string): boolean {
  return (
    /\.test\.tsx?$/.test(path) || /(^|\/)(testing|fixtures)\//.test(path) || /\.testing\.tsx?$/.test(path)
  );
}

function breaks(rule: ImportRule, edge: ImportEdge): boolean {
  const home = rule.in.find((place) => isIn(edge.from, place));
  if (home === undefined || inSome(edge.from, rule.except)) return false;
  if (rule.typesAllowed === true && edge.typeOnly) return false;
  if (rule.only !== undefined && !isIn(edge.to, home) && !inSome(edge.to, rule.only)) return true;
  return inSome(edge.to, rule.never) && !isIn(edge.to, home);
}

function reachedFromBrowser(graph: ImportGraph): Violation[] {
  const atRunTime = Map.groupBy(
    graph.edges.filter((edge) => !edge.typeOnly),
    (edge) => edge.from,
  );
  const violations: Violation[] = [];
  for (const start of graph.files.filter((file) => file.browser && !isTest(file.path))) {
    const cameFrom = new Map<string, string | null>([[start.path, null]]);
    for (const file of cameFrom.keys())
      for (const edge of atRunTime.get(file) ?? []) {
        if (inSome(edge.to, serverOnly)) {
          const path: string[] = [];
          for (let at: string | null = file; at !== null; at = cameFrom.get(at) ?? null) path.unshift(at);
          violations.push({ edge, path, because: serverOnlyBecause });
        } else if (!cameFrom.has(edge.to)) cameFrom.set(edge.to, file);
      }
  }
  return violations;
}

/** Every import that breaks a rule, in the order of the files. */
export function findViolations(graph: ImportGraph): readonly Violation[] {
  const direct = graph.edges
    .filter((edge) => !isTest(edge.from))
    .flatMap((edge) =>
      importRules
        .filter((rule) => breaks(rule, edge))
        .map((rule) => ({ edge, path: [], because: rule.because })),
    );
  return [...direct, ...reachedFromBrowser(graph)];
}
