import { buttonLook } from './form-parts.tsx';

export const roleWords = {
  viewer: 'viewer: sees everything, changes nothing',
  operator: 'operator: also silences, acknowledges, accepts baselines, sets maintenance',
  admin: 'admin: does everything, people and tokens too',
} as const;

/** A select of the roles, said with what each may do. */
export function RoleSelect({ name, label }: { name: string; label: string }) {
  return (
    <div>
      <label htmlFor={name} className="mb-1 block font-medium">
        {label}
      </label>
      <select id={name} name={name} defaultValue="viewer" className={`${buttonLook.plain} h-9 w-full`}>
        {Object.entries(roleWords).map(([role, words]) => (
          <option key={role} value={role}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}
