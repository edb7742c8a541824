import { Injectable, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService } from '@nestjs/terminus';

import { ReadinessRegistry, type ReadinessProbe, type ReadinessState } from '../../ports/readiness.js';
import { DiskProbe } from './disk-probe.js';
import { NotReadyError, type HealthChecks } from './health.errors.js';
import { DatabaseProbe } from './health.repository.js';
import { RecentCheck } from './recent-check.js';

/** Says whether the service started, and whether it can answer requests now. */
@Injectable()
export class HealthService implements OnModuleInit, OnApplicationBootstrap {
  private readonly recent = new Map<ReadinessProbe, RecentCheck>();
  private isStarted = false;

  constructor(
    private readonly registry: ReadinessRegistry,
    private readonly terminus: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly database: DatabaseProbe,
    private readonly disk: DiskProbe,
  ) {}

  onModuleInit(): void {
    this.registry.register(this.database);
    this.registry.register(this.disk);
  }

  onApplicationBootstrap(): void {
    this.isStarted = true;
  }

  /** @throws NotReadyError until every module has started. */
  startup(): HealthChecks {
    const started: ReadinessState = this.isStarted
      ? { status: 'up' }
      : { status: 'down', detail: 'modules are starting' };
    if (!this.isStarted) throw new NotReadyError({ startup: started });
    return { startup: started };
  }

  /** @throws NotReadyError when a check is down, and from the first moment of a shutdown on. */
  async ready(): Promise<HealthChecks> {
    const checks = await this.checks();
    const isDown = Object.values(checks).some(({ status }) => status === 'down');
    if (isDown) throw new NotReadyError(checks);
    return checks;
  }

  private async checks(): Promise<HealthChecks> {
    const states: Record<string, ReadinessState> = {};
    if (this.registry.isShuttingDown) {
      states['shutdown'] = { status: 'down', detail: 'the service stops' };
      return states;
    }
    await this.terminus
      .check(
        this.registry.probes.map((probe) => async () => {
          const state = await this.recentCheck(probe).state();
          states[probe.name] = state;
          const indicator = this.indicators.check(probe.name);
          return state.status === 'up' ? indicator.up() : indicator.down();
        }),
      )
      .catch(() => undefined); // it throws when one is down; `states` says which
    return states;
  }

  private recentCheck(probe: ReadinessProbe): RecentCheck {
    const known = this.recent.get(probe);
    if (known !== undefined) return known;
    const created = new RecentCheck(probe);
    this.recent.set(probe, created);
    return created;
  }
}
