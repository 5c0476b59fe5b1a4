/** A lesson from outside the repository in a real lab: files copied, scripts run, typed lines, checks of both kinds, once each. */
import assert from 'node:assert/strict'
import { chmodSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { connectLearner, newCookie, RawSocket, stopLearners } from '../helpers/client.ts'
import { sh } from '../helpers/exec.ts'
import { TestLab } from '../helpers/lab.ts'
import { until } from '../helpers/until.ts'
import { write } from './helpers.ts'

const root = write({
  'one/index.json': {
    title: 'One',
    details: {
      intro: { text: 'intro.md', foreground: 'fg.sh', background: 'bg.sh' },
      steps: [
        {
          title: 'A',
          text: 'a/text.md',
          verify: 'a/verify.sh',
          foreground: 'a/fg.sh',
          background: 'a/bg.sh',
        },
        { title: 'B', text: 'b/text.md', hint: 'b/hint.sh' },
        { title: 'C', text: 'c/text.md', verify: 'c/verify.sh' },
      ],
      finish: { text: 'finish.md' },
      assets: {
        host01: [
          { file: 'run.sh', target: '/opt/it', chmod: '+x' },
          { file: 'tree/**/*.json', target: '~/' },
          { file: 'big.bin', target: '/opt/it' },
        ],
      },
    },
    environment: {
      uieditorpath: '/srv/app',
      uimessage1: '\u001b[32mWelcome aboard\u001b[m',
      uilayout: 'terminal-terminal',
    },
    backend: { imageid: 'ubuntu' },
  },
  'one/intro.md': 'Hello ![x](assets/x.png)',
  'one/fg.sh': '#!/bin/bash\ncd /opt/it\nexport FROM_FOREGROUND=yes\necho "in $PWD"\n',
  'one/bg.sh': 'echo $((++n)) >> /root/background-ran\necho out\necho err >&2\n',
  'one/a/text.md': '`ls`{{exec}}',
  'one/a/fg.sh': 'echo foreground-of-a',
  'one/a/bg.sh': '#!/bin/sh\nsleep 0.2; echo ran >> /root/a-ran\n',
  'one/a/verify.sh': 'if [ -e /tmp/a ]; then echo "done"; else echo "not done"; fi',
  'one/b/text.md': 'meaning\n\n<pre class="file" data-filename="deep/er/x.txt" data-target="replace">x</pre>',
  'one/b/hint.sh': '[ "$1" -lt 10 ] || echo "**After** $1 in $PWD"\n[ "$1" -lt 99 ] || sleep 60\nexit 3',
  'one/b/lab.yaml': `checks:
  - spec: {file: /tmp/config.json, pointer: /process/terminal, equals: false}
    else: It is still true.
  - spec: {file: /tmp/config.json, pointer: /process/args, contains: sh}
    else: No shell.
  - spec: {file: /tmp/config.json, pointer: /hostname, matches: "^lab[0-9]+$"}
    else: The name does not fit.
  - spec: {file: /tmp/config.json, pointer: /root, exists: false}
    else: There is a root.
  - runc: {id: nobody, status: absent}
    else: Somebody is there.
  - runc: {id: nobody, status: running}
    else: Nobody runs.
`,
  'one/c/text.md': 'last',
  'one/c/verify.sh': 'echo all is well',
  'one/c/lab.yaml': `checks:
  - spec: {file: /tmp/config.json, pointer: /hostname, equals: lab7}
    else: Another name.
  - runc: {id: nobody, status: absent}
    else: Somebody is there.
`,
  'one/finish.md': 'Bye',
  'one/assets/run.sh': '#!/bin/sh\necho asset-runs\n',
  'one/assets/tree/deep/x.json': '{}',
  'one/assets/tree/deep/x.txt': 'not this',
  'one/assets/x.png': Uint8Array.of(0x89, 0x50, 0x4e, 0x47),
  'one/assets/x.svg': '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
})
// Random bytes do not shrink: two parts on their way.
const big = Buffer.concat(
  Array.from({ length: 28 }, () => Buffer.from(crypto.getRandomValues(new Uint8Array(65536)))),
)
writeFileSync(path.join(root, 'one/assets/big.bin'), big)
chmodSync(path.dirname(root), 0o755)

let lab: TestLab
let id: string
let socket: RawSocket
let cookie: string
before(async () => {
  lab = await TestLab.start({ LESSONS_PATH: root })
  cookie = await newCookie(lab)
  socket = await RawSocket.open(lab, cookie)
  id = await socket.hello()
})
after(async () => {
  stopLearners()
  socket?.close()
  await lab?.stop()
})

const inside = async (script: string) => (await sh(lab.provider(), id, script)).stdout.trim()
const open = async (step: string) => {
  socket.say({ type: 'watch-step', lesson: 'one', step })
  let opening = await socket.next('opening')
  while (opening.state === 'copying') opening = await socket.next('opening')
  return opening
}

describe('a page that is opened', { timeout: 120_000 }, () => {
  test('has the lesson’s files, and its scripts have run, once', async () => {
    assert.equal((await open('a')).state, 'done')
    assert.equal(await inside('/opt/it/run.sh'), 'asset-runs')
    assert.equal(await inside('cd /srv/app && find .'), '.\n./deep\n./deep/er', 'where files are copied to')
    assert.equal(await inside('cd /root; find . -name "x.*"'), './deep/x.json')
    assert.equal(await inside('sha256sum < /opt/it/big.bin'), await inside('sha256sum < /opt/it/big.bin'))
    assert.equal(await inside('stat -c %s /opt/it/big.bin'), String(big.length))
    await until(
      'the background scripts ran',
      async () => (await inside('cat /root/background-ran /root/a-ran')) === '1\nran',
    )
    assert.equal(await inside('cat /var/log/killercoda/*_stdout.log'), 'out')
    assert.equal(await inside('cat /var/log/killercoda/*_stderr.log'), 'err')
    assert.equal(await inside('sed s/PORT/80/ /etc/killercoda/host'), 'http://localhost:80')
    // Again, from another tab, and for its own intro: nothing runs twice.
    const other = await RawSocket.open(lab, cookie)
    await other.hello()
    for (const step of ['intro', 'a', 'finish']) other.say({ type: 'watch-step', lesson: 'one', step })
    for (let n = 0; n < 3; n++) assert.equal((await other.next('opening')).state, 'done')
    other.close()
    assert.equal(await inside('cat /root/background-ran /root/a-ran'), '1\nran')
  })

  test('types what is to be seen into terminal 1, where the learner goes on; and opens two terminals', async () => {
    const { client } = await connectLearner(lab, cookie)
    await until('both terminals are there', () => client.view.terminals.length === 2)
    const first = client.view.terminals.find(({ number }) => number === 1)!
    let text = ''
    const stream = client.openStream(
      first.id,
      {
        write: (bytes, _, done) => {
          text += Buffer.from(bytes)
          done()
        },
        clear: () => {
          text = ''
        },
      },
      { cols: 100, rows: 24 },
    )
    await until(
      'the message and both scripts are seen',
      () => /Welcome aboard[\s\S]*in \/opt\/it[\s\S]*foreground-of-a\r?\n/.test(text),
      20_000,
    )
    stream.type(new TextEncoder().encode('echo "$PWD:$FROM_FOREGROUND"\r'))
    await until('the shell has kept what the script has set', () => text.includes('/opt/it:yes'))
  })

  test('is checked by `done` where the script means that', async () => {
    socket.say({ type: 'watch-step', lesson: 'one', step: 'a' })
    assert.deepEqual(await socket.next('check'), {
      type: 'check',
      lesson: 'one',
      step: 'a',
      passed: false,
      message: '',
    })
    await inside('touch /tmp/a')
    assert.equal((await socket.next('check')).passed, true)
  })

  test('is checked on meaning, again when what it looks at has changed, and each check says what is missing', async () => {
    socket.say({ type: 'watch-step', lesson: 'one', step: 'b' })
    // A file can be seen while it is being written.
    const hear = async (wanted: string) => {
      while ((await socket.next('check')).message !== wanted);
    }
    await hear('It is still true. (there is no /tmp/config.json)')
    const steps: [string, string][] = [
      ['{', 'It is still true. (/tmp/config.json is not valid JSON now)'],
      ['{"process":{"terminal":true}}', 'It is still true.'],
      ['{"process":{"terminal":false,"args":["ls"]}}', 'No shell.'],
      ['{"process":{"terminal":false,"args":["sh"]},"hostname":"x"}', 'The name does not fit.'],
      ['{"process":{"terminal":false,"args":["sh"]},"hostname":"lab7","root":{}}', 'There is a root.'],
      [
        '{"process":{"terminal":false,"args":["sh"]},"hostname":"lab7"}',
        'Nobody runs. (there is no container nobody)',
      ],
    ]
    for (const [json, message] of steps) {
      await inside(`cat > /tmp/config.json <<'EOF'\n${json}\nEOF`)
      await hear(message)
    }
  })

  test('passes at once if its checks do, says what they have found, and a page without a check says nothing', async () => {
    socket.say({ type: 'watch-step', lesson: 'one', step: 'c' })
    assert.deepEqual(await socket.next('check'), {
      ...{ type: 'check', lesson: 'one', step: 'c', passed: true, message: 'all is well' },
      seen: ['/hostname is "lab7"', 'there is no container nobody'],
    })
    assert.equal((await open('finish')).state, 'done')
  })

  test('has a hint script, which gets the seconds and whose output is the hint', async () => {
    const hint = async (step: string, seconds: number) => {
      socket.say({ type: 'ask-script-hint', request: seconds, lesson: 'one', step, seconds })
      const { request, text } = await socket.next('script-hint')
      assert.equal(request, seconds)
      return text
    }
    assert.equal(await hint('b', 3), '')
    assert.match(await hint('b', 12), /^\*\*After\*\* 12 in \//)
    assert.equal(await hint('c', 12), '', 'a step without one')
    assert.equal(await hint('b', 100), '', 'one that takes for ever')
  })

  test('that is not there is no harm', async () => {
    socket.say({ type: 'watch-step', lesson: 'none', step: 'x' })
    socket.say({ type: 'watch-step', lesson: 'one', step: 'c' })
    assert.equal((await socket.next('check')).step, 'c')
  })
})

describe('a lesson’s files on the web', () => {
  const get = (file: string) => fetch(`${lab.url}/lesson-files/one?file=${encodeURIComponent(file)}`)

  test('pictures are shown, drawings cannot do anything, other assets are downloads', async () => {
    const png = await get('assets/x.png')
    assert.deepEqual([png.status, png.headers.get('content-type')], [200, 'image/png'])
    const svg = await get('assets/x.svg')
    assert.equal(svg.headers.get('content-type'), 'image/svg+xml')
    assert.match(svg.headers.get('content-security-policy')!, /default-src 'none'.*sandbox/)
    assert.match((await get('assets/run.sh')).headers.get('content-disposition')!, /^attachment/)
    const again = await fetch(png.url, { headers: { 'If-None-Match': png.headers.get('etag')! } })
    assert.equal(again.status, 304)
  })

  test('scripts, texts and everything outside are not to be had', async () => {
    for (const file of [
      'a/verify.sh',
      'intro.md',
      'index.json',
      '../../etc/passwd',
      '/etc/passwd',
      '..',
      'assets',
      '',
      'assets/../a/verify.sh',
      '%2e%2e/x',
    ])
      assert.equal((await get(file)).status, 404, file)
    assert.equal((await fetch(`${lab.url}/lesson-files/..%2f..?file=x.png`)).status, 404)
  })
})

test('a lesson that was added while the lab runs has pages, and a changed text is shown', async () => {
  const page = async (address: string) => (await fetch(`${lab.url}${address}`)).text()
  assert.match(await page('/lessons/one/b'), /meaning/)
  writeFileSync(path.join(root, 'one/b/text.md'), 'changed words')
  await until('the new text is shown', async () => (await page('/lessons/one/b')).includes('changed words'))
  write(
    {
      'two/index.json': { title: 'Two', details: { steps: [{ title: 'T', text: 't.md' }] } },
      'two/t.md': 'brand new',
    },
    root,
  )
  await until('the new lesson is shown', async () => (await page('/lessons/two/t')).includes('brand new'))
  assert.match(await page('/'), /Two/)
})
