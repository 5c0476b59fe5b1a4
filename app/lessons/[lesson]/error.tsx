'use client'
/** For a step that broke while it was shown: the text is gone, the machine beside it stays. */
import { Stumbled } from '../../../components/ui/Stumbled.tsx'

export default Stumbled
