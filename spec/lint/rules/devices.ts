/** Rules about device files and about which devices may be used. */
import type { LinuxDevice, LinuxDeviceCgroup } from '../../go/spec.ts'
import type { Context } from '../context.ts'
import { failed, initFailed } from '../diagnostic.ts'
import { clean, isInside } from './shared.ts'

/** Devices that runc makes in every container. */
const DEFAULTS = ['/dev/null', '/dev/random', '/dev/full', '/dev/tty', '/dev/zero', '/dev/urandom']

/** Modes as people say them; written in decimal they are something else. */
const SPOKEN = [600, 620, 622, 640, 644, 660, 664, 666, 700, 750, 755, 770, 775, 777, 400, 440, 444]

export function deviceRules(context: Context): void {
  context.spec.linux?.devices?.forEach((device, i, all) => {
    one(context, device, `/linux/devices/${i}`)
    const first = all.findIndex(({ path }) => path && device.path && clean(path) === clean(device.path))
    if (first < i && first >= 0)
      context.report({
        id: 'device-duplicate',
        severity: 'fails-later',
        pointer: `/linux/devices/${i}/path`,
        message: `${device.path} is listed twice.`,
        runc: initFailed(
          `configuring container /dev: error creating device nodes: create device inode ${device.path}: permission denied`,
        ),
        why: 'The second one finds the first in its way; in a user namespace, as in a sandbox of the lab, runc stops there.',
        fix: { title: 'Delete this one', edits: context.remove(`/linux/devices/${i}`) },
      })
  })
  context.spec.linux?.resources?.devices?.forEach((rule, i) => {
    ruleRules(context, rule, i)
  })
}

function one(context: Context, device: LinuxDevice, pointer: string): void {
  const { path = '', type = '', fileMode, major = 0, minor = 0 } = device
  if (!['c', 'b', 'u', 'p'].includes(type)) {
    context.report({
      id: 'device-type',
      severity: 'refused',
      pointer: device.type === undefined ? pointer : `${pointer}/type`,
      message: `A device is of type "c" (character), "b" (block) or "p" (pipe), not "${type}".`,
      runc: failed(`invalid device type "${type}"`),
      why: '`ls -l /dev` shows the type as the first letter of the line.',
      fix:
        /^(char|character)$/i.test(type) || type === 'C'
          ? { title: 'Use "c"', edits: context.set(`${pointer}/type`, 'c') }
          : null,
    })
    return
  }
  if (path === '')
    context.report({
      id: 'device-path-missing',
      severity: 'no-effect',
      pointer,
      message: 'Without a path no device file is made.',
      why: 'runc takes an entry without a path for a rule only.',
    })
  else if (!path.startsWith('/'))
    context.report({
      id: 'device-path-relative',
      // Where devices are bound from the machine, the path is looked up as it stands.
      severity: 'fails-later',
      pointer: `${pointer}/path`,
      message: 'The path of a device should begin with a slash.',
      why: 'runc takes it as relative to /; the specification asks for an absolute one.',
      fix: { title: `Use "/${path}"`, edits: context.set(`${pointer}/path`, `/${path}`) },
    })
  if (fileMode !== undefined && SPOKEN.includes(fileMode))
    context.report({
      id: 'device-mode-decimal',
      severity: 'no-effect',
      pointer: `${pointer}/fileMode`,
      message: `${fileMode} is decimal, that is 0${fileMode.toString(8)}; for 0${fileMode} write ${Number.parseInt(String(fileMode), 8)}.`,
      why: 'JSON knows no octal numbers, and modes are written in octal elsewhere.',
      fix: {
        title: `Write ${Number.parseInt(String(fileMode), 8)}`,
        edits: context.set(`${pointer}/fileMode`, Number.parseInt(String(fileMode), 8)),
      },
    })
  if (isInside(clean(path), '/dev/pts') && path !== '')
    context.report({
      id: 'device-in-pts',
      severity: 'fails-later',
      pointer: `${pointer}/path`,
      message: 'Nothing can be created in /dev/pts.',
      runc: initFailed(
        `configuring container /dev: error creating device nodes: create device inode ${path}: permission denied`,
      ),
      why: 'Its file system, devpts, holds terminals only.',
    })
  if (DEFAULTS.includes(clean(path)))
    context.report({
      id: 'device-default',
      severity: 'style',
      pointer: `${pointer}/path`,
      message: `runc makes ${clean(path)} in every container anyway.`,
      why: 'Your entry takes the place of its own.',
    })
  const fact = context.outside(clean(path))
  if (context.host?.userNamespace && fact?.kind === 'missing' && path !== '')
    context.report({
      id: 'device-not-on-host',
      severity: 'refused',
      pointer: `${pointer}/path`,
      message: `There is no ${path} here to bind into the container.`,
      runc: initFailed(
        `configuring container /dev: error creating device nodes: mount src=${path}, dst=${path}: no such file or directory`,
      ),
      why: 'In a user namespace nobody may make device files, so runc binds the one of the machine.',
    })
  else if (
    type !== 'p' &&
    path !== '' &&
    !DEFAULTS.includes(clean(path)) &&
    !allowed(context, type, Number(major), Number(minor))
  )
    context.report({
      id: 'device-not-allowed',
      severity: 'fails-later',
      pointer,
      message: `The device file is made, but no rule in resources.devices allows ${type} ${major}:${minor}.`,
      why: '`runc spec` denies all devices first. Opening this one ends with "Operation not permitted".',
      fix: {
        title: 'Allow it',
        edits: context.set(
          context.spec.linux?.resources?.devices ? '/linux/resources/devices/-' : '/linux/resources/devices',
          context.spec.linux?.resources?.devices ? rule(type, major, minor) : [rule(type, major, minor)],
        ),
      },
    })
}

const rule = (type: string, major: number | bigint, minor: number | bigint) => ({
  allow: true,
  type: type === 'u' ? 'c' : type,
  major,
  minor,
  access: 'rwm',
})

/** Whether the last rule that fits allows the device. Without any rules everything but runc's own list is denied. */
function allowed(context: Context, type: string, major: number, minor: number): boolean {
  const rules = context.spec.linux?.resources?.devices ?? []
  let result = rules.length === 0
  for (const entry of rules) {
    const fits =
      (!entry.type || entry.type === 'a' || entry.type === type || (type === 'u' && entry.type === 'c')) &&
      (entry.major === undefined || Number(entry.major) < 0 || Number(entry.major) === major) &&
      (entry.minor === undefined || Number(entry.minor) < 0 || Number(entry.minor) === minor)
    if (fits && (entry.access ?? '').includes('r')) result = entry.allow ?? false
  }
  return result
}

function ruleRules(context: Context, entry: LinuxDeviceCgroup, i: number): void {
  const pointer = `/linux/resources/devices/${i}`
  const { type = '', access = '' } = entry
  if (access === '')
    context.report({
      id: 'device-rule-access',
      severity: 'refused',
      pointer: entry.access === undefined ? pointer : `${pointer}/access`,
      message: 'A device rule needs "access".',
      runc: failed(`device access at ${i} field cannot be empty`),
      why: 'It says what is meant: r (read), w (write), m (make the file).',
      fix: { title: 'Write "rwm"', edits: context.set(`${pointer}/access`, 'rwm') },
    })
  else if (/[^rwm]/.test(access))
    context.report({
      id: 'device-rule-access-letters',
      severity: 'fails-later',
      pointer: `${pointer}/access`,
      message: `access is made of r, w and m, not "${access}".`,
      why: 'Where device rules work, the kernel refuses other letters. In a user namespace they are not applied at all.',
      fix: { title: 'Write "rwm"', edits: context.set(`${pointer}/access`, 'rwm') },
    })
  if (!['', 'a', 'b', 'c'].includes(type))
    context.report({
      id: 'device-rule-type',
      severity: 'refused',
      pointer: `${pointer}/type`,
      message: `The type of a device rule is "a" (all), "b" (block) or "c" (character), not "${type}".`,
      runc: failed(`invalid cgroup device type "${type}"`),
      why: 'Pipes need no rule, and "u" is written "c" here.',
      fix: type === 'u' ? { title: 'Use "c"', edits: context.set(`${pointer}/type`, 'c') } : null,
    })
}
