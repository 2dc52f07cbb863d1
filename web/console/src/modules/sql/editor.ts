import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { PostgreSQL, sql } from '@codemirror/lang-sql'
import { HighlightStyle, bracketMatching, syntaxHighlighting } from '@codemirror/language'
import { Compartment, EditorState, Prec } from '@codemirror/state'
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'

export interface SqlEditor {
  text: () => string
  /** The selected part, or everything when nothing is selected. */
  chosen: () => { text: string; from: number }
  replaceAll: (text: string) => void
  insert: (text: string) => void
  select: (from: number, to?: number) => void
  suggest: (tables: Record<string, string[]>) => void
  focus: () => void
  destroy: () => void
}

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: '#0b4a84', fontWeight: '600' },
  { tag: [tags.string, tags.special(tags.string)], color: '#8a4b00' },
  { tag: tags.number, color: '#5b3a8c' },
  { tag: tags.comment, color: '#5f6c79', fontStyle: 'italic' },
  { tag: tags.operator, color: '#46535f' },
])

export function createEditor(parent: HTMLElement, options: { text: string; label: string; onRun: () => void; onChange: (text: string) => void }): SqlEditor {
  const language = new Compartment()
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        Prec.highest(keymap.of([{ key: 'Mod-Enter', run: () => (options.onRun(), true) }])),
        lineNumbers(),
        history(),
        drawSelection(),
        highlightActiveLine(),
        bracketMatching(),
        closeBrackets(),
        autocompletion({ activateOnTypingDelay: 150, icons: false }),
        syntaxHighlighting(colours),
        language.of(sql({ dialect: PostgreSQL, upperCaseKeywords: true })),
        // Tab leaves the editor, as everywhere else on the page; indentation is by spaces.
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap]),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': options.label, 'data-testid': 'sql-editor' }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) options.onChange(update.state.doc.toString())
        }),
        EditorView.theme({
          '&': { height: '100%', fontSize: '14px', background: '#fff' },
          '&.cm-focused': { outline: 'none' },
          '.cm-scroller': { fontFamily: 'var(--qt-mono)', lineHeight: '22px' },
          '.cm-gutters': { background: '#f7f9fa', color: '#5f6c79', borderRight: '1px solid #dfe5ea' },
          '.cm-activeLine': { background: '#f5f8fb' },
        }),
      ],
    }),
  })
  const insert = (text: string): void => {
    view.dispatch(view.state.replaceSelection(text))
    view.focus()
  }
  return {
    text: () => view.state.doc.toString(),
    chosen: () => {
      const { from, to } = view.state.selection.main
      return from === to ? { text: view.state.doc.toString(), from: 0 } : { text: view.state.sliceDoc(from, to), from }
    },
    replaceAll: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, selection: { anchor: text.length } }),
    insert,
    select: (from, to = from) => {
      const end = view.state.doc.length
      view.dispatch({ selection: { anchor: Math.min(from, end), head: Math.min(to, end) }, scrollIntoView: true })
      view.focus()
    },
    suggest: (tables) => view.dispatch({ effects: language.reconfigure(sql({ dialect: PostgreSQL, upperCaseKeywords: true, schema: tables })) }),
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  }
}
