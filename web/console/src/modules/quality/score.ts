import type { QualityRequirement, RuleForm } from '@qiantang/api'

/** In the order of the standard. */
export const CHARACTERISTICS = ['CONFORMITY', 'COMPLETENESS', 'ACCURACY', 'CONSISTENCY', 'TIMELINESS', 'ACCESSIBILITY'] as const

export const KINDS = ['NOT_NULL', 'FORMAT', 'READS_AS', 'CODE_LIST', 'CHECK_DIGIT', 'WITHIN', 'UNIQUE', 'ONE_PERSON', 'REFERS', 'AGREES', 'TIMELY', 'ROWS_KEPT', 'REACHABLE', 'STATEMENT'] as const
export type Kind = (typeof KINDS)[number]

/** How a score is shaded: five steps, of which the number says the rest. Never rounded up to full. */
export function step(score: number): 0 | 1 | 2 | 3 | 4 {
  if (score >= 0.9995) return 4
  if (score >= 0.99) return 3
  if (score >= 0.95) return 2
  if (score >= 0.8) return 1
  return 0
}

/** One decimal; what is not perfect never reads 100. */
export function shown(score: number): string {
  const floor = Math.floor(score * 1000) / 10
  return score === 1 ? '100' : Math.min(floor, 99.9).toFixed(1)
}

/** What a kind wants to know beyond its columns. */
export const wants = (kind: Kind): { columns: 'one' | 'two' | 'any' | 'none' } => ({
  columns: kind === 'AGREES' ? 'two' : kind === 'UNIQUE' ? 'any' : ['TIMELY', 'ROWS_KEPT', 'REACHABLE', 'STATEMENT'].includes(kind) ? 'none' : 'one',
})

/** A rule as it stands, to be changed. */
export const formOf = (requirement: QualityRequirement, rest: Pick<RuleForm, 'characteristic' | 'note' | 'tolerance' | 'severity'>): RuleForm => ({ ...requirement, ...rest })
