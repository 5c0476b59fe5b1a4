/** The catalogue of mistakes: each was run with runc 1.3.6, and says what runc answered. */
import fs from 'node:fs'
import path from 'node:path'
import { applyPatch, type PatchOperation } from '../../../spec/edit.ts'
import { applyEdits } from '../../../spec/text.ts'
import { ROOT } from '../../helpers/lab.ts'

export interface Mistake {
  id: string
  area: string
  /** What runc did. `fails`: the program ran, and then something failed. */
  kind: 'refused' | 'silent' | 'warned' | 'fails' | 'cli'
  title: string
  patch?: PatchOperation[]
  replace?: [from: string, to: string]
  append?: string
  text?: string
  /** Shell in the bundle before. */
  setup?: string
  command?: string
  /** What runc printed; lines that are no errors begin with `[warning]` or `[fatal]`. */
  runc_error: string
  /** The pointer of what is wrong. */
  about: string
}

const read = (file: string) => fs.readFileSync(path.join(ROOT, 'tests/spec/files', file), 'utf8')

export const FRESH = read('runc-spec.json')
export const MISTAKES: Mistake[] = JSON.parse(read('mistakes.json'))

/** The spoilt config.json; `bundle` is where it would lie. */
export function spoil({ patch, replace, append, text }: Mistake, bundle: string): string {
  let result = text ?? FRESH
  if (patch) result = applyEdits(result, applyPatch(result, patch))
  if (replace) result = result.replace(replace[0], () => replace[1])
  return (result + (append ?? '')).replaceAll('$B', bundle)
}
