import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { CacheModule } from '@nestjs/cache-manager';
import { Global, Module } from '@nestjs/common';
import { Keyv } from 'keyv';

import { AppConfig } from '../config/app-config.js';
import { ArtifactDownloads } from '../ports/artifact-downloads.js';
import { ArtifactStore } from '../ports/artifact-store.js';
import { Clock } from '../ports/clock.js';
import { KernelRuntimeProvider } from '../ports/kernel-runtime-provider.js';
import { Notifications } from '../ports/notifications.js';
import { PredictionCache } from '../ports/prediction-cache.js';
import { RetrievalBuilder } from '../ports/retrieval-builder.js';
import { ScoringPool } from '../ports/scoring-pool.js';
import { SnapshotStore } from '../ports/snapshot-store.js';
import { Trainer } from '../ports/trainer.js';
import { TrainingQueue } from '../ports/training-queue.js';
import { CacheManagerPredictionCache } from './cache/cache-manager-prediction-cache.js';
import { LeastRecentlyUsedMap } from './cache/least-recently-used-map.js';
import { createRedisStore } from './cache/redis-store.js';
import { ConfigModule } from './config.module.js';
import { Database } from './database/database.js';
import { PrismaService } from './database/prisma.service.js';
import { PostgresNotifications } from './notifications/postgres-notifications.js';
import { BullmqTrainingQueue } from './queue/bullmq-training-queue.js';
import { FileArtifactDownloads } from './storage/file-artifact-downloads.js';
import { InProcessScoringPool } from './scoring/in-process-scoring-pool.js';
import { WorkerRetrievalBuilder } from './scoring/worker-retrieval-builder.js';
import { WorkerScoringPool } from './scoring/worker-scoring-pool.js';
import { FileArtifactStore } from './storage/file-artifact-store.js';
import { FileSnapshotStore } from './storage/file-snapshot-store.js';
import { SystemClock } from './system-clock.js';
import { ForkedTrainer } from './trainer/forked-trainer.js';
import { WasmKernelRuntime } from './wasm/wasm-kernel-runtime.js';

/** Threads for batches of predictions; a machine with one core has none. */
const SCORING_THREADS = 2;
const snapshotsDirectory = ({ dataDirectory }: AppConfig): string => join(dataDirectory, 'snapshots');

/** Binds every port to its adapter: global beside the configuration, and the only place that names adapters. */
@Global()
@Module({
  imports: [
    ConfigModule,
    CacheModule.registerAsync({
      inject: [AppConfig],
      useFactory: ({ cacheSize, redisUrl }: AppConfig) => {
        const near = new Keyv({ store: new LeastRecentlyUsedMap(cacheSize) });
        // entries stay objects: writing each as text would cost more than a whole answer
        near.serialize = undefined;
        near.deserialize = undefined;
        return {
          stores: redisUrl === undefined ? [near] : [near, createRedisStore(redisUrl)],
        };
      },
    }),
  ],
  providers: [
    {
      provide: Database,
      inject: [AppConfig],
      useFactory: async (config: AppConfig) => Database.open(config),
    },
    { provide: Notifications, useClass: PostgresNotifications },
    { provide: TrainingQueue, useClass: BullmqTrainingQueue },
    { provide: PredictionCache, useClass: CacheManagerPredictionCache },
    { provide: Clock, useClass: SystemClock },
    {
      provide: ArtifactStore,
      inject: [AppConfig],
      useFactory: ({ modelsDirectory }: AppConfig) => new FileArtifactStore(modelsDirectory),
    },
    {
      provide: ArtifactDownloads,
      inject: [AppConfig],
      useFactory: ({ modelsDirectory }: AppConfig) => new FileArtifactDownloads(modelsDirectory),
    },
    {
      provide: SnapshotStore,
      inject: [AppConfig],
      useFactory: (config: AppConfig) => new FileSnapshotStore(snapshotsDirectory(config)),
    },
    {
      provide: Trainer,
      inject: [AppConfig],
      useFactory: (config: AppConfig) =>
        new ForkedTrainer({
          modelsDirectory: config.modelsDirectory,
          snapshotsDirectory: snapshotsDirectory(config),
          gpuEnabled: config.gpu.enabled,
          nice: config.trainerNice,
        }),
    },
    {
      provide: KernelRuntimeProvider,
      useFactory: (): KernelRuntimeProvider => ({ runtime: new WasmKernelRuntime() }),
    },
    {
      provide: ScoringPool,
      inject: [KernelRuntimeProvider],
      useFactory: ({ runtime }: KernelRuntimeProvider) =>
        availableParallelism() === 1
          ? new InProcessScoringPool(runtime)
          : new WorkerScoringPool(SCORING_THREADS),
    },
    { provide: RetrievalBuilder, useClass: WorkerRetrievalBuilder },
    PrismaService,
  ],
  exports: [
    ArtifactDownloads,
    ArtifactStore,
    Clock,
    Database,
    KernelRuntimeProvider,
    Notifications,
    PredictionCache,
    PrismaService,
    RetrievalBuilder,
    ScoringPool,
    SnapshotStore,
    Trainer,
    TrainingQueue,
  ],
})
export class PlatformModule {}
