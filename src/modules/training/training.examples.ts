/** A job as the API shows it, for the OpenAPI document. */
export const TRAINING_JOB_EXAMPLE = {
  id: '0b1f5a8e-6d1e-4c7e-9d3f-0a6a1b2c3d4e',
  modelType: 'NEURAL_COLLABORATIVE_FILTERING',
  modelId: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  status: 'TRAINING',
  progress: 48,
  progressDetail: { epoch: 10, epochs: 20, loss: 0.312, samplesPerSecond: 1650000, remainingSeconds: 3.1 },
  engine: { name: 'wasm-kernels', reason: 'ML_GPU_ENABLED is not set, and the job asks for no engine.' },
  config: {
    hyperparameters: { epochs: 20, batchSize: 256, factors: 8 },
    agriculturalContext: { seasonalAware: true, localityWeighting: false },
    sources: ['order', 'purchase', 'rating'],
    seed: 42,
    threads: 1,
    engine: 'auto',
    deployment: 'if-better',
  },
  attempt: 1,
  requestedBy: 'admin',
  isCancelRequested: false,
  createdAt: '2026-06-01T08:00:00.000Z',
  startedAt: '2026-06-01T08:00:00.120Z',
} as const;

/** One trial of a search, as the API shows it. */
export const TRIAL_EXAMPLE = {
  number: 3,
  hyperparameters: { epochs: 20, batchSize: 256, factors: 32, learningRate: 0.0021 },
  state: 'completed',
  ndcg10: 0.3812,
  hr10: 0.6241,
  seconds: 4.2,
  epochs: 9,
  curve: [0.31, 0.34, 0.36, 0.37, 0.3812, 0.379, 0.3802, 0.378, 0.377],
  isChosen: true,
} as const;
