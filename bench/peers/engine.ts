import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Command } from './columns.js';
import type { Reply, Request } from './protocol.js';

/** No batch takes this long; an engine that does is ended and started afresh for the next work. */
const PATIENCE_MS = 120_000;

/** The line that names the error in what a process wrote before it ended; else its last line. */
export const gist = (complaint: string): string =>
  /^\w*Error: .*$/m.exec(complaint)?.[0] ??
  (complaint.trim().split('\n').at(-1) || 'the process ended');

/** An engine in a process of its own, which starts when it is first asked. */
export class Engine {
  private child: ChildProcessByStdio<Writable, Readable, Readable> | undefined;
  private lines: AsyncIterator<string> | undefined;
  private complaint = '';

  /** `command` may be the reason why there is no engine: then that is its answer to everything. */
  constructor(private readonly command: Command | string) {}

  async ask(request: Request): Promise<Reply> {
    if (typeof this.command === 'string') return { error: this.command };
    this.child ??= this.start(this.command);
    this.child.stdin.write(`${JSON.stringify(request)}\n`);
    const timer = setTimeout(() => {
      this.complaint = `no answer within ${PATIENCE_MS / 1000} s`;
      this.child?.kill('SIGKILL');
    }, PATIENCE_MS);
    const line = await this.nextLine();
    clearTimeout(timer);
    if (line !== undefined) return JSON.parse(line);
    this.child = undefined;
    return { error: gist(this.complaint) };
  }

  /** Resolves when the process has gone. Killed, since some versions of Node may hang as they exit. */
  async close(): Promise<void> {
    if (this.child?.kill('SIGKILL')) await once(this.child, 'exit');
  }

  private start([program, ...args]: Command) {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.complaint = '';
    child.stderr.on('data', (text: Buffer) => {
      this.complaint += text;
    });
    // A process that could not start, or has ended, shows as the end of its lines.
    child.on('error', (error) => {
      this.complaint = error.message;
    });
    child.stdin.on('error', () => {});
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return child;
  }

  /** The next line that is JSON: engines also greet. */
  private async nextLine(): Promise<string | undefined> {
    for (;;) {
      const next = await this.lines?.next();
      if (next === undefined || next.done) return undefined;
      if (next.value.startsWith('{')) return next.value;
    }
  }
}
