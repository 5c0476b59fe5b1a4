/** Scenarios as the field has them, any number: each kind of sloppiness, written by rule, so that every run has the same. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const FENCE = '```'
const IMAGES = [
  'ubuntu',
  'docker',
  'ubuntu:2004',
  'kubernetes-kubeadm-1node',
  'openshift-4-7',
  'vscode',
  'bash',
]

const page = (n: number, step: number) => `# Step ${step}

Some words about **containers** number ${n}, a [link](https://example.org/${n}) and \`inline code\`.

${FENCE}bash
docker ${n % 3 === 0 ? 'pull nginx:alpine' : 'ps -a'}
ls -l /tmp
${FENCE}{{${n % 2 ? 'execute' : 'exec T2 interrupt'}}}

1. In a list:

   ${FENCE}
   echo "${'word '.repeat(30)}"
   ${FENCE}{{copy}}

\`\`echo \`date\` \`\`{{execute}} and \`cat /etc/os-release\`{{execute HOST${(n % 2) + 1}}}.

<details><summary>Tip</summary>

Use [the site](https://[[HOST_SUBDOMAIN]]-80-[[KATACODA_HOST]].environments.katacoda.com) or {{TRAFFIC_HOST1_8080}}.

</details>

<pre class="file" data-filename="app.js" data-target="replace">console.log('${n}')</pre>

![picture](./assets/p${n}.png)

>>Which one?<<
(*) this
( ) that
`

/** What is special about a scenario: it changes its files, by their paths. */
const TWISTS: ((files: Record<string, string | Buffer>, dir: string) => void)[] = [
  () => {},
  (files) => {
    files['index.json'] = String(files['index.json']).replace(/\n\}\s*$/, ',\n}')
  },
  (files) => {
    files['step1.md'] = String(files['step1.md']).replaceAll('\n', '\r\n')
  },
  (files) => {
    files['index.json'] = `\uFEFF${files['index.json']}`
  },
  (files) => delete files['step2.md'],
  (files) => delete files['verify.sh'],
  (files) => {
    files['STEP1.MD'] = files['step1.md']!
    delete files['step1.md']
  },
  (files) => {
    files['index.json'] = Buffer.from(String(files['index.json']), 'utf16le')
  },
  (files) => {
    files['index.json'] = '{ this is not JSON'
  },
  (files) => {
    files['index.json'] = '[]'
  },
  (files) => {
    files['step1.md'] = Buffer.from([0, 255, 254, 1, 2, 3, 200, 201])
  },
  (files) => {
    files['step1.md'] = `${FENCE}\n`.repeat(501)
  },
  (files) => {
    files['step1.md'] = `${'`'.repeat(20_000)}{{exec}}`
  },
  (files) => {
    files['step1.md'] = `${'> '.repeat(2000)}deep`
  },
  (files) => {
    files['step1.md'] = '['.repeat(20_000)
  },
  (files) => {
    files['step1.md'] = 'x'.repeat(2 * 1024 * 1024)
  },
  (files) => {
    files['verify.sh'] = 'y'.repeat(100_000)
  },
  (files) => {
    files['index.json'] = String(files['index.json']).replace('"step1.md"', '"../../../../etc/passwd"')
  },
  (_, dir) => {
    mkdirSync(dir, { recursive: true })
    symlinkSync('/etc/passwd', path.join(dir, 'link.md'))
    symlinkSync(dir, path.join(dir, 'loop'))
  },
  (files) => {
    files['index.json'] =
      `{"a":${'['.repeat(5000)}${']'.repeat(5000)},"details":{"steps":[{"text":"step1.md"}]}}`
  },
]

/** Writes `count` scenarios below `root`, in courses of fifty. Returns their folders. */
export function writeCorpus(root: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => {
    const dir = path.join(root, `course-${Math.floor(n / 50)}`, `scenario-${n}`)
    const index = {
      title: `Scenario ${n}`,
      description: 'A scenario like many.',
      details: {
        intro: { text: 'intro.md', courseData: 'background.sh', code: 'foreground.sh' },
        steps: [1, 2, 3, 4].map((step) => ({
          title: `Step ${step}`,
          text: `step${step}.md`,
          verify: 'verify.sh',
        })),
        finish: { text: 'finish.md' },
        assets: { host01: [{ file: '**', target: '/root', chmod: '+x' }] },
      },
      environment: { uilayout: 'terminal' },
      backend: { imageid: IMAGES[n % IMAGES.length] },
    }
    const files: Record<string, string | Buffer> = {
      'index.json': JSON.stringify(index, null, 2),
      'intro.md': page(n, 0),
      'finish.md': 'Done.',
      'verify.sh': n % 2 ? 'test -e /tmp/x' : 'if [ -e /tmp/x ]; then echo done; fi',
      'foreground.sh': 'while [ ! -e /tmp/ready ]; do sleep 1; done',
      'background.sh': 'apt-get install -y tree\ntouch /tmp/ready',
      [`assets/p${n}.png`]: Buffer.from([0x89, 0x50, 0x4e, 0x47]),
    }
    for (const step of [1, 2, 3, 4]) files[`step${step}.md`] = page(n, step)
    TWISTS[Math.floor(n / IMAGES.length) % TWISTS.length]!(files, dir)
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(dir, name)), { recursive: true })
      writeFileSync(path.join(dir, name), content)
    }
    return dir
  })
}
