/** Does what the toolkit's hook does here: refuses a container that requires CUDA 12.8 of a driver that has 12.2. */
export const gpuHook = `#!/bin/sh
bundle=$(sed -n 's/.*"bundle": *"\\([^"]*\\)".*/\\1/p')
# JSON of Go writes > as \\u003e.
grep -q 'NVIDIA_REQUIRE_CUDA=cuda[^"]*12[.]8' "$bundle/config.json" || exit 0
echo "nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.8, please update your driver to a newer version, or use an earlier cuda container" >&2
exit 1
`;
