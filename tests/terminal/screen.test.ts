/** A screen whose beginning is lost is brought back as it was, wherever its bytes are cut. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Screen } from '../../server/host/screens/screen.ts'
import { describeScreen, draw, newScreen } from '../helpers/screens.ts'

const SIZE = { cols: 60, rows: 12 }
const NOTICE = '-- dropped --\r\n'

const lines = (count: number, text: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join('')
const plain = lines(40, (i) => `line ${i} of some length\r\n`)

const STREAMS: Record<string, string> = {
  'text, colours and wrapped lines': `${plain}${lines(30, (i) => `\x1b[1;3${i % 8}mcolour ${i}\x1b[0m ${'long '.repeat(i)}\r\n`)}prompt # `,
  'characters of every width': plain + lines(30, (i) => `${i} äöü 漢字かな 🙂🚀 e\u0301 \u2500\u2500\r\n`),
  'a full-screen program with a hidden cursor and mouse reports':
    `${plain}prompt # vi\r\n\x1b[?1049h\x1b[?1h\x1b=\x1b[?2004h\x1b[?1002h\x1b[?1006h\x1b[?25l` +
    lines(40, (i) => `\x1b[${(i % 12) + 1};${i + 1}H\x1b[4${i % 8}mx${i}\x1b[m\x1b[K`),
  'a full-screen program that has ended': `${plain}\x1b[?1049h\x1b[?25l\x1b[2Jgone\x1b[?25h\x1b[?1049lprompt # ${plain}`,
  'a scrolled region': `${plain}\x1b[3;9r\x1b[3;1H${lines(30, (i) => `in the region ${i}\r\n`)}\x1b[1;1Htop`,
  'a region with its own origin': `${plain}\x1b[3;9r\x1b[?6h\x1b[2;5Hhere${lines(10, (i) => `\r\nrow ${i}`)}\x1b[4;7H`,
  'titles, links and other strings':
    plain +
    lines(
      20,
      (i) =>
        `\x1b]0;title ${i}\x07\x1b]8;;http://example.org/${i}\x1b\\link\x1b]8;;\x1b\\ \x1bPq#0\x1b\\${i}\r\n`,
    ),
  'a saved cursor': `${plain}\x1b[4;10H\x1b7\x1b[8;3Hbelow\x1b[1;1Habove\x1b8saved`,
  'line drawing, insertion, no wrapping': `${plain}\x1b(0lqqqk\x1b(B\r\n\x1b[4h\x1b[1;1Hnew\x1b[4l\x1b[?7l${'far '.repeat(30)}\x1b[?7h\r\n`,
  'a string longer than anything': `${plain}\x1b]52;c;${'QUJD'.repeat(4000)}\x07after\r\n${plain}`,
}

for (const [what, text] of Object.entries(STREAMS))
  test(what, async () => {
    const bytes = Buffer.from(text)
    const whole = newScreen(SIZE)
    await draw(whole, bytes)
    const expected = describeScreen(whole, 25)
    const step = Math.ceil(bytes.length / 150)
    for (let cut = bytes.indexOf('line 39'); cut <= bytes.length; cut += cut > 1600 ? step : 3) {
      const past = new Screen(SIZE.cols, SIZE.rows)
      for (let at = 0; at < cut; at += 700) past.feed(bytes.subarray(at, Math.min(at + 700, cut)))
      const resumed = newScreen(SIZE)
      void draw(resumed, 'something of \x1b[31;5;10r\x1b[?25l before')
      const snapshot = past.snapshot(NOTICE)
      assert.deepEqual(past.snapshot(NOTICE), snapshot, 'whoever asks next gets the same')
      await draw(resumed, snapshot)
      await draw(resumed, bytes.subarray(cut))
      const around = JSON.stringify(`${bytes.subarray(cut - 12, cut)}|${bytes.subarray(cut, cut + 12)}`)
      assert.deepEqual(describeScreen(resumed, 25), expected, `cut at ${cut}: ${around}`)
      // The one that was asked goes on as well.
      past.feed(bytes.subarray(cut))
      if (cut % 5 === 0) {
        const later = newScreen(SIZE)
        await draw(later, past.snapshot(NOTICE))
        assert.deepEqual(describeScreen(later, 25), expected, `asked at ${cut} and at the end`)
      }
      past.dispose()
    }
  })

test('the notice stands above everything, and only where there is room for it', async () => {
  const past = new Screen(SIZE.cols, SIZE.rows)
  past.feed(Buffer.from('\x1b[H\x1b[2J\x1b[3Jfirst line\r\nsecond'))
  assert.doesNotMatch(Buffer.from(past.snapshot(NOTICE)).toString(), /dropped/)
  past.feed(Buffer.from(plain))
  const [first] = Buffer.from(past.snapshot(NOTICE)).toString().split('\r\n')
  assert.match(first!, /-- dropped --$/)
})

test('counts without end cost no time', () => {
  const past = new Screen(SIZE.cols, SIZE.rows)
  const began = performance.now()
  for (const final of 'STLMbIZ@PXABCDEFGHJK') past.feed(Buffer.from(`a\x1b[2147483647${final}`))
  past.snapshot(NOTICE)
  assert.ok(performance.now() - began < 500, `${performance.now() - began} ms`)
})
