import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import type { EntryDetail, EntryStatement } from '@qiantang/api'
import { chooseLocale } from '../../src/i18n'
import DirectoryPage from '../../src/modules/directory/DirectoryPage.vue'
import ImportDialog from '../../src/modules/directory/ImportDialog.vue'
import SourcesOfDataPage from '../../src/modules/directory/SourcesOfDataPage.vue'
import EntryPage from '../../src/modules/directory/EntryPage.vue'
import { differences, hasGap, joinClassification, splitClassification } from '../../src/modules/directory/statement'
import ItemDialog from '../../src/modules/ledger/ItemDialog.vue'
import LedgerPage from '../../src/modules/ledger/LedgerPage.vue'
import ProjectPage from '../../src/modules/ledger/ProjectPage.vue'
import { Hub, json, mountPage, refusal } from './mounting'

const STATEMENT: EntryStatement = {
  classification: '306001',
  title: '机动车登记',
  providerUscc: null,
  summary: '登记的机动车',
  theme: null,
  format: 'DATABASE',
  items: [{ name: '号牌号码', column: 'plate', type: 'C' }],
  shareClass: 'CONDITIONAL',
  shareCondition: null,
  shareMode: 'API',
  openClass: 'FORBIDDEN',
  openCondition: null,
  updateCycle: 'DAILY',
  relatedResourceCodes: [],
}
const ENTRY: EntryDetail = {
  id: 'e1',
  resource: 'r1',
  provider: { id: 'police', name: '公安局', nameEn: 'Police' },
  state: 'DRAFT',
  revision: 3,
  discovered: false,
  statement: STATEMENT,
  resourceCode: null,
  version: 0,
  publishedOn: null,
  submittedBy: null,
  changedAt: '2026-11-20T02:00:00Z',
  changedBy: 'shen',
  violations: [{ code: 'directory.share_condition_missing', field: 'shareCondition', zh: '有条件共享须写明共享条件', en: 'state the condition' }],
  acts: ['EDIT', 'SUBMIT'],
  events: [],
  data: [],
}

let hub: Hub
beforeEach(() => {
  chooseLocale('zh-CN')
  document.body.innerHTML = ''
  hub = new Hub().install()
  hub.on('GET', /departments/, () => json([ENTRY.provider]))
  hub.on('GET', /versions/, () => json([]))
  hub.on('GET', /directory\/e1$/, () => json(ENTRY))
})
const open = async (entry: EntryDetail = ENTRY) => {
  hub.on('GET', /directory\/e1$/, () => json(entry))
  return (await mountPage(EntryPage, { route: '/directory/:id', at: '/directory/e1' })).wrapper
}

describe('two statements', () => {
  it('differ field by field and item by item', () => {
    const after: EntryStatement = { ...STATEMENT, title: '车辆', items: [{ name: '号牌号码', column: 'plate', type: 'M' }, { name: '颜色', column: null, type: 'C' }] }
    expect(differences(STATEMENT, after)).toEqual([
      { field: 'title', before: '机动车登记', after: '车辆' },
      { field: 'items', item: '号牌号码', before: 'C', after: 'M' },
      { field: 'items', item: '颜色', before: '', after: 'C' },
    ])
    expect(differences(STATEMENT, { ...STATEMENT })).toEqual([])
    expect(differences(STATEMENT, { ...STATEMENT, items: [{ name: '号牌号码', column: 'hphm', type: 'C' }] })).toEqual([{ field: 'itemColumn', item: '号牌号码', before: 'plate', after: 'hphm' }])
  })
  it('keep a classification that is split and joined', () => {
    expect(splitClassification('30600112')).toEqual({ kind: '3', item: '06', part: '001', detail: '12' })
    expect(joinClassification(splitClassification('30600112'))).toBe('30600112')
  })
  it('keep the later digits of a classification in their place while earlier ones are missing', () => {
    for (const parts of [
      { kind: '3', item: '', part: '001', detail: '' },
      { kind: '', item: '06', part: '', detail: '7' },
      { kind: '3', item: '0', part: '001', detail: '12' },
    ]) {
      const text = joinClassification(parts)
      expect(splitClassification(text)).toEqual(parts)
      expect(hasGap(text)).toBe(true)
    }
    expect(hasGap('306001')).toBe(false)
    expect(joinClassification({ kind: '3', item: '0', part: '', detail: '' })).toBe('30')
  })
})

describe('an entry', () => {
  it('says what is wrong at the field that it is wrong in', async () => {
    const page = await open()
    expect(page.get('[data-testid=wrong-shareCondition]').text()).toContain('须写明共享条件')
    expect(page.get('[data-testid=todo]').text()).toContain('1')
  })
  it('offers what the person may do and nothing else', async () => {
    const page = await open({ ...ENTRY, acts: ['TAKE'], state: 'SUBMITTED' })
    expect(page.find('[data-testid=act-TAKE]').exists()).toBe(true)
    expect(page.find('[data-testid=save]').exists()).toBe(false)
    expect(page.find('[data-testid=wrong-shareCondition]').exists()).toBe(false)
    expect(page.find('[data-testid=field-title]').exists()).toBe(false)
    expect(page.get('[data-testid=step-1]').text()).toContain(page.get('h1').text())
  })
  it('shows both states when somebody else was faster, and keeps what was written', async () => {
    hub.on('PUT', /directory\/e1$/, () => refusal(409, 'directory.changed_meanwhile', { current: { ...ENTRY, revision: 4, changedBy: 'lin', statement: { ...STATEMENT, title: '对方的标题' } } }))
    const page = await open()
    await page.get('input[data-testid=field-title]').setValue('我的标题')
    await page.get('[data-testid=save]').trigger('click')
    await flushPromises()
    const box = page.get('[data-testid=conflict]').text()
    expect(box).toContain('lin')
    expect(box).toContain('对方的标题')
    expect(box).toContain('我的标题')

    hub.on('PUT', /directory\/e1$/, () => json({ ...ENTRY, revision: 5, statement: { ...STATEMENT, title: '我的标题' } }))
    await page.get('[data-testid=keep-mine]').trigger('click')
    await flushPromises()
    expect(hub.calls.at(-1)?.body).toMatchObject({ revision: 4, statement: { title: '我的标题' } })
    expect(page.find('[data-testid=conflict]').exists()).toBe(false)
  })
  it('leaves the digits of a classification in the boxes that they were written in', async () => {
    const page = await open()
    await page.get('input[data-testid=field-classification-item]').setValue('')
    expect((page.get('input[data-testid=field-classification-part]').element as HTMLInputElement).value).toBe('001')
    expect((page.get('input[data-testid=field-classification-item]').element as HTMLInputElement).value).toBe('')
    expect(page.get('[data-testid=wrong-classification]').text()).toContain('空缺')
  })
  it('shows what an entry is now when somebody was faster with a step, and has nothing to keep', async () => {
    const submitted: EntryDetail = { ...ENTRY, state: 'SUBMITTED', acts: ['TAKE'] }
    hub.on('POST', /directory\/e1\/take$/, () => {
      hub.on('GET', /directory\/e1$/, () => json({ ...submitted, revision: 4, state: 'UNDER_REVIEW', changedBy: 'wu', acts: [] }))
      return refusal(409, 'directory.changed_meanwhile', { current: { ...submitted, revision: 4, changedBy: 'wu' } })
    })
    const page = await open(submitted)
    await page.get('[data-testid=act-TAKE]').trigger('click')
    await flushPromises()
    expect(page.find('[data-testid=keep-mine]').exists()).toBe(false)
    expect(page.get('[data-testid=meanwhile]').text()).toContain('wu')
    expect(page.get('[data-testid=entry-page]').text()).toContain('审核中')
    expect(hub.of('PUT', /e1$/)).toBe(0)
  })
  it('is discarded only after a question', async () => {
    hub.on('POST', /directory\/e1\/discard$/, () => json({ ...ENTRY, state: 'RETIRED', acts: [] }))
    const page = await open({ ...ENTRY, resource: null, acts: ['EDIT', 'SUBMIT', 'DISCARD'] })
    await page.get('[data-testid=act-DISCARD]').trigger('click')
    await flushPromises()
    expect(hub.of('POST', /discard$/)).toBe(0)
    ;(document.body.querySelector('[data-testid=confirm]') as HTMLElement).click()
    await flushPromises()
    expect(hub.calls.find((call) => call.path.endsWith('/discard'))?.body).toMatchObject({ revision: 3 })
  })
  it('is stated anew by its own department when it was retired', async () => {
    const retired = { ...ENTRY, resource: 'r1', state: 'RETIRED' as const, acts: [] }
    hub.on('GET', /directory\/e1$/, () => json(retired))
    hub.on('POST', /\/api\/directory$/, () => json({ ...retired, id: 'e2', state: 'DRAFT' }))
    const at = { route: '/directory/:id', at: '/directory/e1' }
    const other = await mountPage(EntryPage, { ...at, person: { roles: ['OFFICER'], department: { id: 'else', name: '别的部门', nameEn: 'Another' } } })
    expect(other.wrapper.find('[data-testid=state-anew]').exists()).toBe(false)
    const { wrapper, router } = await mountPage(EntryPage, { ...at, person: { roles: ['OFFICER'], department: ENTRY.provider } })
    await wrapper.get('[data-testid=state-anew]').trigger('click')
    await flushPromises()
    expect(hub.calls.find((call) => call.method === 'POST' && call.path.endsWith('/api/directory'))?.body).toMatchObject({ resource: 'r1', statement: ENTRY.statement })
    expect(router.currentRoute.value.path).toBe('/directory/e2')
  })
  it('saves what was written before it submits it', async () => {
    const ready = { ...ENTRY, violations: [] }
    hub.on('PUT', /directory\/e1$/, () => json({ ...ready, revision: 4, statement: { ...STATEMENT, title: '新' } }))
    hub.on('POST', /directory\/e1\/submit$/, () => json({ ...ready, revision: 5, state: 'SUBMITTED', acts: [] }))
    const page = await open(ready)
    await page.get('input[data-testid=field-title]').setValue('新')
    await page.get('[data-testid=act-SUBMIT]').trigger('click')
    await flushPromises()
    expect(hub.calls.slice(-2).map((call) => call.method)).not.toContain('GET')
    expect(hub.of('PUT', /e1$/)).toBe(1)
    expect(hub.calls.find((call) => call.path.endsWith('/submit'))?.body).toMatchObject({ revision: 4 })
  })
})

describe('the directory', () => {
  it('tells how many entries each condition leaves', async () => {
    hub.on('GET', /api\/directory\?/, () =>
      json({
        total: 1,
        items: [{ id: 'e1', title: '机动车登记', provider: ENTRY.provider, state: 'PUBLISHED', discovered: false, resourceCode: '306001/1', shareClass: 'CONDITIONAL', theme: null, version: 2, changedAt: ENTRY.changedAt, changedBy: 'wu' }],
        facets: [{ name: 'state', value: 'PUBLISHED', count: 1 }],
      }),
    )
    const { wrapper } = await mountPage(DirectoryPage)
    expect(wrapper.get('[data-testid=directory-count]').text()).toContain('1')
    expect(wrapper.get('[data-testid="entry-机动车登记"]').text()).toContain('306001/1')
    expect(wrapper.get('[data-testid=dcat-TURTLE]').attributes('href')).toBe('/api/directory/dcat?form=TURTLE')
  })
  it('lists for the bureau what is published too openly', async () => {
    hub.on('GET', /api\/directory\?/, () => json({ total: 0, items: [], facets: [] }))
    const { wrapper } = await mountPage(DirectoryPage)
    await wrapper.get('[data-testid=too-open]').trigger('click')
    await flushPromises()
    expect(hub.calls.at(-1)?.path).toContain('concern=TOO_OPEN')
    const other = await mountPage(DirectoryPage, { person: { roles: ['OFFICER'] } })
    expect(other.wrapper.find('[data-testid=too-open]').exists()).toBe(false)
  })
  it('teaches the next step while it is empty', async () => {
    hub.on('GET', /api\/directory\?/, () => json({ total: 0, items: [], facets: [] }))
    const { wrapper } = await mountPage(DirectoryPage)
    expect(wrapper.get('[data-testid=empty-state]').text()).toContain('归集')
  })
})

describe('a filled form', () => {
  it('is compared before it is taken, and says what is wrong at its line', async () => {
    const report = { dryRun: true, added: 1, changed: 0, same: 3, wrong: 1, rows: [
      { line: 2, title: '新的', outcome: 'NEW', entry: null, changes: [], faults: [] },
      { line: 4, title: '改了的', outcome: 'CHANGED', entry: 'e1', changes: ['信息资源摘要', '更新周期'], faults: [] },
      { line: 6, title: '写错的', outcome: 'WRONG', entry: null, changes: [], faults: [{ code: 'directory.form_word_unknown', line: 7, column: '共享类型', zh: '不在可填范围内', en: 'none of' }] },
    ] }
    hub.on('POST', /import\?dryRun=true/, () => json(report))
    hub.on('POST', /import\?dryRun=false/, () => json({ ...report, dryRun: false }))
    await mountPage(ImportDialog)
    const input = document.body.querySelector('[data-testid=form-file]') as HTMLInputElement
    Object.defineProperty(input, 'files', { value: [new File(['x'], 'form.csv')] })
    input.dispatchEvent(new Event('change'))
    await flushPromises()
    expect(document.body.textContent).toContain('第 7 行“共享类型”')
    expect(document.body.textContent).toContain('信息资源摘要、更新周期')
    expect(hub.of('POST', /dryRun=false/)).toBe(0)
    ;(document.body.querySelector('[data-testid=form-take]') as HTMLElement).click()
    await flushPromises()
    expect(hub.of('POST', /dryRun=false/)).toBe(1)
    expect(document.body.querySelector('[data-testid=form-take]')).toBeNull()
  })
})

describe('one item, one source', () => {
  const claim = (entry: string, item: string, title: string) => ({ entry, item, title, department: ENTRY.provider, column: null, content: null, updateCycle: 'DAILY', shareClass: 'CONDITIONAL' })
  it('is named by a person, with a reason, among what stands side by side', async () => {
    hub.on('GET', /api\/data$/, () => json([]))
    hub.on('GET', /api\/data\/candidates/, () => json([{ name: '姓名', likeness: 'SAME_NAME', datum: null, claims: [claim('e1', '姓名', '常住人口'), claim('e2', '姓 名', '患者')] }]))
    hub.on('POST', /api\/data$/, () => json({ id: 'd1', name: '姓名', subject: '自然人', claims: [], authority: null }, 201))
    const { wrapper } = await mountPage(SourcesOfDataPage)
    await wrapper.get('[data-testid=candidate-姓名] button').trigger('click')
    expect(wrapper.get('[data-testid=source-name]').attributes('disabled')).toBeDefined()
    await wrapper.findAll('input[type=radio]')[1]?.setValue(true)
    await wrapper.get('input[data-testid=subject]').setValue('自然人')
    await wrapper.get('textarea[data-testid=source-words]').setValue('法定来源')
    await wrapper.get('[data-testid=source-name]').trigger('click')
    await flushPromises()
    expect(hub.calls.find((call) => call.method === 'POST')?.body).toEqual({ name: '姓名', subject: '自然人', claims: [{ entry: 'e1', item: '姓名' }, { entry: 'e2', item: '姓 名' }], authority: { entry: 'e2', item: '姓 名' }, words: '法定来源' })
  })
  const named = (standing: string) => ({ id: 'd1', name: '姓名', subject: '自然人', claims: [claim('e1', '姓名', '常住人口'), claim('e2', '姓 名', '患者')], authority: { entry: 'e1', title: '常住人口', item: '姓名', since: ENTRY.changedAt, namedBy: 'wu', words: 'x', standing } })
  it('may be another datum of the same name', async () => {
    hub.on('GET', /api\/data$/, () => json([named('HELD')]))
    hub.on('GET', /api\/data\/candidates/, () => json([{ name: '姓名', likeness: 'SAME_NAME', datum: 'd1', claims: [claim('e3', '姓名', '企业法人')] }]))
    hub.on('POST', /api\/data$/, () => json({ ...named('HELD'), id: 'd2' }, 201))
    const { wrapper } = await mountPage(SourcesOfDataPage)
    await wrapper.get('[data-testid=another]').trigger('click')
    await wrapper.get('input[type=radio]').setValue(true)
    await wrapper.get('input[data-testid=subject]').setValue('法人')
    await wrapper.get('textarea[data-testid=source-words]').setValue('登记机关')
    await wrapper.get('[data-testid=source-name]').trigger('click')
    await flushPromises()
    expect(hub.calls.find((call) => call.method === 'POST')?.body).toMatchObject({ subject: '法人', claims: [{ entry: 'e3', item: '姓名' }] })
  })
  it('lets go of an item with a reason, never of the source, and says when that is gone', async () => {
    hub.on('GET', /api\/data$/, () => json([named('ITEM_GONE')]))
    hub.on('GET', /api\/data\/candidates/, () => json([]))
    hub.on('POST', /d1\/withdrawals$/, () => json(named('ITEM_GONE')))
    const { wrapper } = await mountPage(SourcesOfDataPage)
    expect(wrapper.get('[data-testid=gone]').text()).toContain('常住人口')
    expect(wrapper.findAll('[data-testid=withdraw]')).toHaveLength(1)
    await wrapper.get('[data-testid=withdraw]').trigger('click')
    await flushPromises()
    const words = document.body.querySelector('textarea[data-testid=withdraw-words]') as HTMLTextAreaElement
    words.value = '误认'
    words.dispatchEvent(new Event('input'))
    await flushPromises()
    ;(document.body.querySelector('[data-testid=withdraw-confirm]') as HTMLElement).click()
    await flushPromises()
    expect(hub.calls.find((call) => call.method === 'POST')?.body).toEqual({ claim: { entry: 'e2', item: '姓 名' }, words: '误认' })
  })
  it('is only looked at by whoever may not name it', async () => {
    hub.on('GET', /api\/data$/, () => json([]))
    hub.on('GET', /api\/data\/candidates/, () => json([{ name: '姓名', likeness: 'SAME_NAME', datum: null, claims: [claim('e1', '姓名', '常住人口')] }]))
    const { wrapper } = await mountPage(SourcesOfDataPage, { person: { roles: ['OFFICER'] } })
    expect(wrapper.get('[data-testid=candidate-姓名]').find('button').exists()).toBe(false)
  })
})

describe('the ledger', () => {
  it('counts the four kinds and offers changes to the owner only', async () => {
    const item = { id: 'l1', kind: 'APPLICATION', name: '限行核验', owner: ENTRY.provider, purpose: '查进城车辆', state: 'RUNNING', since: null, until: null, capacity: null, taken: null, uses: [], revision: 0, changedAt: ENTRY.changedAt, changedBy: 'shen' }
    hub.on('GET', /api\/ledger/, () => json({ counts: { DATA: 7, APPLICATION: 1, COMPONENT: 0, CLOUD: 0 }, total: 501, items: [item] }))
    hub.on('GET', /api\/ledger\/projects/, () => json([]))
    const { wrapper } = await mountPage(LedgerPage, { person: { roles: ['OFFICER'], department: { id: 'health', name: '卫健委', nameEn: 'Health' } } })
    expect(wrapper.get('[data-testid=tab-DATA]').text()).toContain('7')
    expect(hub.calls.some((call) => call.path.includes('kind=APPLICATION'))).toBe(true)
    expect(wrapper.get('[data-testid=ledger-cut]').text()).toContain('501')
    expect(wrapper.get('[data-testid=item-限行核验]').find('button').exists()).toBe(false)
  })
  it('shows what it is now when somebody was faster, and saves over that', async () => {
    const item = { id: 'l1', kind: 'APPLICATION' as const, name: '限行核验', owner: ENTRY.provider, purpose: '查进城车辆', state: 'RUNNING' as const, since: null, until: null, capacity: null, taken: null, uses: [], revision: 0, changedAt: ENTRY.changedAt, changedBy: 'shen' }
    hub.on('PUT', /ledger\/l1$/, () => refusal(409, 'directory.ledger_changed', { current: { ...item, revision: 3, purpose: '查外地车辆', changedBy: 'lin' } }))
    await mountPage(ItemDialog, { props: { item, kind: 'APPLICATION' } })
    const save = (): void => (document.body.querySelector('[data-testid=ledger-save]') as HTMLElement).click()
    save()
    await flushPromises()
    const box = document.body.querySelector('[data-testid=ledger-conflict]')?.textContent ?? ''
    expect(box).toContain('lin')
    expect(box).toContain('查外地车辆')
    hub.on('PUT', /ledger\/l1$/, () => json({ ...item, revision: 4 }))
    save()
    await flushPromises()
    expect(hub.calls.at(-1)?.body).toMatchObject({ revision: 3, item: { purpose: '查进城车辆' } })
  })
  it('names what overlaps with a project, why, and whose it is', async () => {
    hub.on('GET', /projects\/p1/, () =>
      json({ id: 'p1', department: ENTRY.provider, wanted: { name: '门诊预约', purpose: '预约', uses: [], dataWanted: [], capacity: null }, overlaps: [{ kind: 'APPLICATION', id: 'l1', name: '挂号系统', owner: { id: 'health', name: '卫健委', nameEn: 'Health' }, reason: 'SAME_PURPOSE', percent: 61, shared: ['门诊', '预约'] }], registeredAt: ENTRY.changedAt, registeredBy: 'shen' }),
    )
    const { wrapper } = await mountPage(ProjectPage, { route: '/ledger/projects/:id', at: '/ledger/projects/p1' })
    const text = wrapper.get('[data-testid=overlaps]').text()
    expect(text).toContain('挂号系统')
    expect(text).toContain('卫健委')
    expect(text).toContain('用途相近')
    expect(text).toContain('61%')
  })
})
