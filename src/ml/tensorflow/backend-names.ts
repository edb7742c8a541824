/** Packages that TensorFlow.js can run on, the fastest first. Each is `@tensorflow/<name>`. */
export const TENSORFLOW_BACKENDS = [
  'tfjs-node-gpu',
  'tfjs-node',
  'tfjs-backend-wasm',
  'tfjs-backend-cpu',
] as const;

export type TensorFlowBackendName = (typeof TENSORFLOW_BACKENDS)[number];

/** A package that was not taken, and why. */
export interface SkippedBackend {
  readonly name: TensorFlowBackendName;
  /** In words, e.g. `is not installed`. */
  readonly reason: string;
}
