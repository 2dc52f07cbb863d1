import { ref, type Ref } from 'vue'
import { api } from '../../client'

export interface Choice {
  id: string
  name: string
  kind: string
}

/** What can be used: the directory's entries by words, the ledger's things with them. */
export function useChoices(first: Choice[]): { choices: Ref<Choice[]>; searching: Ref<boolean>; search: (words: string) => Promise<void> } {
  const choices = ref<Choice[]>(first)
  const searching = ref(false)
  let turn = 0
  async function search(words: string): Promise<void> {
    const mine = ++turn
    searching.value = true
    try {
      const [entries, ledger] = await Promise.all([api.directory.list({ q: words, limit: 20 }), api.ledger.list({ q: words })])
      if (mine === turn) choices.value = [...entries.items.map((entry) => ({ id: entry.id, name: entry.title, kind: 'DATA' })), ...ledger.items.slice(0, 20).map((item) => ({ id: item.id, name: item.name, kind: item.kind }))]
    } catch {
      // What was found before stays; the next letter asks again.
    } finally {
      if (mine === turn) searching.value = false
    }
  }
  return { choices, searching, search }
}
