import type { ReactNode } from 'react';

export interface FactGroup {
  readonly title: string;
  readonly facts: readonly (readonly [label: string, value: ReactNode])[];
}

/** Labels with their values, in titled groups that flow into columns. */
export function FactGroups({ groups }: { groups: readonly FactGroup[] }) {
  return (
    <div className="grid gap-x-10 gap-y-5 p-4 sm:grid-cols-2 xl:grid-cols-3 2xl:grid-cols-4">
      {groups.map((group) => (
        <section key={group.title} className="min-w-0">
          <h3 className="mb-1 font-medium">{group.title}</h3>
          <dl>
            {group.facts.map(([label, value]) => (
              <div key={label} className="flex justify-between gap-4 border-t border-line py-1">
                <dt className="shrink-0 text-muted">{label}</dt>
                <dd className="min-w-0 break-words text-right">{value}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}
