import { describe, expect, it } from 'vitest'
import { MOST_POINTS, seriesOf, usual } from '../../src/modules/sql/chart'

const column = (name: string, type: string) => ({ name, type, masked: false, level: 'L1' as const })

describe('a chart of an answer', () => {
  it('is numbers over time, else bars along what is no number', () => {
    expect(usual([column('n', 'BIGINT'), column('day', 'DATE')])).toEqual({ kind: 'LINE', x: 'day', y: ['n'] })
    expect(usual([column('district', 'VARCHAR'), column('n', 'BIGINT'), column('mean', 'DOUBLE')])).toEqual({ kind: 'BAR', x: 'district', y: ['n', 'mean'] })
    expect(usual([column('year', 'INTEGER'), column('n', 'BIGINT')])).toEqual({ kind: 'BAR', x: 'year', y: ['n'] })
    expect(usual([column('name', 'VARCHAR')])).toBeNull()
  })

  it('goes along time in its order and leaves a gap where there is no number', () => {
    const drawn = seriesOf({ columns: [column('day', 'DATE'), column('n', 'BIGINT')], rows: [['2026-03-02', '5'], ['2026-03-01', null], [null, '9']] }, { kind: 'LINE', x: 'day', y: ['n'] })
    expect(drawn.x).toEqual([new Date(2026, 2, 1).getTime(), new Date(2026, 2, 2).getTime()])
    expect(drawn.y).toEqual([{ name: 'n', values: [null, 5] }])
  })

  it('reads the texts of the lake as moments', () => {
    const at = (text: string, type: string): unknown => seriesOf({ columns: [column('t', type), column('n', 'DOUBLE')], rows: [[text, '1']] }, { kind: 'LINE', x: 't', y: ['n'] }).x[0]
    expect(at('2026-11-28 08:00:00+08', 'TIMESTAMP WITH TIME ZONE')).toBe(Date.UTC(2026, 10, 28))
    expect(at('2026-11-28 08:00:00.5', 'TIMESTAMP')).toBe(new Date(2026, 10, 28, 8, 0, 0, 500).getTime())
  })

  it('says how many rows it does not draw', () => {
    const rows = Array.from({ length: MOST_POINTS + 7 }, (_, i) => [`k${i}`, String(i)])
    const drawn = seriesOf({ columns: [column('k', 'VARCHAR'), column('n', 'BIGINT')], rows }, { kind: 'BAR', x: 'k', y: ['n'] })
    expect([drawn.points, drawn.left]).toEqual([MOST_POINTS, 7])
  })
})
