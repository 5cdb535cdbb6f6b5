import { Layers } from '../components/layers.tsx';

/** For someone who meets the problem for the first time. */
export function ThreeLayers({ isOpen }: { isOpen: boolean }) {
  return (
    <details open={isOpen} className="mb-4 rounded-lg border border-line bg-surface px-4 py-2">
      <summary className="cursor-pointer font-medium">What has to fit: three layers</summary>
      <div className="grid gap-3 pb-2 pt-3">
        <Layers
          layers={{
            driver: (
              <>
                one a host
                <span className="block text-xs text-muted">
                  The kernel module; it decides which CUDA can run
                </span>
              </>
            ),
            toolkit: (
              <>
                one a host
                <span className="block text-xs text-muted">
                  Puts GPU and driver libraries into the container
                </span>
              </>
            ),
            container: (
              <>
                one an image
                <span className="block text-xs text-muted">
                  The libraries that the program was built with
                </span>
              </>
            ),
          }}
        />
        <div className="max-w-prose space-y-2">
          <p>
            The driver is installed on the host, CUDA comes with each image, and the container toolkit joins
            the two when a container starts. An image is made for a driver at least as new as its CUDA.
          </p>
          <ul className="ml-4 list-disc space-y-1">
            <li>
              <strong>runs</strong>: the driver is new enough. A newer driver runs every older CUDA for as
              long as it knows the GPU.
            </li>
            <li>
              <strong>runs, with limits</strong>: the driver is older, but of the same major CUDA version.
              What is new in that CUDA is missing, and code that must be compiled for the GPU at run time may
              fail.
            </li>
            <li>
              <strong>refused at start</strong>: the image says what it requires (NVIDIA_REQUIRE_CUDA), and
              the toolkit checks it. It does so in its older way of working only; where GPUs are given by CDI
              nobody checks, and the program finds out by itself.
            </li>
            <li>
              <strong>CUDA fails</strong>: it starts, and its first call of CUDA gives an error.
            </li>
            <li>
              <strong>GPU not supported</strong>: the driver or the CUDA is too new or too old for the card
              itself.
            </li>
          </ul>
          <p className="text-muted">
            A compat package in the image brings a newer user-space driver; it helps on data-centre GPUs only.
          </p>
        </div>
      </div>
    </details>
  );
}
