import { LineChart } from 'echarts/charts'
import { GridComponent, TooltipComponent } from 'echarts/components'
import { init, use, type ECharts } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

use([LineChart, GridComponent, TooltipComponent, SVGRenderer])

export interface Point {
  at: string
  value: number
}

/** A calm line over time: axes with units, gaps where nothing was recorded, no gradient. */
export function drawHistory(element: HTMLElement, points: Point[], words: { axis: string; moment: (at: string) => string; tick: (at: string) => string; minInterval: number; count: (value: number) => string; exact: (value: number) => string }): ECharts {
  const chart = init(element, undefined, { renderer: 'svg' })
  const DAY = 86_400_000
  const data: [number, number | null][] = []
  points.forEach((point, i) => {
    const time = new Date(point.at).getTime()
    const before = points[i - 1]
    // More than a day and a half without a record is a gap, and drawn as one.
    if (before && time - new Date(before.at).getTime() > DAY * 1.5) data.push([time - DAY / 2, null])
    data.push([time, point.value])
  })
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: 'inherit' },
    grid: { left: 72, right: 16, top: 26, bottom: 26 },
    tooltip: {
      trigger: 'axis',
      confine: true,
      borderColor: '#dfe5ea',
      textStyle: { color: '#1a2530', fontSize: 13 },
      formatter: (list: unknown) => {
        const value = (list as { value: [number, number | null] }[])[0]?.value
        return value && value[1] !== null ? `${words.moment(new Date(value[0]).toISOString())}<br/><b>${words.exact(value[1])}</b> ${words.axis}` : ''
      },
    },
    xAxis: { type: 'time', splitNumber: 5, minInterval: words.minInterval, axisLine: { lineStyle: { color: '#b8c2cb' } }, axisLabel: { color: '#5f6c79', hideOverlap: true, formatter: (value: number) => words.tick(new Date(value).toISOString()) } },
    yAxis: { type: 'value', min: 0, splitNumber: 3, name: words.axis, nameTextStyle: { color: '#5f6c79', align: 'right', padding: [0, 8, 0, 0] }, axisLabel: { color: '#5f6c79', formatter: (value: number) => words.count(value) }, splitLine: { lineStyle: { color: '#edf0f3' } } },
    series: [{ type: 'line', data, connectNulls: false, showSymbol: false, lineStyle: { color: '#0f5fa8', width: 2 }, itemStyle: { color: '#0f5fa8' }, areaStyle: { color: '#e9f1f8', opacity: 1 } }],
  })
  return chart
}
