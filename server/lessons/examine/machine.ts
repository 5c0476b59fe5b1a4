/** The machines that scenarios ask for, and whether this lab's one machine can stand in for them. */

export type MachineFit = 'fits' | 'differs' | 'cluster' | 'other'

/** `image`: what `backend.imageid` says; empty if nothing. */
export function machineFit(image: string): MachineFit {
  const name = image.trim().toLowerCase()
  if (name === '') return 'fits'
  if (/swarm/.test(name)) return 'differs'
  if (/kube|k3s|k8s|k3d|\bkind\b|rancher|istio|helm/.test(name)) return 'cluster'
  if (/openshift|okd|crc|rhel|centos|fedora|windows|coreos|suse/.test(name)) return 'other'
  // Debian answers to nearly all that is asked of an Ubuntu.
  if (/^(docker|ubuntu|debian|bash|linux|git|terminal|runc|containerd|buildkit)[-:_.\d]*[\w.]*$/.test(name))
    return 'fits'
  return 'differs'
}
