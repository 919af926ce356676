// Reads what the tools wrote and owns meters.db, in a process of its own: one message a line.
import { createInterface } from 'node:readline';
import { reply } from '../../process/output.ts';
import { CursorTool } from '../cursor/cursor-tool.ts';
import type { ReaderOrder } from './reader-words.ts';
import { ReadingLives } from './reading-lives.ts';
import type { BeginToolReader } from './tool-reader.ts';

/** Tools that keep their figures otherwise than in files of lines. */
const OTHERS: readonly BeginToolReader[] = [(kept) => new CursorTool(kept)];

const order = JSON.parse(process.argv[2]!) as ReaderOrder;
const lives = new ReadingLives({ order, say: reply, others: OTHERS });

createInterface({ input: process.stdin })
  .on('line', (line) => lives.hear(JSON.parse(line)))
  .on('close', () => lives.end());

// Any failure that is not the store's is a bug: it ends the process, and whoever started it starts another.
await lives.run();
