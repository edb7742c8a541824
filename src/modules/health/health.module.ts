import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';

import { DiskProbe } from './disk-probe.js';
import { HealthController } from './health.controller.js';
import { DatabaseProbe } from './health.repository.js';
import { HealthService } from './health.service.js';

/** Answers the probes of Kubernetes and of people. */
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [HealthService, DatabaseProbe, DiskProbe],
})
export class HealthModule {}
