/** `npm run doctor`: looks at this machine and says what would keep the lab from working, and what to do. */
import { examine, line, placesFrom } from './doctor/report.mjs'
import { main } from './lib/refusal.mjs'
import { loadEnvFile } from './setup/env-file.mjs'

await main(() => {
  loadEnvFile()
  const findings = examine(placesFrom(process.env))
  const count = (level) => findings.filter((finding) => finding.level === level).length
  if (process.argv.includes('--json')) console.log(JSON.stringify(findings, null, 2))
  else {
    for (const finding of findings) console.log(line(finding))
    console.log(`\n${count('ok')} ok, ${count('warn')} to consider, ${count('fail')} to mend`)
  }
  return count('fail') > 0 ? 1 : 0
})
