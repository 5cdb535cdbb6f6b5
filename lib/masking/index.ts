export { createMasker, type Masker, type MaskerOptions, type TextSource } from './masker.ts';
