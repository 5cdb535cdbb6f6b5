import { parseCgroup } from '../../../../lib/host-facts/index.ts';
import { type Form, linesOf } from '../form.ts';

/** `4:memory:/path`, `0::/path`, or a path of a container's cgroup by itself. */
const line =
  /^(?:\d{1,4}:[\w.,=-]{0,200}:\/|\/(?:docker|kubepods|system\.slice|user\.slice|machine\.slice|lxc|slurm)\b)/;

export const cgroup: Form = {
  kind: 'cgroup',
  matches(text) {
    return linesOf(text.slice(0, 65_536)).every((item) => line.test(item));
  },
  read: (text) => ({ ...parseCgroup(text) }),
};
