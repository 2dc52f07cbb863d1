import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import ClassificationCard from '../../src/modules/catalogue/ClassificationCard.vue'
import { chooseLocale } from '../../src/i18n'
import { Hub, json, mountPage, refusal } from './mounting'

let hub: Hub
beforeEach(() => {
  chooseLocale('zh-CN')
  document.body.innerHTML = ''
  hub = new Hub().install()
})

const decision = (more: object = {}) => ({ id: 7, at: '2026-11-23T08:00:00Z', who: '陈工', level: 'L2', kind: null, grade: 'GENERAL', formerLevel: 'L3', reason: '公开登记', undone: false, undoes: false, ...more })
const field = (more: object = {}) => ({
  name: 'id_number',
  comment: '公民身份号码',
  type: 'string',
  level: 'L3',
  kind: 'ID_NUMBER',
  subject: 'PERSON',
  grade: 'GENERAL',
  gradeRule: null,
  proposedLevel: 'L3',
  proposedKind: 'ID_NUMBER',
  evidence: { basis: 'CONTENT_AND_NAME', seen: 256, matched: 250, faulty: 2, alike: 0, words: '公民身份', shapes: ['3***************1X'] },
  decided: false,
  decisions: [],
  contradiction: null,
  ...more,
})
const classified = (fields: object[], more: object = {}) => json({ level: 'L3', grade: 'GENERAL', theme: 'COMMUNITY', mayDecide: true, fields, ...more })
const open = async () => {
  const { wrapper } = await mountPage(ClassificationCard, { props: { resource: 'r1', department: '公安局' } })
  await wrapper.get('[data-testid=class-id_number]').trigger('click')
  return wrapper
}

describe('classification', () => {
  it('says why, in numbers and words, and who may decide', async () => {
    hub.on('GET', /classification$/, () => classified([field()], { mayDecide: false }))
    const wrapper = await open()
    const text = wrapper.get('[data-testid=evidence-id_number]').text()
    for (const words of ['抽样 256 个值', '250 个符合', '2 个形状符合但校验位不对', '公民身份', '3***************1X', '公安局', '还没有人确认过']) expect(text).toContain(words)
    expect(wrapper.find('[data-testid=class-decide]').exists()).toBe(false)
  })
  it('keeps what was written when somebody else has decided meanwhile, and then builds on that', async () => {
    hub.on('GET', /classification$/, () => classified([field()]))
    hub.on('POST', /classification$/, () => refusal(409, 'catalog.decided_meanwhile'))
    const wrapper = await open()
    await wrapper.get('[data-testid=class-decide]').trigger('click')
    await wrapper.get('[data-testid=class-reason]').setValue('依据目录')
    hub.on('GET', /classification$/, () => classified([field({ level: 'L2', decided: true, decisions: [decision()] })]))
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(wrapper.find('[data-testid=class-conflict]').exists()).toBe(true)
    expect((wrapper.get('[data-testid=class-reason]').element as HTMLInputElement).value).toBe('依据目录')
    expect(wrapper.get('[data-testid=class-history]').text()).toContain('公开登记')
    hub.on('POST', /classification$/, () => new Response(null, { status: 204 }))
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(hub.calls.findLast((call) => call.method === 'POST')?.body).toMatchObject({ field: 'id_number', level: 'L3', reason: '依据目录', after: 7 })
    expect(wrapper.emitted('changed')).toHaveLength(1)
  })
  it('does not save without a reason', async () => {
    hub.on('GET', /classification$/, () => classified([field()]))
    const wrapper = await open()
    await wrapper.get('[data-testid=class-decide]').trigger('click')
    expect(wrapper.get('[data-testid=class-save]').attributes('disabled')).toBeDefined()
  })
  it('raises its voice where content contradicts a person', async () => {
    hub.on('GET', /classification$/, () => classified([field({ level: 'L1', decided: true, decisions: [decision({ level: 'L1' })], contradiction: { at: '2026-11-24T08:00:00Z', level: 'L3', kind: 'PHONE' } })]))
    const wrapper = await open()
    expect(wrapper.get('[data-testid=contradicted]').text()).toContain('1 个字段')
    expect(wrapper.get('[data-testid=evidence-id_number]').text()).toContain('手机号码')
    expect(wrapper.find('[data-testid=class-undo]').exists()).toBe(true)
  })
})
