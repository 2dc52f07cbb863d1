import type { Mapping } from '@qiantang/api'

/** A mapping's title in the reader's language. */
export const named = (mapping: Pick<Mapping, 'title' | 'titleEn'>, locale: string): string => (locale.startsWith('zh') ? mapping.title : (mapping.titleEn ?? mapping.title))

/** A line of a text, and whether the text before had it. */
export interface Line {
  text: string
  is: 'same' | 'new' | 'gone'
}

/** What became of a text, line by line: the longest lines in common stay. */
export function compared(before: string, after: string): Line[] {
  const a = before.split('\n')
  const b = after.split('\n')
  const longest: number[][] = Array.from({ length: a.length + 1 }, () => Array<number>(b.length + 1).fill(0))
  const at = (i: number, j: number): number => longest[i]?.[j] ?? 0
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      ;(longest[i] as number[])[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const lines: Line[] = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ text: b[j] as string, is: 'same' })
      i++
      j++
    } else if (j < b.length && (i === a.length || at(i, j + 1) > at(i + 1, j))) {
      lines.push({ text: b[j++] as string, is: 'new' })
    } else {
      lines.push({ text: a[i++] as string, is: 'gone' })
    }
  }
  return lines
}
