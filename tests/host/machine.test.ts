/** Which terminal is in front, as the page's machine keeps it against a real lab. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Machine } from '../../components/session/machine.ts'
import { connectLearner, stopLearners } from '../helpers/client.ts'
import { TestLab } from '../helpers/lab.ts'
import { until } from '../helpers/until.ts'

let lab: TestLab
before(async () => {
  lab = await TestLab.start({ LAB_MAX_TERMINALS: '2' })
})
after(async () => {
  stopLearners()
  await lab?.stop()
})

async function sit() {
  const { client } = await connectLearner(lab)
  const machine = new Machine(client)
  const isThere = (number: number) => client.view.terminals.some((each) => each.number === number)
  // As the page does when its view changes: the first change opens terminal 1.
  const change = () => client.dismissProblem()
  change()
  await until('terminal 1 is there', () => isThere(1))
  return { client, machine, isThere, change }
}

test('a terminal that is asked for stays in front until it comes, whatever else is told meanwhile', async () => {
  const { machine, isThere, change } = await sit()
  machine.show(2)
  change()
  assert.equal(isThere(2), false, 'no answer can have come yet')
  assert.equal(machine.active, 2)
  await until('terminal 2 is there', () => isThere(2))
  assert.equal(machine.active, 2)
})

test('one that is refused gives way, and one that is closed', async () => {
  const { client, machine, isThere } = await sit()
  machine.show(3)
  await until('it is refused', () => client.view.problem !== null)
  assert.equal(machine.active, 1)

  machine.show(2)
  await until('terminal 2 is there', () => isThere(2))
  const { id } = client.view.terminals.find(({ number }) => number === 2)!
  client.send({ type: 'close-terminal', terminal: id })
  await until('it is closed', () => !isThere(2))
  assert.equal(machine.active, 1)
})

test('one that is asked for while the connection breaks is there afterwards', async () => {
  const { client, machine, isThere } = await sit()
  await lab.killWeb('SIGKILL')
  machine.show(2)
  await until('the connection is lost', () => client.view.connection === 'away')
  await lab.startWeb()
  await until('terminal 2 is there', () => isThere(2), 30_000)
  assert.equal(machine.active, 2)
})
