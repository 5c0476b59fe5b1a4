'use client'
/** What the lens says before there is a container: what it is for, and how to give it something to look at. */
import { CommandBlock } from '../lesson/CommandBlock.tsx'
import { Waiting } from './parts.tsx'

export function NothingYet({ waiting }: { waiting: boolean }) {
  if (waiting) return <Waiting>Looking for containers…</Waiting>
  return (
    <div className="overflow-y-auto p-5">
      <h3 className="text-base font-semibold text-ink">No container yet</h3>
      <p className="mt-2 text-sm leading-6 text-muted">
        A container is a process and a dozen settings of the kernel. As soon as you make one, with runc or
        with docker, it shows up here by itself, and you see for each line of its config.json what the kernel
        has made of it.
      </p>
      <dl className="mt-4 space-y-2.5 text-sm leading-6">
        {[
          ['Fields', 'what you asked beside what is in force, and the file it is read from'],
          ['Namespaces, mounts, capabilities', 'pictures of what keeps it apart'],
          ['Cgroup', 'memory, processor and processes against their limits, live'],
          ['Timeline', 'what happened, and what an exit code means'],
        ].map(([name, what]) => (
          <div key={name}>
            <dt className="font-medium text-ink">{name}</dt>
            <dd className="text-muted">{what}</dd>
          </div>
        ))}
      </dl>
      <p className="mt-5 mb-1 text-sm text-muted">The shortest way to one:</p>
      <CommandBlock runnable text="docker run -d --rm --name first -m 64m busybox sleep 600" />
    </div>
  )
}
