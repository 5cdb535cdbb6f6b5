import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { alertFieldNames } from '../../model/index.ts';
import { templateFields } from '../channels/index.ts';
import { rules } from './index.ts';

const read = (name: string): string =>
  readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');

test('the docs list every rule and every field', () => {
  const docs = read('alerts.md');
  for (const { name } of rules) expect(docs).toMatch(new RegExp(`^\\|[^|]*\`${name}\`[^|]*\\|`, 'm'));
  for (const field of alertFieldNames) expect(docs).toContain(`\`${field}\``);
});

test('the docs list everything that stands for something in a template', () => {
  const docs = read('channels.md');
  for (const field of [...templateFields.title, ...templateFields.line])
    expect(docs).toContain(`\`{${field}}\``);
});
