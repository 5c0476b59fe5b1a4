/** Processor time that has been used, to the nanosecond: ticks are too coarse for what costs little. */
import fs from 'node:fs'
import type { TestLab } from '../helpers/lab.ts'

/** Of a thread; nothing of one that has ended since it was listed. */
function threadSeconds(thread: string): number {
  try {
    return Number(fs.readFileSync(`${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e9
  } catch {
    return 0
  }
}

/** Seconds that all threads of these processes have had. */
export function cpuSeconds(pids: number[]): number {
  const threads = pids.flatMap((pid) =>
    fs.readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`),
  )
  return threads.reduce((sum, thread) => sum + threadSeconds(thread), 0)
}

/** Seconds that all sandboxes of this lab have had. */
export function sandboxSeconds(lab: TestLab): number {
  const files = ['cpuacct', 'cpu,cpuacct'].map((name) => `/sys/fs/cgroup/${name}/${lab.name}/cpuacct.usage`)
  const v1 = files.find((file) => fs.existsSync(file))
  if (v1) return Number(fs.readFileSync(v1, 'utf8')) / 1e9
  const text = fs.readFileSync(`/sys/fs/cgroup/${lab.name}/cpu.stat`, 'utf8')
  return Number(/usage_usec (\d+)/.exec(text)![1]) / 1e6
}
