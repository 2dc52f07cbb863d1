// A made-up city for development and tests: what the hub would say, from a seed. Never part of the build.

let seed = 20261123
const random = () => {
  seed = (seed * 1103515245 + 12345) % 2147483648
  return seed / 2147483648
}
const between = (low, high) => Math.floor(low + random() * (high - low))
const pick = (list) => list[between(0, list.length)]
const hex = (n) => Array.from({ length: n }, () => between(0, 16).toString(16)).join('')

const NOW = Date.now()
const at = (minutesAgo) => new Date(NOW - minutesAgo * 60_000).toISOString()

const plan = [
  ['police', '市公安局', 'Public Security', 'POSTGRES', ['resident 常住人口', 'household 户籍', 'address 标准地址', 'id_card 居民身份证', 'residence_permit 居住证', 'vehicle 机动车', 'name_change 更名记录']],
  ['market', '市市场监管局', 'Market Regulation', 'POSTGRES', ['legal_entity 法人基本信息', 'licence 营业执照', 'shareholder 股东出资', 'inspection 检查记录', 'penalty 行政处罚', 'food_permit 食品经营许可', 'abnormal 经营异常名录']],
  ['hrss', '市人力社保局', 'Human Resources and Social Security', 'POSTGRES', ['insured 参保人员', 'payment 缴费明细', 'employer 参保单位', 'pension 养老待遇', 'unemployment 失业登记', 'labour_contract 劳动合同备案']],
  ['health', '市卫生健康委', 'Health Commission', 'POSTGRES', ['hospital 医疗机构', 'visit 就诊记录', 'lab_result 检验结果', 'exam 检查报告', 'birth 出生医学证明', 'doctor 执业医师', 'vaccination 接种记录', 'bed 床位']],
  ['medical_insurance', '市医疗保障局', 'Healthcare Security', 'POSTGRES', ['settlement 结算单', 'settlement_item 结算明细', 'drug_catalogue 药品目录', 'pharmacy 定点药店', 'stock 药店库存']],
  ['ecology', '市生态环境局', 'Ecology and Environment', 'FOLDER', ['station 监测站点', 'air_hourly 空气小时值', 'water_hourly 水质小时值', 'discharge 排污口', 'permit 排污许可', 'complaint 环保投诉']],
  ['civil', '市民政局', 'Civil Affairs', 'POSTGRES', ['marriage 婚姻登记', 'elderly 老年人', 'allowance 低保发放', 'community 社区', 'social_org 社会组织']],
  ['housing', '市住保房管局', 'Housing', 'POSTGRES', ['building 楼幢', 'unit 房屋', 'contract 买卖合同网签', 'rental 租赁备案', 'fund 维修资金']],
  ['culture', '市文广旅游局', 'Culture and Tourism', 'FOLDER', ['venue 文化场馆', 'event 活动', 'booking 预约', 'scenic 景区客流']],
  ['hotline', '12345 热线中心', '12345 Hotline', 'POSTGRES', ['request 诉求工单', 'handling 办理过程', 'visit_back 回访', 'category 诉求分类', 'agent 坐席']],
  ['transport', '市交通运输局', 'Transport', 'FOLDER', ['bus_line 公交线路', 'bus_gps 公交轨迹', 'metro_flow 地铁客流', 'taxi 出租车', 'parking 停车场', 'permit 道路运输证', 'accident 事故', 'road 道路', 'bridge 桥梁', 'signal 信号灯']],
  ['meteorology', '市气象局', 'Meteorology', null, []],
]

const problems = {
  'health/exam': 'INCOMPLETE',
  'civil/marriage': 'UNREADABLE',
  'culture/booking': 'INCOMPLETE',
  'transport/bus_gps': 'FAILED',
}
const reasons = {
  INCOMPLETE: { code: 'collect.rows_rejected', zh: '有 {n} 行没有通过，已逐行记入拒收', en: '{n} rows were rejected; each is kept with its reason', detail: null },
  UNREADABLE: { code: 'collect.table_unreadable', zh: '账号没有读这张表的权限。请部门执行 GRANT SELECT 后重新归集', en: 'The account may not read this table. Ask the department to GRANT SELECT, then collect again', detail: 'ERROR: permission denied for table marriage (42501)' },
  FAILED: { code: 'collect.file_broken', zh: '第 48,213 行之后文件中断，读不下去。请部门重新导出', en: 'The file breaks off after line 48,213. Ask the department to export it again', detail: 'unexpected end of input in quoted field' },
}

export const departments = plan.map(([id, name, nameEn]) => ({ id, name, nameEn: `${nameEn} Bureau`.replace('Commission Bureau', 'Commission').replace('Hotline Bureau', 'Hotline Centre') }))
const byId = Object.fromEntries(departments.map((d) => [d.id, d]))

const surnames = [...'王李张刘陈杨赵黄周吴徐孙']
const given = [...'伟芳娜敏静丽强磊军洋勇艳杰涛明超秀兰霞平']
const person = () => pick(surnames) + pick(given) + (random() > 0.4 ? pick(given) : '')

const columnsOf = {
  resident: [['id_number', 'varchar(18)', '公民身份号码', 'L4', 'PK', { kind: 'CN_ID_NUMBER', share: 0.998 }, 'KEEP_FIRST_6_LAST_4'], ['name', 'varchar(64)', '姓名', 'L3', null, { kind: 'CN_PERSON_NAME', share: 0.97 }, 'KEEP_FIRST'], ['gender', 'char(1)', '性别 GB/T 2261.1', 'L2'], ['birth_date', 'date', '出生日期', 'L2'], ['nation', 'varchar(2)', '民族 GB/T 3304', 'L2'], ['mobile', 'varchar(11)', '联系电话', 'L3', null, { kind: 'CN_MOBILE', share: 0.991 }, 'KEEP_FIRST_3_LAST_4'], ['household_id', 'bigint', '户号', 'L2', 'FK household'], ['district_code', 'char(6)', '行政区划代码', 'L1', 'FK district'], ['address', 'text', '现住址', 'L3', null, null, 'KEEP_FIRST_6'], ['updated_at', 'timestamp with time zone', '更新时间', 'L1']],
}
const commonColumns = (stem) => [['id', 'bigint', '主键', 'L1', 'PK'], [`${stem}_code`, 'varchar(32)', '编码', 'L1'], ['name', 'varchar(128)', '名称', 'L1'], ['status', 'smallint', '状态', 'L1'], ['amount', 'numeric(18,2)', '金额（元）', 'L2'], ['district_code', 'char(6)', '行政区划代码', 'L1', 'FK district'], ['contact_mobile', 'varchar(11)', '联系电话', 'L3', null, { kind: 'CN_MOBILE', share: 0.96 }, 'KEEP_FIRST_3_LAST_4'], ['created_at', 'timestamp with time zone', '创建时间', 'L1'], ['remark', 'text', null, 'L1']]
const lakeType = (type) => (/^(varchar|char|text)/.test(type) ? 'VARCHAR' : type.startsWith('numeric') ? type.toUpperCase().replace('NUMERIC', 'DECIMAL') : { bigint: 'BIGINT', smallint: 'INTEGER', date: 'DATE', 'timestamp with time zone': 'TIMESTAMPTZ' }[type] ?? type.toUpperCase())

export const resources = []
export const sources = []
export const runs = []

for (const [id, , , kind, tables] of plan) {
  if (!kind) continue
  const finished = id === 'transport' ? 26 * 60 : between(2, 90)
  const source = {
    id: `src-${id}`,
    name: id,
    title: `${byId[id].name}${kind === 'POSTGRES' ? '业务库' : '报送文件'}`,
    department: byId[id],
    kind,
    location: kind === 'POSTGRES' ? `jdbc:postgresql://10.20.3.${between(10, 90)}:5432/${id}` : `/srv/exchange/${id}`,
    username: kind === 'POSTGRES' ? 'qiantang_ro' : null,
    createdAt: at(60 * 24 * 30),
    lastRun: null,
    tables: tables.length,
    rows: 0,
  }
  sources.push(source)
  const objects = []
  for (const entry of tables) {
    const [stem, title] = entry.split(' ')
    const state = problems[`${id}/${stem}`] ?? 'COMPLETE'
    const rows = state === 'UNREADABLE' || state === 'FAILED' ? 0 : between(40, 1200) * between(3, stem.includes('hourly') || stem === 'payment' || stem === 'settlement_item' ? 160 : 40)
    const rejected = state === 'INCOMPLETE' ? between(3, 180) : 0
    const lakeTable = `raw_${id}.${kind === 'POSTGRES' ? `public__${stem}` : stem}`
    const columns = (columnsOf[stem] ?? commonColumns(stem)).map(([name, sourceType, comment, level, key, detected, mask]) => ({
      name,
      sourceName: name,
      type: lakeType(sourceType),
      sourceType: kind === 'POSTGRES' ? sourceType : 'text',
      comment,
      nullable: !key,
      key: key ?? null,
      level,
      detected: detected ?? null,
      mask: mask ?? null,
      nulls: key ? 0 : between(0, Math.max(1, rows / 50)),
      checksum: hex(32),
    }))
    const level = columns.some((c) => c.level === 'L4') ? 'L4' : columns.some((c) => c.level === 'L3') ? 'L3' : 'L2'
    const resource = {
      id: `res-${id}-${stem}`,
      lakeTable,
      name: kind === 'POSTGRES' ? `public.${stem}` : `${stem}.csv`,
      title,
      comment: `${title}，${byId[id].name}`,
      department: byId[id],
      source: { id: source.id, name: source.name },
      kind: kind === 'POSTGRES' ? 'TABLE' : 'FILE',
      rows,
      bytes: rows * between(60, 220),
      asOf: at(finished),
      completeness: state,
      level,
      columnsCount: columns.length,
      snapshotId: `90071992547${between(10000000, 99999999)}`,
      matched: [],
      columns,
      details: kind === 'POSTGRES' ? { 主键: columns.filter((c) => c.key === 'PK').map((c) => c.name).join(', '), 索引: String(between(1, 5)) } : { 编码: pick(['GB18030', 'UTF-8 (BOM)', 'UTF-8']), 分隔符: pick([',', '|', '\\t']), 表头: '第 1 行' },
      receipts: [],
      rejected,
    }
    resources.push(resource)
    source.rows += rows
    const reason = state === 'COMPLETE' ? null : { ...reasons[state], zh: reasons[state].zh.replace('{n}', rejected), en: reasons[state].en.replace('{n}', rejected) }
    objects.push({ kind: resource.kind, name: resource.name, lakeTable, state, rowsAtSource: state === 'UNREADABLE' ? null : state === 'FAILED' ? null : rows + rejected, rowsLanded: rows, rejected, bytes: resource.bytes, estimatedRows: rows, reason, startedAt: at(finished + 1), finishedAt: at(finished), resource })
  }
  if (kind === 'POSTGRES') objects.push({ kind: 'VIEW', name: `public.v_${id}_summary`, lakeTable: null, state: 'RECORDED', rowsAtSource: null, rowsLanded: 0, rejected: 0, bytes: 0, estimatedRows: null, reason: null, startedAt: null, finishedAt: null })
  for (let n = 3; n >= 0; n--) {
    const minutes = finished + n * 60 * 24
    const copied = objects.filter((o) => o.lakeTable)
    const bad = n === 0 || id === 'transport' ? copied.filter((o) => o.state !== 'COMPLETE').length : 0
    const rows = copied.reduce((sum, o) => sum + o.rowsLanded, 0)
    const run = {
      id: `run-${id}-${4 - n}`,
      sourceId: source.id,
      sourceName: source.name,
      departmentId: id,
      state: bad ? 'INCOMPLETE' : n === 2 && id === 'culture' ? 'CANCELLED' : 'COMPLETE',
      startedAt: at(minutes + 1.4),
      finishedAt: at(minutes),
      attempt: n === 1 && id === 'health' ? 2 : 1,
      position: kind === 'POSTGRES' ? `0/${hex(7).toUpperCase()}` : at(minutes + 1.4),
      tables: { found: copied.length, finished: copied.length, failed: bad },
      rows: n === 0 ? rows : Math.round(rows * (1 - n * 0.012)),
      rejected: n === 0 ? copied.reduce((sum, o) => sum + o.rejected, 0) : 0,
      bytes: copied.reduce((sum, o) => sum + o.bytes, 0),
      estimatedRows: rows,
      rowsPerSecond: between(80000, 420000),
      secondsLeft: null,
      message: null,
      objects: objects.map(({ resource: _resource, ...o }) => o),
    }
    runs.push(run)
    source.lastRun = run
    for (const object of copied) object.resource.receipts.unshift({ runId: run.id, at: run.finishedAt, verdict: run.state === 'COMPLETE' ? 'complete' : 'incomplete' })
  }
}
runs.sort((a, b) => b.startedAt.localeCompare(a.startedAt))

export const summary = ({ objects: _objects, ...run }) => run

/** Starts a run that goes on by itself and ends complete. */
export function startRun(source, secondsInAll = 60) {
  const tables = resources.filter((r) => r.source.id === source.id)
  const total = Math.max(
    1,
    tables.reduce((sum, t) => sum + t.rows, 0),
  )
  const objects = tables.map((t) => ({ kind: t.kind, name: t.name, lakeTable: t.lakeTable, state: 'WAITING', rowsAtSource: null, rowsLanded: 0, rejected: 0, bytes: 0, estimatedRows: t.rows, reason: null, startedAt: null, finishedAt: null, goal: t }))
  const run = {
    id: `run-${source.name}-${Date.now()}`,
    sourceId: source.id,
    sourceName: source.name,
    departmentId: source.department.id,
    state: 'RUNNING',
    startedAt: new Date().toISOString(),
    finishedAt: null,
    attempt: 1,
    position: `0/${hex(7).toUpperCase()}`,
    tables: { found: tables.length, finished: 0, failed: 0 },
    rows: 0,
    rejected: 0,
    bytes: 0,
    estimatedRows: total,
    rowsPerSecond: null,
    secondsLeft: null,
    message: null,
    objects,
  }
  const start = Date.now()
  run.step = () => {
    if (run.state === 'CANCELLING') {
      for (const o of objects) if (['WAITING', 'READING', 'VERIFYING'].includes(o.state)) o.state = 'CANCELLED'
      run.state = 'CANCELLED'
      run.finishedAt = new Date().toISOString()
      return
    }
    if (run.state !== 'RUNNING') return
    const share = Math.min(1, (Date.now() - start) / (secondsInAll * 1000))
    let rest = share * total
    for (const o of objects) {
      const size = o.goal.rows
      const done = Math.min(size, Math.max(0, Math.floor(rest)))
      rest -= size
      if (share >= 1 || rest > size * 0.2) {
        const state = o.goal.completeness === 'FAILED' ? 'COMPLETE' : o.goal.completeness
        if (o.state !== state) Object.assign(o, { state, rowsLanded: size, rowsAtSource: size + o.goal.rejected, rejected: o.goal.rejected, bytes: o.goal.bytes, finishedAt: new Date().toISOString(), reason: state === 'COMPLETE' ? null : { ...reasons[state], zh: reasons[state].zh.replace('{n}', o.goal.rejected), en: reasons[state].en.replace('{n}', o.goal.rejected) } })
      } else if (rest >= 0) Object.assign(o, { state: 'VERIFYING', rowsLanded: size, bytes: o.goal.bytes })
      else if (done > 0) Object.assign(o, { state: 'READING', rowsLanded: done, bytes: Math.floor((o.goal.bytes * done) / Math.max(1, size)), startedAt: o.startedAt ?? new Date().toISOString() })
    }
    const over = (o) => ['COMPLETE', 'INCOMPLETE', 'UNREADABLE', 'FAILED'].includes(o.state)
    run.tables.finished = objects.filter(over).length
    run.tables.failed = objects.filter((o) => over(o) && o.state !== 'COMPLETE').length
    run.rows = objects.reduce((sum, o) => sum + o.rowsLanded, 0)
    run.bytes = objects.reduce((sum, o) => sum + o.bytes, 0)
    run.rejected = objects.reduce((sum, o) => sum + o.rejected, 0)
    run.rowsPerSecond = Math.round(run.rows / Math.max(0.5, (Date.now() - start) / 1000))
    run.secondsLeft = Math.round(secondsInAll * (1 - share))
    if (share >= 1) {
      run.state = run.tables.failed ? 'INCOMPLETE' : 'COMPLETE'
      run.finishedAt = new Date().toISOString()
      run.secondsLeft = null
    }
  }
  run.step()
  runs.unshift(run)
  source.lastRun = run
  return run
}

export function overview(now = new Date()) {
  const active = runs.filter((r) => ['QUEUED', 'RUNNING', 'CANCELLING'].includes(r.state))
  const list = departments.map((d) => {
    const mine = resources.filter((r) => r.department.id === d.id)
    const own = sources.filter((s) => s.department.id === d.id)
    const complete = mine.filter((r) => r.completeness === 'COMPLETE').length
    return {
      ...d,
      sources: own.length,
      tables: mine.length,
      completeTables: complete,
      rows: mine.reduce((sum, r) => sum + r.rows, 0),
      rejected: mine.reduce((sum, r) => sum + r.rejected, 0),
      bytes: mine.reduce((sum, r) => sum + r.bytes, 0),
      completeness: mine.length ? complete / mine.length : null,
      lastFinishedAt: mine[0]?.asOf ?? null,
      state: !mine.length ? 'NEVER' : mine.some((r) => r.completeness === 'FAILED') ? 'FAILED' : complete < mine.length ? 'INCOMPLETE' : 'COMPLETE',
      running: active.some((r) => r.departmentId === d.id),
      tablesState: mine.map((r) => ({ resourceId: r.id, name: r.title, state: r.completeness, rows: r.rows, rejected: r.rejected })),
    }
  })
  const sum = (key) => list.reduce((total, d) => total + d[key], 0)
  return {
    asOf: now.toISOString(),
    installation: { name: '杭州', trial: true },
    city: { departments: list.length, sources: sources.length, tables: sum('tables'), completeTables: sum('completeTables'), rows: sum('rows'), rejected: sum('rejected'), bytes: sum('bytes'), completeness: sum('tables') ? sum('completeTables') / sum('tables') : null },
    departments: list,
    running: active.map(summary),
    attention: sources.length
      ? [
          { kind: 'RUN_INCOMPLETE', departmentId: 'transport', sourceId: 'src-transport', runId: 'run-transport-4', zh: '市交通运输局：公交轨迹归集失败，文件在第 48,213 行中断', en: 'Transport Bureau: bus tracks failed, the file breaks off after line 48,213', at: at(26 * 60) },
          { kind: 'RUN_INCOMPLETE', departmentId: 'civil', sourceId: 'src-civil', runId: 'run-civil-4', zh: '市民政局：账号无权读取“婚姻登记”', en: 'Civil Affairs Bureau: the account may not read marriage registrations', at: at(40) },
          { kind: 'ROWS_REJECTED', departmentId: 'health', sourceId: 'src-health', runId: 'run-health-4', zh: '市卫生健康委：“检查报告”有行被拒收', en: 'Health Commission: rows of exam reports were rejected', at: at(70) },
          { kind: 'ROWS_REJECTED', departmentId: 'culture', sourceId: 'src-culture', runId: 'run-culture-4', zh: '市文广旅游局：“预约”有行被拒收', en: 'Culture and Tourism Bureau: rows of bookings were rejected', at: at(85) },
          { kind: 'NEVER_COLLECTED', departmentId: 'meteorology', sourceId: null, runId: null, zh: '市气象局还没有接入数据源', en: 'Meteorology Bureau has no source connected yet', at: at(60 * 24 * 3) },
        ]
      : [],
    history: Array.from({ length: 30 }, (_, i) => ({ at: new Date(NOW - (29 - i) * 86_400_000).toISOString(), rows: Math.round(sum('rows') * (0.62 + i * 0.013 - (i === 17 ? 0.2 : 0))), tables: 64 - (i < 9 ? 11 : 0) })).filter((_, i) => i !== 12),
  }
}

export function receipt(run) {
  const source = sources.find((s) => s.id === run.sourceId)
  const objects = run.objects.map((o) => {
    const resource = resources.find((r) => r.lakeTable === o.lakeTable)
    return {
      kind: o.kind,
      schema: o.name.includes('.') && o.kind !== 'FILE' ? 'public' : '',
      name: o.name.replace(/^public\./, ''),
      lakeTable: o.lakeTable,
      state: o.state,
      reason: o.reason,
      rowsAtSource: o.rowsAtSource,
      rowsLanded: o.rowsLanded,
      rowsRejected: o.rejected,
      valuesRejected: 0,
      bytes: o.bytes,
      snapshotId: resource?.snapshotId ?? null,
      committedAt: o.finishedAt,
      position: run.position,
      startedAt: o.startedAt,
      finishedAt: o.finishedAt,
      columns: o.rowsLanded && resource ? resource.columns.map((c) => ({ name: c.sourceName, lakeName: c.name, sourceType: c.sourceType, type: c.type, nulls: c.nulls, checksumRead: c.checksum, checksumWritten: c.checksum })) : [],
      details: {},
    }
  })
  const tables = objects.filter((o) => o.lakeTable)
  return {
    receipt: {
      version: 1,
      installation: 'hangzhou-trial',
      keyFingerprint: 'SHA256:' + 'nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8',
      runId: run.id,
      source: { name: source.name, title: source.title, kind: source.kind, location: source.location, department: source.department.id },
      attempts: [{ startedAt: run.startedAt, finishedAt: run.finishedAt, position: run.position }],
      position: run.position,
      startedAt: run.startedAt,
      finishedAt: run.finishedAt,
      objects,
      totals: { objects: objects.length, tables: tables.length, completeTables: tables.filter((o) => o.state === 'COMPLETE').length, rowsAtSource: tables.reduce((s, o) => s + (o.rowsAtSource ?? 0), 0), rowsLanded: tables.reduce((s, o) => s + o.rowsLanded, 0), rowsRejected: tables.reduce((s, o) => s + o.rowsRejected, 0), bytes: tables.reduce((s, o) => s + o.bytes, 0) },
      verdict: run.state === 'COMPLETE' ? 'complete' : 'incomplete',
      missing: run.objects.filter((o) => o.lakeTable && o.state !== 'COMPLETE').map((o) => ({ object: o.name, code: o.reason?.code ?? 'collect.cancelled', reason: o.reason?.zh ?? '已取消' })),
    },
    signature: { algorithm: 'Ed25519', publicKey: 'MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=', value: hex(128) },
  }
}

export function rejects(run) {
  const items = []
  for (const o of run.objects)
    for (let i = 0; i < o.rejected; i++) {
      const line = 120 + i * 37
      items.push(
        i % 3 === 0
          ? { object: o.name, where: `${o.name}:${line}`, column: 'exam_date', code: 'collect.value_not_a_date', reason: '“2026-02-30” 不是日期', raw: `33010${i},${person()},2026-02-30,胸部 CT,"双肺纹理增多，
未见明显实变"` }
          : { object: o.name, where: `${o.name}:${line}`, column: null, code: 'collect.row_ragged', reason: '这一行有 14 个字段，表头有 12 个', raw: `3301060${i},${person()},2026-03-1${i % 9},检查,,,,,,,,多出,的,字段` },
      )
    }
  return items
}

const masked = (column, value) => (column.mask === 'KEEP_FIRST_6_LAST_4' ? `${value.slice(0, 6)}********${value.slice(-4)}` : column.mask === 'KEEP_FIRST' ? `${value[0]}**` : column.mask === 'KEEP_FIRST_3_LAST_4' ? `${value.slice(0, 3)}****${value.slice(-4)}` : column.mask ? `${value.slice(0, 6)}******` : value)
export function cellOf(column, i, masks) {
  const raw = { id_number: `3301${between(1, 14).toString().padStart(2, '0')}19${between(50, 99)}0${between(1, 9)}1${between(0, 9)}${between(1000, 9999)}`, name: column.comment === '姓名' ? person() : `${pick(['西湖', '拱墅', '余杭', '萧山', '滨江'])}${pick(['第一', '中心', '东部', '文新'])}${between(1, 90)} 号`, gender: pick(['1', '2']), mobile: `13${between(100000000, 999999999)}`, contact_mobile: `13${between(100000000, 999999999)}`, birth_date: `19${between(50, 99)}-0${between(1, 9)}-1${between(0, 9)}`, district_code: pick(['330102', '330106', '330110', '330109']), address: `杭州市${pick(['西湖区文三路', '拱墅区湖墅南路', '余杭区文一西路'])}${between(1, 400)} 号`, updated_at: '2026-11-22 03:14:07+08', created_at: '2026-11-20 11:02:45+08', amount: `${between(100, 90000)}.${between(10, 99)}`, nation: '01' }[column.name]
  const value = raw ?? (column.type === 'BIGINT' || column.type === 'INTEGER' ? String(1000 + i) : `${column.name}-${1000 + i}`)
  if (column.nullable && i % 11 === 7) return null
  return masks ? masked(column, value) : value
}
