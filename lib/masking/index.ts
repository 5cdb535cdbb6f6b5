export { longestCommand, maskedCommand } from './arguments.ts';
export { createMasker, type Masker, type MaskerOptions, type TextSource } from './masker.ts';
