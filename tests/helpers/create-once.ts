/** A program that makes one sandbox, so that a test can kill it meanwhile. The id is its argument, the lab its environment. */
import { parseConfig } from '../../server/config.ts'
import { RuncProvider } from '../../server/host/providers/runc/index.ts'

const provider = new RuncProvider(parseConfig(process.env))
process.send!('now')
await provider.create(process.argv[2]!, 'somebody')
