'use client'
/** Parts that few pages have: their code comes with those pages alone. In the HTML they are from the start. */
import dynamic from 'next/dynamic'

export const FileBlock = dynamic(() => import('./FileBlock.tsx').then(({ FileBlock }) => FileBlock))
export const RemoteImage = dynamic(() => import('./RemoteImage.tsx').then(({ RemoteImage }) => RemoteImage))
export const ScriptHint = dynamic(() => import('./ScriptHint.tsx').then(({ ScriptHint }) => ScriptHint))
export const Preview = dynamic(() => import('./Preview.tsx').then(({ Preview }) => Preview))
