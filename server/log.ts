/** One logger for each process: JSON lines on standard error, so that standard output stays for people. */
import { pino } from 'pino'

export type Log = pino.Logger

export const createLog = (name: string, level: string): Log =>
  pino({ name, level }, pino.destination({ dest: 2, sync: true }))
