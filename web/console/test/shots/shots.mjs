// Screenshots of every page, for looking at them with one's own eyes. Needs a build (`npm run build`) and a Chromium.
//   node test/shots/shots.mjs [--out DIR] [--only PATTERN]
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const argument = (name, otherwise) => {
  const i = process.argv.indexOf(`--${name}`)
  return i > 0 ? process.argv[i + 1] : otherwise
}
const out = argument('out', '/tmp/shots')
const only = new RegExp(argument('only', '.'))
const port = 8098
const base = `http://127.0.0.1:${port}`
mkdirSync(out, { recursive: true })

const root = fileURLToPath(new URL('../..', import.meta.url))
const stub = spawn(process.execPath, ['test/stub/server.mjs', '--port', String(port), '--dist', 'dist'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
await new Promise((resolve, reject) => {
  stub.stdout.on('data', resolve)
  stub.on('exit', () => reject(new Error('The stub did not start')))
})

const sizes = { 1440: { width: 1440, height: 900 }, 1280: { width: 1280, height: 800 }, 390: { width: 390, height: 844 } }
const pages = [
  { name: 'sign-in', to: '/sign-in', who: null },
  {
    name: 'sign-in-wrong',
    to: '/sign-in',
    who: null,
    act: async (page) => {
      await page.getByTestId('sign-in-username').fill('engineer')
      await page.getByTestId('sign-in-password').fill('wrong')
      await page.getByTestId('sign-in-submit').click()
      await page.getByTestId('sign-in-error').waitFor()
    },
  },
  { name: 'overview', to: '/', who: 'engineer' },
  { name: 'overview-table', to: '/', who: 'engineer', act: (page) => page.getByTestId('matrix-as-table').click(), sizes: [1440, 390] },
  { name: 'overview-hint', to: '/', who: 'officer', act: (page) => page.locator('.matrix .cell[data-state="UNREADABLE"]').last().hover(), sizes: [1440] },
  { name: 'overview-auditor', to: '/', who: 'auditor', sizes: [1280] },
  { name: 'overview-many', to: '/', who: 'engineer', play: 'many', sizes: [1440] },
  { name: 'overview-empty', to: '/', who: 'engineer', play: 'empty' },
  { name: 'overview-error', to: '/', who: 'engineer', play: 'error' },
  { name: 'overview-loading', to: '/', who: 'engineer', play: 'slow', sizes: [1440] },
  { name: 'sources', to: '/sources', who: 'engineer' },
  { name: 'sources-empty', to: '/sources', who: 'engineer', play: 'empty', sizes: [1280, 390] },
  { name: 'sources-forbidden', to: '/sources', who: 'officer' },
  { name: 'source-new', to: '/sources/new', who: 'engineer' },
  {
    name: 'source-new-tested',
    to: '/sources/new',
    who: 'engineer',
    act: async (page) => {
      await page.getByTestId('source-location').fill('jdbc:postgresql://10.20.3.44:5432/population')
      await page.getByTestId('source-username').fill('qiantang_ro')
      await page.getByTestId('source-password').fill('x')
      await page.getByTestId('test-connection').click()
      await page.getByTestId('test-result').waitFor()
    },
  },
  {
    name: 'source-new-errors',
    to: '/sources/new',
    who: 'engineer',
    act: async (page) => {
      await page.getByTestId('source-location').fill('jdbc:postgresql://10.0.0.1:5432/population')
      await page.getByTestId('source-username').fill('qiantang_ro')
      await page.getByTestId('test-connection').click()
      await page.getByTestId('test-failed').waitFor()
      await page.getByTestId('save-and-run').click()
    },
    sizes: [1280, 390],
  },
  {
    name: 'source-new-api',
    to: '/sources/new',
    who: 'engineer',
    act: async (page) => {
      await page.getByTestId('source-location').fill('https://api.scjg.hangzhou.example/v1/permits?pageNo=1&pageSize=20')
      await page.getByTestId('test-connection').click()
      await page.getByTestId('source-preview').waitFor()
    },
  },
  {
    name: 'source-new-api-signed',
    to: '/sources/new',
    who: 'engineer',
    act: async (page) => {
      await page.getByTestId('source-location').fill('http://10.20.8.9/gateway/permits')
      await page.getByTestId('api-auth').click()
      await page.getByRole('option', { name: /网关签名|Gateway signature/ }).click()
      await page.locator('summary').first().click()
    },
    sizes: [1280, 390],
  },
  {
    name: 'source-schedule',
    to: '/sources/src-police',
    who: 'engineer',
    act: async (page) => {
      await page.getByTestId('schedule-edit').click()
      await page.getByTestId('schedule-save').click()
      await page.getByTestId('schedule-words').waitFor()
    },
    sizes: [1280, 390],
  },
  {
    name: 'source-schedule-edit',
    to: '/sources/src-police',
    who: 'engineer',
    act: (page) => page.getByTestId('schedule-edit').click(),
    sizes: [1280, 390],
  },
  { name: 'source', to: '/sources/src-health', who: 'engineer' },
  { name: 'source-running', to: '/sources/src-medical_insurance', who: 'engineer', sizes: [1280] },
  { name: 'runs', to: '/runs', who: 'auditor' },
  { name: 'runs-empty', to: '/runs', who: 'auditor', play: 'empty', sizes: [1280] },
  { name: 'run-running', to: 'RUNNING', who: 'engineer' },
  { name: 'run-incomplete', to: '/runs/run-health-4', who: 'engineer' },
  { name: 'run-complete', to: '/runs/run-police-4', who: 'auditor' },
  { name: 'run-columns', to: '/runs/run-police-4?tab=columns', who: 'auditor', sizes: [1440, 390] },
  { name: 'run-rejects', to: '/runs/run-health-4?tab=rejects', who: 'engineer' },
  { name: 'run-receipt', to: '/runs/run-police-4?tab=receipt', who: 'auditor' },
  { name: 'run-many', to: '/runs/run-transport-4', who: 'engineer', play: 'many', sizes: [1280] },
  { name: 'run-missing', to: '/runs/nothing', who: 'engineer', sizes: [1280] },
  { name: 'catalogue', to: '/catalogue', who: 'officer' },
  { name: 'catalogue-search', to: '/catalogue?q=mobile', who: 'analyst' },
  { name: 'catalogue-none', to: '/catalogue?q=zzzz', who: 'analyst', sizes: [1280] },
  { name: 'catalogue-empty', to: '/catalogue', who: 'officer', play: 'empty', sizes: [1280] },
  { name: 'catalogue-lacking', to: '/catalogue?completeness=lacking', who: 'officer', sizes: [1280] },
  { name: 'catalogue-many', to: '/catalogue', who: 'officer', play: 'many', sizes: [1280] },
  { name: 'resource', to: '/catalogue/res-police-resident', who: 'analyst' },
  { name: 'resource-officer', to: '/catalogue/res-civil-marriage', who: 'officer', sizes: [1280] },
  { name: 'sql-idle', to: '/sql', who: 'analyst' },
  { name: 'sql', to: '/sql?table=raw_police.public__resident', who: 'analyst', act: (page) => page.getByTestId('sql-result').waitFor() },
  {
    name: 'sql-error',
    to: '/sql',
    who: 'analyst',
    act: async (page) => {
      await page.getByTestId('sql-editor').fill('selct * from raw_police.public__resident')
      await page.getByTestId('sql-run').click()
      await page.getByTestId('sql-error').waitFor()
    },
    sizes: [1280, 390],
  },
  { name: 'not-found', to: '/nowhere', who: 'officer', sizes: [1280] },
]

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-background-networking'] })
let wrong = 0
try {
  const runs = await (await fetch(`${base}/api/runs`, { headers: { cookie: 'QTSESSION=engineer' } })).json()
  const running = `/runs/${runs.find((run) => run.state === 'RUNNING').id}`
  for (const locale of ['zh-CN', 'en']) {
    for (const one of pages) {
      if (!only.test(one.name)) continue
      for (const width of one.sizes ?? [1440, 1280, 390]) {
        const context = await browser.newContext({ viewport: sizes[width], locale, timezoneId: 'Asia/Shanghai' })
        const cookies = []
        if (one.who) cookies.push({ name: 'QTSESSION', value: one.who, url: base }, { name: 'QT-CSRF', value: 'stub-token', url: base })
        if (one.play) cookies.push({ name: 'stub', value: one.play, url: base })
        if (cookies.length) await context.addCookies(cookies)
        await context.addInitScript((language) => localStorage.setItem('qiantang.locale', language), locale)
        const page = await context.newPage()
        const name = `${one.name}-${locale === 'en' ? 'en' : 'zh'}-${width}`
        page.on('pageerror', (error) => {
          wrong++
          console.error(`${name}: ${error}`)
        })
        page.on('console', (message) => {
          if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) {
            wrong++
            console.error(`${name}: ${message.text()}`)
          }
          if (message.type() === 'warning' && /intlify|Vue warn/.test(message.text())) console.error(`${name}: ${message.text()}`)
        })
        await page.goto(base + (one.to === 'RUNNING' ? running : one.to))
        if (one.play !== 'slow') await page.waitForFunction(() => !document.querySelector('[data-testid="skeleton"]'))
        await page.waitForTimeout(250)
        try {
          await one.act?.(page)
        } catch (error) {
          wrong++
          console.error(`${name}: ${String(error).split('\n')[0]}`)
        }
        await page.waitForTimeout(150)
        const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
        if (over > 0) {
          wrong++
          console.error(`${name}: the page is ${over} px wider than the window`)
        }
        // A full-page picture is taken with the frame at rest, or it would float in the middle.
        if (await page.evaluate(() => document.documentElement.scrollHeight > window.innerHeight)) await page.addStyleTag({ content: '.top { position: static !important } @media (max-width: 900px) { .menu { position: static !important } }' })
        await page.screenshot({ path: `${out}/${name}.png`, fullPage: true })
        await context.close()
      }
    }
  }
} finally {
  await browser.close()
  stub.kill()
}
console.log(`${out}: done, ${wrong} things to look at`)
process.exitCode = wrong ? 1 : 0
