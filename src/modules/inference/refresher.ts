/**
 * Runs a refresh when asked, at once when it is quiet and otherwise after a pause: any number of requests
 * while one runs or waits make one more run.
 */
export class Refresher {
  private timer: NodeJS.Timeout | undefined;
  private active: Promise<void> | undefined;
  private isWanted = false;
  private isClosed = false;

  /** @param pauseMs Least time between two runs. */
  constructor(
    private readonly pauseMs: number,
    private readonly refresh: () => Promise<void>,
    private readonly onError: (error: Error) => void,
  ) {}

  request(): void {
    this.isWanted = true;
    if (this.active === undefined && this.timer === undefined) this.run();
  }

  /** Waits for a run under way; none starts afterwards. */
  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    await this.active;
  }

  private run(): void {
    if (this.isClosed || !this.isWanted) return;
    this.isWanted = false;
    this.active = this.refresh()
      .catch(this.onError)
      .finally(() => {
        this.active = undefined;
        if (this.isClosed) return;
        this.timer = setTimeout(() => {
          this.timer = undefined;
          this.run();
        }, this.pauseMs);
      });
  }
}
