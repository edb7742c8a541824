const WIDTH = 30;
const REDRAW_MS = 100;

/** One line on stderr that fills up; where stderr is no terminal it stays silent. */
export class ProgressBar {
  private drawnAt = 0;

  constructor(
    private readonly title: string,
    private readonly total: number,
  ) {}

  show(done: number, note: string): void {
    const now = performance.now();
    if (!process.stderr.isTTY || now - this.drawnAt < REDRAW_MS) return;
    this.drawnAt = now;
    const share = this.total > 0 ? Math.min(1, done / this.total) : 1;
    const bar = '█'.repeat(Math.round(WIDTH * share)).padEnd(WIDTH, '░');
    process.stderr.write(`\r${this.title} ${bar} ${Math.floor(share * 100)} % ${note}\u001b[K`);
  }

  /** Clears the line for what is printed next. */
  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  }
}
