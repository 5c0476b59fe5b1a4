/** Which version of cgroups sandboxes on this machine have: texts say so where outputs differ. */
import { existsSync } from 'node:fs'

/** Asked of the machine once: it does not change while it runs. Version 2 alone has this file at its root. */
export const SANDBOX_CGROUPS: 'v1' | 'v2' = existsSync('/sys/fs/cgroup/cgroup.controllers') ? 'v2' : 'v1'
