/** Real Chromium on a real lab, and the few things that people do there, as functions. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
  type Request,
} from 'playwright-core'
import { SandboxCgroups } from '../../../server/host/providers/runc/cgroups.ts'
import { TestLab } from '../../helpers/lab.ts'
import { until } from '../../helpers/until.ts'

export const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium'

export async function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  })
}

/** A lab and a browser for the tests of one file. */
export async function startStage(extra: Record<string, string> = {}) {
  const lab = await TestLab.start(extra)
  let browser: Browser
  try {
    browser = await launch()
  } catch (error) {
    await lab.stop()
    throw error
  }
  const stop = async () => {
    await browser.close()
    await lab.stop()
  }
  return { lab, browser, stop }
}
export type Stage = Awaited<ReturnType<typeof startStage>>

/** One learner: a browser context of their own, whose pages may not complain. */
export class Learner {
  readonly page: Page
  readonly context: BrowserContext
  readonly #lab: TestLab
  readonly #complaints: string[] = []
  /** Files of the site that are on their way. */
  readonly #loading = new Set<Request>()

  private constructor(lab: TestLab, context: BrowserContext, page: Page) {
    this.#lab = lab
    this.context = context
    this.page = page
    page.on('request', (request) => {
      if (request.url().includes('/_next/static/')) this.#loading.add(request)
    })
    page.on('requestfinished', (request) => this.#loading.delete(request))
    page.on('requestfailed', (request) => this.#loading.delete(request))
    page.on('pageerror', (error) => this.#complaints.push(error.message))
    page.on('console', (message) => {
      // A broken connection is what some tests are about; the browser logs it whatever the page does.
      if (
        message.type() === 'error' &&
        !/WebSocket|ERR_CONNECTION|Failed to load resource/.test(message.text())
      ) {
        this.#complaints.push(message.text())
      }
    })
  }

  static async arrive({ lab, browser }: Stage, options: BrowserContextOptions = {}): Promise<Learner> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, ...options })
    return new Learner(lab, context, await context.newPage())
  }

  /** Fails if any of the learner's pages has logged an error. */
  async leave(): Promise<void> {
    await this.context.close()
    assert.deepEqual(this.#complaints, [])
  }

  async goto(path: string): Promise<void> {
    await this.page.goto(`${this.#lab.url}${path}`)
  }

  async openStep(step: string): Promise<void> {
    await this.goto(`/lessons/runc-by-hand/${step}`)
    await this.prompt()
  }

  /** What terminal `number` shows now, a line each. */
  async screen(number = 1): Promise<string> {
    const rows = this.page.locator(`[data-terminal="Terminal ${number}"] .xterm-rows > div`)
    return (await rows.allInnerTexts()).map((row) => row.replaceAll('\u00a0', ' ').trimEnd()).join('\n')
  }

  /** Waits until terminal `number` shows what `wanted` describes. */
  async sees(wanted: RegExp | string, number = 1, timeoutMs = 15_000): Promise<string> {
    let last = ''
    return until(
      `terminal ${number} shows ${wanted}`,
      async () => {
        last = await this.screen(number)
        const there = typeof wanted === 'string' ? last.includes(wanted) : wanted.test(last)
        return there ? last : null
      },
      timeoutMs,
    ).catch(async (error: Error) => {
      const told = await this.page.locator('[role=alertdialog], [role=status], [role=alert]').allInnerTexts()
      throw new Error(
        `${error.message}; it shows:\n${last.trim()}\nand the page says ${JSON.stringify(told)}`,
      )
    })
  }

  /** Waits until the last line is a shell's prompt in the sandbox. */
  prompt(number = 1): Promise<string> {
    return this.sees(/root@lab:[^\n]*#\s*$/, number)
  }

  /** Types into terminal `number`, which must be in front. */
  async type(text: string, number = 1): Promise<void> {
    await this.page.locator(`[data-terminal="Terminal ${number}"] .xterm-helper-textarea`).focus()
    await this.page.keyboard.type(text)
  }

  /** Puts text on the clipboard and presses the keys that paste. The context needs the permissions for the clipboard. */
  async paste(text: string, number = 1): Promise<void> {
    await this.page.evaluate((text) => navigator.clipboard.writeText(text), text)
    await this.page.locator(`[data-terminal="Terminal ${number}"] .xterm-helper-textarea`).focus()
    await this.page.keyboard.press('Control+Shift+V')
  }

  /** Lets the page believe that so much time has passed. */
  async later(ms: number): Promise<void> {
    await this.page.evaluate((ms) => {
      const now = Date.now.bind(Date)
      Date.now = () => now() + ms
    }, ms)
  }

  /** Lets the page believe that from now on no time passes. */
  async stopClock(): Promise<void> {
    await this.page.evaluate(() => {
      const stopped = Date.now()
      Date.now = () => stopped
    })
  }

  /** Clicks Run at the command that begins with `command`. */
  async run(command: string): Promise<void> {
    const name = new RegExp(`^Run( in terminal \\d+)?: ${command.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`)
    await this.page.getByRole('button', { name }).first().click()
  }

  /** Waits until the step on the page counts as done. */
  async stepDone(): Promise<void> {
    await this.page.getByText('Step done').waitFor({ timeout: 20_000 })
  }

  /** Goes on by the button that a step shows when it is done. */
  async next(): Promise<void> {
    const here = this.page.url()
    await this.page.getByRole('link', { name: 'Next', exact: false }).last().click()
    await this.page.waitForURL((url) => url.href !== here)
  }

  /** Waits until the lines of the editor that are on the screen contain `wanted`. */
  async editorShows(wanted: string): Promise<void> {
    let last = ''
    await until(
      `the editor shows ${wanted}`,
      async () => {
        const lines = await this.page.locator('.monaco-editor .view-line').evaluateAll((elements) =>
          elements
            .map((element) => ({
              top: Number.parseInt((element as HTMLElement).style.top, 10),
              text: element.textContent,
            }))
            .sort((one, other) => one.top - other.top)
            .map(({ text }) => text),
        )
        last = lines.join('\n').replaceAll('\u00a0', ' ')
        return last.includes(wanted)
      },
      20_000,
    ).catch((error: Error) => {
      throw new Error(`${error.message}; it shows:\n${last}`)
    })
  }

  /** Waits until the editor needs nothing more from the network: its workers have loaded all of their scripts. */
  async editorLoaded(): Promise<void> {
    await until('the editor has its workers', () => this.page.workers().length === 2)
    // A worker answers only when its scripts have been run to their end.
    await Promise.all(this.page.workers().map((worker) => worker.evaluate(() => true)))
    await this.pageLoaded()
  }

  /** Waits until the page needs nothing more from the network: all of its parts are there. */
  async pageLoaded(): Promise<void> {
    await until(
      'the page has all its parts',
      async () => (await this.page.locator('[inert]').count()) === 0 && this.#loading.size === 0,
      20_000,
    )
  }

  /** Selects `before` in the editor by its find widget, as people do, and types `after` over it. */
  async replaceInEditor(before: string, after: string): Promise<void> {
    const { page } = this
    await page.locator('.monaco-editor .view-lines').first().click()
    await page.keyboard.press('Control+Home')
    await page.keyboard.press('Control+f')
    await page.getByRole('textbox', { name: 'Find' }).fill(before)
    await page.getByText(/^1 of \d+$/).waitFor()
    await page.keyboard.press('Escape')
    // Key by key: the editor closes quotes by itself, and one types over those.
    await page.keyboard.press('Delete')
    await page.keyboard.type(after)
  }

  /** Runs a shell script in this learner's sandbox, past the page. Returns what it prints. */
  async inSandbox(script: string): Promise<string> {
    const { file, args } = this.#lab
      .provider()
      .command(await this.#sandboxId(), ['/bin/bash', '-c', script], { tty: false })
    return execFileSync(file, args, { encoding: 'utf8' })
  }

  /** Ends the sandbox from outside, as a host short of memory might. */
  async killSandbox(): Promise<void> {
    new SandboxCgroups(this.#lab.name).kill(await this.#sandboxId())
  }

  async #sandboxId(): Promise<string> {
    const title = await this.page.getByTitle(/^Sandbox \w{20}$/).getAttribute('title')
    return title!.split(' ')[1]!
  }

  /** Waits until the editor says that all is in the sandbox. */
  async saved(): Promise<void> {
    await this.page.getByText('Saved in the sandbox').waitFor({ timeout: 10_000 })
  }
}
