/** The state of one thing that the service needs in order to answer. */
export interface ReadinessState {
  readonly status: 'up' | 'down';
  /** For people: what is wrong, or what is there. Never a secret. */
  readonly detail?: string;
}

/** Tells whether one thing is ready. Cheap: it is asked every second. */
export abstract class ReadinessProbe {
  /** A word, e.g. `queue`. */
  abstract readonly name: string;

  /** Throwing counts as down. */
  abstract check(): Promise<ReadinessState>;
}

/** Where modules say what must be up before requests are sent here, so that health knows none of them. */
export class ReadinessRegistry {
  private readonly registered = new Map<string, ReadinessProbe>();
  private stopping = false;

  /** Call it in `onModuleInit`. A probe of the same name is replaced. */
  register(probe: ReadinessProbe): void {
    this.registered.set(probe.name, probe);
  }

  get probes(): readonly ReadinessProbe[] {
    return [...this.registered.values()];
  }

  /** True from the first moment of the shutdown on: no new requests, please. */
  get isShuttingDown(): boolean {
    return this.stopping;
  }

  beginShutdown(): void {
    this.stopping = true;
  }
}
