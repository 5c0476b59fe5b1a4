/** A tab that comes back after more output than is kept sees the same as one that was there all the time. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { connectLearner, stopLearners } from '../helpers/client.ts'
import { TestLab } from '../helpers/lab.ts'
import { DrawnStream, describeScreen } from '../helpers/screens.ts'
import { until } from '../helpers/until.ts'

const SIZE = { cols: 90, rows: 26 }
const LINES_ABOVE = 900

let lab: TestLab
before(async () => {
  lab = await TestLab.start()
})
after(() => lab?.stop())
afterEach(stopLearners)

/** More than is kept: colours, and lines that are longer than the screen is wide. */
const FLOOD = String.raw`i=0; while ((i++ < 30000)); do printf '\e[3%dm%06d\e[m %s\n' $((i%8)) $i "\${words:0:i%150}"; done`

/** One tab that stays, and one that was there at the beginning and then goes away. */
async function twoTabs() {
  const { client, cookie } = await connectLearner(lab)
  client.send({ type: 'open-terminal', number: 1, ...SIZE })
  const { id } = await until('there is a terminal', () => client.view.terminals[0])
  const stays = new DrawnStream(client, id, SIZE)
  await until('there is a prompt', () => stays.text.includes('~#'))
  const other = await connectLearner(lab, cookie)
  const goes = new DrawnStream(other.client, id, SIZE)
  await until('it has the prompt as well', () => goes.text.includes('~#'))
  stays.type("PS1='$ '; words=$(printf 'word%.0s ' {1..40}); clear\r")
  await until('the prompt is short', () => stays.lines[0] === '$')
  const leave = () => other.client.stop()
  const comeBack = async () => {
    other.client.start()
    await until('it is back', () => other.client.view.connection === 'open' && goes.stream.isLive)
  }
  /** Sooner or later all of them show the same. */
  const assertAlike = async (...screens: DrawnStream[]) => {
    const described = () => [stays, ...screens].map(({ terminal }) => describeScreen(terminal, LINES_ABOVE))
    const [expected, ...others] = await until(
      'all show the same',
      () => {
        const all = described()
        return all.every((each) => JSON.stringify(each) === JSON.stringify(all[0])) ? all : null
      },
      5000,
    ).catch(described)
    for (const each of others) assert.deepEqual(each, expected)
  }
  /** A tab that sees the terminal for the first time. */
  const comesNew = async () => new DrawnStream((await connectLearner(lab, cookie)).client, id, SIZE)
  return { stays, goes, leave, comeBack, comesNew, assertAlike }
}

const above = ({ terminal }: DrawnStream) => terminal.buffer.normal.getLine(0)!.translateToString(true)

test('after a flood of coloured and wrapped lines, and says that something is missing', async () => {
  const { stays, goes, leave, comeBack, comesNew, assertAlike } = await twoTabs()
  leave()
  stays.type(`${FLOOD}; echo do""ne\r`)
  await until('the flood is over', () => stays.text.includes('\ndone'), 40_000)
  await comeBack()
  const fresh = await comesNew()
  await assertAlike(goes, fresh)
  stays.type('echo on""ward\r')
  await until('it goes on', () => stays.text.includes('onward'))
  await assertAlike(goes, fresh)
  assert.ok(above(stays).length > 0)
})

test('in vim, that was opened after a flood', async () => {
  const { stays, goes, leave, comeBack, comesNew, assertAlike } = await twoTabs()
  leave()
  stays.type(`${FLOOD}; seq 200 > f; vim -n -c 'set mouse=a number cursorline' -c 'normal 50G' f\r`)
  await until('vim is there', () => /^ *50 50$/m.test(stays.text), 40_000)
  await comeBack()
  const fresh = await comesNew()
  await assertAlike(goes, fresh)
  for (const { terminal } of [goes, fresh]) assert.notEqual(terminal.modes.mouseTrackingMode, 'none')
  stays.type(':q!\r')
  await until('vim has ended', () => stays.terminal.buffer.active.type === 'normal')
  await assertAlike(goes, fresh)
})

test('in a full-screen program that has drawn more than is kept, and after its end', async () => {
  const { stays, goes, leave, comeBack, comesNew, assertAlike } = await twoTabs()
  stays.type('seq 1500\r')
  await until('there is something above', () => stays.text.includes('\n1500\n'))
  leave()
  stays.type(
    String.raw`printf '\e[?1049h\e[?1h\e[?25l\e[?1002h\e[?1006h\e[?1004h\e[2;20r'; for ((i=0;i<90000;i++)); do printf '\e[%d;%dH\e[4%dm%05d\e[m' $((i%20+1)) $((i*7%80+1)) $((i%8)) $i; done; read -rsn1; printf '\e[r\e[?1049l\e[?25h\e[?1l\e[?1002l\e[?1006l\e[?1004l'` +
      '\r',
  )
  await until('all is drawn', () => stays.text.includes('89999'), 40_000)
  await comeBack()
  const fresh = await comesNew()
  await assertAlike(goes, fresh)
  assert.equal(describeScreen(fresh.terminal, 0).hidden, true)
  assert.equal(describeScreen(fresh.terminal, 0).mouse, 'SGR')
  stays.type('q')
  await until('it has ended', () => stays.terminal.buffer.active.type === 'normal')
  await assertAlike(goes, fresh)
})

test('a flood of plain text is skipped but for what stays on the screen', async () => {
  const { stays, goes, leave, comeBack, comesNew, assertAlike } = await twoTabs()
  leave()
  stays.type('seq 3000000; echo do""ne\r')
  await until('the flood is over', () => stays.text.includes('\ndone'), 40_000)
  await comeBack()
  await assertAlike(goes, await comesNew())
})
