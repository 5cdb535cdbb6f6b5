'use client';
import { Tags, X } from 'lucide-react';
import { useSearchParams } from 'next/navigation';
import { Popover } from 'radix-ui';
import { useCallback, useMemo, useState } from 'react';
import {
  filtersNothing,
  type HostFilter,
  type Labelled,
  labelCatalogue,
  matchesHostFilter,
  readHostFilter,
} from '../../lib/model/index.ts';
import { Choice } from './choice.client.tsx';
import { type FilterSection, filterSections, groupingKey, labelGrouping } from './host-filter.ts';
import { replaceInUrl } from './url-state.client.ts';

/** Groups and labels that the address asks for: `?group=…&label=key=value`, each repeated as often as wanted. */
export interface ChosenHosts {
  readonly group: readonly string[];
  readonly label: readonly string[];
  readonly filter: HostFilter;
  readonly isActive: boolean;
  readonly toggle: (parameter: 'group' | 'label', value: string) => void;
  readonly clear: () => void;
}

export function useHostFilter(): ChosenHosts {
  const params = useSearchParams();
  const asked = JSON.stringify([params.getAll('group'), params.getAll('label')]);
  return useMemo(() => {
    const [group, label] = JSON.parse(asked) as [string[], string[]];
    const filter = readHostFilter(group, label);
    const toggle = (parameter: 'group' | 'label', value: string) => {
      const before = { group, label }[parameter];
      const isChosen = before.includes(value);
      replaceInUrl({ [parameter]: isChosen ? before.filter((each) => each !== value) : [...before, value] });
    };
    const clear = () => replaceInUrl({ group: null, label: null });
    return { group, label, filter, isActive: !filtersNothing(filter), toggle, clear };
  }, [asked]);
}

/** The hosts that the address asks for; the same list as long as nothing changed. */
export function useChosen<H extends Labelled>(hosts: readonly H[], { filter }: ChosenHosts): readonly H[] {
  return useMemo(
    () => (filtersNothing(filter) ? hosts : hosts.filter((host) => matchesHostFilter(host, filter))),
    [hosts, filter],
  );
}

function Chip({ words, remove }: { words: string; remove: () => void }) {
  return (
    <span className="inline-flex h-7 max-w-full items-center rounded-md border border-line bg-raised pl-2">
      <span className="truncate">{words}</span>
      <button
        type="button"
        aria-label={`Remove filter ${words}`}
        onClick={remove}
        className="inline-flex size-7 shrink-0 items-center justify-center text-muted -outline-offset-2 hover:text-text"
      >
        <X className="size-3.5" aria-hidden />
      </button>
    </span>
  );
}

function Section({ section, chosen }: { section: FilterSection; chosen: ChosenHosts }) {
  const { title, parameter, options, more } = section;
  return (
    <fieldset>
      <legend className="pb-0.5 text-xs text-muted">{title}</legend>
      {options.map(({ value, words, hosts }) => (
        <label key={value} className="flex items-center gap-2 rounded-sm px-1 py-0.5 hover:bg-raised">
          <input
            type="checkbox"
            checked={chosen[parameter].includes(value)}
            onChange={() => chosen.toggle(parameter, value)}
            className="size-4 shrink-0 accent-accent"
          />
          <span className="min-w-0 break-words">{words}</span>
          <span className="ml-auto shrink-0 pl-3 text-muted">{hosts}</span>
        </label>
      ))}
      {more > 0 ? <p className="px-1 text-muted">and {more} more: type to find</p> : null}
    </fieldset>
  );
}

interface MenuProps {
  readonly hosts: readonly (Labelled & { readonly gpus: readonly unknown[] })[];
  readonly chosen: ChosenHosts;
}

/** Made only while it is open: it counts the whole fleet. */
function MenuContent({ hosts, chosen }: MenuProps) {
  const [text, setText] = useState('');
  const catalogue = useMemo(() => labelCatalogue(hosts), [hosts]);
  const sections = filterSections(catalogue, text);
  return (
    <>
      <input
        type="search"
        aria-label="Find a group or label"
        placeholder="Find a group or label"
        value={text}
        onChange={(event) => setText(event.target.value)}
        className="h-8 w-full rounded-md border border-line bg-surface px-2.5 placeholder:text-faint"
      />
      {sections.map((section) => (
        <Section key={`${section.parameter} ${section.title}`} section={section} chosen={chosen} />
      ))}
      {sections.length === 0 ? <p className="text-muted">No group or label has this.</p> : null}
      <p className="text-xs text-muted">
        Numbers are hosts. Of one label any value will do, of several labels all must fit.
      </p>
    </>
  );
}

/** Chooses hosts by group and label, and shows what is chosen; the same on every page. */
export function HostFilterBar({ hosts, chosen }: MenuProps) {
  const count = chosen.group.length + chosen.label.length;
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-1.5">
      <Popover.Root>
        <Popover.Trigger className="inline-flex h-8 shrink-0 items-center gap-1.5 rounded-md border border-line bg-surface px-2.5 text-muted hover:bg-raised hover:text-text">
          <Tags className="size-3.5" aria-hidden />
          Groups and labels{count === 0 ? '' : ` (${count})`}
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content
            align="start"
            sideOffset={4}
            collisionPadding={8}
            aria-label="Filter by group and label"
            className="z-40 grid max-h-[min(28rem,var(--radix-popover-content-available-height))] w-[min(20rem,calc(100vw-1rem))] gap-3 overflow-y-auto rounded-lg border border-line bg-surface p-3 shadow-lg"
          >
            <MenuContent hosts={hosts} chosen={chosen} />
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
      {chosen.group.map((value) => (
        <Chip key={`g ${value}`} words={`group ${value}`} remove={() => chosen.toggle('group', value)} />
      ))}
      {chosen.label.map((value) => (
        <Chip key={`l ${value}`} words={value} remove={() => chosen.toggle('label', value)} />
      ))}
      {count > 1 ? (
        <button type="button" onClick={chosen.clear} className="h-8 px-1 text-accent hover:underline">
          Clear
        </button>
      ) : null}
    </div>
  );
}

interface GroupChoiceProps<T extends string> {
  readonly value: T | ReturnType<typeof labelGrouping>;
  readonly choices: readonly (readonly [T, string])[];
  /** Label keys that can be grouped by. */
  readonly keys: readonly string[];
  readonly onChange: (value: T | ReturnType<typeof labelGrouping>) => void;
}

/** Group by one of a closed list, or by any label of the fleet. */
export function GroupChoice<T extends string>({ value, choices, keys, onChange }: GroupChoiceProps<T>) {
  const own = groupingKey(value);
  const all = own === null || keys.includes(own) ? keys : [...keys, own];
  const ofLabels = all
    .filter((key) => key !== 'group')
    .map((key) => [labelGrouping(key), `label ${key}`] as const);
  return <Choice label="Group by" value={value} choices={[...choices, ...ofLabels]} onChange={onChange} />;
}

/** A closed choice or `label:KEY` in the address parameter `by`; the first choice is the default. */
export function useUrlGrouping<T extends string>(
  choices: readonly [T, ...T[]],
): readonly [T | ReturnType<typeof labelGrouping>, (value: T | ReturnType<typeof labelGrouping>) => void] {
  const asked = useSearchParams().get('by') ?? '';
  const key = groupingKey(asked);
  const first = choices[0];
  const value = choices.find((choice) => choice === asked) ?? (key === null ? first : labelGrouping(key));
  const set = useCallback(
    (next: T | ReturnType<typeof labelGrouping>) => replaceInUrl({ by: next === first ? null : next }),
    [first],
  );
  return [value, set];
}
