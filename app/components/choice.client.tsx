'use client';

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly choices: readonly (readonly [T, string])[];
  readonly onChange: (value: T) => void;
}

/** One of a few, as a plain select with its label beside it. */
export function Choice<T extends string>({ label, value, choices, onChange }: ChoiceProps<T>) {
  return (
    <label className="inline-flex items-center gap-1.5 text-muted">
      {label}
      <select
        value={value}
        onChange={(event) => {
          const chosen = choices.find(([key]) => key === event.target.value);
          if (chosen !== undefined) onChange(chosen[0]);
        }}
        className="h-8 max-w-44 rounded-md border border-line bg-surface px-1.5 text-text"
      >
        {choices.map(([key, words]) => (
          <option key={key} value={key}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

/** One of a few that are all worth seeing, as a row of buttons. */
export function Segments<T extends string>({ label, value, choices, onChange }: ChoiceProps<T>) {
  return (
    <fieldset className="inline-flex overflow-hidden rounded-md border border-line bg-surface">
      <legend className="sr-only">{label}</legend>
      {choices.map(([key, words]) => (
        <button
          key={key}
          type="button"
          aria-pressed={key === value}
          onClick={() => onChange(key)}
          className={`h-8 px-2.5 -outline-offset-2 ${key === value ? 'bg-raised font-medium text-text' : 'text-muted hover:text-text'}`}
        >
          {words}
        </button>
      ))}
    </fieldset>
  );
}

interface FilterProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export function FilterBox({ label, value, onChange }: FilterProps) {
  return (
    <input
      type="search"
      aria-label={label}
      placeholder={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      className="h-8 w-80 max-w-full rounded-md border border-line bg-surface px-2.5 placeholder:text-faint"
    />
  );
}
