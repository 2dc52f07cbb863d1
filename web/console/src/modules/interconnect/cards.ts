import type { PeerCard } from '@qiantang/api'

/** What somebody pasted, if it is a card. */
export function cardOf(text: string): PeerCard | null {
  try {
    const found: unknown = JSON.parse(text)
    if (typeof found !== 'object' || found === null) return null
    const { name, address, publicKey, evidenceKey } = found as Record<string, unknown>
    const all = [name, address, publicKey, evidenceKey]
    return all.every((one) => typeof one === 'string' && one.trim() !== '') ? ({ name, address, publicKey, evidenceKey } as PeerCard) : null
  } catch {
    return null
  }
}
