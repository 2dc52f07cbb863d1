import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import RejectsPage from '../../src/modules/sources/RejectsPage.vue'
import VerificationCard from '../../src/modules/sources/VerificationCard.vue'
import { chooseLocale } from '../../src/i18n'
import { Hub, json, mountPage, refusal } from './mounting'

const FOUND = {
  id: 'v-1',
  sourceId: 's-1',
  sourceName: 'permits',
  state: 'DIFFERENT',
  values: true,
  aim: 'REPAIR',
  queuedAt: '2026-11-27T00:00:00Z',
  queuedBy: 'engineer',
  startedAt: '2026-11-27T00:00:00Z',
  finishedAt: '2026-11-27T00:01:00Z',
  position: 'lsn 0/1',
  totals: { found: 2, compared: 2, equal: 1, different: 1, notCompared: 0, differing: 2, repaired: 2, toBeCollected: 0 },
  progress: null,
  repairRun: null,
  message: null,
}
const TABLES = [
  { object: 'public.same', lakeName: 'public__same', state: 'EQUAL', repair: 'NONE', samePosition: true, rows: [], columns: [], missing: null, extra: null, different: null, reasonCode: null },
  {
    object: 'public.person',
    lakeName: 'public__person',
    state: 'DIFFERENT',
    repair: 'ROWS_REPAIRED',
    samePosition: false,
    missing: 1,
    extra: 0,
    different: 1,
    reasonCode: null,
    columns: [],
    rows: [
      { kind: 'MISSING', key: [{ column: 'id', shown: true, source: '7', lake: null }], cells: [] },
      { kind: 'DIFFERENT', key: [{ column: 'id', shown: true, source: '8', lake: '8' }], cells: [{ column: 'name', shown: false, source: null, lake: null }] },
    ],
  },
]

describe('a verification', () => {
  let hub: Hub
  beforeEach(() => {
    chooseLocale('zh-CN')
    document.body.innerHTML = ''
    hub = new Hub().install()
  })
  it('says what differed, and never what is masked', async () => {
    hub.on('GET', /verifications$/, () => json([FOUND])).on('GET', /verifications\/v-1$/, () => json({ ...FOUND, tables: TABLES }))
    const { wrapper } = await mountPage(VerificationCard, { props: { source: 's-1' } })
    expect(wrapper.get('[data-testid=verification-state]').text()).toContain('有差异')
    await wrapper.get('[data-testid=verification-details]').trigger('click')
    await flushPromises()
    const tables = wrapper.findAll('[data-testid=verification-table]')
    expect(tables).toHaveLength(1)
    expect(tables[0]!.text()).toContain('湖中缺 id=7')
    expect(tables[0]!.text()).toContain('name: （脱敏） ≠ （脱敏）')
    expect(tables[0]!.text()).toContain('已逐行修复')
  })
  it('is started as asked, once', async () => {
    hub.on('GET', /verifications$/, () => json([])).on('POST', /verification$/, () => json(FOUND, 202))
    const { wrapper } = await mountPage(VerificationCard, { props: { source: 's-1' } })
    const button = wrapper.get('[data-testid=verify-values]')
    await Promise.all([button.trigger('click'), button.trigger('click')])
    await flushPromises()
    const posts = hub.calls.filter((call) => call.method === 'POST')
    expect(posts).toHaveLength(1)
    expect(posts[0]!.body).toEqual({ values: true, aim: 'REPAIR' })
  })
  it('of which one only wants to look changes nothing, and says so before and after', async () => {
    hub
      .on('GET', /verifications$/, () => json([{ ...FOUND, aim: 'LOOK', totals: { ...FOUND.totals, repaired: 0 } }]))
      .on('POST', /verification$/, () => json(FOUND, 202))
    const { wrapper } = await mountPage(VerificationCard, { props: { source: 's-1' } })
    expect(wrapper.get('[data-testid=verification-state]').text()).toContain('只看，没有改动')
    expect(wrapper.text()).not.toContain('重新归集的表')
    await wrapper.get('[data-testid=verify-look] input').setValue(true)
    expect(wrapper.text()).toContain('湖里的数据一行不改')
    await wrapper.get('[data-testid=verify-counts]').trigger('click')
    await flushPromises()
    expect(hub.calls.find((call) => call.method === 'POST')?.body).toEqual({ values: false, aim: 'LOOK' })
  })
  it('can be stopped while it goes on', async () => {
    hub.on('GET', /verifications$/, () => json([{ ...FOUND, state: 'RUNNING', finishedAt: null }])).on('POST', /cancel$/, () => json(FOUND, 202))
    const { wrapper } = await mountPage(VerificationCard, { props: { source: 's-1' } })
    expect(wrapper.find('[data-testid=verify-values]').exists()).toBe(false)
    await wrapper.get('[data-testid=verify-stop]').trigger('click')
    await flushPromises()
    expect(hub.of('POST', /verifications\/v-1\/cancel$/)).toBe(1)
  })
})

const REJECT = {
  object: 'people.csv',
  where: 'line 3',
  column: '',
  code: 'collect.ragged_row',
  reason: '3 fields instead of 2',
  raw: '2,李芳,x',
  firstAt: '2026-11-26T00:00:00Z',
  lastAt: '2026-11-27T00:00:00Z',
  runs: 2,
  state: 'OPEN',
  replay: null,
}

describe('the rejects of a source', () => {
  let hub: Hub
  beforeEach(() => {
    chooseLocale('zh-CN')
    document.body.innerHTML = ''
    hub = new Hub()
      .install()
      .on('GET', /sources\/s-1$/, () => json({ id: 's-1', name: 'permits', title: '许可', department: { id: 'd', name: '局', nameEn: 'B' } }))
      .on('GET', /rejects\/counts$/, () => json([{ object: 'people.csv', code: 'collect.ragged_row', open: 1, settled: 0 }]))
      .on('GET', /rejects\?/, () => json({ total: 1, items: [REJECT] }))
  })
  const open = () => mountPage(RejectsPage, { route: '/sources/:id/rejects', at: '/sources/s-1/rejects' })
  it('are listed with their text and state', async () => {
    const { wrapper } = await open()
    expect(wrapper.get('[data-testid=rejects-total]').text()).toBe('共 1 条')
    expect(wrapper.text()).toContain('2,李芳,x')
    expect(wrapper.text()).toContain('未处理')
  })
  it('are replayed by a run, to which one is taken', async () => {
    hub.on('POST', /replay$/, () => json({ run: { id: 'run-9' }, messages: null }, 202))
    const { wrapper, router } = await open()
    await wrapper.get('[data-testid=replay]').trigger('click')
    await flushPromises()
    expect(hub.calls.find((call) => call.method === 'POST')?.body).toEqual({ object: '', code: '' })
    expect(router.currentRoute.value.path).toBe('/runs/run-9')
  })
  it('of events are replayed on the spot, and it says what became of them', async () => {
    hub.on('POST', /replay$/, () => json({ run: null, messages: { read: 3, taken: 2 } }, 202))
    const { wrapper, router } = await open()
    await wrapper.get('[data-testid=replay]').trigger('click')
    await flushPromises()
    expect(router.currentRoute.value.path).toBe('/sources/s-1/rejects')
    expect(wrapper.get('[data-testid=replayed]').text()).toContain('重读 3 条：2 条现在是事件，几秒内入湖；1 条仍读不懂')
    expect(hub.of('GET', /rejects\/counts$/)).toBe(2)
  })
  it('are cards on a phone, each with its whole text', async () => {
    const wide = globalThis.matchMedia
    globalThis.matchMedia = ((query: string) => ({ matches: true, media: query, addEventListener() {}, removeEventListener() {} })) as unknown as typeof matchMedia
    try {
      const { wrapper } = await open()
      expect(wrapper.find('[role=grid]').exists()).toBe(false)
      expect(wrapper.get('[data-testid=reject-cards]').text()).toContain('people.csv · line 3')
      expect(wrapper.get('[data-testid=reject-cards] pre').text()).toBe('2,李芳,x')
    } finally {
      globalThis.matchMedia = wide
    }
  })
  it('stay on the page when they cannot be replayed', async () => {
    hub.on('POST', /replay$/, () => refusal(409, 'collect.already_running'))
    const { wrapper } = await open()
    await wrapper.get('[data-testid=replay]').trigger('click')
    await flushPromises()
    expect(wrapper.text()).toContain('collect.already_running')
    expect(wrapper.text()).toContain('2,李芳,x')
  })
})
