import { BarChart, LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import { init, use, type ECharts } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import type { Chart, Series } from './chart'

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer])

/** Told apart by lightness too, not by hue alone. */
const COLOURS = ['#0f5fa8', '#c2410c', '#3f7d20', '#7a4fa3', '#8a6d00', '#007a87', '#a8326e', '#4a5560']
const INK = '#5f6c79'

export function drawChart(element: HTMLElement, chart: Chart, data: Series, words: { exact: (value: number) => string; count: (value: number) => string }): ECharts {
  const drawn = init(element, undefined, { renderer: 'svg' })
  const value = (one: unknown): string => (typeof one === 'number' ? (Number.isInteger(one) ? words.exact(one) : String(one)) : '—')
  drawn.setOption({
    animation: false,
    color: COLOURS,
    textStyle: { fontFamily: 'inherit' },
    grid: { left: 72, right: 16, top: data.y.length > 1 ? 40 : 16, bottom: 44, containLabel: false },
    legend: data.y.length > 1 ? { top: 0, type: 'scroll', textStyle: { color: INK } } : undefined,
    tooltip: { trigger: 'axis', confine: true, borderColor: '#dfe5ea', textStyle: { color: '#1a2530', fontSize: 13 }, valueFormatter: value },
    xAxis: data.time
      ? { type: 'time', axisLine: { lineStyle: { color: '#b8c2cb' } }, axisLabel: { color: INK, hideOverlap: true } }
      : { type: 'category', data: data.x, axisLine: { lineStyle: { color: '#b8c2cb' } }, axisLabel: { color: INK, hideOverlap: true, width: 120, overflow: 'truncate' } },
    yAxis: { type: 'value', axisLabel: { color: INK, formatter: (one: number) => words.count(one) }, splitLine: { lineStyle: { color: '#edf0f3' } } },
    series: data.y.map((one) => ({
      name: one.name,
      type: chart.kind === 'BAR' ? 'bar' : 'line',
      data: data.time ? one.values.map((each, i) => [data.x[i], each]) : one.values,
      connectNulls: false,
      showSymbol: one.values.length < 60,
      lineStyle: { width: 2 },
      barMaxWidth: 48,
    })),
  })
  return drawn
}
