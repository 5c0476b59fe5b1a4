/** Walks a step of a lesson as a person would: every command by its button, every edit by one click. */
import type { Locator } from 'playwright-core'
import { until } from '../../helpers/until.ts'
import type { Learner } from './browser.ts'

/** Of bash in the sandbox, and of busybox in a container. */
const PROMPT = /(root@lab:\S*#|[/~] #)\s*$/

/** All commands and edits of the step on the page, in their order. Whether the step counts as done is for the caller to ask. */
export async function walkStep(learner: Learner): Promise<void> {
  const parts = learner.page.locator('.prose').first().locator('.command[data-runnable="true"], .edit-block')
  for (let part = 0; part < (await parts.count()); part++) {
    const run = parts.nth(part).getByRole('button', { name: /^Run/ })
    if ((await run.count()) > 0) await runNext(learner, run)
    else {
      // One click, and it is saved.
      await parts
        .nth(part)
        .getByRole('button', { name: /^Apply/ })
        .click()
      await parts
        .nth(part)
        .getByRole('button', { name: /^Applied/ })
        .waitFor({ timeout: 10_000 })
    }
  }
}

/** Clicks Run and waits until a shell is back, in the container if the command has led there. */
async function runNext(learner: Learner, button: Locator): Promise<void> {
  const label = (await button.getAttribute('aria-label'))!
  const [, number = '1', command = ''] = /^Run(?: in terminal (\d))?: ([\s\S]*)$/.exec(label) ?? []
  const terminal = Number(number)
  const before = await learner.screen(terminal).catch(() => '')
  // People take longer to read: the page must not take it for a double click on the same command.
  await learner.later(700)
  await button.click()
  // It has no prompt; what it waits for comes with the next command.
  if (command.includes('recvtty /run')) {
    await until('recvtty listens', () =>
      learner.inSandbox('test -S /run/console.sock').then(
        () => true,
        () => false,
      ),
    )
    return
  }
  let now = ''
  await until(
    `${command} has ended`,
    async () => {
      now = await learner.screen(terminal)
      return now !== before && PROMPT.test(now.trimEnd())
    },
    30_000,
  ).catch((error: Error) => {
    throw new Error(`${error.message}; the terminal shows:\n${now}`)
  })
}
