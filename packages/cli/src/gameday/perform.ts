import { randomBytes } from 'node:crypto';
import { LocalEngine } from '@holdfast/local';
import { deployStack } from '../deploy.ts';
import { engineClock } from '../engine-clock.ts';
import { CommandError, EXIT } from '../exit-code.ts';
import { interruptible } from '../interruption.ts';
import { note, print, printJson, style, table } from '../output.ts';
import { ANY_CREDENTIALS, resolveTarget, type Target, type TargetOptions } from '../target.ts';
import { liveTime, virtualTime } from '../time-line.ts';
import { type GameDayReport, gatherEvidence } from './evidence.ts';
import { GAME_DAYS } from './game-days.ts';
import { Lab } from './lab.ts';
import { type GameDay, Play } from './play.ts';

export interface GameDayOptions extends TargetOptions {
  readonly envName: string;
  /** Orders a minute on a normal day. */
  readonly perMinute: number;
  readonly isVirtual: boolean;
  /** Directory for the report. */
  readonly report: string;
  readonly asJson: boolean;
}

/** Finds the engine; without one, starts an engine that ends with the command. AWS is broken by hand only. */
const findOrStart = async (options: GameDayOptions): Promise<{ target: Target; own?: LocalEngine }> => {
  try {
    const target = await resolveTarget(options, { saysClock: false });
    if (target.endpoint !== undefined && (await engineClock(target.endpoint)) !== undefined) return { target };
  } catch (error) {
    if (!(error instanceof CommandError) || error.exitCode !== EXIT.notFound) throw error;
    note('no engine is running: using one of its own, in memory; building and deploying the lab takes some seconds');
    const own = await LocalEngine.start({ port: 0 });
    try {
      await deployStack(own, 'IngestionLab');
    } catch (failure) {
      await own.close();
      throw failure;
    }
    return { own, target: { endpoint: own.endpoint, region: 'us-east-1', credentials: ANY_CREDENTIALS } };
  }
  throw new CommandError(
    'a game day breaks things on purpose, so this command plays it on an engine only; docs/ops has every step by hand for AWS',
    EXIT.refused,
  );
};

const gameDayNamed = (name: string): GameDay => {
  const found = GAME_DAYS.find((day) => day.name === name);
  if (found !== undefined) return found;
  throw new CommandError(
    `no game day "${name}"; there are ${GAME_DAYS.map((day) => day.name).join(', ')}`,
    EXIT.notFound,
  );
};

const show = (report: GameDayReport, file: string): void => {
  print(
    table(
      ['', 'PHASE', 'EXPECTED', 'SEEN'],
      report.expectations.map(({ phase, text, seen, isMet }) => [isMet ? 'ok' : 'MISSED', phase, text, seen]),
    ),
  );
  const missed = report.expectations.filter(({ isMet }) => !isMet).length;
  print(
    missed === 0
      ? style('green', `${report.title}: all of ${report.expectations.length} expectations seen.`)
      : style('red', `${report.title}: ${missed} of ${report.expectations.length} expectations missed.`),
  );
  note(`report in ${file}; ${report.wallSeconds} s`);
};

/** Plays one of the game days and writes its report. */
export const performGameDay = async (name: string, options: GameDayOptions): Promise<void> => {
  const day = gameDayNamed(name);
  const startedAt = performance.now();
  await interruptible(async (signal) => {
    const { target, own } = await findOrStart(options);
    try {
      signal.throwIfAborted();
      const lab = await Lab.find(target, options.envName);
      const time = await (options.isVirtual ? virtualTime(target) : liveTime(target));
      const run = `${day.name}-${randomBytes(3).toString('hex')}`;
      const play = new Play({ lab, time, signal, run, perMinute: options.perMinute });
      try {
        await play.checkCalm();
        note(`${day.title}: ${day.objective}. Its events are ${run}-…`);
        try {
          await day.play(play);
        } finally {
          await play.putBackAll();
        }
        await play.endPhase();
        const report = await gatherEvidence(day, play, { run, startedAt });
        // Draws, and drawing is large.
        const { writeReport } = await import('./write-report.ts');
        const file = writeReport(report, options.report);
        if (options.asJson) printJson(report);
        else show(report, file);
        if (!report.isPassed) process.exitCode = EXIT.findings;
      } finally {
        await time.end();
      }
    } finally {
      await own?.close();
    }
  }, 'putting settings and clock back');
};

/** Lists them. */
export const listGameDays = (asJson: boolean): void => {
  const days = GAME_DAYS.map(({ name, title, objective }) => ({ name, title, objective }));
  if (asJson) printJson(days);
  else {
    print(
      table(
        ['GAME DAY', 'OBJECTIVE'],
        days.map((day) => [day.name, day.objective]),
      ),
    );
  }
};
