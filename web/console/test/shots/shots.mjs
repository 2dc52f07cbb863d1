// Screenshots of every page of a running hub, for looking at them with one's own eyes. Needs a Chromium, and a trial hub with its demo city:
//   bin/run --home DIR --port 8391
//   npm run shots -w @qiantang/console -- --home DIR [--hub http://127.0.0.1:8391] [--out DIR] [--only PATTERN] [--sizes 1440,390] [--locales zh-CN,en]
import { mkdirSync, readFileSync } from 'node:fs'
import { chromium } from 'playwright-core'

const argument = (name, otherwise) => {
  const i = process.argv.indexOf(`--${name}`)
  return i > 0 ? process.argv[i + 1] : otherwise
}
const base = argument('hub', 'http://127.0.0.1:8391')
const home = argument('home', '/tmp/qiantang')
const out = argument('out', '/tmp/shots')
const only = new RegExp(argument('only', '.'))
const widths = argument('sizes', '1440,1280,390').split(',').map(Number)
const locales = argument('locales', 'zh-CN,en').split(',')
mkdirSync(out, { recursive: true })

const heights = { 1440: 900, 1280: 800, 390: 844 }
const accounts = Object.fromEntries(JSON.parse(readFileSync(`${home}/secrets/trial-accounts.json`, 'utf8')).map((one) => [one.username, one.password]))

const refused = (page) => page.route('**/api/**', (route) => (route.request().url().includes('/session') ? route.continue() : route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify({ status: 503, code: 'core.unavailable', zh: '暂时不能完成：数据库没有应答。请稍候再试。', en: 'Cannot do this now: the database does not answer. Please try again in a moment.', traceId: '5f0c7c2c9f3b4d0e' }) })))
const cut = (page) => page.route('**/api/**', (route) => (route.request().url().includes('/session') ? route.continue() : route.abort('connectionrefused')))
const slow = (page) => page.route('**/api/**', (route) => (route.request().url().includes('/session') ? route.continue() : undefined))
/** A city of five thousand tables, as large as one gets. */
const many = (page) =>
  page.route('**/api/fleet*', async (route) => {
    const fleet = await (await route.fetch()).json()
    const of = (make) => Array.from({ length: 5000 }, (_, i) => make(i))
    const at = Math.floor(Date.parse(fleet.asOf) / 1000)
    fleet.total = 5000
    fleet.sources = Array.from({ length: 80 }, (_, i) => ({ ...fleet.sources[i % fleet.sources.length], id: `s${i}`, name: `source_${i}`, departmentId: fleet.departments[(i * 7) % fleet.departments.length].id }))
    const state = (i) => (i % 97 === 0 ? 'FAILED' : i % 131 === 5 ? 'UNREADABLE' : i % 41 === 3 ? 'INCOMPLETE' : i % 83 === 9 ? 'LAGGING' : (i * i) % 61 < 2 ? 'LATE' : i % 211 === 0 ? 'GONE' : 'FRESH')
    fleet.tables = { ids: of((i) => `t${i}`), sources: of((i) => Math.floor(Math.sqrt(i * 1.28)) % 80), names: of((i) => `public.table_${i}`), titles: of(() => ''), states: of(state), rows: of((i) => (i * 7919) % 1_000_000), asOf: of((i) => at - ((i * 37) % 90_000)), lags: of((i) => (state(i) === 'LATE' || state(i) === 'LAGGING' ? i * 60 : 0)), changed: [12, 400, 401] }
    await route.fulfill({ json: fleet })
  })
const sql = (text, then) => async (page) => {
  await page.getByTestId('sql-editor').fill(text)
  await page.getByTestId('sql-run').click()
  await page.getByTestId(then).first().waitFor()
}

const pages = (city) => [
  { name: 'sign-in', to: '/sign-in' },
  {
    name: 'sign-in-wrong',
    to: '/sign-in',
    act: async (page) => {
      await page.getByTestId('sign-in-username').fill('nobody')
      await page.getByTestId('sign-in-password').fill('wrong')
      await page.getByTestId('sign-in-submit').click()
      await page.getByTestId('sign-in-error').waitFor()
    },
  },
  { name: 'overview', to: '/', who: 'engineer' },
  { name: 'overview-table', to: '/', who: 'engineer', act: (page) => page.getByTestId('matrix-as-table').click() },
  { name: 'overview-hint', to: '/', who: 'officer', act: (page) => page.locator('.matrix .cells .cell[data-state="INCOMPLETE"]').last().hover(), sizes: [1440] },
  { name: 'overview-auditor', to: '/', who: 'auditor', sizes: [1280] },
  { name: 'overview-error', to: '/', who: 'engineer', route: refused },
  { name: 'overview-offline', to: '/', who: 'engineer', route: cut, sizes: [1280, 390] },
  { name: 'overview-loading', to: '/', who: 'engineer', route: slow, sizes: [1440] },
  { name: 'sources', to: '/sources', who: 'engineer' },
  { name: 'sources-forbidden', to: '/sources', who: 'officer', sizes: [1280, 390] },
  { name: 'source-database', to: `/sources/${city.database.id}`, who: 'engineer' },
  { name: 'source-folder', to: `/sources/${city.folder.id}`, who: 'engineer' },
  {
    name: 'source-remove',
    to: `/sources/${city.folder.id}`,
    who: 'engineer',
    act: async (page) => {
      await page.locator('.remove').click()
      await page.locator('#confirm').waitFor()
    },
    sizes: [1280, 390],
  },
  { name: 'source-new', to: '/sources/new', who: 'engineer' },
  { name: 'source-new-push', to: '/sources/new', who: 'engineer', act: (page) => page.getByTestId('choose-push').click() },
  {
    name: 'source-new-mqtt',
    to: '/sources/new',
    who: 'engineer',
    act: async (page) => {
      await page.getByTestId('choose-mqtt').click()
      await page.getByTestId('source-location').fill('mqtt://127.0.0.1:1')
      await page.locator('#setting-topics').fill('city/air/+/data')
      await page.getByTestId('test-connection').click()
      await page.getByTestId('test-failed').waitFor()
    },
  },
  { name: 'source-edit', to: `/sources/${city.database.id}/edit`, who: 'engineer', act: (page) => page.getByTestId('source-password').fill('another') },
  { name: 'stream', to: `/sources/${city.stream.id}`, who: 'engineer' },
  {
    name: 'stream-token',
    to: `/sources/${city.stream.id}`,
    who: 'engineer',
    act: async (page) => {
      await page.getByTestId('register-device').click()
      await page.getByTestId('device-number').fill(`station-${Date.now()}`)
      await page.getByTestId('device-save').click()
      await page.getByTestId('device-token').waitFor()
    },
  },
  { name: 'fleet', to: '/fleet', who: 'officer' },
  { name: 'fleet-list', to: '/fleet?view=list', who: 'engineer' },
  { name: 'fleet-many', to: '/fleet', who: 'engineer', route: many, act: (page) => page.locator('.cells .cell[data-state="LATE"]').first().hover() },
  { name: 'fleet-many-late', to: '/fleet?state=LATE&group=source', who: 'auditor', route: many },
  { name: 'fleet-error', to: '/fleet', who: 'officer', route: refused, sizes: [1440] },
  { name: 'calendar', to: '/calendar?year=2026', who: 'engineer' },
  {
    name: 'calendar-import',
    to: '/calendar?year=2026',
    who: 'engineer',
    act: async (page) => {
      await page.getByTestId('calendar-import').click()
      await page.getByTestId('calendar-pasted').fill('2026-10-01 至 2026-10-08 国庆节\n2026-10-10 班 调休')
      await page.getByTestId('calendar-apply').click()
    },
  },
  {
    name: 'source-new-tested',
    to: '/sources/new',
    who: 'engineer',
    act: async (page) => {
      await page.getByTestId('source-location').fill(city.folder.location)
      await page.getByTestId('test-connection').click()
      await page.getByTestId('test-result').waitFor()
    },
  },
  {
    name: 'source-new-failed',
    to: '/sources/new',
    who: 'engineer',
    act: async (page) => {
      await page.getByTestId('source-location').fill('jdbc:postgresql://127.0.0.1:1/population')
      await page.getByTestId('source-username').fill('reader')
      await page.getByTestId('source-password').fill('x')
      await page.getByTestId('test-connection').click()
      await page.getByTestId('test-failed').waitFor()
      await page.getByTestId('save-and-run').click()
    },
  },
  {
    name: 'source-new-api',
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
    to: `/sources/${city.database.id}`,
    who: 'engineer',
    act: (page) => page.getByTestId('schedule-edit').click(),
    sizes: [1280, 390],
  },
  { name: 'runs', to: '/runs', who: 'auditor' },
  { name: 'runs-problems', to: '/runs?problems=1', who: 'engineer', sizes: [1280] },
  { name: 'run-complete', to: `/runs/${city.complete.id}`, who: 'auditor' },
  { name: 'run-incomplete', to: `/runs/${city.incomplete.id}`, who: 'engineer' },
  { name: 'run-columns', to: `/runs/${city.complete.id}?tab=columns`, who: 'auditor' },
  { name: 'run-rejects', to: `/runs/${city.incomplete.id}?tab=rejects`, who: 'engineer' },
  { name: 'run-rejects-auditor', to: `/runs/${city.incomplete.id}?tab=rejects`, who: 'auditor', sizes: [1280] },
  { name: 'run-receipt', to: `/runs/${city.complete.id}?tab=receipt`, who: 'auditor' },
  { name: 'run-cancelled', to: `/runs/${city.cancelled.id}`, who: 'engineer' },
  { name: 'run-running', to: city.start, who: 'engineer', act: (page) => page.getByTestId('run-progress').waitFor() },
  { name: 'run-absent', to: '/runs/00000000-0000-4000-8000-000000000000', who: 'engineer', sizes: [1280] },
  { name: 'run-forbidden', to: `/runs/${city.complete.id}`, who: 'analyst', sizes: [1280] },
  { name: 'catalogue', to: '/catalogue', who: 'officer' },
  { name: 'catalogue-zh', to: '/catalogue?q=身份证', who: 'analyst' },
  { name: 'catalogue-en', to: '/catalogue?q=phone', who: 'analyst' },
  { name: 'catalogue-none', to: '/catalogue?q=zzzz', who: 'analyst' },
  { name: 'catalogue-lacking', to: '/catalogue?completeness=lacking', who: 'officer' },
  { name: 'catalogue-error', to: '/catalogue', who: 'officer', route: refused, sizes: [1280] },
  { name: 'resource', to: `/catalogue/${city.table.id}`, who: 'analyst' },
  { name: 'resource-officer', to: `/catalogue/${city.table.id}`, who: 'officer', sizes: [1280] },
  { name: 'resource-file', to: `/catalogue/${city.file.id}`, who: 'engineer' },
  { name: 'resource-sheet', to: `/catalogue/${city.sheet.id}`, who: 'engineer', sizes: [1280] },
  { name: 'sql-idle', to: '/sql', who: 'analyst' },
  { name: 'sql-masked', to: `/sql?table=${encodeURIComponent(city.table.lakeTable)}`, who: 'analyst', act: (page) => page.getByTestId('sql-result').waitFor() },
  { name: 'sql-plain', to: '/sql', who: 'analyst', act: sql(`SELECT count(*) AS rows FROM ${city.table.lakeTable}`, 'sql-result') },
  { name: 'sql-empty', to: '/sql', who: 'analyst', act: sql(`SELECT * FROM ${city.table.lakeTable} WHERE false`, 'sql-status') },
  { name: 'sql-error', to: '/sql', who: 'analyst', act: sql(`SELECT nothing\nFROM ${city.table.lakeTable}`, 'sql-error') },
  { name: 'sql-running', to: '/sql', who: 'analyst', act: sql('SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b', 'sql-stop') },
  { name: 'sql-forbidden', to: '/sql', who: 'officer', sizes: [390] },
  { name: 'not-found', to: '/nowhere', who: 'officer', sizes: [1280] },
]

const browser = await chromium.launch({ executablePath: process.env.QIANTANG_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-background-networking', '--disable-gpu'] })
let wrong = 0
function complain(words) {
  wrong++
  console.error(words)
}
try {
  const states = {}
  for (const [username, password] of Object.entries(accounts)) {
    const context = await browser.newContext()
    await context.request.get(`${base}/api/session`)
    const token = (await context.cookies()).find((cookie) => cookie.name === 'QT-CSRF')?.value ?? ''
    const answer = await context.request.post(`${base}/api/session`, { data: { username, password }, headers: { 'X-CSRF-Token': token } })
    if (!answer.ok()) throw new Error(`${username} cannot sign in: ${await answer.text()}`)
    states[username] = await context.storageState()
    await context.close()
  }
  const engineer = await browser.newContext({ storageState: states.engineer })
  const token = (await engineer.cookies()).find((cookie) => cookie.name === 'QT-CSRF')?.value ?? ''
  const ask = async (path) => (await engineer.request.get(base + path)).json()
  const tell = async (path, data) => (await engineer.request.post(base + path, { data, headers: { 'X-CSRF-Token': token } })).json()
  // A stream with a gateway that speaks for a device nobody knows, and a line that is no event.
  if (!(await ask('/api/sources')).some((source) => source.name === 'shots_air')) {
    const stream = await tell('/api/sources', { name: 'shots_air', title: '空气质量微站', departmentId: 'environment', location: 'events:' })
    const devices = ['station-1', 'station-2', 'station-3', 'station-4', 'station-5', 'station-6']
    for (const device of devices) await tell(`/api/sources/${stream.id}/devices`, { device, title: `微站 ${device.slice(8)} 号` })
    const gateway = await tell(`/api/sources/${stream.id}/devices`, { device: 'gateway', title: '城西网关', gateway: true })
    const events = Array.from({ length: 300 }, (_, i) => JSON.stringify({ device: i % 40 === 7 ? 'station-99' : devices[i % 5], time: new Date(Date.now() - i * 60_000).toISOString(), pm25: 20 + (i % 17) }))
    await fetch(`${base}/api/events/shots_air`, { method: 'POST', headers: { Authorization: `Bearer ${gateway.token}`, 'Content-Type': 'application/x-ndjson' }, body: [...events, 'no event'].join('\n') })
    while ((await ask(`/api/sources/${stream.id}/events`)).totals.received < 300) await new Promise((resolve) => setTimeout(resolve, 200))
  }
  const [sources, earlier, resources] = [await ask('/api/sources'), await ask('/api/runs'), (await ask('/api/resources?limit=200')).items]
  const largest = sources.filter((source) => source.kind === 'POSTGRES').sort((a, b) => b.rows - a.rows)[0]
  // A source runs once at a time: wait for what may be going on, then start.
  const start = async () => {
    for (;;) {
      const run = await tell(`/api/sources/${largest.id}/runs`)
      if (run.id) return run.id
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
  if (!earlier.some((run) => run.state === 'CANCELLED')) await tell(`/api/runs/${await start()}/cancel`)
  const runs = await ask('/api/runs')
  const city = {
    start: async () => `/runs/${await start()}`,
    database: sources.find((source) => source.kind === 'POSTGRES'),
    stream: sources.find((source) => source.kind === 'EVENTS'),
    folder: sources.find((source) => source.kind === 'FOLDER'),
    complete: runs.find((run) => run.state === 'COMPLETE'),
    incomplete: runs.find((run) => run.state === 'INCOMPLETE'),
    cancelled: runs.find((run) => run.state === 'CANCELLED' || run.state === 'CANCELLING'),
    table: resources.filter((resource) => resource.kind === 'TABLE' && resource.level !== 'L1').sort((a, b) => b.columnsCount - a.columnsCount)[0],
    file: resources.find((resource) => resource.kind === 'FILE'),
    sheet: resources.find((resource) => resource.kind === 'SHEET'),
  }
  for (const one of pages(city)) {
    if (!only.test(one.name)) continue
    for (const locale of locales) {
      for (const width of (one.sizes ?? [1440, 1280, 390]).filter((size) => widths.includes(size))) {
        const context = await browser.newContext({ viewport: { width, height: heights[width] }, locale, timezoneId: 'Asia/Shanghai', storageState: one.who ? states[one.who] : undefined })
        await context.addInitScript((language) => localStorage.setItem('qiantang.locale', language), locale)
        const page = await context.newPage()
        const name = `${one.name}-${locale === 'en' ? 'en' : 'zh'}-${width}`
        page.on('pageerror', (error) => complain(`${name}: ${error}`))
        page.on('console', (message) => {
          if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) complain(`${name}: ${message.text()}`)
          if (message.type() === 'warning' && /intlify|Vue warn/.test(message.text())) complain(`${name}: ${message.text()}`)
        })
        await one.route?.(page)
        await page.goto(base + (typeof one.to === 'string' ? one.to : await one.to()))
        await page.waitForFunction(() => document.querySelector('#main')?.childElementCount)
        const settle = async () => {
          await page.waitForTimeout(250)
          if (one.route !== slow) await page.waitForFunction(() => !document.querySelector('[data-testid="skeleton"]'))
        }
        await settle()
        try {
          await one.act?.(page)
        } catch (error) {
          complain(`${name}: ${String(error).split('\n')[0]}`)
        }
        await settle()
        const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
        if (over > 0) complain(`${name}: the page is ${over} px wider than the window`)
        // A full-page picture is taken with the frame at rest, or it would float in the middle.
        if (await page.evaluate(() => document.documentElement.scrollHeight > window.innerHeight)) await page.addStyleTag({ content: '.top { position: static !important } @media (max-width: 900px) { .menu { position: static !important } }' })
        await page.screenshot({ path: `${out}/${name}.png`, fullPage: true })
        await context.close()
      }
    }
  }
} finally {
  await browser.close()
}
console.log(`${out}: done, ${wrong} things to look at`)
process.exitCode = wrong ? 1 : 0
