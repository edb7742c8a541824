// entry of a thread that writes one layers model, so that the API pays neither for TensorFlow.js nor for the work
import { workerData } from 'node:worker_threads';

import { writeLayersModel, type LayersModelOrder } from './layers-model-folder.js';

// `workerData` is untyped; file-artifact-downloads.ts is the only one who starts this file
await writeLayersModel(workerData as LayersModelOrder);
