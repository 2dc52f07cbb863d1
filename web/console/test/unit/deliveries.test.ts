import { beforeEach, describe, expect, it } from 'vitest'
import DeliveriesCard from '../../src/modules/sources/DeliveriesCard.vue'
import { kindOf } from '../../src/modules/sources/address'
import { chooseLocale } from '../../src/i18n'
import { Hub, json, mountPage } from './mounting'

const entry = (batch: string, standing: string, arrivedRows: number | null) => ({
  delivery: { resource: '法人库', batch, sentAt: '2026-11-26T00:00:00Z', rows: 1200, sha256: 'a'.repeat(64), arrivedRows, arrivedSha256: null, reason: null },
  standing,
  asked: 2,
  firstAskedAt: '2026-11-26T01:00:00Z',
  askedAt: '2026-11-26T02:00:00Z',
  settledAt: null,
  nextAskAt: standing === 'EQUAL' ? null : '2026-11-26T02:02:00Z',
  runId: 'r-1',
})

describe('what was sent back', () => {
  let hub: Hub
  beforeEach(() => {
    chooseLocale('zh-CN')
    document.body.innerHTML = ''
    hub = new Hub().install()
  })
  it('names each batch that is not what was sent, with both numbers', async () => {
    hub.on('GET', /deliveries$/, () => json({ batchesSent: 3, batchesEqual: 1, batchesDiffering: 2, rowsSent: 3600, rowsArrived: 1200, entries: [entry('2026-11', 'DIFFERENT', 1199), entry('2026-12', 'MISSING', null), entry('2026-10', 'EQUAL', 1200)] }))
    const { wrapper } = await mountPage(DeliveriesCard, { props: { source: 's-1' } })
    expect(wrapper.get('[data-testid=deliveries-state]').text()).toContain('2 个批次')
    const open = wrapper.findAll('[data-testid=deliveries-open] li').map((item) => item.text())
    expect(open).toHaveLength(2)
    expect(open[0]).toContain('声明 1,200 行，收到 1,199 行')
    expect(open[1]).toContain('没有收到')
    expect(wrapper.text()).toContain('收到 1,200 / 声明 3,600')
  })
  it('says so when all is equal, and when nothing is known yet', async () => {
    hub.on('GET', /deliveries$/, () => json({ batchesSent: 1, batchesEqual: 1, batchesDiffering: 0, rowsSent: 1200, rowsArrived: 1200, entries: [entry('2026-10', 'EQUAL', 1200)] }))
    const { wrapper } = await mountPage(DeliveriesCard, { props: { source: 's-1' } })
    expect(wrapper.get('[data-testid=deliveries-state]').attributes('data-tone')).toBe('good')
    expect(wrapper.find('[data-testid=deliveries-open]').exists()).toBe(false)
  })
  it('belongs to addresses of platforms', () => {
    expect(kindOf('platform+https://data.province.example')).toBe('PLATFORM')
    expect(kindOf('qiantang://data.province.example/city')).toBe('PLATFORM')
    expect(kindOf('platform+https://')).toBeNull()
  })
})
