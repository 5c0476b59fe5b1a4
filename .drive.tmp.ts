import fs from 'node:fs'
import { spawnSync } from 'node:child_process'
import { testProvider } from './tests/helpers/lab.ts'
import { loadFolder } from './server/lessons/load.ts'
import { applyPatch } from './spec/edit.ts'
import { applyEdits } from './spec/text.ts'
const { provider, dispose } = testProvider()
const id = 'coursecoursecourse02'
await provider.create(id, 'course', { tier: 'docker' } as never)
const run = (script: string, input?: string) => {
  const { file, args } = provider.command(id, ['/usr/bin/timeout', '20', '/bin/bash', '-c', script], { tty: false, cwd: '/root' })
  const t = Date.now()
  const r = spawnSync(file, args, { input: input ?? '', encoding: 'utf8', timeout: 30000 })
  return { status: r.status, out: r.stdout + r.stderr, ms: Date.now() - t }
}
const lesson = loadFolder('lessons/runc-by-hand')
for (const p of lesson.problems) console.log('PROBLEM', JSON.stringify(p))
const only = process.argv[2]
try {
  for (const step of [...lesson.steps, lesson.challenge!]) {
    const before = run(step.verifyScript!)
    const pre = (step.slug === 'user-namespace') ? 'rm -rf /tmp/userns; cp -a /tmp/mycontainer /tmp/userns' : step.slug === 'share-a-network' ? '' : ''
    if (pre) run(pre)
    const edits = (step as any).edits ?? []
    const prep: Record<string,string> = {
      rootless: 'id learner >/dev/null 2>&1 || useradd --create-home learner; sudo -iu learner mkdir -p bundle; cp -a /tmp/mycontainer/rootfs ~learner/bundle/; chown -R learner: ~learner/bundle; sudo -iu learner runc spec --rootless --bundle bundle',
    }
    if (prep[step.slug]) run(prep[step.slug])
    for (const e of edits) {
      const f = e.file ?? lesson.file
      if (f.startsWith('/tmp/probe') && e.id === 'probe') run('mkdir -p /tmp/probe && cp /tmp/mycontainer/config.json /tmp/probe/')
      const text = run(`cat ${f}`).out
      const after = applyEdits(text, applyPatch(text, e.patch))
      const w = run(`cat > ${f}.new && mv ${f}.new ${f}`, after)
      if (w.status !== 0) console.log('  write', w)
    }
    const solve = step.slug === 'challenge' ? fs.readFileSync('lessons/runc-by-hand/challenge-solve.sh', 'utf8') : (step as any).solution
    const s = run(solve)
    const after = run(step.verifyScript!)
    console.log(`${step.slug}: before=${before.status} "${before.out.trim()}" (${before.ms} ms); solve=${s.status} ${s.ms} ms ${s.out.trim()}; after=${after.status} "${after.out.trim()}" (${after.ms} ms)`)
  }
  fs.writeFileSync('/tmp/course/final.json', run('cat /tmp/mycontainer/config.json').out)
} finally { await provider.destroy(id); await dispose() }
