/** What a shell command needs that the sandbox does not have: a way to the internet, a program, another host. Reads; runs nothing. */
import { furtherHost } from '../dialect/hosts.ts'
import type { Code } from '../problems.ts'

export interface Need {
  code: Extract<Code, 'needs-internet' | 'needs-program' | 'second-host'>
  message: string
}

/** Images that are in every sandbox. */
const IMAGES = new Set(['busybox', 'busybox:latest', 'docker.io/library/busybox', 'scratch'])

/** Programs that lessons often use and that are not in the sandbox. */
export const MISSING: ReadonlySet<string> = new Set(
  (
    'kubectl kubeadm kubelet helm minikube k3s k3d kind oc odo crc istioctl argocd flux kustomize k9s kubens kubectx ' +
    'terraform packer vault consul nomad ansible ansible-playbook vagrant git npm npx node nodejs yarn python python2 python3 ' +
    'pip pip3 virtualenv conda jupyter go java javac mvn gradle kotlinc scala sbt gcc g++ clang cmake make cargo rustc rustup ruby gem ' +
    'bundle rails php composer dotnet R Rscript docker-compose docker-machine podman buildah skopeo nerdctl crictl ' +
    'nginx apache2 httpd mysql mysqladmin psql mongo mongosh redis-cli redis-server tmux screen zip ssh ssh-keygen scp ' +
    'aws gcloud az doctl snap ufw ab siege wrk httpie http ncat nmap dig tcpdump lsb_release add-apt-repository ' +
    'code emacs htop figlet cowsay'
  ).split(/\s+/),
)

const FETCHING: [RegExp, string][] = [
  [/\bapt(?:-get)?\s+(?:-\S+\s+)*(?:install|update|upgrade|dist-upgrade|full-upgrade)\b/, 'apt'],
  [
    /\b(?:yum|dnf|microdnf|zypper)\s+(?:-\S+\s+)*(?:install|update|upgrade|makecache)\b/,
    'the package manager',
  ],
  [/\bapk\s+(?:-\S+\s+)*(?:add|update)\b/, 'apk'],
  [/\bpip3?\s+install\b|\bpython3?\s+-m\s+pip\s+install\b/, 'pip'],
  [/\bnpm\s+(?:install|i|ci|init|create)\b|\bnpx\s|\byarn\s+(?:add|install)\b/, 'npm'],
  [/\bgo\s+(?:get|install|mod\s+download)\b/, 'go'],
  [/\b(?:gem|cargo|snap|brew|bundle|composer)\s+(?:install|require)\b/, 'the package manager'],
  [/\bgit\s+(?:clone|pull|fetch|push)\b/, 'git'],
  [/\bhelm\s+(?:repo|install|upgrade|pull)\b/, 'helm'],
  [/\bdocker\s+(?:login|search|push|scout)\b/, 'docker'],
  [/\b(?:docker-compose|docker\s+compose)\s+(?:\S+\s+)*(?:up|pull|build|run)\b/, 'docker compose'],
  [/\bkubectl\s+(?:apply|create)\b.*\bhttps?:\/\//, 'kubectl'],
]

const ADDRESS = /\b(?:https?|ftp):\/\/([^\s/:'"`<>|;)\\]+)/g
const LOCAL_HOST =
  /^(?:localhost|127\.|0\.0\.0\.0|\[::1\]|172\.(?:1[6-9]|2\d|3[01])\.|10\.|192\.168\.|\$|host01$|[\w-]+(?:$|\$))/

/** What is made in the lesson itself, as the examination goes on: an image that was built need not be fetched. */
export class Made {
  readonly images = new Set<string>()
  /** The base images of the Dockerfiles that the lesson shows or brings along; null while it has none. */
  bases: string[] | null = null

  /** `text`: a whole page, script or file of the lesson. */
  learn(text: string): void {
    for (const [, image] of text.matchAll(
      /\bdocker\s+(?:buildx\s+|image\s+)?build\b[^\n]*?\s(?:-t|--tag)[\s=]+["']?([^\s"'`]+)/g,
    ))
      this.images.add(image!)
    for (const [, image] of text.matchAll(/\bdocker\s+(?:image\s+)?tag\s+\S+\s+["']?([^\s"'`]+)/g))
      this.images.add(image!)
    for (const [, image] of text.matchAll(
      /\bdocker\s+(?:container\s+)?commit\s+(?:-\S+\s+)*\S+\s+["']?([^\s"'`]+)/g,
    ))
      this.images.add(image!)
    for (const [, image] of text.matchAll(
      /\bdocker\s+(?:image\s+)?import\s[^\n]*?\s([a-z0-9][^\s"'`|]*)\s*$/gm,
    ))
      this.images.add(image!)
    const from = [...text.matchAll(/^[\s>]*FROM\s+(?:--\S+\s+)?(\S+)(?:\s+AS\s+(\S+))?/gim)]
    for (const [, image, stage] of from) {
      this.bases ??= []
      if (stage) this.images.add(stage)
      this.bases.push(image!.toLowerCase())
    }
  }

  has(image: string): boolean {
    return (
      IMAGES.has(image) ||
      [image, image.replace(/:latest$/, '')].some(
        (name) => this.images.has(name) || this.images.has(`${name}:latest`),
      )
    )
  }
}

/** The lines of a script that are commands, with their index: not what is fed to a command as text. */
export function* commandLines(script: string): Generator<[number, string]> {
  let end: string | null = null
  for (const [index, line] of script.split('\n').entries()) {
    if (end !== null) {
      if (line.trim() === end) end = null
      continue
    }
    yield [index, line]
    end = /<<-?\s*\\?(["']?)([A-Za-z_]\w*)\1/.exec(line)?.[2] ?? null
  }
}

/** What one line of shell needs. */
export function needsOf(line: string, made: Made): Need[] {
  const code = line.trim()
  if (code === '' || code.startsWith('#')) return []
  const short = code.length > 80 ? `${code.slice(0, 77)}…` : code
  const needs: Need[] = []
  const internet = (what: string) =>
    needs.push({ code: 'needs-internet', message: `"${short}": ${what} needs the internet.` })
  const fetching = FETCHING.find(([pattern]) => pattern.test(code))
  if (fetching) internet(fetching[1])
  else {
    const image = imageOf(code)
    if (image && !made.has(image)) internet(`fetching the image ${image}`)
    else if (isBuild(code) && !(made.bases ?? ['?']).every((base) => made.has(base)))
      internet('fetching the base image')
    else {
      const away = [...code.matchAll(ADDRESS)].map(([, host]) => host!).find((host) => !LOCAL_HOST.test(host))
      if (away && /\b(?:curl|wget|http|lynx|git|docker|kubectl|ADD)\b/.test(code))
        internet(`fetching from ${away}`)
      else if (
        /\bping\s+(?:-\S+\s+(?:\d+\s+)?)*(?:8\.8\.8\.8|1\.1\.1\.1|[\w-]+\.(?:com|org|net|io))\b/.test(code)
      )
        internet('ping')
    }
  }
  for (const program of programsOf(code)) {
    if (MISSING.has(program))
      needs.push({ code: 'needs-program', message: `"${short}": there is no ${program} in the sandbox.` })
    if (program === 'docker' && /\bdocker\s+compose\b/.test(code))
      needs.push({ code: 'needs-program', message: `"${short}": there is no docker compose in the sandbox.` })
  }
  const host =
    furtherHost(code) ??
    (Number(/\bssh\s+(?:-\S+\s+)*(?:root@)?(?:host|node|controlplane)0?([2-9])\b/.exec(code)?.[1]) || null)
  if (host) needs.push({ code: 'second-host', message: `"${short}" needs host ${host}.` })
  return needs
}

const isBuild = (code: string) => /\bdocker\s+(?:buildx\s+|image\s+)?build\b/.test(code)

/** Options of `docker run` that a word of their own follows. */
const WITH_VALUE =
  /^(?:-[evpwumlhca]|--(?:env|volume|publish|workdir|user|memory|label|hostname|cpu-shares|attach|name|network|net|network-alias|cpus|entrypoint|mount|link|restart|log-driver|log-opt|env-file|volumes-from|cap-add|cap-drop|device|dns|ip|pid|ipc|uts|userns|security-opt|shm-size|tmpfs|ulimit|add-host|cgroup-parent|cgroupns|cpuset-cpus|memory-swap|memory-reservation|pids-limit|stop-signal|health-cmd|health-interval|runtime|platform|pull|expose|sysctl|gpus|cidfile|cpu-period|cpu-quota|blkio-weight|oom-score-adj|kernel-memory|storage-opt|isolation|group-add))$/

/** The image that a docker command runs or fetches; null if it is none of those. */
export function imageOf(code: string): string | null {
  const pull = /\bdocker\s+(?:image\s+)?pull\s+(?:-\S+\s+)*([^\s"'`;|&]+)/.exec(code)?.[1]
  if (pull) return variable(pull)
  const rest = /\bdocker\s+(?:container\s+)?(?:run|create)\s+(.*)$/.exec(code)?.[1]
  if (!rest) return null
  const words = rest.match(/(?:"[^"]*"|'[^']*'|\$\([^)]*\)|\S)+/g) ?? []
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!
    if (!word.startsWith('-')) return variable(word.replace(/["']/g, '').replace(/[;|&)].*$/, ''))
    // Letters may be put together: the last one has the value, as in -dp 80:80.
    const last = /^-[a-zA-Z]+$/.test(word) ? `-${word.at(-1)}` : word
    if (!word.includes('=') && WITH_VALUE.test(last)) index++
  }
  return null
}

/** What a variable holds cannot be known. */
const variable = (word: string) => (/[$<{\\]/.test(word) || word === '' ? null : word)

/** The first words of the commands on a line. */
function programsOf(code: string): string[] {
  return code
    .replace(/"[^"]*"|'[^']*'/g, '""')
    .split(
      /&&|\|\||[;|&(]|\bthen\b|\bdo\b|\belse\b|\bsudo\s+(?:-\S+\s+)*|\btime\s|\bwatch\s+(?:-\S+\s+(?:\d+\s+)?)*|\bnohup\s/,
    )
    .map((part) => part.trim().replace(/^(?:\w+=\S*\s+)+/, ''))
    .map((part) => /^[\w.+-]+(?![\w.+-]*[:=])/.exec(part)?.[0] ?? '')
    .filter(Boolean)
}
