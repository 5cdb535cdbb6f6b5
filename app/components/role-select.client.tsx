'use client';
import { useState } from 'react';
import type { Role } from '../places.ts';
import { buttonLook } from './form-parts.tsx';
import { roleWords } from './role-words.ts';

const roles: readonly Role[] = ['viewer', 'operator', 'admin'];

/** A select of the roles that says what the chosen one may do. */
export function RoleSelect({ name, label }: { name: string; label: string }) {
  const [chosen, setChosen] = useState<Role>('viewer');
  return (
    <div>
      <label htmlFor={name} className="mb-1 block font-medium">
        {label}
      </label>
      <select
        id={name}
        name={name}
        value={chosen}
        aria-describedby={`${name}-hint`}
        onChange={(event) => setChosen(roles.find((role) => role === event.target.value) ?? 'viewer')}
        className={`${buttonLook.plain} h-9 w-full`}
      >
        {roles.map((role) => (
          <option key={role}>{role}</option>
        ))}
      </select>
      <p id={`${name}-hint`} className="mt-1 text-xs text-muted">
        {roleWords[chosen]}
      </p>
    </div>
  );
}
