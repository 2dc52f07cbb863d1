// A stand-in for the hub, for looking at every page without one. Development and tests only.
//   node test/stub/server.mjs [--port 8099] [--dist dist]
// Any of the trial accounts signs in with the password "stub". The cookie "stub" chooses what it plays: empty | error | slow | many.
import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import * as city from './city.mjs'

const argument = (name, otherwise) => {
  const i = process.argv.indexOf(`--${name}`)
  return i > 0 ? process.argv[i + 1] : otherwise
}
const port = Number(argument('port', '8099'))
const dist = argument('dist', null)

const people = {
  engineer: { displayName: '陈工', roles: ['ENGINEER'], department: null },
  officer: { displayName: '沈科长', roles: ['OFFICER'], department: 'health' },
  analyst: { displayName: '林分析师', roles: ['ANALYST'], department: null },
  auditor: { displayName: '何审计', roles: ['AUDITOR'], department: null },
}
const levelsForPreview = ['ENGINEER', 'ANALYST']

class Refusal extends Error {
  constructor(status, code, zh, en, extra = {}) {
    super(code)
    Object.assign(this, { status, code, zh, en, extra })
  }
}
const forbidden = () => new Refusal(403, 'org.forbidden', '您的账号没有做这件事的权限。请联系数据局工程师授权。', 'Your account may not do this. Ask a data bureau engineer to grant it.')
const notFound = () => new Refusal(404, 'web.not_found', '没有找到这一项，它可能已被删除。请返回列表重新选择。', 'This item was not found; it may have been deleted. Go back to the list.')

function cookies(request) {
  return Object.fromEntries((request.headers.cookie ?? '').split(';').map((part) => part.trim().split('=')))
}
async function body(request) {
  let text = ''
  for await (const chunk of request) text += chunk
  return text ? JSON.parse(text) : {}
}

const runOf = (id) => {
  const run = city.runs.find((r) => r.id === id)
  if (!run) throw notFound()
  run.step?.()
  return run
}
const bare = (o) => {
  const { goal: _goal, ...rest } = o
  return rest
}
const runJson = (run) => {
  const { step: _step, objects, ...rest } = run
  return { ...rest, objects: objects.map(bare) }
}
const summary = (run) => {
  const { step: _step, objects: _objects, ...rest } = run
  return rest
}
const sourceJson = (s) => ({ ...s, lastRun: s.lastRun ? summary(s.lastRun) : null })

function many(base) {
  return Array.from({ length: 1000 }, (_, i) => ({ ...base[i % base.length], id: `${base[i % base.length].id}`, title: `${base[i % base.length].title} ${i + 1}` }))
}

const refusedLocation = (location) => {
  if (/unreachable|10\.0\.0\.1/.test(location)) throw new Refusal(422, 'collect.source_unreachable', '连不上 10.0.0.1:5432：对方没有应答（等了 5 秒）。请检查地址、防火墙和数据库是否允许远程连接。', 'Cannot reach 10.0.0.1:5432: no answer within 5 s. Check the address, the firewall and whether the database accepts remote connections.', { reason: 'timeout' })
}

const schedules = new Map()
const routes = [
  ['GET', /^\/api\/departments$/, () => city.departments],
  [
    'GET',
    /^\/api\/overview$/,
    (_, { play }) => {
      for (const run of city.runs) run.step?.()
      const now = city.overview()
      if (play === 'empty') return { ...now, city: { departments: 12, sources: 0, tables: 0, completeTables: 0, rows: 0, rejected: 0, bytes: 0, completeness: null }, departments: now.departments.map((d) => ({ ...d, sources: 0, tables: 0, completeTables: 0, rows: 0, rejected: 0, bytes: 0, completeness: null, lastFinishedAt: null, state: 'NEVER', running: false, tablesState: [] })), running: [], attention: [], history: [] }
      if (play === 'many') return { ...now, departments: now.departments.map((d, i) => ({ ...d, tablesState: i % 3 ? d.tablesState : many(d.tablesState.length ? d.tablesState : [{ resourceId: 'res-police-resident', name: 'x', state: 'COMPLETE', rows: 1, rejected: 0 }]).slice(0, 400).map((c, n) => ({ ...c, resourceId: `${c.resourceId}-${n}` })), tables: i % 3 ? d.tables : 400, completeTables: i % 3 ? d.completeTables : 399 })) }
      return now
    },
  ],
  ['GET', /^\/api\/sources$/, (_, { play, person }) => (person.roles.includes('ENGINEER') ? (play === 'empty' ? [] : city.sources.map(sourceJson)) : Promise.reject(forbidden()))],
  [
    'POST',
    /^\/api\/sources\/test$/,
    async (_, { input }) => {
      await new Promise((resolve) => setTimeout(resolve, 400))
      refusedLocation(input.location)
      if (/^https?:/.test(input.location)) {
        const rows = Array.from({ length: 20 }, (_, i) => [String(i + 1), `杭西食药许 2026-${String(i + 1).padStart(4, '0')}`, i % 4 ? '食品经营许可' : '药品经营许可', i % 7 ? '2031-05-12' : null, '2026-11-20 09:12:44'])
        const found = { name: 'permits', path: null, records: '/data/list', total: '/data/total', paging: { step: 'PAGE', param: 'pageNo', sizeParam: 'pageSize', size: 20, first: 1, next: null } }
        return { ok: true, product: 'HTTP API', version: '', objects: { ENDPOINT: 1 }, unreadable: [], estimatedRows: 4821, estimatedBytes: 0, millis: 212, previews: [{ object: 'permits', columns: ['id', '许可证编号', '类别', '有效期至', 'updateTime'], rows, total: 4821, found: JSON.stringify(found) }] }
      }
      return input.location.startsWith('jdbc:') ? { ok: true, product: 'PostgreSQL', version: '15.8', objects: { TABLE: 12, PARTITIONED_TABLE: 1, PARTITION: 24, VIEW: 3, SEQUENCE: 9 }, unreadable: ['public.salary'], estimatedRows: 1284300, estimatedBytes: 342000000, millis: 184 } : { ok: true, product: '文件夹', version: '', objects: { FILE: 9, SHEET: 3 }, unreadable: [], estimatedRows: 81200, estimatedBytes: 18400000, millis: 61 }
    },
  ],
  [
    'POST',
    /^\/api\/sources$/,
    (_, { input }) => {
      if (!/^[a-z][a-z0-9_]{0,39}$/.test(input.name)) throw new Refusal(400, 'collect.source_name', '名称只能用小写字母、数字和下划线，以字母开头，最长 40 个字符。', 'A name is lower-case letters, digits and underscores, starts with a letter, at most 40 characters.', { field: 'name' })
      if (city.sources.some((s) => s.name === input.name)) throw new Refusal(409, 'collect.source_exists', `已有名为 ${input.name} 的数据源。请换一个名称。`, `There already is a source named ${input.name}. Choose another name.`, { field: 'name' })
      const department = city.departments.find((d) => d.id === input.departmentId)
      const source = { id: `src-${input.name}`, name: input.name, title: input.title, department, kind: input.location.startsWith('jdbc:') ? 'POSTGRES' : 'FOLDER', location: input.location, username: input.username || null, createdAt: new Date().toISOString(), lastRun: null, tables: 0, rows: 0 }
      const like = city.resources.filter((r) => r.department.id === 'hotline')
      city.resources.push(...like.map((r) => ({ ...r, id: `res-${input.name}-${r.id.split('-').pop()}`, lakeTable: r.lakeTable.replace('raw_hotline', `raw_${input.name}`), department, source: { id: source.id, name: source.name }, receipts: [] })))
      city.sources.push(source)
      return [201, sourceJson(source)]
    },
  ],
  ['GET', /^\/api\/sources\/([^/]+)\/schedule$/, ([id]) => schedules.get(id) ?? raise(notFound())],
  [
    'PUT',
    /^\/api\/sources\/([^/]+)\/schedule$/,
    ([id], { input }) => {
      const first = new Date(Math.ceil(Date.now() / 3_600_000) * 3_600_000)
      const plan = { ...input, zone: 'Asia/Shanghai', nextTimes: input.enabled ? [0, 1, 2, 3, 4].map((n) => new Date(first.getTime() + n * 86_400_000).toISOString()) : [], lastAt: null, lastRun: null, lastSkipped: false, changedAt: new Date().toISOString(), changedBy: 'engineer' }
      schedules.set(id, plan)
      return plan
    },
  ],
  ['DELETE', /^\/api\/sources\/([^/]+)\/schedule$/, ([id]) => (schedules.delete(id), [204])],
  ['GET', /^\/api\/sources\/([^/]+)$/, ([id]) => sourceJson(city.sources.find((s) => s.id === id) ?? raise(notFound()))],
  [
    'DELETE',
    /^\/api\/sources\/([^/]+)$/,
    ([id], { url }) => {
      const i = city.sources.findIndex((s) => s.id === id)
      if (i < 0) throw notFound()
      if (city.sources[i].name !== url.searchParams.get('confirm')) throw new Refusal(400, 'collect.confirm', '输入的名称与数据源不一致。', 'The name typed is not that of the source.')
      city.sources.splice(i, 1)
      return [204]
    },
  ],
  [
    'POST',
    /^\/api\/sources\/([^/]+)\/runs$/,
    ([id]) => {
      const source = city.sources.find((s) => s.id === id) ?? raise(notFound())
      const running = city.runs.find((r) => r.sourceId === id && (r.step?.(), ['RUNNING', 'QUEUED', 'CANCELLING'].includes(r.state)))
      if (running) throw new Refusal(409, 'collect.already_running', '这个数据源正在归集。', 'This source is being collected already.', { run: summary(running) })
      return [202, summary(city.startRun(source, 12))]
    },
  ],
  ['GET', /^\/api\/sources\/([^/]+)\/runs$/, ([id]) => city.runs.filter((r) => r.sourceId === id).map(summary)],
  [
    'GET',
    /^\/api\/runs$/,
    (_, { url, play }) => {
      for (const run of city.runs) run.step?.()
      const state = url.searchParams.get('state')
      return play === 'empty' ? [] : city.runs.filter((r) => !state || r.state === state).map(summary)
    },
  ],
  ['GET', /^\/api\/runs\/([^/]+)$/, ([id], { play }) => {
    const run = runJson(runOf(id))
    return play === 'many' ? { ...run, tables: { ...run.tables, found: 4000 }, objects: Array.from({ length: 4000 }, (_, i) => ({ ...run.objects[i % run.objects.length], name: `${run.objects[i % run.objects.length].name}_${i}` })) } : run
  }],
  ['POST', /^\/api\/runs\/([^/]+)\/cancel$/, ([id]) => ((runOf(id).state = 'CANCELLING'), [202])],
  ['GET', /^\/api\/runs\/([^/]+)\/receipt$/, ([id]) => {
    const run = runOf(id)
    if (!run.finishedAt) throw new Refusal(404, 'collect.no_receipt', '归集还没有结束，凭证尚未签发。', 'The run has not ended; no receipt has been issued yet.')
    return city.receipt(run)
  }],
  ['GET', /^\/api\/runs\/([^/]+)\/rejects$/, ([id], { url }) => {
    const all = city.rejects(runOf(id)).filter((r) => !url.searchParams.get('object') || r.object === url.searchParams.get('object'))
    const offset = Number(url.searchParams.get('offset') ?? 0)
    return { total: all.length, items: all.slice(offset, offset + Number(url.searchParams.get('limit') ?? 100)) }
  }],
  ['GET', /^\/api\/resources$/, (_, { url, play, person }) => {
    if (person.roles.includes('AUDITOR')) throw forbidden()
    const q = (url.searchParams.get('q') ?? '').toLowerCase()
    const want = (name, value) => !url.searchParams.get(name) || url.searchParams.get(name) === value
    const hit = (text) => (text ?? '').toLowerCase().includes(q)
    const all = (play === 'empty' ? [] : play === 'many' ? many(city.resources) : city.resources)
      .filter((r) => want('department', r.department.id) && want('level', r.level) && want('completeness', r.completeness))
      .map((r) => ({ ...r, columns: undefined, details: undefined, receipts: undefined, matched: q ? r.columns.filter((c) => hit(c.name) || hit(c.comment)).map((c) => c.name) : [] }))
      .filter((r) => !q || hit(r.title) || hit(r.name) || hit(r.comment) || r.matched.length)
    const offset = Number(url.searchParams.get('offset') ?? 0)
    return { total: all.length, items: all.slice(offset, offset + Number(url.searchParams.get('limit') ?? 50)) }
  }],
  ['GET', /^\/api\/resources\/([^/]+)$/, ([id]) => city.resources.find((r) => r.id === id) ?? raise(notFound())],
  ['GET', /^\/api\/resources\/([^/]+)\/preview$/, ([id], { person, url }) => {
    if (!person.roles.some((r) => levelsForPreview.includes(r))) throw forbidden()
    const r = city.resources.find((x) => x.id === id) ?? raise(notFound())
    const n = Math.min(r.rows, Number(url.searchParams.get('limit') ?? 50))
    return { asOf: r.asOf, columns: r.columns.map((c) => ({ name: c.name, type: c.type, level: c.level, masked: Boolean(c.mask) })), rows: Array.from({ length: n }, (_, i) => r.columns.map((c) => city.cellOf(c, i, true))) }
  }],
  ['POST', /^\/api\/sql$/, async (_, { input, person }) => {
    if (!person.roles.some((r) => levelsForPreview.includes(r))) throw forbidden()
    await new Promise((resolve) => setTimeout(resolve, 150))
    if (/selct/i.test(input.sql)) throw new Refusal(400, 'lake.sql_syntax', '第 1 行第 1 个字符“selct”处语法不对。是否想写 SELECT？', 'Syntax error at line 1, column 1, at "selct". Did you mean SELECT?', { line: 1, column: 1, position: 0 })
    if (/insert|delete|update|drop/i.test(input.sql)) throw new Refusal(400, 'lake.sql_not_a_query', '这里只能查询，不能修改数据。请改写为 SELECT。', 'Only queries are allowed here. Write a SELECT.')
    const r = city.resources.find((x) => input.sql.includes(x.lakeTable)) ?? city.resources[0]
    const n = Math.min(r.rows, Number(/limit\s+(\d+)/i.exec(input.sql)?.[1] ?? 1000))
    return { columns: r.columns.map((c) => ({ name: c.name, type: c.type })), rows: Array.from({ length: n }, (_, i) => r.columns.map((c) => city.cellOf(c, i, true))), truncated: n === 1000, rowCount: n, millis: 42, asOf: input.asOf ?? r.asOf, tables: [{ name: r.lakeTable, snapshotId: r.snapshotId, asOf: r.asOf, completeness: r.completeness }] }
  }],
  ['POST', /^\/api\/sql\/export$/, () => ({ csv: '\ufeffid,name\r\n1,"a, b"\r\n' })],
]
const raise = (error) => {
  throw error
}

const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json' }
const policy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"

function file(path, response) {
  const wanted = join(dist, normalize(path))
  const found = existsSync(wanted) && statSync(wanted).isFile() ? wanted : join(dist, 'index.html')
  response.writeHead(200, { 'Content-Type': types[extname(found)] ?? 'application/octet-stream', 'Content-Security-Policy': policy })
  createReadStream(found).pipe(response)
}

function events(run, response) {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
  const said = new Map()
  const tell = () => {
    run.step?.()
    for (const o of run.objects) {
      const text = JSON.stringify(bare(o))
      if (said.get(o.name) !== text) {
        said.set(o.name, text)
        response.write(`event: object\ndata: ${text}\n\n`)
      }
    }
    response.write(`event: run\ndata: ${JSON.stringify(summary(run))}\n\n`)
    if (run.finishedAt) {
      response.write('event: end\ndata: {}\n\n')
      response.end()
      clearInterval(timer)
    }
  }
  const timer = setInterval(tell, 300)
  response.on('close', () => clearInterval(timer))
  tell()
}

createServer(async (request, response) => {
  const url = new URL(request.url, 'http://stub')
  const json = (status, value, headers = {}) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers })
    response.end(value === undefined ? '' : JSON.stringify(value))
  }
  try {
    if (!url.pathname.startsWith('/api/')) return dist ? file(url.pathname, response) : json(404, {})
    const jar = cookies(request)
    const play = jar.stub ?? ''
    const person = people[jar.QTSESSION] ? { username: jar.QTSESSION, ...people[jar.QTSESSION] } : null
    if (url.pathname === '/api/session') {
      if (request.method === 'POST') {
        const { username, password } = await body(request)
        if (!people[username] || password !== 'stub') throw new Refusal(401, 'org.bad_credentials', '用户名或密码不对。请检查大小写；忘记密码请联系数据局工程师。', 'User name or password is wrong. Check upper and lower case; if forgotten, ask a data bureau engineer.')
        return json(200, { username, ...people[username] }, { 'Set-Cookie': [`QTSESSION=${username}; HttpOnly; SameSite=Strict; Path=/`, 'QT-CSRF=stub-token; SameSite=Strict; Path=/'] })
      }
      if (request.method === 'DELETE') {
        response.writeHead(204, { 'Set-Cookie': 'QTSESSION=; Max-Age=0; Path=/' })
        return response.end()
      }
      if (person) return json(200, person)
      throw new Refusal(401, 'org.not_signed_in', '您还没有登录。', 'You are not signed in.', { installation: { name: '杭州', trial: true } })
    }
    if (!person) throw new Refusal(401, 'org.not_signed_in', '您还没有登录，或登录已过期。', 'You are not signed in, or your session has ended.')
    if (request.method !== 'GET' && request.headers['x-csrf-token'] !== 'stub-token') throw new Refusal(403, 'org.csrf', '请求缺少校验，请刷新页面再试。', 'The request lacks its check value; reload the page.')
    if (play === 'error') throw new Refusal(500, 'core.unexpected', '平台没能完成这个请求，原因已记录。请稍后再试；若仍失败，把代码告诉工程师。', 'The platform could not complete the request; the cause is on record. Try again later and quote the code if it still fails.')
    if (play === 'slow') await new Promise((resolve) => setTimeout(resolve, 60_000))
    const stream = /^\/api\/runs\/([^/]+)\/events$/.exec(url.pathname)
    if (stream) return events(runOf(stream[1]), response)
    for (const [method, pattern, handler] of routes) {
      const match = method === request.method && pattern.exec(url.pathname)
      if (!match) continue
      const input = method === 'POST' || method === 'PUT' ? await body(request) : {}
      const result = await handler(match.slice(1).map(decodeURIComponent), { url, play, person, input })
      if (result?.csv) {
        response.writeHead(200, { 'Content-Type': 'text/csv; charset=utf-8' })
        return response.end(result.csv)
      }
      if (Array.isArray(result) && typeof result[0] === 'number') return json(result[0], result[1])
      return json(200, result)
    }
    throw notFound()
  } catch (error) {
    if (!(error instanceof Refusal)) console.error(error)
    const known = error instanceof Refusal ? error : new Refusal(500, 'core.unexpected', '平台出错。', 'The platform failed.')
    const zh = !(request.headers['accept-language'] ?? '').startsWith('en')
    response.writeHead(known.status, { 'Content-Type': 'application/problem+json' })
    response.end(JSON.stringify({ type: `urn:qiantang:${known.code}`, title: zh ? known.zh : known.en, status: known.status, detail: zh ? known.zh : known.en, code: known.code, zh: known.zh, en: known.en, traceId: '7f3a9c21e0b4', ...known.extra }))
  }
}).listen(port, '127.0.0.1', () => {
  // Two collections are always on their way when the stub starts.
  city.startRun(city.sources.find((s) => s.name === 'medical_insurance'), 1800)
  city.startRun(city.sources.find((s) => s.name === 'hotline'), 600)
  console.log(`stub: http://127.0.0.1:${port}`)
})
