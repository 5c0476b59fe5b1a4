/** Sandboxes that are let out reach what they may and nothing else, on a host and an internet made of network namespaces. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { RawSocket } from '../helpers/client.ts'
import { sh } from '../helpers/exec.ts'
import { HOST, Internet, OTHER_SITE, PRIVATE, SITE } from '../helpers/internet.ts'
import { ROOT, TestLab } from '../helpers/lab.ts'
import { until } from '../helpers/until.ts'

let internet: Internet
before(async () => {
  internet = await Internet.start()
})
after(() => internet?.stop())

/** A refusal comes at once; what is dropped without a word takes as long as curl waits. */
const CURL = 'curl -sS --max-time 5'
const LESSON_LINE = fs
  .readFileSync(path.join(ROOT, 'lessons/runc-by-hand/meet-the-tools/text.md'), 'utf8')
  .split('\n')
  .find((line) => line.startsWith('curl ') && line.includes('https://get.docker.com'))!

async function start(extra: Record<string, string>) {
  const lab = await TestLab.start(extra, { web: false, via: internet.onHost })
  const provider = lab.provider()
  const arrive = async (owner: string) => {
    const socket = await RawSocket.openHost(lab.hostSocket, owner)
    const id = await socket.hello()
    const run = async (command: string) => {
      const began = performance.now()
      const result = await sh(provider, id, `${command} 2>&1 || true`)
      return { text: result.stdout.trim(), ms: performance.now() - began }
    }
    return { socket, id, run }
  }
  return { lab, arrive }
}
type Arrived = Awaited<ReturnType<Awaited<ReturnType<typeof start>>['arrive']>>

async function assertRefused(
  { run }: Arrived,
  url: string,
  words = /refused|unreachable|prohibited|Couldn't connect|Failed to connect/,
): Promise<void> {
  const { text, ms } = await run(`${CURL} ${url}`)
  assert.match(text, words, url)
  assert.ok(ms < 4000, `${url}: refused after ${Math.round(ms)} ms`)
}

describe('by default', () => {
  test('there is no network: every attempt fails at once', async () => {
    const { lab, arrive } = await start({})
    try {
      const { run } = await arrive('ada')
      assert.equal((await run('ls /sys/class/net')).text, 'lo')
      const { text, ms } = await run(LESSON_LINE)
      assert.match(text, /Could not resolve host/)
      assert.ok(ms < 3000, `${Math.round(ms)} ms`)
    } finally {
      await lab.stop()
    }
  })
})

describe('open', () => {
  let lab: TestLab
  let ada: Arrived
  let bob: Arrived
  before(async () => {
    const started = await start({
      LAB_EGRESS: 'open',
      LAB_EGRESS_KBYTES: '200',
      LAB_EGRESS_CONNECTIONS: '5',
      LAB_REGISTRY_MIRROR: 'http://10.9.8.7:5000',
    })
    lab = started.lab
    ada = await started.arrive('ada')
    bob = await started.arrive('bob')
  })
  after(() => lab?.stop())

  test('names are found and public sites answer', async () => {
    assert.equal((await ada.run(`${CURL} http://get.docker.com/`)).text, `reached ${SITE}:80`)
    assert.equal((await bob.run(`${CURL} http://${OTHER_SITE}/`)).text, `reached ${OTHER_SITE}:80`)
  })

  test("the lesson's own line reaches out", async () => {
    await ada.run(`cat >> /etc/ssl/certs/ca-certificates.crt <<'END'\n${internet.certificate}END`)
    const { text } = await ada.run(`cd /root && ${LESSON_LINE} && cat get-docker.sh`)
    assert.equal(text, `reached ${SITE}:443`)
  })

  test('private networks, cloud metadata, this host, mail and other name servers are refused at once', async () => {
    const before = internet.visits.length
    for (const address of PRIVATE) await assertRefused(ada, `http://${address}/`)
    await assertRefused(ada, `http://${HOST}/`)
    await assertRefused(ada, 'http://100.64.0.1/')
    await assertRefused(ada, 'http://127.0.0.1/')
    for (const port of [25, 53, 587]) await assertRefused(ada, `telnet://${SITE}:${port}`)
    // Nor by a name that leads inside.
    await assertRefused(ada, 'http://inside.example/')
    assert.deepEqual(internet.visits.slice(before), [])
  })

  test('the registry mirror is the one private address, on its port, and Docker knows it', async () => {
    assert.equal((await ada.run(`${CURL} http://10.9.8.7:5000/v2/`)).text, 'reached 10.9.8.7:5000')
    const daemon = JSON.parse((await ada.run('cat /etc/docker/daemon.json')).text)
    assert.deepEqual(daemon['registry-mirrors'], ['http://10.9.8.7:5000'])
    assert.deepEqual(daemon['insecure-registries'], ['10.9.8.7:5000'])
    assert.equal(daemon['storage-driver'], 'overlay2')
    // And asks it: for an image that is nowhere, since this mirror has none.
    const before = internet.visits.length
    assert.match(
      (await ada.run('timeout 30 docker pull nowhere/nothing')).text,
      /error|unauthorized|denied|failed/i,
    )
    assert.ok(internet.visits.slice(before).includes('10.9.8.7:5000'), 'Docker has asked the mirror')
  })

  test('learners cannot reach each other, whatever addresses they take', async () => {
    const address = (await bob.run("ip -o -4 address show dev eth0 | sed 's/.*inet //; s,/.*,,'")).text
    assert.match(address, /^100\.64\.\d+\.\d+$/)
    await bob.run('busybox httpd -p 8080 -h /root; echo started')
    assert.equal((await bob.run(`echo hello > /root/x; ${CURL} http://${address}:8080/x`)).text, 'hello')
    await assertRefused(ada, `http://${address}:8080/x`)
    const forged = await ada.run(
      `ip address add 100.64.40.40/32 dev eth0; curl -sS --max-time 2 --interface 100.64.40.40 http://${SITE}/`,
    )
    assert.match(forged.text, /timed out|Connection timeout/i)
  })

  test('one sandbox has so many kilobytes a second and so many connections', async () => {
    const { ms } = await ada.run(`${CURL.replace('5', '30')} -o /dev/null http://${SITE}/big`)
    assert.ok(ms > 2500, `a megabyte came in ${Math.round(ms)} ms`)
    await bob.run(
      `for i in 1 2 3 4 5 6 7 8 9; do curl -sN --max-time 3 http://${SITE}/wait > /tmp/w$i & done; wait`,
    )
    const { text } = await bob.run('cat /tmp/w* | grep -o waiting | wc -l')
    assert.equal(text, '5')
    // Its connections are closed; it may open others.
    await until(
      'it may again',
      async () => (await bob.run(`${CURL} http://${SITE}/`)).text === `reached ${SITE}:80`,
    )
  })

  test('a router that is killed comes back by itself, with all cables', async () => {
    const pasta = routers(lab)
    assert.equal(pasta.length, 1)
    process.kill(pasta[0]!, 'SIGKILL')
    await until('another one is there', () => routers(lab).length === 1 && routers(lab)[0] !== pasta[0])
    for (const learner of [ada, bob])
      await until(
        'the site answers again',
        async () => (await learner.run(`${CURL} http://get.docker.com/`)).text === `reached ${SITE}:80`,
      )
  })

  test('a host process that is killed takes the router along, and the next one connects its sandboxes', async () => {
    const [pasta] = routers(lab)
    await lab.killHost('SIGKILL')
    await until('nothing of the router is left', () => nameOf(pasta!) === '')
    assert.match((await ada.run('ls /sys/class/net')).text, /^(docker0\n)?lo$/)
    await lab.startHost()
    assert.equal((await ada.run(`${CURL} http://get.docker.com/`)).text, `reached ${SITE}:80`)
  })
})

describe('with an allow-list', () => {
  test('the named sites are reached, and nothing else has a name or an open port', async () => {
    const { lab, arrive } = await start({ LAB_EGRESS: 'allow-list', LAB_EGRESS_ALLOW: 'docker.com' })
    try {
      const ada = await arrive('ada')
      // Not before its name was asked for.
      await assertRefused(ada, `http://${SITE}/`)
      assert.equal((await ada.run(`${CURL} http://get.docker.com/`)).text, `reached ${SITE}:80`)
      await assertRefused(ada, 'http://other.example/', /Could not resolve host/)
      await assertRefused(ada, `http://${OTHER_SITE}/`)
      await assertRefused(ada, 'http://10.9.8.7/')
    } finally {
      await lab.stop()
    }
  })
})

test('nothing is left on this host', () => {
  const links = execFileSync('ip', ['-br', 'link'], { encoding: 'utf8' })
  assert.doesNotMatch(links, /^s-|^up0/m)
})

/** Process ids of the lab's pasta. */
function routers(lab: TestLab): number[] {
  const list = fs.readFileSync(`/proc/${lab.hostPid}/task/${lab.hostPid}/children`, 'utf8')
  const pids = list.split(' ').filter(Boolean).map(Number)
  return pids.filter((pid) => nameOf(pid).startsWith('pas'))
}

function nameOf(pid: number): string {
  try {
    return fs.readFileSync(`/proc/${pid}/comm`, 'utf8')
  } catch {
    return ''
  }
}
